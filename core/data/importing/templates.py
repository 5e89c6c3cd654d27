"""Texts computed from a row: `Prospect {row:04}, {job}`. Names and one format, never evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.data.importing.problems import ImportRefused
from core.i18n import _
from core.text import fold

NUMBER = "row"

_TOKEN = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
_ZEROS = re.compile(r"0\d{1,2}")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_FORMATS: Mapping[str, Callable[[str], str]] = {
    "slug": lambda text: _NOT_SLUG.sub(".", fold(text)).strip("."),
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place to fill: a column, or `row` for the number of the row counted from 1; and how its value is written."""

    name: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """Texts and places in turn."""

    source: str
    parts: tuple[str | Place, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return tuple(part.name for part in self.parts if isinstance(part, Place) and part.name != NUMBER)

    def fill(self, cells: Mapping[str, str], number: int) -> str | None:
        """The text for one row; None when a column that it names is empty, so that the next alternative is taken."""
        filled = []
        for part in self.parts:
            if isinstance(part, str):
                filled.append(part)
                continue
            value = str(number) if part.name == NUMBER else cells[part.name]
            if not value:
                return None
            filled.append(_formed(value, part.form))
        return "".join(filled)


def template(source: str) -> Template:
    """Read a template; `{{` and `}}` are braces. Raises ImportRefused for an open brace or an unknown format."""
    parts: list[str | Place] = []
    for token in _TOKEN.findall(source):
        if token in ("{", "}"):
            raise ImportRefused(_("The template '{source}' has a brace without its pair.", source=source))
        if token[0] == "{" and token[-1] == "}":
            parts.append(_place(token[1:-1], source))
        else:
            parts.append(token[0] if token in ("{{", "}}") else token)
    return Template(source, tuple(parts))


def _place(text: str, source: str) -> Place:
    name, _colon, form = text.rpartition(":") if ":" in text else (text, "", "")
    if not name.strip():
        raise ImportRefused(_("The template '{source}' has a place without a name.", source=source))
    if form and form not in _FORMATS and not _ZEROS.fullmatch(form):
        known = ", ".join((*_FORMATS, "04"))
        raise ImportRefused(
            _("The template '{source}' has the unknown format '{form}'.", source=source, form=form),
            hint=_("Formats are: {known}.", known=known),
        )
    return Place(name.strip(), form)


def _formed(value: str, form: str) -> str:
    if not form:
        return value
    return _FORMATS[form](value) if form in _FORMATS else value.zfill(int(form))
