"""The words of a definition: `fields.Char(...)`, `fields.Many2one(...)` and so on, gathered under one name for addon
authors."""

from core.model.binary import Binary, Bytes
from core.model.json import Json
from core.model.properties import Properties
from core.model.reference import Reference
from core.model.relations import Computed, Many2many, Many2one, One2many
from core.model.scalars import Boolean, Char, Date, Datetime, Float, Html, Integer, Monetary, Selection, Text

__all__ = [
    "Binary",
    "Boolean",
    "Bytes",
    "Char",
    "Computed",
    "Date",
    "Datetime",
    "Float",
    "Html",
    "Integer",
    "Json",
    "Many2many",
    "Many2one",
    "Monetary",
    "One2many",
    "Properties",
    "Reference",
    "Selection",
    "Text",
]
