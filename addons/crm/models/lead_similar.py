"""Which other leads may be about the same customer, and the column by which they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from addons.base.models import Reachable
from addons.crm.merging import MODEL
from addons.crm.similar import criteria_of, domain_of, find_similar
from core import Link, Model, Refusal, _, action, fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core import Change


class LeadSimilar(Reachable, Model):
    """The part of a lead that finds others like it."""

    email_domain = fields.Char(label="E-mail domain", readonly=True, derived=True, copy=False, personal=True)

    distinct = fields.Many2many("crm.lead", label="Not the same as", copy=False)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Keep the domain of the normalised address."""
        super().before_write(changes)
        for change in changes:
            if "email_normalized" in change.values:
                change.values["email_domain"] = domain_of(change["email_normalized"])

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Keep the domain up where the address came back by an undo."""
        super().derive(changes)
        touched = [change for change in changes if not {"email_normalized", "email_domain"}.isdisjoint(change.values)]
        domains = {change.id: domain_of(change["email_normalized"]) for change in touched}
        cls.env.sudo()[MODEL].write_many(
            [(c.id, {"email_domain": domains[c.id]}) for c in touched if c["email_domain"] != domains[c.id]]
        )

    @action(label="Similar leads", icon="lead")
    def similar(self) -> list[dict[str, Any]]:
        """The leads that may be about the same customer, each with its `id`, its `reasons` (`email`, `email_domain`,
        `customer`, `phone`) and the name of its salesperson as `user`.

        Of those that one may not open the id is none, and no reason is told.
        """
        found = find_similar(self.env, criteria_of(self.env, self.id))
        return [{"id": each.id, "reasons": list(each.reasons), "user": each.salesperson or None} for each in found]

    @action(label="Not the same", icon="close")
    @classmethod
    def tell_apart(cls, leads: Sequence[LeadSimilar]) -> None:
        """Remember that these leads are about different customers: they are no longer told to be similar.

        :raises Refusal: fewer than two.
        :raises AccessDenied, NotFound: the user may not change one of the leads.
        """
        ids = [lead.id for lead in leads]  # type: ignore[attr-defined]  # of the composed class
        if len(ids) < 2:
            raise Refusal(_("Choose two records or more to tell apart."))
        cls.env[MODEL].write_many(
            [(id_, {"distinct": Link(add=[other for other in ids if other != id_])}) for id_ in ids]
        )
