"""Leads that are surely about the same customer: the same e-mail address, or the same customer.

It is the exact rule of converting, merging and assigning; what is merely alike is another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from addons.crm.merging import MODEL
from core import _

if TYPE_CHECKING:
    from core import EnvironmentProtocol

NOT_WON = "won_status != 'won' and (type == 'opportunity' or active)"
OPEN = "won_status == 'pending' and active"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A lead that is a duplicate of another, and why."""

    id: int
    reason: str


def duplicates(
    env: EnvironmentProtocol, leads: Sequence[Mapping[str, Any]], *, lost: bool
) -> dict[int, list[Duplicate]]:
    """The duplicates of each lead that the user may see, by its id, oldest first; never the lead itself.

    :param leads: rows with `id`, `email_normalized`, `partner` and `company`: those of two of our companies are none.
    :param lost: lost opportunities count, too; without it open leads alone.
    """
    places, known = _known(env, leads, lost=lost)
    found = {}
    for lead in leads:
        reasons = {id_: _("the same customer") for id_ in known.get(("partner", lead["partner"]), ())}
        reasons.update(
            (id_, _("the same e-mail address")) for id_ in known.get(("email", lead["email_normalized"]), ())
        )
        same = [id_ for id_ in reasons if id_ != lead["id"] and _together(lead["company"], places[id_][1])]
        if same:
            same.sort(key=lambda id_: places[id_][0])
            found[lead["id"]] = [Duplicate(id_, reasons[id_]) for id_ in same]
    return found


def count_duplicated(env: EnvironmentProtocol, leads: Sequence[Mapping[str, Any]]) -> int:
    """How many of the leads have open duplicates; `leads` as for `duplicates`."""
    places, known = _known(env, leads, lost=False)
    return sum(
        any(
            id_ != lead["id"] and _together(lead["company"], places[id_][1])
            for key in (("partner", lead["partner"]), ("email", lead["email_normalized"]))
            for id_ in known.get(key, ())
        )
        for lead in leads
    )


def _together(company: object, other: object) -> bool:
    """Whether two leads may become one: they are of one of our companies, or of none."""
    return company is None or other is None or company == other


def _known(
    env: EnvironmentProtocol, leads: Sequence[Mapping[str, Any]], *, lost: bool
) -> tuple[dict[int, tuple[int, object]], dict[tuple[str, object], list[int]]]:
    """The leads that have an address or a customer in common with one: place and company by id, ids by what it is."""
    emails = sorted({lead["email_normalized"] for lead in leads if lead["email_normalized"]})
    partners = sorted({lead["partner"] for lead in leads if lead["partner"]})
    same = [
        text for text, known in (("email_normalized in emails", emails), ("partner in partners", partners)) if known
    ]
    if not same:
        return {}, {}
    where = f"({' or '.join(same)}) and ({NOT_WON if lost else OPEN}) and (active or not active)"
    names = {**({"emails": emails} if emails else {}), **({"partners": partners} if partners else {})}
    rows = env[MODEL].read(where, ["id", "email_normalized", "partner", "company"], order="create_date, id", **names)
    known: dict[tuple[str, object], list[int]] = {}
    for row in rows:
        for key in (("email", row["email_normalized"]), ("partner", row["partner"])):
            if key[1] is not None:
                known.setdefault(key, []).append(row["id"])
    return {row["id"]: (place, row["company"]) for place, row in enumerate(rows)}, known
