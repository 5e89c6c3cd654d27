"""Converting leads into opportunities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from addons.crm.conversion.convert import (
    FIND_OR_CREATE,
    LINK,
    Conversion,
    closed_reasons,
    convert_leads,
    finish_opportunities,
    prepare,
)
from addons.crm.merging import MODEL
from core import Model, Refusal, _, action

if TYPE_CHECKING:
    from core import EnvironmentProtocol

SHOWN_REASONS = 5


class LeadConvert(Model):
    """The part of a lead that becomes an opportunity."""

    @action(label="Convert to opportunity", icon="deal", page="/crm/convert")
    @classmethod
    def convert(
        cls,
        leads: Sequence[LeadConvert],
        customer: str | None = None,
        partner: int | None = None,
        parent: int | None = None,
        users: Sequence[int] = (),
        team: int | None = None,
        reassign: bool | None = None,
        deduplicate: bool = False,
        merge_with: Sequence[int] = (),
    ) -> dict[str, Any]:
        """Convert leads; `opportunities` (ids), `merged` and `created` (counts), `left` (reasons by id).

        :param customer: what leads without a customer get: `find_or_create`, `create`, `link` or `none`; without it
            `link` where there is a `partner`, else `find_or_create`.
        :param partner: with `link`, the customer of all of them; without it the one that is found.
        :param parent: the company that a new contact belongs to.
        :param users: the salespeople, who get the leads in turn; none: each keeps its own.
        :param team: the sales team.
        :param reassign: leads that have a salesperson are given out, too; usual for one lead, not for several.
        :param deduplicate: open duplicates (same e-mail address or customer) are merged before.
        :param merge_with: leads and opportunities that the lead is merged with before.
        :raises Refusal: none of them can be converted, with the reasons; or something to link is archived.
        :raises Invalid, NotFound, AccessDenied: choices that are none, records that are gone or not the user's.
        """
        env = cls.env
        usual = FIND_OR_CREATE if partner is None else LINK
        given_out = len(leads) == 1 if reassign is None else reassign
        how = Conversion(customer or usual, partner, parent, tuple(users), team, given_out, deduplicate)
        how.check(env)
        ids = [lead.id for lead in leads]  # type: ignore[attr-defined]  # of the composed class
        if merge_with:
            prepare(env, how)
            closed = {id_: reason for id_, reason in closed_reasons(env, ids).items() if reason}
            if closed:
                raise Refusal(_nothing(env, closed))
            survivor = env[MODEL].call([*ids, *merge_with], "merge", confirm=True)
            result = finish_opportunities(env, [survivor.id], how)
            result.merged = len({*ids, *merge_with}) - 1
        else:
            result = convert_leads(env, ids, how)
        if not result.opportunities:
            raise Refusal(_nothing(env, result.left))
        return {
            "opportunities": result.opportunities,
            "merged": result.merged,
            "created": result.created,
            "left": {str(id_): str(reason) for id_, reason in result.left.items()},
        }


def _nothing(env: EnvironmentProtocol, left: Mapping[int, object]) -> str:
    """Why nothing was converted."""
    if len(left) == 1:
        return _("Not converted: {reason}.", reason=next(iter(left.values())))
    shown = list(left.items())[:SHOWN_REASONS]
    names = {id_: row["name"] for id_, row in env[MODEL].read_ids([id_ for id_, _reason in shown], ["name"]).items()}
    reasons = [f"{names.get(id_, id_)}: {reason}" for id_, reason in shown]
    return _("None of {count} was converted. {reasons}", count=len(left), reasons="; ".join(reasons))
