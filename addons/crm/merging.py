"""Which of several leads survives a merge, and what it looks like afterwards; nothing is written here.

The survivor comes first, then the others in the order of `ranked`; each field has the first value in that order that
is not empty (0 and an empty text are), unless somebody chose another record's. Besides: the address is a block, from
the record that has most of it; descriptions are joined; the highest priority; links of all; of the properties each has
the first value; an opportunity if one is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from addons.base.models.address import ADDRESS_FIELDS
from addons.base.models.setting import setting
from core import NotFound, Refusal, _, fitting_properties

if TYPE_CHECKING:
    from core import EnvironmentProtocol

MODEL = "crm.lead"
SURVIVOR_SETTING = "crm.merge_survivor"
OLDEST, MOST_ADVANCED = "oldest", "most_advanced"
ADDRESS = "address"  # stands for all fields of the address among choices
CAREFUL_LIMIT = 5  # more are merged when that is confirmed
# Filled from the customer together, so written together.
CONTACT = frozenset(
    {"contact_name", "partner_name", "function", "website", "lang", "email_from", "phone", *ADDRESS_FIELDS}
)
# Combined, or following from other values: never taken over from one record.
COMBINED = frozenset({"type", "priority", "description", "properties", *ADDRESS_FIELDS})
FOLLOWING = frozenset(
    {
        "id",
        "version",
        "create_date",
        "create_uid",
        "write_date",
        "write_uid",
        "active",
        "probability",
        "manual_probability",
        "learned_probability",
        "lost_reason",
        "lost_feedback",
        "date_open",
        "date_closed",
        "date_conversion",
        "date_last_stage_update",
    }
)

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Merge:
    """`values` are those of the survivor afterwards; `origins` tells for a field whose value it is, None where several
    records gave theirs. `absorbed` are the others, by id, in the order in which their values count."""

    survivor: int
    absorbed: tuple[int, ...]
    values: Values
    origins: Mapping[str, int | None]


def plan_merge(
    env: EnvironmentProtocol,
    ids: Sequence[int],
    *,
    survivor: int | None = None,
    choices: Mapping[str, int] | None = None,
) -> Merge:
    """What merging these leads would make of them.

    :param survivor: which one stays; without it the rule of the setting `crm.merge_survivor` decides.
    :param choices: the record whose value a field is to have, by the field's name.
    :raises Refusal: there is nothing to merge, or a lead is won.
    :raises NotFound: a survivor or choice that is none of the leads, or a field that cannot be chosen.
    """
    single, linked = merged_fields(env)
    rows = env.sudo()[MODEL].read_ids(
        list(dict.fromkeys(ids)), [*single, *linked, *COMBINED, *FOLLOWING, "won_status", "stage.sequence"]
    )
    rows = {id_: _without_each_other(env, row, rows) for id_, row in rows.items()}
    if len(rows) < 2:
        raise Refusal(_("There is nothing to merge: choose two records or more."))
    won = [str(row["name"]) for row in rows.values() if row["won_status"] == "won"]
    if won:
        raise Refusal(_("'{name}' is won and cannot be merged.", name="', '".join(won)))
    order = ranked(list(rows.values()), setting(env, SURVIVOR_SETTING) or OLDEST)
    if survivor is not None:
        _require(survivor, rows)
        order = [survivor, *(id_ for id_ in order if id_ != survivor)]
    values: dict[str, Any] = {}
    origins: dict[str, int | None] = {}
    for name in single:
        origins[name] = next((id_ for id_ in order if rows[id_][name]), order[0])
    richest = max(order, key=lambda id_: sum(bool(rows[id_][name]) for name in ADDRESS_FIELDS))
    origins.update(dict.fromkeys(ADDRESS_FIELDS, richest))
    for name, chosen in (choices or {}).items():
        chosen_for = ADDRESS_FIELDS if name == ADDRESS else (name,)
        if name != ADDRESS and name not in open_fields(env, single):
            raise NotFound(_("'{field}' cannot be chosen.", field=name))
        _require(chosen, rows)
        origins.update(dict.fromkeys(chosen_for, chosen))
    for name, origin in origins.items():
        values[name] = rows[origin or order[0]][name]
    combined = _combined([rows[id_] for id_ in order], linked)
    combined["properties"] = _properties(env, [rows[id_]["properties"] or {} for id_ in order])
    values.update(combined)
    origins.update(dict.fromkeys(combined))
    return Merge(order[0], tuple(order[1:]), values, origins)


def merged_fields(env: EnvironmentProtocol) -> tuple[list[str], list[str]]:
    """The fields that have one record's value after a merge, and the links that are joined; of every addon."""
    info, declarations = env.registry.schema[MODEL], env.registry.declarations[MODEL]
    open_ = [
        name
        for name, declared in declarations.items()
        if not (declared.derived or declared.readonly or declared.secret) and name not in COMBINED | FOLLOWING
    ]
    single = [name for name in open_ if info.fields[name].column]
    return single, [name for name in open_ if info.fields[name].link is not None]


