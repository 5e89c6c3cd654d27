"""`tessera init`, `backup` and `restore`: a new database, an archive of one, one from an archive."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.addon import archive
from core.addon.archived import Contents
from core.addon.instance import create_instance, restore_instance
from core.commands.options import database_options, json_option, open_database
from core.commands.output import print_json, progress
from core.config import Settings, without_password
from core.i18n import _


@click.command()
@database_options
@click.option("--addons", metavar="NAMES", default="", help="Addons to install, separated by commas.")
@click.option("--demo", is_flag=True, help="Load the addons' demo data.")
@click.option("--admin-password", metavar="PW", help="The password of the user 'admin'; asked for on a terminal.")
def init(settings: Settings, addons: str, demo: bool, admin_password: str | None) -> None:
    """Create a database with the addons asked for and the user 'admin'."""
    if admin_password == "":
        raise click.UsageError(_("The password of 'admin' is empty."))
    password = admin_password or _ask_for_password()
    names = [name.strip() for name in addons.split(",")] if addons.strip() else []
    if not all(names):
        raise click.UsageError(_("--addons '{addons}' has a comma with no name beside it.", addons=addons))
    with progress(_("Installing")) as step:
        instance = create_instance(
            settings["db"], names, demo=demo, admin_password=password, addons_path=settings.addons_path, progress=step
        )
    installed = ", ".join(instance.installed)
    instance.close()
    click.echo(
        _("Created {db} with {addons}. Sign in as 'admin'.", db=without_password(settings["db"]), addons=installed)
    )


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@database_options
def backup(settings: Settings, file: Path, as_json: bool) -> None:
    """Write the whole database, as it is at one moment, into an archive; others go on working."""
    with open_database(settings) as database, progress(_("Writing")) as step:
        contents = archive.backup(database, file, progress=step)
    _tell(contents, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@database_options
def restore(settings: Settings, file: Path, as_json: bool) -> None:
    """Make a database from an archive; its engine need not be that of the archive."""
    with progress(_("Restoring")) as step:
        contents = restore_instance(settings["db"], file, addons_path=settings.addons_path, progress=step)
    _tell(contents, as_json=as_json)


def _tell(contents: Contents, *, as_json: bool) -> None:
    rows = {member.table: member.rows for member in contents.tables}
    if as_json:
        print_json({"at": contents.at, "addons": contents.addons, "rows": rows})
        return
    counts = {"tables": len(rows), "rows": sum(rows.values()), "addons": ", ".join(contents.addons)}
    click.echo(_("{tables} tables with {rows} rows of {addons}.", **counts))


def _ask_for_password() -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(_("Missing option '--admin-password'."))
    password: str = click.prompt(_("Password of 'admin'"), hide_input=True, confirmation_prompt=True)
    return password
