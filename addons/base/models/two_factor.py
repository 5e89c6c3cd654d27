"""The second factor of users, written by core alone: the secret of their app, and hashes of their recovery codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Model, fields

if TYPE_CHECKING:
    from addons.base.models.user import User


class TwoFactor(
    Model,
    name="core.two_factor",
    label="Second factor",
    order="id",
    label_field="confirmed_at",
    history=False,
    system=True,
):
    """What the codes of a user's app are checked with; it counts from `confirmed_at` on."""

    user: fields.Many2one[User] = fields.Many2one(
        "res.users", label="User", required=True, unique=True, on_delete="cascade"
    )
    secret = fields.Char(label="Secret", required=True, secret=True)
    begun_at = fields.Datetime(label="Begun", help="A secret that is not confirmed counts for some minutes")
    # A number and no relation: sessions that ended are deleted whatever was begun in them.
    begun_in = fields.Integer(label="Session it was begun in", help="The secret is shown and confirmed there alone")
    confirmed_at = fields.Datetime(label="On since")
    last_step = fields.Integer(label="Last time step", help="A code of this step or an earlier one is good no more")


class RecoveryCode(
    Model,
    name="core.recovery_code",
    label="Recovery code",
    order="id",
    label_field="code_hash",
    history=False,
    system=True,
):
    """A code for whoever lost the device; good once, then it is deleted."""

    user: fields.Many2one[User] = fields.Many2one(
        "res.users", label="User", required=True, on_delete="cascade", index=True
    )
    code_hash = fields.Char(label="Code", required=True, secret=True)
