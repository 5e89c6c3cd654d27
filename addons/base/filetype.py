"""What a file is, by its first bytes where they tell, else by the end of its name.

A browser is shown as a picture or document only what this tells by its content: a name proves nothing.
"""

from __future__ import annotations

import mimetypes

UNKNOWN = "application/octet-stream"

# The first bytes of the formats (W3C PNG, JFIF, GIF89a, RFC 9649, ISO 32000-1).
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_BY_CONTENT = frozenset(kind for _signature, kind in _SIGNATURES) | {"image/webp"}
_NAMES = mimetypes.MimeTypes()  # the tables of the library alone, the same on every machine


def file_type(name: str, content: bytes) -> str:
    """The media type of a file."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    guessed = _NAMES.guess_type(name, strict=False)[0] or UNKNOWN
    return UNKNOWN if guessed in _BY_CONTENT else guessed
