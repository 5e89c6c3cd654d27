"""Parts of addresses with a meaning of their own."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

from core.lang.kinds import INTEGER_MAX


class RecordIdConverter(IntegerConverter):
    """The id of a record; a number that no id can be is an address that does not exist."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=INTEGER_MAX)
