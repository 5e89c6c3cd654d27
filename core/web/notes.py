"""Messages that wait for the next page after a redirect, in a signed cookie that lives a minute."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask import g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from core.web.services import services

COOKIE = "tessera_notes"
LIFE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Note:
    """One message in the past tense; `change_set` offers to undo what it tells of, under the name of `way_back`."""

    text: str
    icon: str = "check"
    change_set: int | None = None
    way_back: str = ""


def add_note(note: Note) -> None:
    """Show the message on the next page of this browser."""
    g.setdefault("notes_to_keep", []).append(note)


def waiting_notes() -> list[Note]:
    """The messages that wait, and those added by the present request; they are shown once."""
    kept = _kept(request.cookies.get(COOKIE, ""))
    g.notes_shown = True
    return [*kept, *g.pop("notes_to_keep", [])]


def store_notes(response: Response) -> None:
    """Put messages added by this request into the cookie, or take it away once they were shown."""
    added: list[Note] = g.pop("notes_to_keep", [])
    if added:
        web = services()
        response.set_cookie(
            COOKIE,
            _serializer().dumps([asdict(note) for note in added]),
            max_age=LIFE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=web.config.secure(request.scheme),
        )
    elif g.pop("notes_shown", False) and COOKIE in request.cookies:
        response.delete_cookie(COOKIE)


def _kept(text: str) -> list[Note]:
    if not text:
        return []
    try:
        return [Note(**each) for each in _serializer().loads(text, max_age=LIFE_SECONDS)]
    except (BadSignature, TypeError):
        return []


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services().secret, salt="notes")
