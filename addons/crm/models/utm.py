"""Where leads come from: the campaign, the source and the medium, as links carry them (`utm_campaign` and so on)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Model, fields

if TYPE_CHECKING:
    from addons.base.models.user import User

    pass


class Campaign(Model, name="utm.campaign", label="Campaign", order="name, id"):
    """A marketing effort with a name: a fair, a mailing, a round of calls."""

    name = fields.Char(label="Name", required=True, unique=True, translate=True, search=True)
    user: fields.Many2one[User | None] = fields.Many2one("res.users", label="Responsible")
    active = fields.Boolean(label="Active", default=True)


class Medium(Model, name="utm.medium", label="Medium", order="name, id"):
    """How somebody was reached: telephone, e-mail, website."""

    name = fields.Char(label="Name", required=True, unique=True, translate=True, search=True)
    active = fields.Boolean(label="Active", default=True)


class Source(Model, name="utm.source", label="Source", order="name, id"):
    """Where somebody heard of us: a search engine, a newsletter, a partner."""

    name = fields.Char(label="Name", required=True, unique=True, translate=True, search=True)
