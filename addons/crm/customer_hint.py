"""The hint that saving a lead changes its customer, too, who gets the same e-mail address and telephone number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import render_template

from addons.crm.merging import MODEL
from addons.crm.models.lead_contact import COMPARED, SHARED, news_for_customer
from core import Hint, HintText, _

if TYPE_CHECKING:
    from core import EnvironmentProtocol

FIELDS = ("partner", "email_from", "phone", "country")


def hint(env: EnvironmentProtocol, record: int | None, values: Mapping[str, object]) -> HintText | None:
    """What the customer would learn of what is typed; nothing while the lead is read."""
    id_ = values.get("partner")
    if not isinstance(id_, int) or id_ not in env["res.partner"].permitted([id_], "update"):
        return None
    names = [name for name, *_rest in SHARED]
    before = env[MODEL].read_ids([record], names).get(record, {}) if record else {}
    changed = [name for name in names if values.get(name) and values[name] != before.get(name)]
    if not changed:
        return None
    partner = env["res.partner"].read_ids([id_], ["complete_name", *COMPARED])[id_]
    typed = env[MODEL].defaults({name: value for name, value in values.items() if value is not None})
    news = news_for_customer(typed, changed, partner)
    if not news:
        return None
    fields = env.registry.schema["res.partner"].fields
    lines = [(_(fields[name].label or name), partner[name], value) for name, value in news.items()]
    text = _("Saving changes {name}, too", name=partner["complete_name"])
    return HintText(text, render_template("crm/customer_news.html", lines=lines))


CUSTOMER_NEWS = Hint("crm.customer_news", MODEL, FIELDS, hint)
