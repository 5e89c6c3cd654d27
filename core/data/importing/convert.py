"""The text of a cell as a value of a field, in the file's own format: one small function per kind."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

from core.data.importing import dates, numbers
from core.data.importing.problems import CellError
from core.errors import closest
from core.i18n import _
from core.lang.jsons import decoded
from core.lang.kinds import INTEGER_MAX, INTEGER_MIN, MONEY_SCALE
from core.text import fold

Convert = Callable[[str], object]

KEPT_VALUES = 5_000
HIGHEST_POWER = 308  # of ten, in a double (IEEE 754)
_YES = frozenset("yes y true t 1 x on oui o vrai ja j wahr si s sim da tak ✓ ✔".split())
_NO = frozenset("no n false f 0 off non faux nein falsch nee nao nie ✗ ✘ -".split())
_TAG = re.compile(r"<[a-zA-Z!/][^>]*>")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Format:
    """How one column writes its values: decimal sign, order of dates, and what makes an instant of a date."""

    decimal: numbers.Sign = "."
    order: dates.Order = "YMD"
    zone: tzinfo = UTC
    clock: time = time(0)


def remembering(convert: Convert) -> Convert:
    """The same conversion, which remembers the values it has seen lately."""
    known: dict[str, object] = {}

    def converted(text: str) -> object:
        if isinstance(text, numbers.Typed):  # equal to a text that may mean something else
            return convert(text)
        if text in known:
            return known[text]
        if len(known) >= KEPT_VALUES:
            known.clear()
        value = known[text] = convert(text)
        return value

    return converted


def line_of_text(text: str) -> str:
    """A single line, its blanks drawn together."""
    return _SPACE.sub(" ", text) if not text.isprintable() or "  " in text else text


def text_of_lines(text: str) -> str:
    """Text of several lines, with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def markup(text: str) -> str:
    """Markup as it is; plain text escaped, its lines kept."""
    if _TAG.search(text):
        return text
    return html.escape(text_of_lines(text), quote=False).replace("\n", "<br>")


def integer(form: Format) -> Convert:
    """A whole number of 64 bits."""

    def convert(text: str) -> int:
        value = _number(text, form)
        if value != value.to_integral_value():
            raise CellError(_("is not a whole number"), str(round(value)))
        if not INTEGER_MIN <= value <= INTEGER_MAX:
            raise CellError(_("is too large"))
        return int(value)

    return convert


def real(form: Format) -> Convert:
    """A number in double precision."""

    def convert(text: str) -> float:
        value = float(_number(text, form))
        if not math.isfinite(value):
            raise CellError(_("is too large"))
        return value

    return convert


def money(form: Format) -> Convert:
    """An amount, exact."""

    def convert(text: str) -> Decimal:
        value = _number(text, form)
        if not INTEGER_MIN <= value * MONEY_SCALE <= INTEGER_MAX:
            raise CellError(_("is too large"))
        return value

    return convert


def day(form: Format) -> Convert:
    """A date; a time of day is dropped, after moving an instant with an offset to the zone in force."""

    def convert(text: str) -> date:
        moment = dates.parse(text, form.order)
        if moment.offset is None:
            return moment.day
        return moment.instant(form.zone, form.clock).astimezone(form.zone).date()

    return convert


def instant(form: Format) -> Convert:
    """An instant in UTC."""

    def convert(text: str) -> datetime:
        try:
            return dates.parse(text, form.order).instant(form.zone, form.clock)
        except OverflowError as error:
            raise CellError(_("is out of the calendar")) from error

    return convert


def json_value(text: str) -> object:
    """A value of JSON."""
    try:
        return decoded(text)
    except (ValueError, RecursionError) as error:
        raise CellError(_("'{value}' is not JSON", value=text[:40])) from error


def boolean(text: str) -> bool:
    """Yes or no, in the usual words of several languages."""
    word = fold(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError(_("is neither yes nor no"), nearest(word, ("yes", "no", "true", "false")))


def choice(options: Iterable[tuple[str, str]]) -> Convert:
    """One of the options, by key or by label, whatever the case and accents; gives the key."""
    listed = list(options)
    by_word = {fold(word): key for key, label in reversed(listed) for word in (label, _(label), key)}
    keys = {key: key for key, _label in listed}
    words = [label for _key, label in listed]

    def convert(text: str) -> str:
        found = keys.get(text) or by_word.get(fold(text))
        if found is None:
            raise CellError(_("is not one of: {options}", options=", ".join(words[:12])), nearest(text, words))
        return found

    return convert


def nearest(text: str, words: Iterable[str]) -> str:
    """The word that `text` may be a misspelling of, whatever the case and accents; empty where none is near."""
    by_fold = {fold(word): word for word in words}
    return by_fold.get(closest(fold(text), by_fold), "")


def _number(text: str, form: Format) -> Decimal:
    value = numbers.parse(text, form.decimal)
    if value.adjusted() > HIGHEST_POWER:
        raise CellError(_("is too large"))
    return value
