"""Users: the people and programs that sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.models.company import Company
from addons.base.models.group import Group
from addons.base.models.partner import Partner
from addons.base.models.zone import is_zone
from core import (
    Change,
    FieldError,
    Invalid,
    Link,
    Model,
    PasswordHash,
    Refusal,
    _,
    action,
    constraint,
    fields,
    hash_password,
    note_sign_in,
    turn_off_two_factor,
)

if TYPE_CHECKING:
    from addons.base.models.two_factor import TwoFactor


class User(Model, name="res.users", label="User", order="name, id"):
    """Somebody who may sign in once there is a password. Name and e-mail are those of the user's partner, too."""

    login = fields.Char(label="Login", required=True, unique=True, size=200)
    name = fields.Char(label="Name", required=True, search=True, personal=True)
    email = fields.Char(label="E-mail", personal=True)
    partner = fields.Many2one(Partner, label="Contact", required=True, on_delete="restrict", index=True)
    password = fields.Char(label="Password", secret=True, copy=False, help="Empty: cannot sign in")
    groups = fields.Many2many(Group, label="Groups")
    company = fields.Many2one(
        Company, label="Company", required=True, on_delete="restrict", index=True, default=lambda env: env.company
    )
    companies = fields.Many2many(Company, label="Companies", help="Those whose records the user may work with")
    lang = fields.Char(label="Language", size=16, help="Empty: that of the company")
    tz = fields.Char(label="Time zone", size=64, help="Empty: that of the company")
    active = fields.Boolean(label="Active", default=True)
    second_factors: fields.One2many[TwoFactor] = fields.One2many(
        "core.two_factor", inverse="user", label="Second factors"
    )
    two_factor = fields.Computed(
        fields.Boolean, "any(second_factors, confirmed_at != none)", label="Two-factor sign-in"
    )

    @action(label="Turn off two-factor sign-in", icon="key", groups="base.admin")
    def turn_off_two_factor(self) -> None:
        """Let a user who lost device and recovery codes sign in with the password alone; kept on record.

        :raises Refusal: the user is oneself, who needs password and code for it.
        """
        env = self.env
        if self.id == env.user:
            raise Refusal(_("Your own is turned off under 'My account'."))
        if turn_off_two_factor(env.database, self.id):
            note_sign_in(env.database, "two_factor_off", self.id, now=env.now(), done_by=env.user)

    @constraint("tz", "This is not a time zone such as 'Europe/Paris'.")
    def _check_tz(self) -> bool:
        return is_zone(self.tz)

    @constraint("login", "A login has no blanks at its ends.")
    def _check_login(self) -> bool:
        return self.login == self.login.strip()

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Hash passwords, create the partners of new users, let users work for their own company."""
        for change in changes:
            password = change.values.get("password")
            if isinstance(password, str):
                # Told by its type: what looks like a hash may have been typed, and then nobody knows what it costs.
                hashed = password if isinstance(password, PasswordHash) else hash_password(password)
                change.values["password"] = str(hashed)
            if change.id == cls.env.user and change["active"] is False and change.changed("active"):
                raise Invalid([FieldError("active", _("You cannot archive the user you are signed in as."))])
            if change.changed("company"):
                cls._allow_company(change)
        cls._create_partners([change for change in changes if change.operation == "create" and not change["partner"]])
        super().before_write(changes)

    @staticmethod
    def _allow_company(change: Change) -> None:
        """Put the user's company among those the user may work for, unless they are given."""
        company = change["company"]
        if change.operation == "create":
            change.suggest("companies", (company,))
        elif company is not None:
            change.suggest("companies", Link(add=[company]))

    @classmethod
    def _create_partners(cls, changes: list[Change]) -> None:
        partners = cls.env.sudo()["res.partner"]
        created = partners.create_many(
            [
                {"employee": True, **{name: change[name] for name in ("name", "email", "lang", "tz")}}
                for change in changes
            ]
        )
        for change, partner in zip(changes, created, strict=True):
            change.values["partner"] = partner.id

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Give a changed name or e-mail to the user's partner; keep it on record that a password was changed."""
        super().after_write(changes)
        partners = cls.env.sudo()["res.partner"]
        for change in changes:
            given = {name: change[name] for name in ("name", "email") if name in change.values and change[name]}
            if change.operation == "write" and "password" in change.values:
                env = cls.env
                note_sign_in(env.database, "password_changed", change.id, now=env.now(), done_by=env.user)
            if change.operation == "write" and given:
                partners.write([change["partner"]], **given)
