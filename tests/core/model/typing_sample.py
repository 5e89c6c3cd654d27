"""Read by mypy alone, in test_typing: what editors know of rows. Comments say what mypy must say of their lines."""

from __future__ import annotations

from typing import reveal_type

from core import Change, Model, action, constraint, fields


class Thread(Model):
    followers = fields.Integer(required=True)

    def post(self, text: str) -> int:
        return self.followers


class Partner(Model, name="res.partner", label="Partner"):
    name = fields.Char(required=True)
    email = fields.Char()
    leads = fields.One2many["Lead"]("crm.lead", inverse="partner")


class Lead(Thread, Model, name="crm.lead", order="-id", unique=[("name", "type")]):
    name = fields.Char(required=True, label="Opportunity", search=True)
    note = fields.Text()
    body = fields.Html()
    type = fields.Selection({"lead": "Lead", "opportunity": "Opportunity"}, required=True, default="lead")
    partner = fields.Many2one(Partner, index=True)
    owner = fields.Many2one(Partner, required=True)
    stage = fields.Many2one("crm.stage", on_delete="restrict")
    typed = fields.Many2one["Partner | None"]("res.partner")
    tags = fields.Many2many("crm.tag")
    friends = fields.Many2many(Partner)
    count = fields.Integer()
    probability = fields.Float(required=True, digits=2)
    amount = fields.Monetary(currency="currency")
    weighted = fields.Computed(fields.Monetary, "amount * probability / 100")
    label = fields.Computed(fields.Char, "name")
    done = fields.Computed(fields.Boolean, "count > 3")
    active = fields.Boolean(default=True)
    day = fields.Date()
    at = fields.Datetime(required=True)

    @constraint("probability", "between 0 and 100")
    def _check(self) -> bool:
        return 0 <= self.probability <= 100

    @action(label="Won")
    def win(self, *, bonus: int = 0) -> None:
        reveal_type(self.name)  # gives str
        reveal_type(self.note)  # gives str | None
        reveal_type(self.body)  # gives str | None
        reveal_type(self.type)  # gives str
        reveal_type(self.partner)  # gives tests.core.model.typing_sample.Partner | None
        reveal_type(self.owner)  # gives tests.core.model.typing_sample.Partner
        reveal_type(self.owner.leads)  # gives tuple[tests.core.model.typing_sample.Lead, ...]
        reveal_type(self.owner.leads[0].probability)  # gives float
        reveal_type(self.stage)  # gives Any
        reveal_type(self.typed)  # gives tests.core.model.typing_sample.Partner | None
        reveal_type(self.tags)  # gives tuple[Any, ...]
        reveal_type(self.friends)  # gives tuple[tests.core.model.typing_sample.Partner, ...]
        reveal_type(self.count)  # gives int | None
        reveal_type(self.amount)  # gives decimal.Decimal | None
        reveal_type(self.weighted)  # gives decimal.Decimal | None
        reveal_type(self.label)  # gives str | None
        reveal_type(self.done)  # gives bool
        reveal_type(self.active)  # gives bool
        reveal_type(self.day)  # gives datetime.date | None
        reveal_type(self.at)  # gives datetime.datetime
        reveal_type(self.id)  # gives int
        reveal_type(self.post("x"))  # gives int
        self.name = "x"
        self.amount = 5
        self.amount = "5.00"
        self.partner = self.owner
        self.partner = 7
        self.tags = [1, 2]
        self.save()
        self.name = 3  # refused
        self.active = None  # refused
        self.probability = "much"  # refused
        self.partner = "Acme"  # refused
        print(self.nmae)  # refused
        print(self.partner.name)  # refused

    @classmethod
    def merge(cls, rows: list[Lead]) -> Lead:
        found = cls.env["crm.lead"].search("partner == who", order="-id", who=rows[0].partner)
        reveal_type(cls.env.user)  # gives int | None
        return found[0] if found else rows[0]

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        super().before_write(changes)
        for change in changes:
            change.suggest("name", "x")


class LeadCalls(Lead, extends=True):
    calls = fields.Integer(required=True)

    @classmethod
    def merge(cls, rows: list[Lead]) -> Lead:
        reveal_type(super().merge(rows))  # gives tests.core.model.typing_sample.Lead
        return super().merge(rows)

    def call(self) -> str:
        self.calls += 1
        reveal_type(self.owner.name)  # gives str
        return self.name + self.missing  # refused


class PartnerThread(Partner, Thread, extends=True):
    def ring(self) -> int:
        return self.post(self.name) + self.followers


reveal_type(Lead.name)  # gives core.model.scalars.Char[str]
reveal_type(Lead.partner)  # gives core.model.relations.Many2one[tests.core.model.typing_sample.Partner | None]
fields.Char(lable="Name")  # refused
fields.Selection(["lead"])  # refused
fields.Many2one(Partner, on_delete="vanish")  # refused
fields.One2many("crm.lead")  # refused


class Wrong(Lead, extendz=True):  # refused
    pass
