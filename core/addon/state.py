"""What a database says of its addons: which are installed, in which versions, with which migrations; and whether that
fits.

Read with plain statements, since no model is composed yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.addon import migrations
from core.addon.discovery import Catalog
from core.addon.manifest import Manifest, Version
from core.database import Database
from core.errors import DatabaseOutdated, DatabaseRefusal, Refusal
from core.i18n import _
from core.security.sessions import Generations


def tables(database: Database) -> frozenset[str]:
    """The names of all tables of the database, those of the engine left out."""
    if database.engine == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    else:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return frozenset(str(name) for (name,) in database.fetch(sql))


def require_initialised(database: Database) -> None:
    """Raise DatabaseRefusal where `tessera init` never ran."""
    if "core_addon" not in tables(database):
        raise DatabaseRefusal(
            _("{place} is not a database of Tessera.", place=database.place), hint=_("Create one with 'tessera init'.")
        )


def generations(database: Database) -> Generations:
    """The counters as they are now."""
    (row,) = database.fetch("SELECT access, addons, views, cached FROM core_generation WHERE id = 1")
    return Generations(*row)


def installed_versions(database: Database) -> dict[str, Version]:
    """The installed addons and the versions they were installed in."""
    rows = database.fetch("SELECT name, installed_version FROM core_addon WHERE state = 'installed' ORDER BY name")
    return {str(name): Version.parse(str(version)) for name, version in rows}


def installed_at(database: Database) -> dict[str, str]:
    """When each installed addon was installed or upgraded last: another text whenever that was done."""
    rows = database.fetch("SELECT name, installed_at FROM core_addon WHERE state = 'installed'")
    return {str(name): str(when) for name, when in rows}


def detached(database: Database, names: Iterable[str]) -> dict[str, int | None]:
    """Which of the addons were removed with their data kept, and by which change set."""
    wanted = set(names)
    rows = database.fetch("SELECT name, change_set_id FROM core_addon WHERE state = 'detached' ORDER BY name")
    return {str(name): change_set for name, change_set in rows if name in wanted}


def detached_versions(database: Database) -> dict[str, Version]:
    """The detached addons and the versions they had last."""
    rows = database.fetch("SELECT name, installed_version FROM core_addon WHERE state = 'detached' ORDER BY name")
    return {str(name): Version.parse(str(version)) for name, version in rows}


def require_installed(catalog: Catalog, installed: Iterable[str], name: str) -> None:
    """Raise Refusal for an addon that there is not, or that is not installed."""
    catalog[name]
    if name not in installed:
        raise Refusal(_("'{name}' is not installed.", name=name))


def check(database: Database, catalog: Catalog, *, outdated: bool = False) -> None:
    """Raise DatabaseRefusal when the database needs addons, versions or migrations that are not here.

    DatabaseOutdated when it waits for an upgrade, unless that is what the caller is about (`outdated`).
    """
    versions = installed_versions(database)
    for name, version in versions.items():
        if name not in catalog.names:
            raise DatabaseRefusal(
                _("The addon '{name}' is installed in {place} but was not found.", name=name, place=database.place),
                hint=_("Give its folder with --addons-path."),
            )
        manifest = catalog[name]
        require_not_newer(database, manifest, version)
        if not outdated:
            _check_outdated(database, manifest, version)


def require_not_newer(database: Database, manifest: Manifest, stored: Version) -> None:
    """Raise DatabaseRefusal for what a newer major version of an addon made, or one with more migrations."""
    if stored.major > manifest.version.major:
        raise DatabaseRefusal(
            _(
                "{place} was made by version {stored} of '{name}'; this is {known}.",
                **_versions(database, manifest, stored),
            ),
            hint=_("Install the newer version of the program."),
        )
    _check_migrations(database, manifest)


def _check_migrations(database: Database, manifest: Manifest) -> None:
    known = {migration.number: migration.name for migration in migrations.listed(manifest)}
    unknown = sorted(migrations.applied(database, manifest.name).items() - known.items())
    if unknown:
        raise DatabaseRefusal(
            _(
                "{place} has applied the migration {number} of '{name}', which this version does not know.",
                place=database.place,
                number=f"{unknown[0][0]:04}_{unknown[0][1]}",
                name=manifest.name,
            ),
            hint=_("Install the newer version of the program."),
        )


def _check_outdated(database: Database, manifest: Manifest, stored: Version) -> None:
    waiting = migrations.waiting(database, manifest)
    if not waiting and stored >= manifest.version:
        return
    text = "{place} was made by version {stored} of '{name}'; this is {known}."
    told = _(text, **_versions(database, manifest, stored))
    if waiting:
        told = _(
            "{place} is older than '{name}': its migration {number} was not applied.",
            place=database.place,
            name=manifest.name,
            number=waiting[0].label,
        )
    raise DatabaseOutdated(told, hint=_("Make a backup, then run 'tessera addon upgrade'."))


def _versions(database: Database, manifest: Manifest, stored: Version) -> dict[str, object]:
    return {"place": database.place, "stored": stored, "name": manifest.name, "known": manifest.version}
