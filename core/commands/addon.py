"""`tessera addon list|info|new|check|plan|install|upgrade|uninstall`: which addons there are; what each is and does."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from core.addon import install as installing
from core.addon import ledger, state
from core.addon import uninstall as removing
from core.addon import upgrade as upgrading
from core.addon.archive import backup as write_archive
from core.addon.check import UNKNOWN
from core.addon.check import check as check_addons
from core.addon.discovery import discover
from core.addon.graph import depends_of
from core.addon.instance import Instance
from core.addon.plan import Plan
from core.addon.scaffold import new_addon
from core.commands.options import as_option, database_options, json_option, open_instance, settings_options
from core.commands.output import print_json, print_table, progress
from core.config import Settings
from core.i18n import _

FILE = click.Path(dir_okay=False, path_type=Path)
names_argument = click.argument("names", metavar="NAME...", nargs=-1, required=True)
purge_option = click.option("--purge", is_flag=True, help="Remove with all data and history.")
uninstall_option = click.option("--uninstall", "removal", is_flag=True, help="Plan a removal that keeps the data.")
demo_option = click.option("--demo", is_flag=True, help="Load demo data too.")


@click.group("addon")
def group() -> None:
    """Addons: list, info, new, check, plan, install, upgrade, uninstall."""


@group.command("list")
@json_option
@database_options
def list_addons(settings: Settings, as_json: bool) -> None:
    """List every addon found, with its version and state."""
    with open_instance(settings) as instance:
        listed = [_describe(instance, name) for name in instance.catalog.names]
    if as_json:
        print_json(listed)
        return
    columns = ("name", "version", "state", "title")
    print_table([name.upper() for name in columns], [[entry[column] or "-" for column in columns] for entry in listed])


@group.command()
@click.argument("name")
@json_option
@database_options
def info(settings: Settings, name: str, as_json: bool) -> None:
    """Tell all that is known of an addon: what it needs, who needs it, what it owns in the database."""
    with open_instance(settings) as instance:
        told = _describe(instance, name) if name in instance.catalog.broken else _all_of(instance, name)
    if as_json:
        print_json(told)
        return
    width = max(len(key) for key in told)
    for key, value in told.items():
        click.echo(f"{key.replace('_', ' '):{width}}  {_shown(value)}".rstrip())


@group.command()
@click.argument("name")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=".", help="The folder of addons.")
@click.option("--title", help="What people call it; made from NAME where it is left out.")
@click.option("--depends", multiple=True, metavar="ADDON", help="An addon it needs; may be given again.")
@settings_options("addons_path")
def new(settings: Settings, name: str, into: Path, title: str | None, depends: tuple[str, ...]) -> None:
    """Write a new addon: a model with its list, form, menu and access rights, and tests."""
    others = [path for path in settings.addons_path if path.expanduser().resolve() != into.resolve()]
    catalog = discover([*others, *([into] if os.path.isdir(into) else [])])  # it is made where it is not there yet
    shown = title.strip() if title is not None else name.replace("_", " ").capitalize()
    folder = new_addon(catalog, into, name, title=shown, depends=depends)
    click.echo(_("Written into {folder}. Install it with:", folder=folder))
    places = " ".join(f"--addons-path {shlex.quote(str(path))}" for path in (*others, into))
    click.echo(f"  tessera addon install {name} {places}")


@group.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@settings_options("addons_path")
@click.pass_context
def check(context: click.Context, settings: Settings, paths: tuple[Path, ...], as_json: bool) -> None:
    """Tell every mistake of addons where they lie; imports and installs nothing, needs no database."""
    names, problems = check_addons(paths, settings.addons_path)
    mistakes = [problem for problem in problems if problem.code != UNKNOWN]
    if as_json:
        print_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            click.echo(problem)
        listed = ", ".join(names)
        if mistakes:
            click.echo(_("Checked {names}. Mistakes: {count}.", names=listed, count=len(mistakes)), err=True)
        else:
            click.echo(_("Checked {names}. No mistakes.", names=listed), err=True)
    context.exit(1 if mistakes else 0)


@group.command()
@names_argument
@uninstall_option
@purge_option
@demo_option
@json_option
@database_options
def plan(settings: Settings, names: tuple[str, ...], removal: bool, purge: bool, demo: bool, as_json: bool) -> None:
    """Print what installing addons would do, or with --uninstall or --purge removing one; changes nothing."""
    with open_instance(settings) as instance:
        if removal or purge:
            planned = removing.plan_uninstall(instance, _only(names), purge=purge)
        else:
            planned = installing.plan_install(instance, names, demo=demo).plan
    _show(planned, as_json=as_json)


@group.command()
@names_argument
@demo_option
@json_option
@as_option
@database_options
def install(settings: Settings, names: tuple[str, ...], demo: bool, as_json: bool, as_login: str | None) -> None:
    """Install addons and what they depend on, in one transaction."""
    with open_instance(settings) as instance, progress(_("Installing")) as step:
        done = installing.install(instance, names, demo=demo, user=as_login, progress=step)
    _show(done, as_json=as_json)


@group.command()
@click.argument("name")
@purge_option
@click.option("--archive", type=FILE, metavar="FILE", help="Where --purge writes the whole database before it begins.")
@click.option("--no-archive", is_flag=True, help="Purge without an archive.")
@json_option
@as_option
@database_options
def uninstall(
    settings: Settings,
    name: str,
    purge: bool,
    archive: Path | None,
    no_archive: bool,
    as_json: bool,
    as_login: str | None,
) -> None:
    """Remove an addon; its data is kept aside and comes back when it is installed again, unless it is purged."""
    if (archive or no_archive) and not purge:
        raise click.UsageError(_("An archive is written before --purge only."))
    if archive and no_archive:
        raise click.UsageError(_("Give --archive or --no-archive, not both."))
    with open_instance(settings) as instance:
        if purge and not no_archive:  # who or what is refused gets no archive of everything
            removing.require_right(instance, as_login)
            removing.plan_uninstall(instance, name, purge=True)
            file = archive or Path(f"before-purge-{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")
            with progress(_("Writing")) as step:
                write_archive(instance.database, file, progress=step)
            click.echo(_("The database as it was is in {file}.", file=file), err=True)
        done = removing.uninstall(instance, name, purge=purge, user=as_login)
    _show(done, as_json=as_json)


@group.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Rehearse: do everything, tell what was done, and take it back.")
@json_option
@database_options
def upgrade(settings: Settings, names: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Bring the database to the versions of its addons that are here; of addons named, read the data files again."""
    with progress(_("Upgrading")) as step:
        done = upgrading.upgrade(
            settings["db"], names, addons_path=settings.addons_path, rehearse=dry_run, progress=step
        )
    if as_json:
        print_json(done.as_json())
        return
    for line in upgrading.lines(done):
        click.echo(line)


