"""Models to import into: every kind of field, a hierarchy, unique values, links, rules of the model's own."""

from __future__ import annotations

from core import FieldError, Invalid, Model, Refusal, constraint, fields
from core.model.change import Change


class Sector(Model, name="i.sector", label="Sector"):
    """What a company does."""

    name = fields.Char(required=True, unique=True, size=30)
    code = fields.Char()


class Word(Model, name="i.word", label="Word"):
    """A tag."""

    name = fields.Char(required=True, unique=True)


class Firm(Model, name="i.firm", label="Company", parent="parent", order="name"):
    """A company, in a tree."""

    name = fields.Char(required=True, search=True)
    code = fields.Char(label="Customer number", unique=True)
    parent = fields.Many2one["Firm | None"]("i.firm", on_delete="set null")
    friends = fields.Many2many["Firm"]("i.firm")
    sector = fields.Many2one(Sector)
    email = fields.Char(label="E-mail")
    active = fields.Boolean(default=True)

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        super().after_write(changes)
        if any(change["name"] == "Late" for change in changes):
            raise Refusal("Found out only when stored.")


class Sale(Model, name="i.sale", label="Deal", order="id"):
    """The record most files are about."""

    name = fields.Char(required=True, search=True)
    ref = fields.Char(label="Reference", index=True)
    firm = fields.Many2one(Firm, label="Customer")
    stage = fields.Selection({"new": "New", "won": "Won", "lost": "Lost"}, required=True, default="new")
    amount = fields.Monetary(label="Expected revenue")
    share = fields.Float(label="Probability", digits=2)
    count = fields.Integer()
    day = fields.Date(label="Closing day")
    closed = fields.Datetime(label="Closed on")
    note = fields.Html(label="Notes")
    text = fields.Text()
    words = fields.Many2many(Word, label="Tags")
    token = fields.Char(secret=True)
    double = fields.Computed(fields.Float, "count * 2")
    active = fields.Boolean(default=True)

    @constraint("share", "A probability lies between 0 and 100.")
    def _check_share(self) -> bool:
        return self.share is None or 0 <= self.share <= 100

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        super().before_write(changes)
        for change in changes:
            if change.changed("stage") and change["stage"] == "won":
                change.suggest("share", 100.0)
                change.suggest("closed", cls.env.now())
            if change["name"] == "unlucky":
                raise Invalid([FieldError("name", "This name brings bad luck.")])

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        super().after_write(changes)
        if any(change["name"] == "late" for change in changes):
            raise Invalid([FieldError("name", "Found out only when stored.")])


class Member(Model, name="i.member", label="Membership", unique=[("firm", "word")]):
    """Identified by two relations."""

    name = fields.Computed(fields.Char, "word.name")
    firm = fields.Many2one(Firm, required=True, on_delete="cascade")
    word = fields.Many2one(Word, required=True, on_delete="cascade")


MODELS = [Sector, Word, Firm, Sale, Member]
