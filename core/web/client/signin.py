"""Signing in and out: the one place that looks at passwords. Works outside any unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from core.database import Database, placed
from core.errors import Refusal
from core.i18n import _
from core.records.runtime import utc_now
from core.security import passwords, sessions, sign_ins, throttle, two_factor
from core.web.client.pending import Pending, keep_pending
from core.web.client.strangers import check_stranger, stranger_page
from core.web.csrf import check
from core.web.identity import SESSION_COOKIE, end_session, keep_session
from core.web.problems import TooManyAttempts
from core.web.services import services

PATH = "/sign-in"
OUT_PATH = "/sign-out"
STEP_PATH = "/sign-in/code"

_USERS = (
    "SELECT u.id, u.password, u.login, u.active, f.id IS NOT NULL, s.value FROM res_users u "
    "LEFT JOIN core_two_factor f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL "
    "LEFT JOIN core_setting s ON s.key = ? WHERE u.login IN (?, ?)"
)
_NOBODY = (None, None, "", True, False, "")

blueprint = Blueprint("signin", __name__)


class WrongCredentials(Refusal):
    """The login and the password do not belong together; which of them is wrong is not told."""

    code = "wrong_credentials"
    status = 422


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who gave the right password: whether a code must follow, and of whom a second factor is demanded."""

    user: int
    two_factor: bool
    demanded: str


@blueprint.get(PATH)
def form() -> Response:
    """The form."""
    return _page(login="", next_=request.args.get("next", ""))


@blueprint.post(PATH)
def sign_in() -> BaseResponse:
    """Begin a session when login and password belong together."""
    web, login = services(), request.form.get("login", "").strip()
    try:
        check_stranger()
        known = authenticate(web.instance.database, login, request.form.get("password", ""), request.remote_addr or "")
    except Refusal as refusal:
        return _page(login=login, next_=request.form.get("next", ""), refusal=refusal)
    remember, wanted = bool(request.form.get("remember")), request.form.get("next", "")
    if not known.two_factor:
        return let_in(known.user, remember=remember, wanted=wanted, demanded=known.demanded)
    response = redirect(STEP_PATH, code=303)
    keep_pending(response, web.instance.database, Pending(known.user, remember, safe_target(wanted)), now=utc_now())
    return response


def let_in(user: int, *, remember: bool, wanted: str, demanded: str = "") -> BaseResponse:
    """Begin a session in this browser and go on to what was wanted.

    `demanded` is what the setting says, for somebody without a second factor: it may have to be set up first.
    """
    web, now = services(), utc_now()
    database, life = web.instance.database, timedelta(days=web.config.session_days) if remember else None
    restricted = bool(demanded) and _must_set_up(user, demanded)
    with database.transaction(write=True):
        token = sessions.start(
            database,
            user,
            now=now,
            life=life or sessions.SHORT_LIFE,
            user_agent=request.user_agent.string,
            restricted=restricted,
        )
        sign_ins.note(database, "signed_in", user, now=now)
    response = redirect(safe_target(wanted) or "/", code=303)
    keep_session(response, token, life=life, config=web.config, scheme=request.scheme)
    return response


@blueprint.post(OUT_PATH)
def sign_out() -> BaseResponse:
    """End the session, here and in the database."""
    web, cookie = services(), request.cookies.get(SESSION_COOKIE, "")
    check(request, secret=web.secret, cookie=cookie, config=web.config)
    for user in sessions.revoke(web.instance.database, cookie):
        sign_ins.note(web.instance.database, "signed_out", user, now=utc_now())
    response = redirect(url_for("signin.form"), code=303)
    end_session(response)
    return response


def authenticate(database: Database, login: str, password: str, address: str) -> Known:
    """Who has login and password; raises TooManyAttempts or WrongCredentials. Takes the same time for all logins."""
    now = utc_now()
    try:
        slowed_down(database, login, address)
    except TooManyAttempts:
        sign_ins.note_blocked(database, now=now, login=login)
        raise
    found = database.fetch(placed(database, _USERS), (two_factor.SETTING, login, login.lower()))
    best = max(found, key=lambda row: (row[3], row[2] == login), default=_NOBODY)
    user, stored, _login, active, second, demanded = best
    verdict = passwords.check_password(stored, password)
    if user is None or not active or not verdict.matches:
        sign_ins.note(database, "wrong_password" if active else "archived", user, now=now)
        raise WrongCredentials(_("The login and the password do not belong together."))
    throttle.succeeded(database, login, address)
    sessions.purge(database, now=now)
    if verdict.rehashed:
        _store(database, user, verdict.rehashed)
    return Known(int(user), bool(second), str(demanded or ""))


def slowed_down(database: Database, login: str, address: str, *, kind: str = "") -> None:
    """Count an attempt on a login from a network address.

    `kind` names attempts at something else than signing in, which count by themselves: `"forgotten password "`.

    :raises TooManyAttempts: there were too many of late.
    """
    count_attempt(database, *throttle.limits(login, address, kind=kind))


def count_attempt(database: Database, *limits: throttle.Limit) -> None:
    """Count an attempt within its limits.

    :raises TooManyAttempts: there were too many of late.
    """
    wait = throttle.enter(database, limits, now=utc_now())
    if wait:
        minutes = max(1, round(wait.total_seconds() / 60))
        text = _("Too many attempts. Try again in {minutes} min.", minutes=minutes)
        raise TooManyAttempts(text, wait=int(wait.total_seconds()) + 1)


def safe_target(target: str) -> str:
    """A path on this site to go on with, or nothing when the target leads elsewhere."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside and target.isprintable() else ""


def _store(database: Database, user: int, hashed: str) -> None:
    with database.transaction(write=True):
        database.execute(placed(database, "UPDATE res_users SET password = ? WHERE id = ?"), (hashed, user))


def _page(*, login: str, next_: str, refusal: Refusal | None = None) -> Response:
    web = services()
    response = stranger_page(
        "sign_in.html",
        refusal.status if refusal else 200,
        title=_("Sign in"),
        login=login,
        next=safe_target(next_),
        problem=refusal.text if refusal else "",
        company=_company(web.instance.database),
        days=web.config.session_days,
        links=web.instance.plugins.collect("sign_in_links"),
    )
    return told(response, refusal)


def told(response: Response, refusal: Refusal | None) -> Response:
    """The answer with what a refusal tells programs: when the next attempt counts."""
    if isinstance(refusal, TooManyAttempts):
        response.headers["Retry-After"] = str(refusal.wait)
    return response


def _must_set_up(user: int, demanded: str) -> bool:
    """Whether the setting means this user, whose groups are asked for where it names one."""
    if demanded == two_factor.EVERYBODY:
        return True
    with services().instance.runtime.open(user=user, write=False) as env:
        return two_factor.demands(demanded, env.has_group)


def _company(database: Database) -> str:
    found = database.fetch("SELECT name FROM res_company ORDER BY id LIMIT 1")
    return str(found[0][0]) if found else ""
