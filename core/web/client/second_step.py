"""The second step of signing in: a code of the app or a recovery code, for whoever gave the right password."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from core.database import Database
from core.errors import Refusal
from core.i18n import _
from core.records.runtime import utc_now
from core.security import sign_ins, throttle, two_factor
from core.security.two_factor import CodeRefused
from core.web.client.pending import Pending, StartAgain, forget_pending, read_pending
from core.web.client.signin import STEP_PATH, count_attempt, let_in, told
from core.web.client.strangers import check_stranger, stranger_page
from core.web.notes import Note, add_note
from core.web.problems import TooManyAttempts
from core.web.services import services

blueprint = Blueprint("second_step", __name__)


@blueprint.get(STEP_PATH)
def form() -> BaseResponse:
    """The form for the code."""
    try:
        read_pending(services().instance.database, now=utc_now())
    except StartAgain as refusal:
        return _again(refusal)
    return _page()


@blueprint.post(STEP_PATH)
def accept() -> BaseResponse:
    """Begin a session when the code is good."""
    database = services().instance.database
    try:
        check_stranger()
        pending = read_pending(database, now=utc_now())
        check_code(database, pending.user, request.form.get("recovery") or request.form.get("code", ""))
    except StartAgain as refusal:
        return _again(refusal)
    except Refusal as refusal:
        return _page(refusal)
    return _entered(pending)


def check_code(database: Database, user: int, code: str) -> None:
    """Accept a code once; attempts are limited as those of passwords are.

    :raises CodeRefused: it is wrong, too old, or was used.
    :raises TooManyAttempts: there were too many of late.
    """
    now, limit = utc_now(), throttle.code_limit(user)
    try:
        count_attempt(database, limit)
    except TooManyAttempts:
        sign_ins.note_blocked(database, now=now, user=user)
        raise
    if not two_factor.accept(database, user, code, now=now):
        sign_ins.note(database, "wrong_code", user, now=now)
        raise CodeRefused(_("This code is wrong, too old, or was used already."), hint=_("Wait for the next one."))
    throttle.forget(database, limit)


def _entered(pending: Pending) -> BaseResponse:
    response = let_in(pending.user, remember=pending.remember, wanted=pending.next)
    forget_pending(response)
    return response


def _again(refusal: StartAgain) -> BaseResponse:
    add_note(Note(refusal.text, "overdue"))
    response = redirect(url_for("signin.form"), code=303)
    forget_pending(response)
    return response


def _page(refusal: Refusal | None = None) -> Response:
    response = stranger_page(
        "sign_in_code.html",
        refusal.status if refusal else 200,
        title=_("Confirm that it is you"),
        problem=f"{refusal.text} {refusal.hint or ''}".strip() if refusal else "",
    )
    return told(response, refusal)
