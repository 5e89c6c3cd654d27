"""Which column means which field, guessed from the headers. Pure: candidates in, pairs out; no database, no cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.text import fold

_BREAKS = re.compile(r"[^0-9a-z]+|(?<=[a-z])(?=[A-Z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_STEP = re.compile(r"\s*(?:/|\.|:|>)\s*")

# Words that mean the same in the headers of other programs; each group speaks of one idea, none of a model.
_GROUPS = (
    "email|e mail|mail|email address|e mail address|mail address|email from|courriel",
    "phone|telephone|tel|phone number|telephone number|work phone|business phone|telefon",
    "mobile|mobile phone|cell|cell phone|cellular",
    "street|address|street address|address 1|address line 1|street 1",
    "street2|street 2|address 2|address line 2",
    "zip|zip code|postcode|post code|postal code|plz",
    "city|town|locality|ville|ort|stadt",
    "state|province|region|county",
    "country|country name|pays|land",
    "website|web site|web|url|homepage|web page",
    "name|full name|display name|subject|deal name|opportunity name|lead name|nom",
    "partner|customer|account|client|account name|company name|organization|organisation|related company",
    "contact name|contact|contact person",
    "function|job|job title|job position|position|role",
    "user|salesperson|sales person|owner|assigned to|sales agent|sales rep|account manager|responsible|assignee",
    "team|sales team|sales channel",
    "stage|deal stage|pipeline stage|status|phase",
    "expected revenue|amount|value|deal value|deal amount|close value|opportunity amount|revenue|planned revenue",
    "probability|probability percent|chance",
    "date deadline|expected closing|expected close|expected close date|deadline|due date",
    "date closed|closed date|close date|closed at|closed on|closing date",
    "date open|assignment date|assigned on",
    "tags|tag|labels|keywords",
    "categories|category|tags",
    "description|notes|note|comment|comments|remark|remarks|internal notes",
    "ref|reference|code|number|internal reference|external id|customer number|account number|opportunity id|deal id"
    "|lead id|record id",
    "vat|tax id|vat number|tax number|tin",
    "lang|language",
    "tz|timezone|time zone",
    "parent|parent company|parent account|company|subsidiary of",
    "industry|sector|branch",
    "source|lead source|origin",
    "medium|channel",
    "campaign|campaign name",
    "priority|importance|rating",
    "active|enabled|is active",
    "login|user name|username|account",
)
# What names a record where its model has no field for it, and nothing better fills the name: a list of accounts.
_NAMING = frozenset(("account", "account name", "customer", "client", "partner", "organization", "organisation"))
_BY_RELATIVE = 5  # the rank of a synonym of a word that only means the same as the field


@dataclass(frozen=True, slots=True)
class Candidate:
    """A field that a column may mean: name, column, labels, and for a relation the fields of its target."""

    name: str
    column: str | None = None
    labels: tuple[str, ...] = ()
    target: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The field of a column; `lookup` is the field of the related record that the cells hold."""

    field: str
    lookup: str = ""
    how: str = "name"


def guess(header: Sequence[str], candidates: Iterable[Candidate]) -> dict[str, Match]:
    """The best field for each column; no field is used twice, columns without one are left out.

    A header fits by the field's name, its column (`partner_id`), its label, or a usual synonym, whatever the case,
    accents and punctuation; `Customer / E-mail` or `partner.email` means the related record by that field. Where
    nothing else fills the name, `Account` does, unless it has a field of its own.
    """
    words = _by_words(candidates)
    found: list[tuple[int, int, str, Match]] = []
    for place, column in enumerate(header):
        for rank, match in _matches(column, words):
            found.append((rank, place, column, match))
    chosen: dict[str, Match] = {}
    used: set[str] = set()
    for _rank, _place, column, match in sorted(found, key=lambda entry: entry[:2]):
        if column not in chosen and match.field not in used:
            chosen[column] = match
            used.add(match.field)
    if "name" not in used and any(entry.candidate.name == "name" for entry in words.get("name", ())):
        chosen |= {column: Match("name", how="synonym") for column in _naming(header, words)[:1]}
    return {column: chosen[column] for column in header if column in chosen}


def _naming(header: Iterable[str], words: Mapping[str, list[_Entry]]) -> list[str]:
    """The columns that may name the records: the model has no field of its own for what they are called."""
    return [
        column
        for column in header
        if words_of(column) in _NAMING and all(entry.rank >= _BY_RELATIVE for entry in words.get(words_of(column), ()))
    ]


def words_of(header: str) -> str:
    """A header as plain words: `DealStage`, `deal_stage` and `Deal stage*` are all `deal stage`."""
    return " ".join(_BREAKS.sub(" ", fold(_CAMEL.sub(" ", header))).split())


@dataclass(frozen=True, slots=True)
class _Entry:
    rank: int
    how: str
    candidate: Candidate


def _by_words(candidates: Iterable[Candidate]) -> Mapping[str, list[_Entry]]:
    """Every wording of every candidate, the surest kind first."""
    words: dict[str, list[_Entry]] = {}
    for candidate in candidates:
        for rank, how, wording in _wordings(candidate):
            words.setdefault(wording, []).append(_Entry(rank, how, candidate))
    return words


def _wordings(candidate: Candidate) -> list[tuple[int, str, str]]:
    own = [words_of(candidate.name), *(words_of(label) for label in candidate.labels)]
    found = [(0, "name", own[0])]
    if candidate.column:
        found.append((1, "name", words_of(candidate.column)))
    found += [(2, "label", label) for label in own[1:] if label]
    for group in _GROUPS:
        members = group.split("|")
        if members[0] in own or any(word in members for word in own):
            rank = 3 if members[0] == own[0] else _BY_RELATIVE
            found += [(rank, "synonym", word) for word in members]
    return found


def _matches(column: str, words: Mapping[str, list[_Entry]]) -> list[tuple[int, Match]]:
    found = [(entry.rank, Match(entry.candidate.name, how=entry.how)) for entry in words.get(words_of(column), ())]
    first, *rest = _STEP.split(column.strip(), maxsplit=1)
    if rest:
        found += _through(rest[0], words.get(words_of(first), ()))
    return found


def _through(rest: str, entries: Iterable[_Entry]) -> list[tuple[int, Match]]:
    """Matches of `Customer / E-mail`: a relation, then a field of its target."""
    found = []
    for entry in entries:
        for inner in _by_words(entry.candidate.target).get(words_of(rest), ()):
            found.append((entry.rank + inner.rank, Match(entry.candidate.name, inner.candidate.name, entry.how)))
    return found
