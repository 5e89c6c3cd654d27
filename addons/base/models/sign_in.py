"""The record of sign-ins, written by core alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import SIGN_IN_OUTCOMES, Model, fields

if TYPE_CHECKING:
    from addons.base.models.user import User


class SignIn(
    Model,
    name="core.sign_in",
    label="Sign-in",
    order="-id",
    label_field="login",
    history=False,
    system=True,
    indexes=[("user", "-id")],
):
    """Something that happened to a way in: a sign-in, a refused one, a new password, a key, a second factor."""

    at = fields.Datetime(label="At", required=True, index=True)
    outcome = fields.Selection(dict(SIGN_IN_OUTCOMES), label="What happened", required=True)
    user: fields.Many2one[User | None] = fields.Many2one("res.users", label="User", on_delete="set null")
    login = fields.Char(label="Login", personal=True, help="Empty: what was typed is nobody's login")
    address = fields.Char(label="Network address", personal=True)
    browser = fields.Char(label="Browser", personal=True)
    done_by: fields.Many2one[User | None] = fields.Many2one(
        "res.users", label="Done by", on_delete="set null", help="Where it was somebody else"
    )
