"""The declaration of a file's content. It is stored once in `core.blob`, whoever holds it; the field keeps its hash."""

from __future__ import annotations

import re
from typing import Literal, TypeVar, Unpack, overload

from core.i18n import _
from core.lang.kinds import Kind
from core.model.declaration import BadValue, Common, Declaration

T = TypeVar("T")

LARGEST = 1 << 30
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Bytes(Declaration[bytes]):
    """Bytes in a column of their own: what `core.blob` keeps."""

    kind = Kind.BYTES

    def check(self, value: object) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        raise self.wrong_type(value, _("bytes"))


class Binary(Declaration[T]):
    """The content of a file: given as bytes, kept as the SHA-256 of them in hexadecimal digits.

    A row gives that text, `env.blob(text)` the bytes. History names the text, so that every former content can be
    brought back.
    """

    kind = Kind.TEXT

    @overload
    def __init__(self: Binary[str], *, required: Literal[True], **keywords: Unpack[Common]) -> None: ...
    @overload
    def __init__(self: Binary[str | None], *, required: Literal[False] = False, **keywords: Unpack[Common]) -> None: ...
    def __init__(self, *, required: bool = False, **keywords: Unpack[Common]) -> None:
        super().__init__(required=required, **keywords)

    def __set__(self, row: object, value: T | bytes) -> None:
        self._refuse(type(row))

    def check(self, value: object) -> str | bytes | None:
        if value is None or value in ("", b""):
            return None
        if isinstance(value, bytes):
            if len(value) > LARGEST:
                raise BadValue(_("Longer than {size} bytes.", size=LARGEST))
            return value
        if isinstance(value, str) and _HASH.fullmatch(value):
            return value
        raise self.wrong_type(value, _("the content of a file"))