def _describe(instance: Instance, name: str) -> dict[str, object]:
    broken = instance.catalog.broken.get(name)
    if broken is not None:
        problems = [str(problem) for problem in broken]
        return {"name": name, "title": problems[0], "version": "", "state": "broken", "problems": problems}
    manifest = instance.catalog[name]
    return {
        "name": name,
        "title": manifest.title,
        "version": str(manifest.version),
        "state": _state(instance, name),
        "summary": manifest.summary,
        "depends": list(manifest.depends),
        "folder": str(manifest.folder),
        **({"problems": [str(problem) for problem in instance.disabled[name]]} if name in instance.disabled else {}),
    }


def _all_of(instance: Instance, name: str) -> dict[str, object]:
    catalog = instance.catalog
    manifest = catalog[name]
    usable = [other for other in catalog.names if other not in catalog.broken and other != name]
    stored = state.installed_versions(instance.database).get(name)
    owned = Counter(item.kind for item in ledger.owned_by(instance.database, name))
    return {
        **_describe(instance, name),
        "installed_version": str(stored) if stored else None,
        "needed_by": [other for other in usable if name in depends_of(catalog, other)],
        "python": list(manifest.python),
        "data": list(manifest.data),
        "demo": list(manifest.demo),
        "owns": dict(sorted(owned.items())),
    }


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {kind}" for kind, count in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return "-" if value in (None, "") else str(value)


def _state(instance: Instance, name: str) -> str:
    if name in instance.disabled:
        return "disabled"
    if name in instance.installed:
        return "installed"
    return "detached" if state.detached(instance.database, [name]) else "available"


def _only(names: tuple[str, ...]) -> str:
    if len(names) > 1:
        raise click.UsageError(_("One addon at a time can be removed."))
    return names[0]


def _show(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json(plan.as_json())
        return
    for line in plan.lines():
        click.echo(line)
