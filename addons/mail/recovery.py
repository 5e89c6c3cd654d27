"""Choosing a password by mail: for those who forgot theirs, and for those who are invited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.mail.links import address_of, send_link
from core import RESET_LIFE, SHORTEST_PASSWORD, Refusal, _, note_sign_in, user_of_token
from core.pages import Note, add_note, check_stranger, core_environment, slowed_down, stranger_page

if TYPE_CHECKING:
    from core import EnvironmentProtocol

blueprint = Blueprint(
    "recovery", __name__, url_prefix="/password", template_folder=str(Path(__file__).with_name("templates"))
)


@blueprint.get("/forgot")
def forgot() -> Response:
    """The form that asks for a mail."""
    return stranger_page("mail/forgot.html", title=_("Password forgotten"), problem="", sent=False)


@blueprint.post("/forgot")
def ask() -> Response:
    """Send a mail to whoever has the login or the address; the answer is the same whether anybody has."""
    login = request.form.get("login", "").strip()
    try:
        check_stranger()
        with core_environment("password forgotten") as env:
            slowed_down(env.database, login, request.remote_addr or "", kind="forgotten password ")
        with core_environment("password forgotten") as env:
            _send_to(env, login)
    except Refusal as refusal:
        problem = refusal.text
        return stranger_page(
            "mail/forgot.html", refusal.status, title=_("Password forgotten"), problem=problem, sent=False
        )
    return stranger_page("mail/forgot.html", title=_("Password forgotten"), problem="", sent=True)


def _send_to(env: EnvironmentProtocol, login: str) -> None:
    """One mail for each active user with this login or address; nothing for anybody else.

    That a user has no address is kept on record for administrators, since the answer tells nobody.
    """
    where = "login == given or login == small or email == given"
    users = env["res.users"].search(where, given=login, small=login.lower())
    for user in users if login else ():
        if not address_of(user):
            note_sign_in(env.database, "no_address", user.id, now=env.now())
        else:
            words = _("somebody, hopefully you, asked for a new password. If it was not you, nothing has changed.")
            subject = _("Choose a new password")
            send_link(env, user.id, life=RESET_LIFE, subject=subject, words=words)


@blueprint.get("/choose")
def choose() -> Response:
    """The form for the new password."""
    return _choosing(request.args.get("token", ""))


@blueprint.post("/choose")
def chosen() -> Response:
    """Keep the new password; whoever was signed in with the old one is signed out."""
    token, new = request.form.get("token", ""), request.form.get("new", "")
    try:
        check_stranger()
        if len(new) < SHORTEST_PASSWORD:
            raise Refusal(_("A password has at least {count} characters.", count=SHORTEST_PASSWORD))
        if new != request.form.get("repeated", ""):
            raise Refusal(_("The new password was not repeated alike."))
        with core_environment("password chosen") as env:
            user = user_of_token(env.database, token, now=env.now())
            env["res.users"].write(user, password=new)
            open_sessions = env["core.session"].search("user == u and not revoked", u=user)
            env["core.session"].write([row.id for row in open_sessions], revoked=True)
    except Refusal as refusal:
        return _choosing(token, refusal)
    add_note(Note(_("Password changed. Sign in with it."), "key"))
    return redirect("/sign-in", code=303)


def _choosing(token: str, refusal: Refusal | None = None) -> Response:
    """The form, or only the reason where the token opens nothing."""
    usable = True
    try:
        with core_environment("password chosen") as env:
            user_of_token(env.database, token, now=env.now())
    except Refusal as bad:
        usable, refusal = False, bad
    problem = f"{refusal.text} {refusal.hint or ''}".strip() if refusal else ""
    values = {"token": token, "usable": usable, "problem": problem, "shortest": SHORTEST_PASSWORD}
    return stranger_page("mail/choose.html", refusal.status if refusal else 200, title=_("Choose a password"), **values)
