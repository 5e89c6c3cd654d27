"""One's own account: password, open sessions, API keys; and the looks of the pages, which the browser keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, make_response, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.errors import Refusal
from core.i18n import _
from core.records.runtime import utc_now
from core.security import api_keys, sessions, sign_ins, two_factor
from core.security.passwords import SHORTEST_PASSWORD, hash_password
from core.web.client.present_password import PasswordRefused, check_present_password
from core.web.client.shell import Crumb, page
from core.web.client.signin import safe_target
from core.web.current import environment, who
from core.web.formats import kit_of
from core.web.notes import Note, add_note
from core.web.services import services

THEME_COOKIE = "theme"
DENSITY_COOKIE = "density"
THEMES = ("light", "dark")
DENSITIES = ("compact", "comfortable")
YEAR_SECONDS = 31_536_000
SIGN_INS_SHOWN = 10
# Marks in the order in which they decide: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iOS",
    "iPad": "iPadOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}

blueprint = Blueprint("account", __name__, url_prefix="/account")


@dataclass(frozen=True, slots=True)
class Looks:
    """How pages look in this browser; empty means as the system says, and comfortable."""

    theme: str = ""
    density: str = ""


def looks(cookies: Mapping[str, str]) -> Looks:
    """The looks that the browser asks for."""
    theme, density = cookies.get(THEME_COOKIE, ""), cookies.get(DENSITY_COOKIE, "")
    return Looks(theme if theme in THEMES else "", density if density in DENSITIES else "")


@blueprint.post("/looks")
def change_looks() -> Response:
    """Keep the theme or density in the browser; the way of pages without scripts."""
    response = redirect(safe_target(request.form.get("next", "")) or "/", code=303)
    secure = services().config.secure(request.scheme)
    for name, cookie, known in (("theme", THEME_COOKIE, THEMES), ("density", DENSITY_COOKIE, DENSITIES)):
        chosen = request.form.get(name)
        if chosen in known:
            response.set_cookie(cookie, chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=secure)
        elif chosen == "system":
            response.delete_cookie(cookie)
    return response


@blueprint.get("")
def show() -> Response:
    """The account page."""
    return make_response(_page())


@blueprint.post("/password")
def change_password() -> Response:
    """Change the password; every other browser has to sign in again."""
    env, user = environment(), who()
    try:
        check_present_password(env.database, user.user)
        hashed = _new_password()
    except Refusal as refusal:
        return make_response(_page(problem=refusal.text), refusal.status)
    env.sudo()["res.users"].write([user.user], password=hashed)
    sessions.revoke_all(env.database, user.user, keep=user.session)
    add_note(Note(_("Password changed"), "key"))
    return _back()


@blueprint.post("/sessions/<id:id_>/end")
def end_session(id_: int) -> Response:
    """End one of one's own sessions."""
    if sessions.revoke_session(environment().database, id_, user=who().user):
        _keep("session_ended")
    add_note(Note(_("Session ended"), "check"))
    return _back()


@blueprint.post("/sessions/end-others")
def end_other_sessions() -> Response:
    """End every session but this one."""
    if sessions.revoke_all(environment().database, who().user, keep=who().session):
        _keep("session_ended")
    add_note(Note(_("All other sessions ended"), "check"))
    return _back()


@blueprint.post("/keys")
def create_key() -> Response:
    """Make an API key and show it once."""
    name = request.form.get("name", "").strip()[:100] or _("Key")
    key = api_keys.create(environment().database, who().user, name=name, now=utc_now())
    _keep("key_created")
    return make_response(_page(new_key=key))


@blueprint.post("/keys/<id:id_>/revoke")
def revoke_key(id_: int) -> Response:
    """Make one of one's own keys useless."""
    if api_keys.revoke(environment().database, id_, user=who().user):
        _keep("key_revoked")
    add_note(Note(_("Key revoked"), "check"))
    return _back()


def _new_password() -> str:
    new = request.form.get("new", "")
    if len(new) < SHORTEST_PASSWORD:
        raise PasswordRefused(_("A password has at least {count} characters.", count=SHORTEST_PASSWORD))
    if new != request.form.get("repeated", ""):
        raise PasswordRefused(_("The new password was not repeated alike."))
    return hash_password(new)


def browser_name(agent: str) -> str:
    """What people call a browser and its system: `Firefox, Windows`; the whole text where neither is known."""
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent or _("Unknown")


def _keep(outcome: sign_ins.Outcome) -> None:
    sign_ins.note(environment().database, outcome, who().user, now=utc_now())


def _back() -> Response:
    return redirect("/account", code=303)


def _page(*, problem: str = "", new_key: str = "") -> str:
    env, user = environment(), who()
    return page(
        "account.html",
        title=_("My account"),
        crumbs=[Crumb(_("My account"))],
        login=user.login,
        present=user.session,
        sessions=sessions.listing(env.database, user.user, now=utc_now()),
        browser=browser_name,
        second=two_factor.status(env.database, user.user),
        keys=api_keys.listing(env.database, user.user),
        sign_ins=sign_ins.listing(env.database, user.user, limit=SIGN_INS_SHOWN),
        outcomes=sign_ins.OUTCOMES,
        parts=[Markup(text) for _addon, text in services().instance.plugins.collect("account_parts", env=env)],
        kit=kit_of(env),
        problem=problem,
        new_key=new_key,
        shortest=SHORTEST_PASSWORD,
    )
