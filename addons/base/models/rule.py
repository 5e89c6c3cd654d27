"""Record rules: which records the operations reach. Global rules are AND-ed, those of a user's groups OR-ed."""

from __future__ import annotations

from dataclasses import replace

from addons.base.models.group import Group
from core import Change, Invalid, Model, fields, rule_mistake


class Rule(Model, name="core.rule", label="Record rule", order="model, id"):
    """A condition that records must meet, for the operations ticked; without groups it holds for everybody."""

    name = fields.Char(label="Name", required=True)
    model = fields.Char(label="Model", required=True, index=True)
    groups = fields.Many2many(Group, label="Groups", help="Empty: the rule is global")
    condition = fields.Text(label="Condition", required=True)
    on_create = fields.Boolean(label="On create", default=True)
    on_read = fields.Boolean(label="On read", default=True)
    on_update = fields.Boolean(label="On update", default=True)
    on_delete = fields.Boolean(label="On delete", default=True)
    active = fields.Boolean(label="Active", default=True)

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Refuse conditions that cannot be read; one that broke since it was written may be switched off or deleted."""
        super().before_write(changes)
        for row, change in enumerate(changes):
            if change.changed("condition") or change.changed("model"):
                wrong = rule_mistake(cls.env, str(change["model"] or ""), str(change["condition"] or ""))
                if wrong:
                    raise Invalid([replace(wrong, row=row if len(changes) > 1 else None)], model="core.rule")
