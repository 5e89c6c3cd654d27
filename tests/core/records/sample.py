"""A little sales model for the tests of records: every kind of field and relation, hooks, constraints and actions."""

from __future__ import annotations

from typing import Any

from core import Model, action, constraint, fields
from core.model.change import Change


class Remarked(Model):
    """Gives a model its remarks."""

    remarks = fields.One2many["Remark"]("t.remark", inverse="about")


class Remark(Model, name="t.remark", label="Remark", order="id"):
    """Words about a record of any model that takes remarks."""

    name = fields.Char(required=True)
    about = fields.Reference(of=Remarked, required=True, on_delete="cascade", index=True)
    also = fields.Reference()


class Team(Remarked, Model, name="t.team", label="Team", parent="parent", order="name"):
    """Teams form a hierarchy."""

    name = fields.Char(required=True, search=True)
    parent = fields.Many2one["Team | None"]("t.team", on_delete="set null")
    members = fields.Many2many["Any"]("res.users")


class Tag(Model, name="t.tag", label="Tag", order="name", cached=True):
    """A word on a deal; its other side is declared too."""

    name = fields.Char(required=True, unique=True)
    deals = fields.Many2many["Deal"]("t.deal", inverse="tags")


class Deal(Remarked, Model, name="t.deal", label="Deal", order="-priority, -id", indexes=[("-priority", "-id")]):
    """The record most tests are about."""

    name = fields.Char(required=True, search=True)
    priority = fields.Integer(required=True, default=0)
    amount = fields.Monetary()
    probability = fields.Float(default=10.0)
    weighted = fields.Computed(fields.Monetary, "amount * probability / 100")
    kind = fields.Selection({"new": "New", "won": "Won"}, default="new")
    active = fields.Boolean(default=True)
    closing = fields.Date()
    met = fields.Datetime()
    text = fields.Html()
    extra = fields.Json()
    note = fields.Char(groups="t.boss")
    token = fields.Char(secret=True)
    owner = fields.Many2one["Any"]("res.users", default=lambda env: env.user)
    team = fields.Many2one(Team, on_delete="restrict")
    tags = fields.Many2many(Tag)
    lines = fields.One2many["Line"]("t.line", inverse="deal")
    line_count = fields.Integer(derived=True, default=0)
    rank = fields.Integer(follows=True)

    @constraint("probability", "Probability lies between 0 and 100.")
    def _check_probability(self) -> bool:
        return self.probability is None or 0 <= self.probability <= 100

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        super().before_write(changes)
        for change in changes:
            if change.changed("kind") and change["kind"] == "won":
                change.suggest("probability", 100.0)

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        super().derive(changes)
        cls.count_lines({change.id for change in changes if change.operation == "create"})

    @classmethod
    def count_lines(cls, deals: set[Any]) -> None:
        records, lines = cls.env.sudo()["t.deal"], cls.env.sudo()["t.line"]
        for deal in sorted(records.permitted(deals - {None})):
            records.write(deal, line_count=lines.count("deal == d", d=deal))

    @action(label="Win")
    def win(self, *, bonus: int = 0) -> int:
        self.kind = "won"
        self.save()
        return self.id + bonus

    @action(label="Raise all", groups="t.boss")
    @classmethod
    def raise_all(cls, rows: list[Deal]) -> int:
        for row in rows:
            row.priority += 1
            row.save()
        return len(rows)

    def not_an_action(self) -> None:
        raise AssertionError("only methods marked as actions can be reached")


class Line(Model, name="t.line", label="Line", order="id"):
    """Goes with its deal; keeps the deal's number of lines."""

    deal = fields.Many2one(Deal, required=True, on_delete="cascade")
    name = fields.Char(required=True)
    quantity = fields.Integer(default=1)
    replaces = fields.Many2one["Line | None"]("t.line")

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        super().derive(changes)
        deals = {change["deal"] for change in changes} | {change.before.get("deal") for change in changes}
        cls.env.registry.models["t.deal"].count_lines(deals)

    @constraint("quantity", "A deal has at most 1,000 pieces.", queries=True)
    def _check_total(self) -> bool:
        (total,) = self.env["t.line"].aggregate("deal == d", measures=["quantity:sum"], d=self.deal_id)
        return total["quantity:sum"] <= 1_000


class Watch(Model, name="t.watch", label="Watch", order="id", unique=[("deal", "team")]):
    """A team that watches a deal, at most once; a deal has at most one first watch."""

    deal = fields.Many2one(Deal, required=True, on_delete="cascade")
    team = fields.Many2one(Team)
    first_of = fields.Many2one(Deal, on_delete="cascade", unique=True)


MODELS = [Remarked, Remark, Team, Tag, Deal, Line, Watch]
