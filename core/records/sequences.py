"""Running numbers: taken from counters that no two transactions, threads or processes read alike.

A gapless number is taken in the open transaction: it comes back when that is rolled back, and whoever wants the next
one waits until it has ended. A fast one is taken in a transaction of its own and never waits for work in progress; what
is rolled back leaves a gap. SQLite has one writer at a time, so there is nothing to wait for, and every number is taken
in the open transaction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.errors import NotFound
from core.i18n import _
from core.lang.kinds import Kind, encoder

if TYPE_CHECKING:
    from core.records.environment import Environment

PARTS = ("year", "y", "quarter", "month", "week", "day")
_PART = re.compile(r"%\((\w*)\)s")
_COLUMNS = "s.id, s.prefix, s.suffix, s.padding, s.step, s.start, s.per_company, s.per_year, s.gapless"
_BY_NAME = (
    f"SELECT {_COLUMNS} FROM core_external_id x JOIN core_sequence s ON s.id = x.record"
    " WHERE x.model = 'core.sequence' AND x.addon = ? AND x.name = ?"
)
_BY_ID = f"SELECT {_COLUMNS} FROM core_sequence s WHERE s.id = ?"
# Inserts nothing where sequence, company or user are not there yet for this connection: a transaction that is open made
# them, and the counter belongs to it too.
_TAKE = (
    "INSERT INTO core_sequence_counter"
    " (key, sequence_id, company_id, year, value, version, create_date, create_uid, write_date, write_uid)"
    " SELECT {text}, s.id, {number}, {number}, s.start + s.step * {number}, 1, {instant}, {number}, {instant}, {number}"
    " FROM core_sequence s WHERE s.id = {number}"
    " AND ({number} IS NULL OR EXISTS (SELECT 1 FROM res_company c WHERE c.id = {number}))"
    " AND ({number} IS NULL OR EXISTS (SELECT 1 FROM res_users u WHERE u.id = {number}))"
    " ON CONFLICT (key) DO UPDATE SET value = core_sequence_counter.value + {number},"
    " version = core_sequence_counter.version + 1, write_date = excluded.write_date RETURNING value"
)


@dataclass(frozen=True, slots=True)
class _Sequence:
    id: int
    prefix: str | None
    suffix: str | None
    padding: int
    step: int
    start: int
    per_company: bool
    per_year: bool
    gapless: bool


def is_number_pattern(text: str | None) -> bool:
    """Whether a prefix or suffix has only parts that are known, such as `%(year)s`."""
    found = _PART.findall(text or "")
    return (text or "").count("%(") == len(found) and set(found) <= set(PARTS)


def next_numbers(env: Environment, sequence: str | int, count: int) -> list[str]:
    """The next `count` numbers of a sequence, by its external id or its id.

    :raises NotFound: there is no such sequence.
    """
    if count < 1:
        return []
    found = _find(env, sequence)
    today = env.now().astimezone(ZoneInfo(_company_zone(env))).date()
    last = _take(env, found, today, count)
    before, after = _filled(found.prefix, today), _filled(found.suffix, today)
    first = last - found.step * (count - 1)
    return [f"{before}{number:0{found.padding}d}{after}" for number in range(first, last + 1, found.step)]


def _find(env: Environment, sequence: str | int) -> _Sequence:
    if isinstance(sequence, int):
        rows = env.database.fetch(env.runtime.text(_BY_ID), (sequence,))
    else:
        addon, _dot, name = sequence.partition(".")
        rows = env.database.fetch(env.runtime.text(_BY_NAME), (addon, name))
    if not rows:
        raise NotFound(_("There is no sequence '{name}'.", name=sequence))
    return _Sequence(*rows[0])


def _company_zone(env: Environment) -> str:
    if env.company is None:
        return env.tz
    found = env.sudo()["res.company"].read_ids([env.company], ["tz"])
    return str(found[env.company]["tz"] or "UTC") if env.company in found else "UTC"


def _take(env: Environment, sequence: _Sequence, today: date, count: int) -> int:
    """The last of `count` numbers, counted on."""
    company = env.company if sequence.per_company else None
    year = today.year if sequence.per_year else None
    key = f"{sequence.id}/{company or '-'}/{year or '-'}"
    encode = encoder(Kind.INSTANT, env.database.engine)
    now = encode(env.now()) if encode else env.now()
    user = env.user
    values = (
        *(key, company, year, count - 1, now, user, now, user),
        *(sequence.id, company, company, user, user, sequence.step * count),
    )
    statement = _statement(env.database.engine)
    if not sequence.gapless and env.unit.writable:
        taken = env.database.fetch_apart(statement, values)
        if taken:
            return int(taken[0][0])
    return int(env.database.fetch(statement, values)[0][0])


def _statement(engine: str) -> str:
    """PostgreSQL does not tell the types of values that are selected."""
    if engine == "sqlite":
        return _TAKE.format(text="?", number="?", instant="?")
    return _TAKE.format(text="%s::text", number="%s::bigint", instant="%s::timestamptz")


def _filled(text: str | None, today: date) -> str:
    values = {
        "year": f"{today.year:04d}",
        "y": f"{today.year % 100:02d}",
        "quarter": str((today.month + 2) // 3),
        "month": f"{today.month:02d}",
        "week": f"{today.isocalendar().week:02d}",
        "day": f"{today.day:02d}",
    }
    return _PART.sub(lambda found: values.get(found[1], found[0]), text or "")
