"""Pages for people who are not signed in: their forms carry a token that is tied to a cookie of the visit."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from core.web.client.mosaic import mosaic
from core.web.csrf import check, token_for
from core.web.identity import VISITOR_COOKIE, keep_visitor, new_visitor
from core.web.notes import waiting_notes
from core.web.services import services


def stranger_page(template: str, status: int = 200, **values: object) -> Response:
    """A whole page with a token for its form and the messages that wait; its template extends `stranger.html`."""
    web, cookie = services(), request.cookies.get(VISITOR_COOKIE) or new_visitor()
    # What offers a way back tells of a record, and who signed out may have left the browser to somebody else.
    notes = [note for note in waiting_notes() if note.change_set is None]
    frame = {"csrf_token": token_for(web.secret, cookie), "mosaic": mosaic(), "notes": notes, "problem": ""}
    text = render_template(template, **{**frame, **values})
    response = make_response(text, status)
    keep_visitor(response, cookie, config=web.config, scheme=request.scheme)
    return response


def check_stranger() -> None:
    """Raise ForgedRequest unless the form comes from a page of this application, shown to this browser."""
    web = services()
    check(request, secret=web.secret, cookie=request.cookies.get(VISITOR_COOKIE, ""), config=web.config)
