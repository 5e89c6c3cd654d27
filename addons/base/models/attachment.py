"""Attachments: files on records, their contents stored once in the database."""

from __future__ import annotations

import unicodedata

from addons.base.filetype import file_type
from core import Change, FieldError, Invalid, Model, _, constraint, fields

# Control characters, and what separates lines and paragraphs.
CONTROLS = frozenset({"Cc", "Zl", "Zp"})


class Blob(Model, name="core.blob", label="Stored content", order="id", history=False, system=True):
    """One content, whichever attachments hold it; freed when none does and no history names it."""

    hash = fields.Char(label="SHA-256", required=True, unique=True, size=64)
    size = fields.Integer(label="Bytes", required=True)
    content = fields.Bytes(label="Content", secret=True)


class Attachment(Model, name="core.attachment", label="Attachment", order="-id"):
    """A file on a record: as open as the record, and gone with it. One on no record is its creator's alone."""

    name = fields.Char(label="Name", required=True, search=True, size=255)
    record = fields.Reference(label="Record", on_delete="cascade", index=True)
    data = fields.Binary(label="Content", required=True, index=True)
    type = fields.Char(label="Type", readonly=True, help="The media type, told by the content")
    size = fields.Integer(label="Bytes", readonly=True)

    @constraint("name", "A file name has no line breaks or other control characters.")
    def _check_name(self) -> bool:
        return not any(unicodedata.category(char) in CONTROLS for char in self.name or "")

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Tell type and size by the content, whatever was said of them."""
        super().before_write(changes)
        for change in changes:
            if not change.changed("data"):
                kept = [name for name in ("type", "size") if change.changed(name)]
                if kept:
                    raise Invalid([FieldError(kept[0], _("This follows from the content."))], model="core.attachment")
                continue
            content = cls.env.blob(str(change["data"])) if change["data"] else b""
            change.values["type"] = file_type(str(change["name"] or ""), content)
            change.values["size"] = len(content)
