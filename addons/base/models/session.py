"""Signing in: sessions, API keys and the attempts that slow a guesser down. Only hashes of secrets are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Model, fields

if TYPE_CHECKING:
    from addons.base.models.user import User


class Session(
    Model,
    name="core.session",
    label="Session",
    order="-seen_at, id",
    label_field="user_agent",
    history=False,
    system=True,
):
    """A browser that is signed in."""

    token_hash = fields.Char(label="Token", required=True, unique=True, secret=True)
    user: fields.Many2one[User] = fields.Many2one(
        "res.users", label="User", required=True, on_delete="cascade", index=True
    )
    created_at = fields.Datetime(label="Signed in", required=True)
    seen_at = fields.Datetime(label="Last seen", required=True)
    expires_at = fields.Datetime(label="Expires", required=True, index=True)
    user_agent = fields.Char(label="Browser", personal=True)
    revoked = fields.Boolean(label="Revoked")
    restricted = fields.Boolean(label="Restricted", help="A second factor has to be set up before anything else")


class ApiKey(Model, name="core.api_key", label="API key", order="-created_at, id", history=False, system=True):
    """A key that a program signs in with; `prefix` is the part that people may recognise it by."""

    name = fields.Char(label="Name")
    prefix = fields.Char(label="Begins with")
    key_hash = fields.Char(label="Key", required=True, unique=True, secret=True)
    user: fields.Many2one[User] = fields.Many2one(
        "res.users", label="User", required=True, on_delete="cascade", index=True
    )
    created_at = fields.Datetime(label="Created", required=True)
    last_used_at = fields.Datetime(label="Last used")
    revoked = fields.Boolean(label="Revoked")


class Attempt(
    Model,
    name="core.attempt",
    label="Sign-in attempt",
    order="id",
    label_field="key",
    history=False,
    system=True,
    indexes=[("key", "at"), ("at",)],
):
    """A failed sign-in, counted by login and by address."""

    key = fields.Char(label="Key", required=True)
    at = fields.Datetime(label="At", required=True)
