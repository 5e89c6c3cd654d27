"""A browser for tests that look at pages without a screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from werkzeug.test import Client

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from werkzeug.test import TestResponse


class Browser:
    """A browser without a screen: it keeps cookies, and sends the token of the page it last saw."""

    def __init__(self, app: WSGIApplication) -> None:
        self.client = Client(app)
        self.token = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        """Ask for a page; headers by name, `HX_Request="true"`."""
        response = self.client.get(path, headers=headers, buffered=True)
        text = response.get_data().decode(errors="replace")
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', text)
        self.token = found[1] if found else self.token
        return response

    def post(self, path: str, data: Mapping[str, object] | None = None, **headers: str) -> TestResponse:
        """Send a form."""
        form = {"csrf_token": self.token, **(data or {})}
        return self.client.post(path, data=form, headers=headers, buffered=True)

    def sign_in(self, login: str, password: str) -> TestResponse:
        """Sign in by the form."""
        self.get("/sign-in")
        return self.post("/sign-in", {"login": login, "password": password})
