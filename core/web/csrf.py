"""Protection of forms against other sites: a token tied to the browser's cookie, and where the request says it
comes from.
"""

from __future__ import annotations

import hashlib
import hmac

from werkzeug.wrappers import Request

from core.errors import Refusal
from core.i18n import _
from core.web.config import WebConfig

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForgedRequest(Refusal):
    """The request does not come from a page of this application, or from one that is too old."""

    code = "forged_request"
    status = 403


def token_for(secret: str, cookie: str) -> str:
    """The token that belongs to the cookie of a session, or of a visitor who is about to sign in."""
    return hmac.new(secret.encode(), f"csrf:{cookie}".encode(), hashlib.sha256).hexdigest()


def check(request: Request, *, secret: str, cookie: str, config: WebConfig) -> None:
    """Raise ForgedRequest unless an unsafe request carries the token of its cookie and comes from this site."""
    if request.method in SAFE_METHODS:
        return
    if not _same_site(request, config):
        raise ForgedRequest(_("This form was sent from another site."))
    offered = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not cookie or not hmac.compare_digest(offered.encode(), token_for(secret, cookie).encode()):
        raise ForgedRequest(_("This page is too old to be saved. Load it again and repeat the change."))


def _same_site(request: Request, config: WebConfig) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or config.allows_origin(origin, request.host_url)
