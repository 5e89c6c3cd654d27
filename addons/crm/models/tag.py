"""Tags: words on leads, in eleven tones."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from core import Model, constraint, fields

if TYPE_CHECKING:
    from core import Change

TONES = 11


class Tag(Model, name="crm.tag", label="Tag", order="name, id"):
    """A word that leads are marked with."""

    name = fields.Char(label="Name", required=True, unique=True, translate=True, search=True)
    color = fields.Integer(label="Colour", help="1 to 11; chosen from the name where it is not given")

    @constraint("color", "A colour is a number from 1 to 11.")
    def _check_color(self) -> bool:
        return self.color is None or 1 <= self.color <= TONES

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Choose a tone for new tags, always the same one for a name."""
        for change in changes:
            if change.operation == "create" and change["name"]:
                change.suggest("color", 1 + zlib.crc32(str(change["name"]).encode()) % TONES)
        super().before_write(changes)
