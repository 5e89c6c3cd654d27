"""Numbers and money as people write them: which sign a column uses for decimals, and the value of one cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from core.data.importing.problems import CellError
from core.i18n import _

Sign = Literal[".", ","]

_GROUPING = re.compile("['’\\s\u00a0\u202f_]")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SHAPE = re.compile(r"[+-]?[\d.,]*\d[\d.,]*", re.ASCII)
_GROUPED = {
    ".": re.compile(r"[+-]?(\d+|\d{1,3}(,\d{2,3})*,\d{3})?(\.\d*)?", re.ASCII),
    ",": re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{2,3})*\.\d{3})?(,\d*)?", re.ASCII),
}
_CODE = re.compile(r"^[A-Z]{3}(?=[\s\d+-])|(?<=[\s\d])[A-Z]{3}$")
_BARE = {"−": "-", "–": "-"}


class Typed(str):
    """The text of a cell that is a number in its workbook: read as it stands, whatever the sign of its column."""

    __slots__ = ()


def parse(text: str, decimal: Sign = ".") -> Decimal:
    """The number in `text`, written with this decimal sign; the other sign, blanks and apostrophes may group thousands.

    A currency sign or code and a percent sign are passed over; brackets mean negative. Raises CellError.
    """
    if isinstance(text, Typed):
        return Decimal(text)
    bare = _bare(text)
    if decimal == "." and _PLAIN.fullmatch(bare):
        return Decimal(bare)
    if not _SHAPE.fullmatch(bare):
        raise CellError(_("is not a number"))
    if not _GROUPED[decimal].fullmatch(bare):
        raise CellError(_("is not a number with the decimal sign '{sign}' that the column uses", sign=decimal))
    other = "," if decimal == "." else "."
    return Decimal(bare.replace(other, "").replace(decimal, "."))


def evidence(text: str) -> Sign | Literal["", "?"]:
    """The decimal sign that `text` proves; `?` where the one there may as well group thousands; nothing without one."""
    bare = _bare(text).lstrip("+-")
    dots, commas = bare.count("."), bare.count(",")
    if not dots and not commas:
        return ""
    if not _SHAPE.fullmatch(bare):
        return ""
    if dots and commas:
        return "." if bare.rindex(".") > bare.rindex(",") else ","
    if dots > 1 or commas > 1:
        return "," if dots else "."
    sign: Sign = "." if dots else ","
    before, after = bare.split(sign)
    grouping = len(after) == 3 and 1 <= len(before) <= 3 and before != "0"
    return "?" if grouping else sign


@dataclass(slots=True)
class SignProfile:
    """What the cells of a column say about its decimal sign."""

    seen: dict[str, int] = field(default_factory=lambda: {".": 0, ",": 0, "?.": 0, "?,": 0})

    def see(self, text: str) -> None:
        """Take one cell into account; one that is a number in its workbook says nothing of how texts are written."""
        if isinstance(text, Typed):
            return
        proof = evidence(text)
        if proof == "?":
            proof_of = "?." if "." in text else "?,"
            self.seen[proof_of] += 1
        elif proof:
            self.seen[proof] += 1

    def decide(self, others: SignProfile, *, whole: bool) -> Sign:
        """The column's sign: what it proves, else what the file's other columns prove, else the usual reading.

        `whole` says that three digits behind the sign are rather thousands: integers and money.
        """
        for profile in (self, others):
            if profile.seen["."] or profile.seen[","]:
                return "." if profile.seen["."] >= profile.seen[","] else ","
        return "," if whole and self.seen["?."] > self.seen["?,"] else "."

    def add(self, other: SignProfile) -> None:
        """Pool the proofs of another column."""
        for sign, count in other.seen.items():
            self.seen[sign] += count


def _bare(text: str) -> str:
    """The digits and signs of a number alone."""
    text = text.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return text
    text = "".join(_BARE.get(char, char) for char in text if unicodedata.category(char) != "Sc" and char != "%")
    text = _GROUPING.sub("", _CODE.sub("", text.strip()))
    if text.startswith("(") and text.endswith(")"):
        return "-" + text[1:-1]
    if text.endswith("-"):
        return "-" + text[:-1]
    return text
