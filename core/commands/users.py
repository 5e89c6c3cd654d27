"""`tessera user add|key|reset-two-factor`: people who may sign in, keys for their programs, lost devices."""

from __future__ import annotations

import click

from core.commands.options import as_option, database_options, open_instance
from core.config import Settings
from core.errors import NotFound, Refusal, closest, did_you_mean
from core.i18n import _
from core.records.environment import Environment
from core.records.runtime import utc_now
from core.security import api_keys, passwords, sign_ins, two_factor


@click.group("user")
def group() -> None:
    """Users and their API keys."""


@group.command()
@click.argument("login")
@click.option("--name", required=True, help="The person's name.")
@click.option("--groups", metavar="NAMES", default="", help="Groups by external id, separated by commas.")
@click.option("--password", metavar="PW", help="The first password; without one the user cannot sign in.")
@click.option("--email", help="The person's e-mail address.")
@as_option
@database_options
def add(
    settings: Settings,
    login: str,
    name: str,
    groups: str,
    password: str | None,
    email: str | None,
    as_login: str | None,
) -> None:
    """Create a user."""
    with open_instance(settings) as instance, instance.environment(as_login) as env:
        values: dict[str, object] = {"login": login, "name": name}
        if groups:
            values["groups"] = [_group(env, text.strip()) for text in groups.split(",") if text.strip()]
        if email:
            values["email"] = email
        user = env["res.users"].create(**values)
        if password is not None:
            env.sudo()["res.users"].write([user], password=passwords.hash_password(password))
    click.echo(_("Created user '{login}'.", login=login))


@group.command()
@click.argument("login")
@click.option("--name", default="tessera user key", help="What the key is for.")
@database_options
def key(settings: Settings, login: str, name: str) -> None:
    """Make an API key for a user and print only the key."""
    with open_instance(settings) as instance:
        user = instance.user_id(login)
        with instance.database.transaction(write=True):
            made = api_keys.create(instance.database, user, name=name, now=utc_now())
            sign_ins.note(instance.database, "key_created", user, now=utc_now(), done_by=instance.administrator)
        click.echo(made)


@group.command("reset-two-factor")
@click.argument("login")
@database_options
def reset_two_factor(settings: Settings, login: str) -> None:
    """Turn two-factor sign-in off for a user who lost device and recovery codes."""
    with open_instance(settings) as instance:
        user, database = instance.user_id(login), instance.database
        with database.transaction(write=True):
            if not two_factor.turn_off(database, user):
                raise Refusal(_("'{login}' has no two-factor sign-in.", login=login))
            sign_ins.note(database, "two_factor_off", user, now=utc_now(), done_by=instance.administrator)
    click.echo(_("'{login}' signs in with the password alone.", login=login))


def _group(env: Environment, external_id: str) -> int:
    """The id of the group with this external id."""
    try:
        group = env.sudo().ref(external_id)
    except NotFound:
        group = None
    if group is None or group._name != "res.groups":
        rows = env.sudo()["core.external_id"].read("model == 'res.groups'", ["addon", "name"])
        known = [f"{row['addon']}.{row['name']}" for row in rows]
        hint = did_you_mean(closest(external_id, known)) or _("Groups are {names}.", names=", ".join(sorted(known)))
        raise Refusal(_("There is no group '{name}'.", name=external_id), hint=hint)
    return int(group.id)
