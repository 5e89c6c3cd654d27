"""Failures as HTTP sees them: one description for pages and for the API (RFC 9457 problem details)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import current_app, has_request_context, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from core.errors import (
    BrokenRule,
    ExpressionError,
    ForeignKeyViolation,
    Invalid,
    Refusal,
    StaleVersion,
    UniqueViolation,
    with_hint,
)
from core.i18n import _
from core.logs import reference

logger = logging.getLogger("tessera.web")

MEDIA_TYPE = "application/problem+json"


class BadRequest(Refusal):
    """A request that cannot be understood: a parameter, a body, a name that does not exist."""

    code = "bad_request"
    status = 400


class NotSignedIn(Refusal):
    """The request needs somebody who is known."""

    code = "not_signed_in"
    status = 401


class SecondFactorNeeded(Refusal):
    """Whoever is signed in must set up a second factor before anything else."""

    code = "second_factor_needed"
    status = 403


class TooManyAttempts(Refusal):
    """Too many attempts; `wait` seconds until the next one counts."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, text: str, *, wait: int) -> None:
        super().__init__(text)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """What went wrong: `code` for programs, `title` and `detail` for people, `more` the members special to the code."""

    status: int
    code: str
    title: str
    detail: str
    more: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def describe(error: Exception) -> ProblemDetails:
    """The problem of an exception; an unexpected one is logged with the reference and told in general words."""
    if isinstance(error, Refusal):
        return _refusal(error)
    if isinstance(error, UniqueViolation):
        text = _("Another record already has this value.")
        return ProblemDetails(409, "duplicate", _("Duplicate"), text, {"fields": list(error.names)})
    if isinstance(error, ForeignKeyViolation):
        text = _("A record that this one refers to is gone, or others refer to this one. Load the page again.")
        return ProblemDetails(409, "in_use", _("Nothing was saved"), text)
    if isinstance(error, HTTPException) and error.code and error.code < 500:
        title, text = _spoken(error.code)
        return ProblemDetails(error.code, _code(error.name), title or error.name, text or error.description or "")
    logger.error("failed", exc_info=error)
    text = _(
        "Nothing was saved. Try again; if it fails again, tell an administrator the reference {ref}.", ref=reference()
    )
    return ProblemDetails(500, "internal_error", _("Something failed"), text)


def _refusal(error: Refusal) -> ProblemDetails:
    more: dict[str, object] = {}
    headers: dict[str, str] = {}
    if isinstance(error, Invalid):
        more["errors"] = [
            {"field": each.field, "text": each.text, "row": each.row, "suggestion": each.suggestion or None}
            for each in error.errors
        ]
    if isinstance(error, BrokenRule):
        more["rule"] = error.rule
    if isinstance(error, StaleVersion):
        more["current"] = {str(id_): version for id_, version in error.current.items()}
    if isinstance(error, ExpressionError):
        more.update(column=error.column, source=error.source, suggestion=error.suggestion or None)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="tessera"'
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.wait)
    if error.status == 503:
        headers["Retry-After"] = "5"
    detail = with_hint(error.text, error.hint)
    return ProblemDetails(error.status, error.code, title_of(error.status), detail, more, headers)


def _spoken(status: int) -> tuple[str, str]:
    """Title and text for what the framework refuses, in our words; empty where it knows better."""
    known = {
        404: (_("Page not found"), _("There is nothing at this address. It may have been moved, or typed wrongly.")),
        405: (_("Not possible here"), _("This address does not take such a request.")),
        413: (
            _("Too large"),
            _("What was sent is larger than the {size} megabytes that the server takes.", size=_largest()),
        ),
    }
    return known.get(status, ("", ""))


def _largest() -> int:
    return (current_app.config["MAX_CONTENT_LENGTH"] or 0) // 1_000_000


def title_of(status: int) -> str:
    """A short title for a status; where nothing was to be saved, none says that it was not."""
    reading = has_request_context() and request.method in ("GET", "HEAD")
    titles = {
        400: _("This request cannot be read"),
        401: _("Sign in first"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Changed meanwhile"),
        422: _("This cannot be shown") if reading else _("Not saved"),
        429: _("Too many attempts"),
        503: _("Not available at the moment"),
    }
    return titles.get(status, _("Something failed"))


def problem_response(details: ProblemDetails) -> Response:
    """The problem as `application/problem+json`."""
    document = {
        "type": f"urn:tessera:problem:{details.code}",
        "title": details.title,
        "status": details.status,
        "detail": details.detail,
        "code": details.code,
        "reference": reference(),
        **details.more,
    }
    text = json.dumps(document, ensure_ascii=False)
    return Response(text, status=details.status, mimetype=MEDIA_TYPE, headers=dict(details.headers))


def _code(name: str) -> str:
    return name.lower().replace(" ", "_").replace("'", "")
