"""Translation of user-visible text: `_()` looks up the language of the running environment.

Catalogues are plain mappings from the English text; the pseudo-locale `qps` shows text that never passed through here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

PSEUDO = "qps"

_language: ContextVar[tuple[str, Mapping[str, str]]] = ContextVar("language", default=("en", {}))


@contextmanager
def speaking(language: str, catalogue: Mapping[str, str] | None = None) -> Iterator[None]:
    """Translate to `language` with `catalogue` (English text -> translation) inside the block."""
    token = _language.set((language, catalogue or {}))
    try:
        yield
    finally:
        _language.reset(token)


def language() -> str:
    """The language in force, a BCP 47 tag."""
    return _language.get()[0]


def _(text: str, /, **values: object) -> str:
    """The text in the language in force; `{name}` places are filled from `values` after the look-up."""
    tag, catalogue = _language.get()
    found = f"⟦{text}⟧" if tag == PSEUDO else catalogue.get(text, text)
    return found.format(**values) if values else found
