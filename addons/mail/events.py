"""Events of records: told to those followers who chose to hear of their kind, of the record or of one above it.

An event that nobody would hear of leaves nothing. Telling takes few statements, however many records there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from addons.mail.models.subtype import read_subtypes
from core import reference_to

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

    HasValues = Change | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a record: the code of a kind of event, and what gives the news as HTML where anybody hears it.

    With `note` it stands in the conversation, too, whether or not anybody does.
    """

    code: str
    record: int
    body: Callable[[], Markup]
    note: bool = False


def tell(env: EnvironmentProtocol, model: str, events: Sequence[Event], values: Mapping[int, HasValues]) -> None:
    """Tell of what happened to records of a model, all those who chose to hear of it but who did it.

    :param values: those of the records, by id, with the fields that lead to the records above.
    :raises KeyError: there is no kind of event of that code.
    """
    if not events:
        return
    subtypes = env.cached(read_subtypes)
    by_code = {row["code"]: row for row in subtypes.values()}
    places = _places(model, events, values, subtypes)
    hearing = _hearing(env, model, events, places)
    told = [event for event in events if event.note or hearing[event]]
    messages = env.sudo()["mail.message"].create_many(
        [
            {
                "record": reference_to(model, event.record),
                "kind": "note" if event.note else "event",
                "subtype": by_code[event.code]["id"],
                "body": str(event.body()),
            }
            for event in told
        ]
    )
    env.sudo()["mail.notification"].create_many(
        [
            {"message": message.id, "user": user}
            for message, event in zip(messages, told, strict=True)
            for user in sorted(hearing[event])
        ]
    )


def _places(
    model: str,
    events: Iterable[Event],
    values: Mapping[int, HasValues],
    subtypes: Mapping[int, Mapping[str, Any]],
) -> dict[Event, set[tuple[str, int]]]:
    """The records that followers of an event follow, each with the kind they must have chosen."""
    by_code = {row["code"]: row for row in subtypes.values()}
    found = {}
    for event in events:
        kind = by_code[event.code]
        found[event] = {(reference_to(model, event.record), kind["id"])}
        parent = values[event.record][kind["parent_field"]] if kind["parent"] in subtypes else None
        if parent is not None:
            found[event].add((reference_to(subtypes[kind["parent"]]["model"], parent), kind["parent"]))
    return found


def _hearing(
    env: EnvironmentProtocol, model: str, events: Sequence[Event], places: Mapping[Event, set[tuple[str, int]]]
) -> dict[Event, set[int]]:
    """The users who hear of each event, all of whom may see its record."""
    superuser = env.sudo()
    records = sorted({record for wanted in places.values() for record, _kind in wanted})
    followers = superuser["mail.followers"].read(
        "record in records and subtypes != none", ["record", "partner", "subtypes"], records=records
    )
    partners: dict[tuple[str, int], set[int]] = {}
    for row in followers:
        for kind in row["subtypes"]:
            partners.setdefault((row["record"], kind), set()).add(row["partner"])
    reached = {event: set().union(*(partners.get(place, set()) for place in places[event])) for event in events}
    wanted = sorted(set().union(*reached.values()))
    users = superuser["res.users"].read("partner in partners", ["id", "partner"], partners=wanted) if wanted else []
    hearing: dict[Event, set[int]] = {event: set() for event in events}
    for user in users:
        if user["id"] == env.user:
            continue
        mine = [event for event in events if user["partner"] in reached[event]]
        theirs = env.as_user(user["id"])[model]
        seen = theirs.permitted([event.record for event in mine]) if theirs.may("read") else ()
        for event in mine:
            if event.record in seen:
                hearing[event].add(user["id"])
    return hearing
