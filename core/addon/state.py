"""What a database says of its addons: which are installed, in which versions, with which migrations; and whether that
fits.

Read with plain statements, since no model is composed yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.addon.discovery import Catalog
from core.addon.manifest import Manifest, Version
from core.database import Database
from core.errors import ConfigurationError, DatabaseRefusal, Problem
from core.i18n import _
from core.security.sessions import Generations

_MIGRATION = re.compile(r"(\d{4})_([a-z][a-z0-9_]*)\.py\Z")


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered step of an addon."""

    number: int
    name: str


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


def detached(database: Database, names: Iterable[str]) -> dict[str, int | None]:
    """Which of the addons were removed with their data kept, and by which change set."""
    wanted = set(names)
    rows = database.fetch("SELECT name, change_set_id FROM core_addon WHERE state = 'detached' ORDER BY name")
    return {str(name): change_set for name, change_set in rows if name in wanted}


def check(database: Database, catalog: Catalog) -> None:
    """Raise DatabaseRefusal when the database needs addons, versions or migrations that are not here."""
    versions = installed_versions(database)
    for name, version in versions.items():
        if name not in catalog.names:
            raise DatabaseRefusal(
                _("The addon '{name}' is installed in {place} but was not found.", name=name, place=database.place),
                hint=_("Give its folder with --addons-path."),
            )
        manifest = catalog[name]
        if version.major > manifest.version.major:
            raise DatabaseRefusal(
                _(
                    "{place} was made by version {stored} of '{name}'; this is version {known}.",
                    place=database.place,
                    stored=version,
                    name=name,
                    known=manifest.version,
                ),
                hint=_("Install the newer version of the program."),
            )
        _check_migrations(database, manifest)


def migrations(manifest: Manifest) -> tuple[Migration, ...]:
    """The migrations an addon ships, in order; ConfigurationError (A017) when they are misnumbered."""
    folder = manifest.folder / "migrations"
    found: list[Migration] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else ():
        match = _MIGRATION.match(path.name)
        if path.name == "__init__.py":
            continue
        if match is None or int(match[1]) != len(found) + 1:
            text = f"expected a migration called {len(found) + 1:04}_name.py"
            problems.append(Problem(manifest.shown(f"migrations/{path.name}"), 0, 0, "A017", text))
        found.append(Migration(int(match[1]) if match else 0, match[2] if match else path.stem))
    if problems:
        raise ConfigurationError(problems)
    return tuple(found)


def _check_migrations(database: Database, manifest: Manifest) -> None:
    sql = "SELECT number, name FROM core_migration WHERE addon = ? ORDER BY number"
    if database.engine == "postgresql":
        sql = sql.replace("?", "%s")
    applied = {number: name for number, name in database.fetch(sql, (manifest.name,))}
    known = {migration.number: migration.name for migration in migrations(manifest)}
    unknown = sorted(applied.items() - known.items())
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
    waiting = sorted(known.items() - applied.items())
    if waiting:
        raise DatabaseRefusal(
            _(
                "{place} is older than '{name}': its migration {number} was not applied.",
                place=database.place,
                name=manifest.name,
                number=f"{waiting[0][0]:04}_{waiting[0][1]}",
            ),
            hint=_("Use the version of the addon that the database was made with."),
        )
