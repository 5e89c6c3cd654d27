"""Structured logs: an event and its values, one line each, with the reference of the request or command.

Lines hold no personal data and no secrets: values are ids, names of models and addons, counts and durations. Of an
exception they hold its type and where it was raised, and its message only at level debug, since a driver's message
may quote a record.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Literal, TextIO

ROOT = "tessera"
# Words in the name of a value that must never be written.
SECRET_WORDS = ("password", "secret", "token", "cookie", "authorization", "api_key")

_reference: ContextVar[str] = ContextVar("reference", default="")


@contextmanager
def referring(reference: str) -> Iterator[None]:
    """Give every line that is logged inside the block this reference."""
    token = _reference.set(reference)
    try:
        yield
    finally:
        _reference.reset(token)


def reference() -> str:
    """The reference in force; empty outside requests and commands."""
    return _reference.get()


def event(logger: logging.Logger, level: int, name: str, **values: object) -> None:
    """Log one event with its values."""
    if logger.isEnabledFor(level):
        logger.log(level, name, extra={"values": values})


def setup(level: str, *, form: Literal["text", "json"] | str = "text", stream: TextIO | None = None) -> logging.Handler:
    """Send the project's log, and warnings of the libraries, to `stream` (standard error); replaces what an earlier
    call set up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    handler.set_name(ROOT)
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.get_name() == ROOT]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger(ROOT).setLevel(level.upper())
    return handler


def entry(record: logging.LogRecord) -> dict[str, object]:
    """What a line says, in order."""
    line: dict[str, object] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": record.getMessage(),
    }
    if _reference.get():
        line["reference"] = _reference.get()
    values = getattr(record, "values", None)
    if isinstance(values, Mapping):
        line.update((str(key), _harmless(str(key), value)) for key, value in values.items())
    if record.exc_info and record.exc_info[1] is not None:
        line.update(_failure(record.exc_info[1]))
    return line


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(entry(record), ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """`time level logger event key=value ...`; values with blanks are quoted as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = entry(record)
        head = " ".join(str(line.pop(key)) for key in ("at", "level", "logger", "event"))
        return " ".join((head.replace("\n", "\\n"), *(f"{key}={_word(value)}" for key, value in line.items())))


def _harmless(key: str, value: object) -> object:
    return "***" if any(word in key.lower() for word in SECRET_WORDS) else value


def _word(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    plain = text and not any(char.isspace() or char in '"=' for char in text)
    return text if plain or not isinstance(value, str) else json.dumps(text, ensure_ascii=False)


def _failure(error: BaseException) -> dict[str, object]:
    failure: dict[str, object] = {"error": type(error).__name__}
    if logging.getLogger(ROOT).isEnabledFor(logging.DEBUG):
        failure["message"] = str(error)
    chain: list[str] = []
    known: set[int] = set()  # whoever raises an error again may have made it a cause of itself
    cause: BaseException | None = error
    while cause is not None and id(cause) not in known:
        known.add(id(cause))
        frames = " < ".join(
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(extract_tb(cause.__traceback__))
        )
        chain.append(f"{type(cause).__name__} at {frames}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    failure["trace"] = chain
    return failure
