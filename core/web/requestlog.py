"""One event per request: what was asked, how it ended, how long it took. No names, no values, no addresses."""

from __future__ import annotations

import logging
import time
from wsgiref.types import WSGIEnvironment

from core.logs import event

logger = logging.getLogger("tessera.web")


class Stopwatch:
    """Measures one request and writes its event when it ends."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ
        self._begun = time.perf_counter()
        self.status = 0
        self.user: int | None = None

    def finish(self) -> None:
        """Write the event: at level INFO, at ERROR when the answer was a server error."""
        event(
            logger,
            logging.ERROR if self.status >= 500 else logging.INFO,
            "request",
            method=self._environ.get("REQUEST_METHOD"),
            path=self._environ.get("PATH_INFO"),
            status=self.status,
            milliseconds=round((time.perf_counter() - self._begun) * 1000, 1),
            user=self.user,
        )
