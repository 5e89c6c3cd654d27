"""Pages that tell of a failure: what happened, why, what now, and the reference to quote."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from flask import Response, make_response, render_template, request

from core.i18n import _
from core.logs import reference
from core.model.context import current_environment
from core.records.environment import Environment
from core.security.policy import ADMINISTRATORS
from core.web.problems import ProblemDetails

ICONS = {403: "blocked", 404: "search", 409: "merge", 503: "offline"}


@dataclass(frozen=True, slots=True)
class WayOut:
    """One link that leads on from the page."""

    label: str
    address: str


def error_page(details: ProblemDetails) -> Response:
    """The failure as a page of its own, or as a message for the part of a page that asked with htmx."""
    template = "error_part.html" if request.headers.get("HX-Request") else "error.html"
    text = render_template(
        template,
        title=details.title,
        details=details,
        icon_name=ICONS.get(details.status, "overdue"),
        reference=reference(),
        ways=_ways_out(details),
    )
    response = make_response(text, details.status)
    response.headers.update(dict(details.headers))
    return response


def _ways_out(details: ProblemDetails) -> list[WayOut]:
    ways = [WayOut(_("Go to the start"), "/")]
    came_from = urlsplit(request.referrer or "")
    if request.method == "POST" and came_from.netloc == request.host:
        ways.insert(0, WayOut(_("Back to the page before"), urlunsplit(("", "", came_from.path, came_from.query, ""))))
    if details.status in (409, 500, 503) and request.method == "GET":
        ways.insert(0, WayOut(_("Try again"), request.full_path.rstrip("?")))
    env = current_environment.get(None)
    if "rule" in details.more and isinstance(env, Environment) and env.has_group(ADMINISTRATORS):
        ways.insert(0, WayOut(_("Open the rule"), f"/app/core.rule/{details.more['rule']}"))
    return ways
