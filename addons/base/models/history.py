"""The change log: change sets, the rows each of them changed, and the numbers by which it names models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Model, fields

if TYPE_CHECKING:
    from addons.base.models.user import User

    pass


class LoggedModel(Model, name="core.model", label="Logged model", order="id", history=False, system=True):
    """A model's number in the change log is the id of its row here; numbers are never reused."""

    name = fields.Char(label="Name", required=True, unique=True)


class ChangeSet(
    Model, name="core.change_set", label="Change set", order="-id", label_field="label", history=False, system=True
):
    """One request, job or command that changed something: who, when, what for, and what caused it."""

    at = fields.Datetime(label="At", required=True, index=True)
    user: fields.Many2one[User | None] = fields.Many2one("res.users", label="User", on_delete="set null", index=True)
    kind = fields.Char(label="Kind", required=True)
    label = fields.Char(label="Label")
    cause_model = fields.Char(label="Cause, model", help="The model of the rule or import behind it")
    cause = fields.Integer(label="Cause, record")
    parent = fields.Integer(label="Parent", help="The change set that this one is part of")
    undoes = fields.Integer(label="Undoes", index=True, help="The change set that this one undid")


class LoggedChange(
    Model,
    name="core.change",
    label="Change",
    order="-id",
    label_field="operation",
    history=False,
    system=True,
    indexes=[("model_no", "record", "id"), ("change_set",)],
):
    """One changed row; images are JSON text of stored values. Neither a create nor a delete has an after-image."""

    change_set = fields.Many2one(ChangeSet, label="Change set", required=True, on_delete="cascade")
    model_no = fields.Integer(label="Model number", required=True)
    record = fields.Integer(label="Record", required=True)
    operation = fields.Char(label="Operation", required=True, help="c, w or d: created, written, deleted")
    before = fields.Text(label="Before")
    after = fields.Text(label="After")
