"""The account menu: looks of the pages (kept in the browser), open sessions, keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.web.client.signin import safe_target
from core.web.services import services

THEME_COOKIE = "theme"
DENSITY_COOKIE = "density"
THEMES = ("light", "dark")
DENSITIES = ("compact", "comfortable")
YEAR_SECONDS = 31_536_000

blueprint = Blueprint("account", __name__, url_prefix="/account")


@dataclass(frozen=True, slots=True)
class Looks:
    """How pages look in this browser; empty means as the system says, and comfortable."""

    theme: str = ""
    density: str = ""


def looks(cookies: Mapping[str, str]) -> Looks:
    """The looks that the browser asks for."""
    theme, density = cookies.get(THEME_COOKIE, ""), cookies.get(DENSITY_COOKIE, "")
    return Looks(theme if theme in THEMES else "", density if density in DENSITIES else "")


@blueprint.post("/looks")
def change_looks() -> Response:
    """Keep the theme or density in the browser; the way of pages without scripts."""
    response = redirect(safe_target(request.form.get("next", "")) or "/", code=303)
    secure = services().config.secure(request.scheme)
    for name, cookie, known in (("theme", THEME_COOKIE, THEMES), ("density", DENSITY_COOKIE, DENSITIES)):
        chosen = request.form.get(name)
        if chosen in known:
            response.set_cookie(cookie, chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=secure)
        elif chosen == "system":
            response.delete_cookie(cookie)
    return response
