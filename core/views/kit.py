"""What widget templates call as `f`: formats, and the small decisions of markup (tones, stars, safe addresses)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup

from core.i18n import _
from core.records.properties import Property
from core.views.formats import TONES, Formats, Number

_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_NO_STARS = 3
_MAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_EXTENSION = re.compile(r"(?i)\b(ext|x|extension)\b\.?\s*\d+$")
_FEWEST_DIGITS = 3


@dataclass(slots=True)
class Kit(Formats):
    """Formats of one user, and helpers for markup."""

    def html(self, text: str) -> Markup:
        """Formatted text, cleaned again of everything that acts."""
        return Markup(nh3.clean(text, url_schemes=_SCHEMES))

    def plain(self, text: str) -> str:
        """Formatted text as one line of plain text."""
        return " ".join(html.unescape(nh3.clean(text, tags=set())).split())

    def json(self, value: object) -> str:
        """A value of JSON as text, indented where it has parts."""
        return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)

    def property(self, definition: Property, stored: object) -> str:
        """The stored value of a property."""
        try:
            value = definition.value(stored)
        except ValueError:  # it is from before the definition was changed
            return str(stored)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(value, Decimal):
            return self.money(value)
        if isinstance(value, date):
            return self.short_date(value)
        return self.number(value) if isinstance(value, float) else str(value)

    def mailable(self, text: str) -> bool:
        """Whether mail can be sent to a typed address, as far as its form tells."""
        return bool(_MAIL.fullmatch(text.strip()))

    def tel(self, number: str) -> str:
        """The number as a `tel:` address takes it; empty where the text can hardly be dialled."""
        digits = re.sub(r"[^\d+]", "", number)
        words = any(char.isalpha() for char in _EXTENSION.sub("", number))
        return "" if words or len(digits) < _FEWEST_DIGITS else digits

    def web_address(self, text: str) -> str:
        """An address that may be followed, empty where the text is none: only http and https."""
        address = text if "://" in text else f"https://{text}"
        try:
            parts = urlsplit(address)
            known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:  # brackets that do not match, a port that is no number
            return ""
        return address if known else ""

    def stars(self, value: object, options: Mapping[str, str]) -> tuple[int, int]:
        """How many stars are lit, of how many: the place among the options, or a number of three."""
        if options:
            keys = list(options)
            return (keys.index(value) if isinstance(value, str) and value in keys else 0), len(keys) - 1
        return (value if isinstance(value, int) else 0), _NO_STARS

    def tone(self, key: int | None) -> str:
        """The tone that belongs to a record, the same wherever it is shown."""
        return TONES[(key or 0) * 7 % len(TONES)]

    def color(self, number: int | None) -> str:
        """The tone of a stored colour, 1 to 11; anything else is the first."""
        return TONES[number - 1] if number and 1 <= number <= len(TONES) else TONES[0]

    def color_name(self, number: int | None) -> str:
        """The name of a stored colour for people."""
        return dict(self.colors()).get(number or 0, "")

    def colors(self) -> Iterator[tuple[int, str]]:
        """All colours with their names."""
        names = (
            _("Stone"),
            _("Lapis"),
            _("Sky"),
            _("Teal"),
            _("Sage"),
            _("Moss"),
            _("Ochre"),
            _("Amber"),
            _("Terracotta"),
            _("Rose"),
            _("Plum"),
        )
        return enumerate(names, 1)

    def initials(self, name: str | None) -> str:
        """The letters of an avatar: of the first and the last word."""
        words = [word for word in (name or "").split() if word[0].isalnum()]
        return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper() if words else ""

    def inside(self, label: str) -> str:
        """A label within a sentence: its first letter small, unless the word is written in capitals."""
        return label[:1].lower() + label[1:] if label[1:2].islower() else label

    def same(self, key: str, value: object) -> bool:
        """Whether an option is the value; what was typed comes as text."""
        return value is not None and key == str(value)

    def typed(self, value: Number | str | None, digits: int | None = None) -> str:
        """A number as an input holds it; text that was typed and refused stays as it was."""
        if value is None or isinstance(value, str):
            return value or ""
        return self.number(Decimal(str(value)), digits)

    def typed_date(self, value: date | str | None) -> str:
        """A date as an `<input type="date">` holds it."""
        return value or "" if isinstance(value, str) or value is None else value.isoformat()

    def typed_datetime(self, value: datetime | str | None) -> str:
        """An instant as an `<input type="datetime-local">` holds it: minutes in the user's zone."""
        if value is None or isinstance(value, str):
            return value or ""
        return self.local(value).strftime("%Y-%m-%dT%H:%M")
