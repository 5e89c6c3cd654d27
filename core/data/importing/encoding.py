"""Which encoding the bytes of a file are in. Reads the file once, in pieces; knows nothing of CSV."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from core.data.importing.problems import ImportRefused
from core.i18n import _

PIECE = 1 << 20
SAMPLE = 1 << 16
LONGEST_LINE = 8 << 20
FEW = 2  # stray control characters, in however short a file
BINARY = 50  # one control character in so many bytes and more is no text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In the order of preference where the bytes speak for several: the usual ones of spreadsheets first.
_USUAL = (
    "cp1252 cp1250 iso8859_2 cp1251 koi8_r cp1253 cp1254 cp1255 cp1256 mac_roman "
    "cp850 cp437 shift_jis euc_jp gb18030 big5 euc_kr"
).split()
_CONTROLS = bytes({*range(32)} - {*b"\t\n\f\r\x1a\x1b"})
_ESCAPED = re.compile("[\udc80-\udcff]")
_WIDE = re.compile("[^\x00-\x7f\udc80-\udcff]")


@dataclass(slots=True)
class Bytes:
    """What one pass over the bytes tells: how well UTF-8 fits, where it first does not, some lines beyond ASCII."""

    size: int = 0
    lines: int = 0
    wide: int = 0
    broken: int = 0
    broken_line: int = 0
    controls: int = 0
    longest: int = 0
    sample: bytes = b""


def detect(path: Path) -> str:
    """The encoding of the file, a name Python knows.

    Raises ImportRefused for an empty file, a binary file, a line beyond 8 MB, and text that is UTF-8 but
    for a few bytes.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    _refuse_foreign(path, head)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    wide = _without_mark(head)
    if wide:
        return wide
    facts = _survey(path)
    _refuse_odd(path, facts)
    if not facts.broken:
        return "utf-8"
    if facts.wide > facts.broken:
        raise ImportRefused(
            _("{file} is UTF-8, but line {line} holds bytes that are not.", file=path.name, line=facts.broken_line),
            hint=_('Mend the line, or name the encoding in a recipe: encoding = "cp1252".'),
        )
    return _legacy(path, facts.sample)


def check_encoding(path: Path, name: str) -> str:
    """The encoding as Python spells it; ImportRefused when there is no such one, or no text to decode."""
    with path.open("rb") as file:
        _refuse_foreign(path, file.read(4096))
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ImportRefused(_("There is no encoding called '{name}'.", name=name)) from error


def _refuse_foreign(path: Path, head: bytes) -> None:
    if not head.strip():
        raise ImportRefused(_("{file} is empty.", file=path.name))


def _without_mark(head: bytes) -> str:
    """UTF-16 without a byte order mark: text mostly in Latin letters has a NUL in every other byte."""
    half = len(head) // 2
    if half < 2:
        return ""
    if head[1::2].count(0) > half * 0.7 and not head[0::2].count(0):
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.7 and not head[1::2].count(0):
        return "utf-16-be"
    return ""


def _survey(path: Path) -> Bytes:
    facts = Bytes()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    sample: list[bytes] = []
    run = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            facts.size += len(piece)
            facts.controls += len(piece) - len(piece.translate(None, _CONTROLS))
            if not piece.isascii() or decoder.getstate()[0]:
                _count_wide(facts, decoder.decode(piece))
                _take_sample(sample, piece)
            run = _longest_run(facts, piece, run)
            facts.lines += piece.count(b"\n") or piece.count(b"\r")
    _count_wide(facts, decoder.decode(b"", final=True))
    facts.longest = max(facts.longest, run)
    facts.sample = b"\n".join(sample)
    return facts


def _count_wide(facts: Bytes, text: str) -> None:
    facts.wide += len(_WIDE.findall(text))
    escaped = list(_ESCAPED.finditer(text))
    if escaped and not facts.broken_line:
        facts.broken_line = facts.lines + text.count("\n", 0, escaped[0].start()) + 1
    facts.broken += len(escaped)


def _take_sample(sample: list[bytes], piece: bytes) -> None:
    taken = sum(map(len, sample))
    for line in piece.splitlines():
        if taken > SAMPLE:
            return
        if not line.isascii():
            sample.append(line[:SAMPLE])
            taken += len(line)


def _longest_run(facts: Bytes, piece: bytes, run: int) -> int:
    """Update the longest line seen; gives the length of the line still open at the end of the piece."""
    if b"\n" not in piece and b"\r" not in piece:
        facts.longest = max(facts.longest, run + len(piece))
        return run + len(piece)
    lines = piece.splitlines(keepends=True)
    facts.longest = max(facts.longest, run + len(lines[0]), max(map(len, lines)))
    return 0 if lines[-1].endswith((b"\n", b"\r")) else len(lines[-1])


def _refuse_odd(path: Path, facts: Bytes) -> None:
    if facts.controls > FEW and facts.controls * BINARY > facts.size:
        raise ImportRefused(_("{file} holds control characters: it is not text.", file=path.name))
    if facts.longest > LONGEST_LINE:
        raise ImportRefused(_("{file} has a line longer than 8 MB: it is not a table.", file=path.name))


def _legacy(path: Path, sample: bytes) -> str:
    """The likeliest of the usual encodings before Unicode; of equally likely ones the most usual."""
    matches = list(charset_normalizer.from_bytes(sample, cp_isolation=list(_USUAL), threshold=0.5))
    if not matches:
        raise ImportRefused(
            _("The encoding of {file} cannot be told.", file=path.name),
            hint=_('Name it in a recipe, as in: encoding = "cp1252".'),
        )
    best = matches[0]
    near = [m for m in matches if m.chaos <= best.chaos + 0.02 and m.coherence >= best.coherence - 0.05]
    names = {name for match in near for name in match.could_be_from_charset} & set(_USUAL)
    return min(names, key=_USUAL.index)
