"""Between the two steps of a sign-in: who gave the right password, in a cookie that is signed and lives some minutes.

It opens nothing by itself, belongs to one browser, and is worth nothing once the password is another one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from core.database import Database
from core.errors import Refusal
from core.i18n import _
from core.security.recovery import fingerprint
from core.web.identity import VISITOR_COOKIE
from core.web.services import services

COOKIE = "tessera_step"
LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who gave the right password: whether they stay signed in, and where they wanted to go."""

    user: int
    remember: bool
    next: str


class StartAgain(Refusal):
    """There is no first step, or it was too long ago, in another browser, or with a password that was changed."""

    code = "start_again"
    status = 422


def keep_pending(response: Response, database: Database, pending: Pending, *, now: datetime) -> None:
    """Give the browser the token of the first step."""
    web = services()
    until = int((now + LIFE).timestamp())
    known = fingerprint(database, pending.user)
    token = _serializer().dumps([pending.user, pending.remember, pending.next, known, _browser(), until])
    secure = web.config.secure(request.scheme)
    response.set_cookie(COOKIE, token, max_age=LIFE, httponly=True, samesite="Lax", secure=secure)


def read_pending(database: Database, *, now: datetime) -> Pending:
    """Who gave the right password in this browser a moment ago.

    :raises StartAgain: nobody did.
    """
    try:
        user, remember, wanted, known, browser, until = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        user = remember = wanted = known = browser = until = None
    if until is None or now.timestamp() > until or browser != _browser() or fingerprint(database, user) != known:
        raise StartAgain(_("Sign in again: the first step is too long ago."))
    return Pending(user, remember, wanted)


def forget_pending(response: Response) -> None:
    """Take the token from the browser."""
    response.delete_cookie(COOKIE)


def _browser() -> str:
    """Names the browser: the cookie that its forms are tied to, hashed."""
    return hashlib.sha256(request.cookies.get(VISITOR_COOKIE, "").encode()).hexdigest()[:32]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(services().secret, salt="second step")
