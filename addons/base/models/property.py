"""Definitions of properties: the further fields that people give to the records of a team, or of whatever has such."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Sequence

from core import (
    PROPERTY_TYPES,
    Change,
    FieldError,
    Invalid,
    Model,
    _,
    fields,
    fold,
    property_default,
    property_holders,
    property_options,
)

NAME_SIZE = 60
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


class Property(Model):
    """One property. Whatever uses this mixin has a many2one besides, to the record that the property belongs to.

    Values are kept under the name, which is made of the label and stays: another label changes nothing that is stored.
    """

    name = fields.Char(
        label="Name for programs",
        required=True,
        unique=True,
        readonly=True,
        size=NAME_SIZE,
        help="What conditions and the API call it; made of the label",
    )
    label = fields.Char(label="Label", required=True, size=100, search=True)
    type = fields.Selection(PROPERTY_TYPES, label="Type", required=True, default="text")
    options = fields.Char(label="Options", help="Of a selection, separated by commas")
    default = fields.Char(label="Default", help="A number like 5.5, yes or no, a date like 2026-01-31, an option")
    sequence = fields.Integer(label="Sequence", required=True, default=10)
    on_card = fields.Boolean(label="On cards", help="Shown on the cards of a board")
    active = fields.Boolean(label="Active", default=True)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Name new ones after their label, and refuse what would contradict itself or values that are there."""
        super().before_write(changes)
        _name_new(cls, changes)
        errors = [
            FieldError(name, text, row=row if len(changes) > 1 else None)
            for row, change in enumerate(changes)
            for name, text in _problems(cls, change).items()
        ]
        if errors:
            raise Invalid(errors, model=cls._name)  # type: ignore[attr-defined]  # of the composed class


def _name_new(model: type[Property], changes: Sequence[Change]) -> None:
    """Give a free name to those that have none: of no other definition, and of no value that a deleted one left."""
    nameless = [change for change in changes if change["label"] and not change["name"]]
    if not nameless:
        return
    own = model._name  # type: ignore[attr-defined]  # of the composed class
    rows = model.env.sudo()[own].read("active or not active", ["name"])
    taken = {str(row["name"]) for row in rows} | {str(change["name"]) for change in changes}
    for change in nameless:
        base = re.sub("[^a-z0-9]+", "_", fold(str(change["label"]))).strip("_")[: NAME_SIZE - 4]
        base = base if _is_name(base) else f"property_{base}".rstrip("_")
        change.values["name"] = _free(model, base, taken)
        taken.add(str(change.values["name"]))


def _is_name(text: str) -> bool:
    """Whether a path of the language can name it."""
    return bool(_NAME.fullmatch(text)) and not keyword.iskeyword(text)


def _free(model: type[Property], base: str, taken: Collection[str]) -> str:
    own, number, name = model._name, 1, base  # type: ignore[attr-defined]  # of the composed class
    while name in taken or property_holders(model.env, own, name):
        number += 1
        name = f"{base}_{number}"
    return name


def _problems(model: type[Property], change: Change) -> dict[str, str]:
    """What is wrong with a definition, by field."""
    found: dict[str, str] = {}
    own = model._name  # type: ignore[attr-defined]  # of the composed class
    name, type_ = str(change["name"] or ""), str(change["type"] or "text")
    options = property_options(change["options"])  # type: ignore[arg-type]  # text by declaration
    if change.operation == "write" and change.changed("name"):
        found["name"] = _("The name stays as it is: values are kept under it.")
    elif name and not _is_name(name):
        found["name"] = _(
            "Use lower-case letters, digits and underscores, a letter first, and no word of the language."
        )
    if change.operation == "write" and change.changed("type"):
        count = property_holders(model.env, own, name)
        if count:
            found["type"] = _(
                "Records with a value of the present type: {count}. Archive this property, and define another one.",
                count=count,
            )
    if type_ == "selection" and not options:
        found["options"] = _("Name the options, separated by commas.")
    elif change.changed("default") or change.changed("type") or change.changed("options"):
        try:
            property_default(type_, options, change["default"])  # type: ignore[arg-type]  # text by declaration
        except ValueError as error:
            found["default"] = str(error)
    return found
