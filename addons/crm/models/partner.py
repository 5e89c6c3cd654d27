"""What sales adds to partners: their leads, and the news about how to reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.models import Partner
from addons.crm.models.lead_contact import SHARED
from core import fields

if TYPE_CHECKING:
    from addons.crm.models.lead import Lead
    from core import Change


class PartnerLeads(Partner, extends=True):
    """A partner who may buy."""

    leads: fields.One2many[Lead] = fields.One2many("crm.lead", inverse="partner", label="Leads and opportunities")

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Give a changed e-mail address or telephone number to the partner's leads."""
        super().after_write(changes)
        leads = cls.env.sudo()["crm.lead"]
        for lead_name, name, twin in SHARED:
            news = {c.id: c for c in changes if c.operation == "write" and c.changed(name) and c[name]}
            if not news:
                continue
            asked = ["id", "partner", lead_name, twin]
            updates = []
            for lead in leads.read("partner in partners", asked, partners=list(news)):
                change = news[lead["partner"]]
                same = lead[twin] == change[twin] if change[twin] else lead[lead_name] == change[name]
                if not same:
                    updates.append((lead["id"], {lead_name: change[name]}))
            leads.write_many(updates)
