"""One's own second factor: setting it up in one session, new recovery codes, turning it off.

Whoever must set it up first sees these pages alone, without the frame that leads elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, make_response, render_template, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.database import placed
from core.errors import Refusal
from core.i18n import _
from core.records.runtime import utc_now
from core.security import sessions, sign_ins, two_factor
from core.web.client.present_password import check_present_password
from core.web.client.second_step import check_code
from core.web.client.shell import Crumb, page
from core.web.current import environment, keep_changes, who
from core.web.notes import Note, add_note

PREFIX = "/account/two-factor"

blueprint = Blueprint("two_factor", __name__, url_prefix=PREFIX)

_COMPANY = "SELECT name FROM res_company WHERE id = ?"


@blueprint.get("")
def show() -> Response:
    """How one stands, and what can be done."""
    return make_response(_page())


@blueprint.post("/begin")
def begin() -> Response:
    """Make a secret, to be confirmed; whoever must set it up has given the password just now."""
    env, known = environment(), who()
    try:
        if not known.restricted:
            check_present_password(env.database, known.user)
        two_factor.begin(env.database, known.user, _session(), now=utc_now())
    except Refusal as refusal:
        return _refused(refusal)
    return redirect(PREFIX, code=303)


@blueprint.post("/cancel")
def cancel() -> Response:
    """Forget a secret that was not confirmed."""
    env, user = environment(), who().user
    if not two_factor.status(env.database, user).on:
        two_factor.turn_off(env.database, user)
    return redirect("/account", code=303)


@blueprint.post("/confirm")
def confirm() -> Response:
    """Turn it on with a code of the app, and show the recovery codes once."""
    env, known = environment(), who()
    try:
        given = request.form.get("code", "")
        codes = two_factor.confirm(env.database, known.user, _session(), given, now=utc_now())
    except Refusal as refusal:
        return _refused(refusal)
    sign_ins.note(env.database, "two_factor_on", known.user, now=utc_now())
    sessions.lift(env.database, _session())
    return make_response(_page(codes=codes))


@blueprint.post("/codes")
def codes() -> Response:
    """New recovery codes, shown once; the former ones are good no more."""
    env, user = environment(), who().user
    try:
        check_code(env.database, user, request.form.get("code", ""))
    except Refusal as refusal:
        return _refused(refusal)
    return make_response(_page(codes=two_factor.new_codes(env.database, user)))


@blueprint.post("/off")
def turn_off() -> Response:
    """Turn it off with the password and a code."""
    env, user = environment(), who().user
    try:
        if two_factor.demanded(env.database, env.has_group):
            raise Refusal(_("Two-factor sign-in is demanded here, so it stays on."))
        check_present_password(env.database, user)
        check_code(env.database, user, request.form.get("code", ""))
    except Refusal as refusal:
        return _refused(refusal)
    if two_factor.turn_off(env.database, user):
        sign_ins.note(env.database, "two_factor_off", user, now=utc_now())
    add_note(Note(_("Two-factor sign-in turned off"), "key"))
    return redirect("/account", code=303)


def _session() -> int:
    """The session of the browser.

    :raises Refusal: the request comes with a key, which has none.
    """
    session = who().session
    if session is None:
        raise Refusal(_("Two-factor sign-in is set up in a browser."))
    return session


def _refused(refusal: Refusal) -> Response:
    """The page with the reason; that somebody tried stays known."""
    keep_changes()
    return make_response(_page(problem=f"{refusal.text} {refusal.hint or ''}".strip()), refusal.status)


def _page(*, problem: str = "", codes: Sequence[str] = ()) -> str:
    env, known = environment(), who()
    found = two_factor.status(env.database, known.user)
    secret = "" if known.session is None else two_factor.pending(env.database, known.user, known.session, now=utc_now())
    address = picture = ""
    if secret:
        ((issuer,),) = env.database.fetch(placed(env.database, _COMPANY), (env.company,)) or [("Tessera",)]
        address = two_factor.address(secret, login=known.login, issuer=issuer)
        picture = Markup(two_factor.picture(address))
    values: dict[str, Any] = {
        "status": found,
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "address": address,
        "picture": picture,
        "codes": codes,
        "problem": problem,
        "login": known.login,
        "demanded": two_factor.demanded(env.database, env.has_group),
        "alone": known.restricted,
    }
    title = _("Two-factor sign-in")
    if known.restricted:
        return render_template("two_factor_alone.html", title=title, **values)
    crumbs = [Crumb(_("My account"), "/account"), Crumb(title)]
    return page("two_factor.html", title=title, crumbs=crumbs, **values)
