"""The gate around Flask: each request is identified, gets its environment and its transaction, and is logged.

    reference -> who asks -> transaction and environment -> Flask -> commit or roll back -> first byte -> close

The answer is held back until the transaction has been committed, so nobody hears of a change that was not kept. An
answer of 400 or above rolls back, unless the view says that what it wrote is kept. A streamed body runs after its view
returned, in the same thread: the environment is open for it again, without a transaction, until the body is closed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

from core.logs import event, referring
from core.records.environment import Environment
from core.records.runtime import utc_now
from core.security.sign_ins import coming_from
from core.web.csrf import SAFE_METHODS
from core.web.identity import Visitor, identify, note_use
from core.web.references import new_reference
from core.web.requestlog import Stopwatch

if TYPE_CHECKING:
    from core.addon.instance import Instance

logger = logging.getLogger("tessera.web")

VISITOR_KEY = "tessera.visitor"
STREAMED_KEY = "tessera.streamed"
KEPT_KEY = "tessera.kept"
READING = re.compile(r"/app/[^/]+(/\d+)?/refresh\Z")
FIRST_FAILURE = 400
# What installs or removes addons: each is a unit of work of its own.
OUTSIDE = re.compile(r"/addons/[^/]+/[a-z]+\Z")

FailurePage = Callable[[WSGIEnvironment, Exception], WSGIApplication]
Write = Callable[[bytes], object]


class _Undone(Exception):
    """Ends a unit of work whose answer tells of a failure."""


class _Held:
    """Keeps status and headers until they may be sent."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def __call__(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None = None,
    ) -> Write:
        self.status, self.headers = status, headers
        return _refuse_write

    @property
    def code(self) -> int:
        return int(self.status.split(" ", 1)[0] or 500)


def _refuse_write(_data: bytes) -> object:
    raise NotImplementedError("write() of WSGI is not supported")


class Gate:
    """WSGI middleware. `open_to_all` tells the paths that need neither a user nor a transaction."""

    def __init__(
        self, app: WSGIApplication, instance: Instance, *, open_to_all: Callable[[str], bool], failure: FailurePage
    ) -> None:
        self.app = app
        self.instance = instance
        self.open_to_all = open_to_all
        self.failure = failure

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        watch, held, visitor, after = Stopwatch(environ), _Held(), Visitor(), ExitStack()
        after.enter_context(referring(new_reference()))
        after.callback(watch.finish)
        after.enter_context(coming_from(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_USER_AGENT", "")))
        try:
            if self.open_to_all(environ.get("PATH_INFO", "")):
                body = self.app(environ, held)
            else:
                visitor = self._identify(environ)
                body = self._work(environ, held, visitor, after)
        except Exception as error:
            body = self.failure(environ, error)(environ, held)
        watch.status, watch.user = held.code, visitor.who.user if visitor.who else None
        start_response(held.status, held.headers)
        after.callback(self._note_use, visitor)
        return ClosingIterator(body, after.close)

    def _identify(self, environ: WSGIEnvironment) -> Visitor:
        visitor = identify(self.instance.database, environ, utc_now())
        environ[VISITOR_KEY] = visitor
        return visitor

    def _work(self, environ: WSGIEnvironment, held: _Held, visitor: Visitor, after: ExitStack) -> Iterable[bytes]:
        """Run the application in a unit of work of the visitor; without a known visitor, in none."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if visitor.who is None or (method == "POST" and OUTSIDE.match(path)):
            return self.app(environ, held)
        generations = visitor.who.generations
        self.instance.follow(generations.addons, generations.views)
        unit = self.instance.runtime.open(
            user=visitor.who.user,
            write=method not in SAFE_METHODS and not READING.match(path),
            kind="api" if path.startswith("/api/") else "page",
            label=f"{method} {path}",
            generations=generations,
        )
        env = unit.__enter__()
        body = self._run(environ, held, unit)
        if environ.get(STREAMED_KEY):
            after.enter_context(env)
        return body

    def _run(self, environ: WSGIEnvironment, held: _Held, unit: AbstractContextManager[Environment]) -> Iterable[bytes]:
        try:
            body = self.app(environ, held)
        except BaseException as error:
            _roll_back(unit, error)
            raise
        if held.code >= FIRST_FAILURE and not environ.get(KEPT_KEY):
            _roll_back(unit, _Undone())
        else:
            unit.__exit__(None, None, None)
        return body

    def _note_use(self, visitor: Visitor) -> None:
        """Prolong the session after the answer; that it fails once, because the database is busy, harms nobody."""
        try:
            note_use(self.instance.database, visitor, utc_now())
        except Exception as error:
            user = visitor.who.user if visitor.who else None
            event(logger, logging.WARNING, "session use not noted", user=user, error=repr(error))


def _roll_back(unit: AbstractContextManager[Environment], error: BaseException) -> None:
    try:
        unit.__exit__(type(error), error, error.__traceback__)
    except BaseException as raised:
        if raised is not error:
            raise
