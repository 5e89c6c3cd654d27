"""Kinds of events that followers may choose to hear of: a deal that was won, a case that was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import Model, fields

if TYPE_CHECKING:
    from core import EnvironmentProtocol

READ = ("id", "code", "name", "model", "default", "hidden", "parent", "parent_field")


class Subtype(
    Model,
    name="mail.message.subtype",
    label="Kind of event",
    plural="Kinds of events",
    order="sequence, id",
    cached=True,
):
    """What may happen to records of a model. Messages and notes are none: every follower hears of them.

    With a parent, who follows the record that `parent_field` leads to (the team of a lead) and chose the parent hears
    of it, too.
    """

    code = fields.Char(label="Code", required=True, unique=True, help="How addons name it: crm.lead_won")
    name = fields.Char(label="Name", required=True, translate=True)
    model = fields.Char(label="Model", required=True, help="Whose records it happens to, or whose followers hear of it")
    sequence = fields.Integer(label="Sequence", required=True, default=10)
    default = fields.Boolean(label="Chosen at first", help="New followers hear of it")
    hidden = fields.Boolean(label="Hidden", help="Not offered to followers")
    parent: fields.Many2one[Subtype | None] = fields.Many2one(
        "mail.message.subtype", label="Parent", on_delete="set null", help="As followers of another record choose it"
    )
    parent_field = fields.Char(label="Field to the parent", help="The field that leads to that record: team")


def read_subtypes(env: EnvironmentProtocol) -> dict[int, dict[str, Any]]:
    """All subtypes by id, in order: what `env.cached` keeps of them."""
    return {row["id"]: row for row in env["mail.message.subtype"].read("", READ)}