def open_fields(env: EnvironmentProtocol, names: Sequence[str]) -> list[str]:
    """Those of the fields that the user may see."""
    fields = env.registry.schema[MODEL].fields
    return [name for name in names if not fields[name].groups or any(map(env.has_group, fields[name].groups))]


def _without_each_other(env: EnvironmentProtocol, row: Values, rows: Mapping[int, Values]) -> Values:
    """A lead's values, without those that name one of the leads that become one with it."""
    fields = env.registry.schema[MODEL].fields
    found = dict(row)
    for name in row:
        if name in fields and fields[name].target == MODEL:
            value = row[name]
            if isinstance(value, list):
                found[name] = [id_ for id_ in value if id_ not in rows]
            elif value in rows:
                found[name] = None
    return found


def ranked(rows: Sequence[Values], rule: str = OLDEST) -> list[int]:
    """The ids of leads, the one that should survive first.

    `oldest`: opportunities before leads, open before lost, then created first. `most_advanced`: opportunities and
    active leads first, then opportunities, then by sequence of the stage and by probability, then created first.
    """
    key = _by_progress if rule == MOST_ADVANCED else _by_age
    return [row["id"] for row in sorted(rows, key=key)]


def _by_age(row: Values) -> tuple[Any, ...]:
    return row["type"] != "opportunity", row["won_status"] == "lost", row["create_date"], row["id"]


def _by_progress(row: Values) -> tuple[Any, ...]:
    opportunity = row["type"] == "opportunity"
    return (
        not (opportunity or row["active"]),
        not opportunity,
        -(row["stage.sequence"] or 0),
        -(row["probability"] or 0),
        row["id"],
    )


def _combined(rows: Sequence[Values], linked: Collection[str]) -> dict[str, Any]:
    """The values that several records give."""
    found: dict[str, Any] = {
        "type": "opportunity" if any(row["type"] == "opportunity" for row in rows) else rows[0]["type"],
        "priority": max(str(row["priority"]) for row in rows),
        "description": "<br><br>".join(row["description"] for row in rows if row["description"]) or None,
    }
    for name in linked:
        found[name] = sorted({id_ for row in rows for id_ in row[name]})
    return found


def _properties(env: EnvironmentProtocol, values: Sequence[Values]) -> dict[str, Any] | None:
    """The first value of each property; of the absorbed leads what still fits its definition."""
    own, *others = values
    found: dict[str, Any] = {}
    for each in reversed(others):
        found.update(fitting_properties(env, MODEL, "properties", each))
    return {**found, **own} or None


def _require(id_: object, rows: Mapping[int, Values]) -> None:
    if not isinstance(id_, int) or id_ not in rows:
        raise NotFound(_("Record {id} is none of those that are merged.", id=id_))
