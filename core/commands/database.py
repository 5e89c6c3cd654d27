"""`tessera init`: a new database with base, the addons asked for and an administrator."""

from __future__ import annotations

import sys

import click

from core.addon.instance import create_instance
from core.commands.options import database_options
from core.commands.output import progress
from core.config import Settings, without_password
from core.i18n import _


@click.command()
@database_options
@click.option("--addons", metavar="NAMES", default="", help="Addons to install, separated by commas.")
@click.option("--demo", is_flag=True, help="Load the addons' demo data.")
@click.option("--admin-password", metavar="PW", help="The password of the user 'admin'; asked for on a terminal.")
def init(settings: Settings, addons: str, demo: bool, admin_password: str | None) -> None:
    """Create a database with the addons asked for and the user 'admin'."""
    password = admin_password or _ask_for_password()
    names = [name.strip() for name in addons.split(",") if name.strip()]
    with progress(_("Installing")) as step:
        instance = create_instance(
            settings["db"], names, demo=demo, admin_password=password, addons_path=settings.addons_path, progress=step
        )
    installed = ", ".join(instance.installed)
    instance.close()
    click.echo(
        _("Created {db} with {addons}. Sign in as 'admin'.", db=without_password(settings["db"]), addons=installed)
    )


def _ask_for_password() -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(_("Missing option '--admin-password'."))
    password: str = click.prompt(_("Password of 'admin'"), hide_input=True, confirmation_prompt=True)
    return password
