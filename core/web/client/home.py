"""The start: the first thing in the sidebar."""

from __future__ import annotations

from flask import Blueprint, make_response
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.i18n import _
from core.web.client.shell import Crumb, menu, page
from core.web.current import environment

blueprint = Blueprint("home", __name__)


@blueprint.get("/app/")
@blueprint.get("/")
def start() -> Response:
    """Go to the first menu; who sees none is told so."""
    for section in menu(environment()):
        for item in section.items:
            return redirect(item.address)
    return make_response(page("nothing.html", title=_("Nothing to open"), crumbs=[Crumb(_("Start"))]))
