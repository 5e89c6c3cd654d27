"""The application that a server serves: made anew when addons came or went, since they bring pages and files."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIEnvironment

from core.web.app import create_app
from core.web.config import WebConfig

if TYPE_CHECKING:
    from flask import Flask

    from core.addon.composition import AddonSet
    from core.addon.instance import Instance


class Application:
    """A WSGI application over an instance. A request that finds other addons than the last is served with theirs."""

    def __init__(self, instance: Instance, config: WebConfig | None = None) -> None:
        self.instance = instance
        self.config = config
        self._lock = Lock()
        self._made: tuple[AddonSet, Flask] = self._make()

    @property
    def flask(self) -> Flask:
        """The application for the addons that are installed now, as far as this process knows."""
        if self._made[0] is not self.instance.addons:
            with self._lock:
                if self._made[0] is not self.instance.addons:
                    self._made = self._make()
        return self._made[1]

    def _make(self) -> tuple[AddonSet, Flask]:
        return self.instance.addons, create_app(self.instance, self.config)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.flask(environ, start_response)
