"""Countries of ISO 3166-1 and their subdivisions of ISO 3166-2."""

from __future__ import annotations

from core import Model, fields


class Country(Model, name="res.country", label="Country", order="name, id"):
    """A country by its two-letter code."""

    code = fields.Char(label="Code", required=True, unique=True, size=2)
    name = fields.Char(label="Name", required=True, translate=True, search=True)
    phone_code = fields.Integer(label="Calling code")
    states: fields.One2many[State] = fields.One2many("res.country.state", inverse="country", label="States")


class State(Model, name="res.country.state", label="State", order="name, id", unique=[("country", "code")]):
    """A state, province, department or canton; `code` is the part of its ISO code behind the country's."""

    country = fields.Many2one(Country, label="Country", required=True, on_delete="cascade")
    code = fields.Char(label="Code", required=True)
    name = fields.Char(label="Name", required=True, translate=True, search=True)
