"""What can be wrong with a user's file: a refusal of the whole file, or of one cell of it."""

from __future__ import annotations

from core.errors import Refusal


class ImportRefused(Refusal):
    """The file or the recipe as a whole cannot be imported; nothing was written."""

    code = "import_refused"


class CellError(Exception):
    """One value that cannot become the field's value; its row is refused, the others go on."""

    def __init__(self, reason: str, suggestion: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.suggestion = suggestion
