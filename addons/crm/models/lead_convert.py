"""Converting leads into opportunities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addons.crm.converting import FIND_OR_CREATE, Conversion, convert_leads, finish_opportunities
from addons.crm.merging import MODEL
from core import Model, Refusal, _, action

SHOWN_REASONS = 5


class LeadConvert(Model):
    """The part of a lead that becomes an opportunity."""

    @action(label="Convert to opportunity", icon="deal", page="/crm/convert")
    @classmethod
    def convert(
        cls,
        leads: Sequence[LeadConvert],
        customer: str = FIND_OR_CREATE,
        partner: int | None = None,
        parent: int | None = None,
        users: Sequence[int] = (),
        team: int | None = None,
        reassign: bool = True,
        deduplicate: bool = False,
        merge_with: Sequence[int] = (),
    ) -> dict[str, Any]:
        """Convert leads; `opportunities` (ids), `merged` and `created` (counts), `left` (reasons by id).

        :param customer: what leads without a customer get: `find_or_create`, `create`, `link` or `none`.
        :param partner: with `link`, the customer of all of them; without it the one that is found.
        :param parent: the company that a new contact belongs to.
        :param users: the salespeople, who get the leads in turn; none: each keeps its own.
        :param team: the sales team.
        :param reassign: leads that have a salesperson are given out, too.
        :param deduplicate: open duplicates (same e-mail address or customer) are merged before.
        :param merge_with: leads and opportunities that the lead is merged with before.
        :raises Refusal: none of them can be converted, with the reasons; or something to link is archived.
        :raises Invalid, NotFound, AccessDenied: choices that are none, records that are gone or not the user's.
        """
        env = cls.env
        how = Conversion(customer, partner, parent, tuple(users), team, reassign, deduplicate)
        how.check(env)
        ids = [lead.id for lead in leads]  # type: ignore[attr-defined]  # of the composed class
        if merge_with:
            survivor = env[MODEL].call([*ids, *merge_with], "merge", confirm=True)
            result = finish_opportunities(env, [survivor.id], how)
            result.merged = len({*ids, *merge_with}) - 1
        else:
            result = convert_leads(env, ids, how)
        if not result.opportunities:
            raise Refusal(_nothing(result.left))
        return {
            "opportunities": result.opportunities,
            "merged": result.merged,
            "created": result.created,
            "left": {str(id_): reason for id_, reason in result.left.items()},
        }


def _nothing(left: dict[int, str]) -> str:
    """Why nothing was converted."""
    if len(left) == 1:
        return _("Not converted: {reason}.", reason=next(iter(left.values())))
    reasons = [f"{id_}: {reason}" for id_, reason in list(left.items())[:SHOWN_REASONS]]
    return _("None of {count} was converted. {reasons}", count=len(left), reasons="; ".join(reasons))
