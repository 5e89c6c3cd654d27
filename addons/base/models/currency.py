"""Currencies of ISO 4217."""

from __future__ import annotations

from core import Model, constraint, fields


class Currency(Model, name="res.currency", label="Currency", order="-active, name, id"):
    """A currency by its code; `digits` are the decimals that amounts in it are rounded to."""

    name = fields.Char(label="Code", required=True, unique=True, size=3)
    title = fields.Char(label="Name", translate=True, search=True)
    symbol = fields.Char(label="Symbol")
    digits = fields.Integer(label="Decimals", required=True, default=2)
    position = fields.Selection(
        {"before": "Before the amount", "after": "After the amount"}, label="Symbol stands", default="before"
    )
    active = fields.Boolean(label="Active", default=True)

    @constraint("digits", "from 0 to 4 decimals")
    def _check_digits(self) -> bool:
        return 0 <= self.digits <= 4
