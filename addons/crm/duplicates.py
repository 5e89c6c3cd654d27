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

    :param leads: rows with `id`, `email_normalized` and `partner`.
    :param lost: lost opportunities count, too; without it open leads alone.
    """
    emails = sorted({lead["email_normalized"] for lead in leads if lead["email_normalized"]})
    partners = sorted({lead["partner"] for lead in leads if lead["partner"]})
    same = [
        text for text, known in (("email_normalized in emails", emails), ("partner in partners", partners)) if known
    ]
    if not same:
        return {}
    where = f"({' or '.join(same)}) and ({NOT_WON if lost else OPEN}) and (active or not active)"
    names = {**({"emails": emails} if emails else {}), **({"partners": partners} if partners else {})}
    rows = env[MODEL].read(where, ["id", "email_normalized", "partner"], order="create_date, id", **names)
    by_email: dict[Any, list[int]] = {}
    by_partner: dict[Any, list[int]] = {}
    for row in rows:
        by_email.setdefault(row["email_normalized"], []).append(row["id"])
        by_partner.setdefault(row["partner"], []).append(row["id"])
    places = {row["id"]: place for place, row in enumerate(rows)}
    found = {}
    for lead in leads:
        reasons = dict.fromkeys(by_partner.get(lead["partner"] or 0, ()), _("the same customer"))
        reasons.update(dict.fromkeys(by_email.get(lead["email_normalized"] or 0, ()), _("the same e-mail address")))
        reasons.pop(lead["id"], None)
        if reasons:
            found[lead["id"]] = [Duplicate(id_, reasons[id_]) for id_ in sorted(reasons, key=places.__getitem__)]
    return found
