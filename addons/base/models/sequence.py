"""Sequences: running numbers for documents, such as `Q-2026-0042`. Core counts, see `env.next_number()`."""

from __future__ import annotations

from addons.base.models.company import Company
from core import Model, constraint, fields, is_number_pattern

LONGEST = 18


class Sequence(Model, name="core.sequence", label="Sequence", order="name, id"):
    """How numbers are made. Code names a sequence by its external id."""

    name = fields.Char(label="Name", required=True)
    prefix = fields.Char(
        label="Prefix", size=60, help="%(year)s, %(y)s, %(quarter)s, %(month)s, %(week)s, %(day)s are filled in"
    )
    suffix = fields.Char(label="Suffix", size=60)
    padding = fields.Integer(label="Digits", required=True, default=0, help="Shorter numbers get zeros in front")
    start = fields.Integer(label="First number", required=True, default=1)
    step = fields.Integer(label="Step", required=True, default=1)
    per_company = fields.Boolean(label="For each company", help="Each company counts for itself")
    per_year = fields.Boolean(label="Begins anew each year", help="In the zone of the company")
    gapless = fields.Boolean(
        label="Without gaps", help="Numbers of work that was not kept are given again; others wait for them meanwhile"
    )
    counters: fields.One2many[SequenceCounter] = fields.One2many(
        "core.sequence_counter", inverse="sequence", label="Counters"
    )

    @constraint("prefix", "Only the parts %(year)s, %(y)s, %(quarter)s, %(month)s, %(week)s and %(day)s are known.")
    def _check_prefix(self) -> bool:
        return is_number_pattern(self.prefix)

    @constraint("suffix", "Only the parts %(year)s, %(y)s, %(quarter)s, %(month)s, %(week)s and %(day)s are known.")
    def _check_suffix(self) -> bool:
        return is_number_pattern(self.suffix)

    @constraint("padding", "0 to 18 digits are possible.")
    def _check_padding(self) -> bool:
        return 0 <= self.padding <= LONGEST

    @constraint("step", "A step is 1 or more.")
    def _check_step(self) -> bool:
        return self.step >= 1

    @constraint("start", "The first number is 0 or more.")
    def _check_start(self) -> bool:
        return self.start >= 0


class SequenceCounter(
    Model, name="core.sequence_counter", label="Counter", order="sequence, key", label_field="key", history=False
):
    """The last number that was given, for a company and a year where the sequence counts for each."""

    key = fields.Char(label="Counter", required=True, unique=True, readonly=True)
    sequence = fields.Many2one(Sequence, label="Sequence", required=True, on_delete="cascade", index=True)
    company = fields.Many2one(Company, label="Company", on_delete="cascade", readonly=True)
    year = fields.Integer(label="Year", readonly=True)
    value = fields.Integer(label="Last number", required=True)
