"""Asking for one's present password again before something that locks others out, or oneself."""

from __future__ import annotations

from flask import request

from core.database import Database, placed
from core.errors import Refusal
from core.i18n import _
from core.records.runtime import utc_now
from core.security import sign_ins, throttle
from core.security.passwords import check_password
from core.web.client.signin import count_attempt
from core.web.current import keep_changes
from core.web.problems import TooManyAttempts

_PASSWORD = "SELECT password FROM res_users WHERE id = ?"


class PasswordRefused(Refusal):
    """The present password is wrong, or the new one is too short or not repeated alike."""

    code = "password_refused"


def check_present_password(database: Database, user: int) -> None:
    """Compare the field `present` of the form with the user's password; attempts are limited, and stay counted.

    :raises PasswordRefused: it is wrong.
    :raises TooManyAttempts: there were too many of late.
    """
    limit = throttle.password_limit(user)
    try:
        count_attempt(database, limit)
    except TooManyAttempts:
        sign_ins.note_blocked(database, now=utc_now(), user=user)
        keep_changes()
        raise
    ((stored,),) = database.fetch(placed(database, _PASSWORD), (user,))
    if not check_password(stored, request.form.get("present", "")).matches:
        keep_changes()
        raise PasswordRefused(_("The present password is wrong."))
    throttle.forget(database, limit)
