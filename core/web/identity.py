"""Who asks: the session cookie of a browser or the key of a program, and the cookies themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from core.database import Database
from core.security import api_keys, sessions
from core.security.sessions import SignedIn
from core.web.config import WebConfig

SESSION_COOKIE = "tessera_session"
VISITOR_COOKIE = "tessera_visitor"
VISIT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Visitor:
    """The one behind a request: `who` when known, `cookie` what CSRF tokens are tied to, `key` the API key's id."""

    who: SignedIn | None = None
    cookie: str = ""
    key: int | None = None
    note_use: bool = False


def identify(database: Database, environ: dict[str, object], now: datetime) -> Visitor:
    """Find who asks, in one statement at most."""
    scheme, _space, credential = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() == "bearer":
        holder = api_keys.find(database, credential.strip(), now=now)
        return Visitor(holder.who, key=holder.key, note_use=holder.note_use) if holder else Visitor()
    token = parse_cookie(str(environ.get("HTTP_COOKIE", ""))).get(SESSION_COOKIE, "")
    if not token:
        return Visitor()
    return Visitor(sessions.find(database, token, now=now), cookie=token)


def note_use(database: Database, visitor: Visitor, now: datetime) -> None:
    """Store that the session or key was used, when that is due."""
    if visitor.key is not None and visitor.note_use:
        api_keys.note_use(database, visitor.key, now=now)
    if visitor.who and visitor.who.session is not None and visitor.who.prolong:
        sessions.touch(database, visitor.who.session, now=now)


def keep_session(response: Response, token: str, *, life: timedelta | None, config: WebConfig, scheme: str) -> None:
    """Give the browser its session; without a life the cookie ends with the browser."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=life,
        httponly=True,
        samesite="Lax",
        secure=config.secure(scheme),
    )
    response.delete_cookie(VISITOR_COOKIE)


def keep_visitor(response: Response, cookie: str, *, config: WebConfig, scheme: str) -> None:
    """Give a browser that is about to sign in a cookie for the form's token."""
    response.set_cookie(
        VISITOR_COOKIE, cookie, max_age=VISIT_SECONDS, httponly=True, samesite="Lax", secure=config.secure(scheme)
    )


def new_visitor() -> str:
    """A random value for the visitor's cookie."""
    return secrets.token_urlsafe(16)


def end_session(response: Response) -> None:
    """Take the session from the browser, and whatever it kept of the pages."""
    response.delete_cookie(SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'
