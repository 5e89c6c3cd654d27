"""The models that views are tested on: `shop`, its extension `more`, and `other`, which neither knows."""

from __future__ import annotations

from core import Model, action, fields


class Tag(Model, name="shop.tag"):
    name = fields.Char(required=True, search=True)
    color = fields.Integer()


class Stage(Model, name="shop.stage", order="sequence, id"):
    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    is_won = fields.Boolean()
    fold = fields.Boolean()
    color = fields.Integer()


class Category(Model, name="shop.category", parent="parent"):
    name = fields.Char(required=True, search=True)
    parent = fields.Many2one("shop.category")


class Deal(Model, name="shop.deal", label="Deal", order="-amount, id"):
    name = fields.Char(required=True, search=True, label="Deal")
    stage = fields.Many2one(Stage)
    category = fields.Many2one(Category)
    tags = fields.Many2many(Tag)
    amount = fields.Monetary(help="Without tax")
    share = fields.Float()
    weighted = fields.Computed(fields.Monetary, "amount * share / 100")
    deadline = fields.Date()
    seen = fields.Datetime()
    kind = fields.Selection({"new": "New business", "renewal": "Renewal"}, default="new")
    urgency = fields.Selection({"0": "Low", "1": "Medium", "2": "High"}, default="0")
    urgent = fields.Boolean()
    count = fields.Integer()
    notes = fields.Text()
    body = fields.Html()
    email = fields.Char()
    phone = fields.Char()
    site = fields.Char()
    margin = fields.Float(groups="shop.boss")
    password = fields.Char(secret=True)
    reference = fields.Char(readonly=True)
    owner = fields.Many2one("res.users")
    lines = fields.One2many("shop.line", inverse="deal")
    active = fields.Boolean(default=True)

    @action(label="Win", icon="check")
    def win(self) -> None:
        self.env["shop.deal"].write([self], share=100.0)

    @action(label="Approve", groups="shop.boss")
    def approve(self) -> None:
        self.env["shop.deal"].write([self], urgent=True)


class Line(Model, name="shop.line"):
    name = fields.Char(required=True)
    deal = fields.Many2one(Deal, on_delete="cascade")
    amount = fields.Monetary()


class DealMore(Deal, extends=True):
    extra = fields.Char()


class Note(Model, name="other.note"):
    name = fields.Char()


class DealOther(Deal, extends=True):
    note = fields.Char()


SHOP = (Tag, Stage, Category, Deal, Line)
MORE = (DealMore,)
OTHER = (Note, DealOther)
