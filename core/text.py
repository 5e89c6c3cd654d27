"""The one folding of text used for searching and sorting, on both engines and in Python; and what text may hold."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Text without case and accents, for comparing as people do: `fold("Ürümqi")` is `"urumqi"`.

    Unicode NFKD, marks removed, then full case folding (Unicode Standard, chapter 3.13).
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def is_storable(text: str) -> bool:
    """Whether text is free of NUL and lone surrogates, which no database holds."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))
