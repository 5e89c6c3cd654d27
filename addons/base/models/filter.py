"""Saved filters: what narrows, groups and orders a page, under a name; for oneself or for everybody."""

from __future__ import annotations

from addons.base.models.action import Action
from addons.base.models.user import User
from core import Model, fields


class Filter(Model, name="core.filter", label="Saved filter", order="name, id", cached=True):
    """The state of a page of records, as its address holds it. Without a user it is everybody's."""

    name = fields.Char(label="Name", required=True, size=100, search=True)
    model = fields.Char(label="Model", required=True, index=True, readonly=True)
    action = fields.Many2one(
        Action, label="Action", on_delete="set null", index=True, help="Empty: offered in all actions of the model"
    )
    user = fields.Many2one(
        User,
        label="User",
        on_delete="cascade",
        index=True,
        default=lambda env: env.user,
        help="Empty: everybody may use it",
    )
    query = fields.Text(label="State", help="As in the address: where=..., filter=..., group=..., order=..., view=...")
    defaults: fields.One2many[FilterDefault] = fields.One2many(
        "core.filter_default", inverse="saved", label="Default of"
    )
    is_default = fields.Computed(fields.Boolean, "any(defaults, user == me)", label="Default for me")


class FilterDefault(
    Model, name="core.filter_default", label="Default filter", label_field="id", unique=[("user", "saved")]
):
    """A user's choice of the filter that an action begins with."""

    user = fields.Many2one(User, label="User", required=True, on_delete="cascade", default=lambda env: env.user)
    saved = fields.Many2one(Filter, label="Saved filter", required=True, on_delete="cascade", index=True)
