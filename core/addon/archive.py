"""Archives: a whole database in one file, taken while it is used, read by either engine; `archived` has the format."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO

from core.addon import kept, migrations, state
from core.addon.archived import CONTENTS, BadArchive, Checked, Contents, Member
from core.addon.composition import AddonSet, assemble
from core.addon.discovery import BASE, Catalog, discover
from core.addon.graph import closure
from core.addon.tables import AUTOMATIC, nullable
from core.database import Database
from core.errors import ForeignKeyViolation, Refusal, UniqueViolation
from core.i18n import _
from core.lang.kinds import INTEGER_MAX, Kind, decoder, encoder
from core.model import schema
from core.model.schema import Column, Table, quoted
from core.records.runtime import utc_now
from core.unfinished import PRIVATE, whole

BATCH = 1_000
Progress = Callable[[int, int | None], None]


def backup(database: Database, path: Path, *, progress: Progress | None = None) -> Contents:
    """Write an archive of the database as it is at one moment; others go on working.

    The ledger says which tables there are: a database that waits for an upgrade is written as it is.

    Only its owner may read the file. Raises Refusal when it exists already or cannot be written; then no file is left
    behind.
    """
    with whole(path, mode=PRIVATE) as unfinished, unfinished.open("wb") as file:
        contents = _write(database, file, progress)
        file.flush()
        os.fsync(file.fileno())
    return contents


def _write(database: Database, file: IO[bytes], progress: Progress | None) -> Contents:
    with database.transaction(write=False, snapshot=True), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = [*migrations.tables(database).values(), *_kept_tables(database)]
        members = []
        for number, table in enumerate(tables):
            members.append(_write_table(database, archive, table))
            if progress is not None:
                progress(number + 1, len(tables))
        versions = {name: str(version) for name, version in state.installed_versions(database).items()}
        contents = Contents(versions, tuple(members), utc_now().isoformat())
        archive.writestr(CONTENTS, json.dumps(asdict(contents), indent=1))
    return contents


def _kept_tables(database: Database) -> Iterator[Table]:
    """What detached addons left, as tables without keys."""
    for (addon,) in database.fetch("SELECT DISTINCT addon FROM core_owned WHERE kind = 'kept' ORDER BY addon"):
        for each in kept.kept_by(database, addon):
            yield each.as_table()


def _write_table(database: Database, archive: zipfile.ZipFile, table: Table) -> Member:
    columns = {column.name: column.kind for column in table.columns}
    names = ", ".join(map(quoted, columns))
    order = " ORDER BY id" if "id" in columns else " ORDER BY 1, 2"  # the two sides of a link
    rows = database.stream(f"SELECT {names} FROM {quoted(table.name)}{order}", BATCH)
    convert = _outward(list(columns.values()), database)
    digest, count = hashlib.sha256(), 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as member:
        for row in rows:
            line = json.dumps(convert(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            member.write(line)
            count += 1
    last = kept.last_id(database, table.name) if "id" in columns and table.model else 0
    kinds = {name: kind.value for name, kind in columns.items()}
    return Member(table.name, kinds, count, last, digest.hexdigest())


def _outward(kinds: Sequence[Kind], database: Database) -> Callable[[Sequence[object]], list[object]]:
    """Turns the driver's values into those of an archive."""
    steps = [(decoder(kind, database.engine), encoder(kind, "sqlite"), kind is Kind.BOOLEAN) for kind in kinds]

    def convert(row: Sequence[object]) -> list[object]:
        found: list[object] = []
        for value, (decode, encode, truth) in zip(row, steps, strict=True):
            if value is not None:
                value = decode(value) if decode else value
                value = bool(value) if truth else encode(value) if encode else value
                value = b64encode(value).decode() if isinstance(value, bytes) else value
            found.append(value)
        return found

    return convert


def restore(
    database: Database, checked: Checked, *, addons_path: Sequence[str | Path] = (), progress: Progress | None = None
) -> Contents:
    """Fill an empty database from an archive, in one transaction.

    Raises BadArchive for contents that make no database; Refusal when an addon or its version is not here; then
    nothing was changed.
    """
    contents = checked.contents
    catalog = discover(addons_path)
    _require_addons(catalog, contents)
    addons = assemble(database, catalog, contents.addons)
    try:
        with database.transaction(write=True), zipfile.ZipFile(checked.path) as archive:
            known = _create(database, addons, checked)
            for number, member in enumerate(contents.tables):
                _read_table(database, archive, member, known[member.table])
                if progress is not None:
                    progress(number + 1, len(contents.tables))
            _require_consistent(database, contents)
    except (UniqueViolation, ForeignKeyViolation, ValueError, OverflowError) as error:
        raise BadArchive(_("The contents of {path} make no database.", path=checked.path)) from error
    return contents


def _require_consistent(database: Database, contents: Contents) -> None:
    """ValueError unless the rows are those of a database with the addons that the archive tells."""
    versions = {name: str(version) for name, version in state.installed_versions(database).items()}
    if versions != contents.addons:
        raise ValueError("other addons are installed than the archive tells")
    state.generations(database)


def _require_addons(catalog: Catalog, contents: Contents) -> None:
    needed = (name for name in closure(catalog, contents.addons) if catalog[name].bridge is None)
    lacking = sorted(set(needed) - contents.addons.keys())
    if lacking:
        raise BadArchive(_("The archive lacks the addon '{name}', which its others need.", name=lacking[0]))
    for name, version in contents.addons.items():
        here = catalog[name].version
        if str(here).rpartition(".")[0] != version.rpartition(".")[0]:
            raise Refusal(
                _(
                    "The archive needs version {version} of '{name}'; this is {here}.",
                    version=version,
                    name=name,
                    here=here,
                ),
                hint=_("Use the version of the program that wrote the archive."),
            )


def _create(database: Database, addons: AddonSet, checked: Checked) -> dict[str, Table]:
    """Create every table; gives them by name. What an upgrade left empty may be empty here too."""
    contents = checked.contents
    wanted = schema.tables(addons.registry)
    members = {member.table: member for member in contents.tables}
    lacking = sorted(table.name for table in wanted if table.owner == BASE and table.name not in members)
    if lacking:
        raise BadArchive(_("{path} lacks the table '{table}'.", path=checked.path, table=lacking[0]))
    declared = [_loose(table, members.get(table.name), checked.empty) for table in wanted]
    names = {table.name for table in declared}
    others = [
        Table(member.table, "", tuple(Column(name, Kind(kind), "") for name, kind in member.columns.items()))
        for member in contents.tables
        if member.table not in names
    ]
    for statement in schema.create_sql(declared, database.engine):
        database.execute(statement)
    for table in others:
        columns = ", ".join(column.sql(database.engine) for column in table.columns)
        database.execute(f"CREATE TABLE {quoted(table.name)} ({columns})")
    return {table.name: table for table in (*declared, *others)}


def _loose(table: Table, member: Member | None, empty: Collection[tuple[str, str]]) -> Table:
    """The table with columns that may be empty where an upgrade left them so; ValueError where none can have."""
    if member is None or not member.rows:
        return table
    unfilled = {
        column.name
        for column in table.columns
        if (table.name, column.name) in empty or (column.name not in member.columns and column.default is None)
    }
    needed = {column.name for column in table.columns if column.not_null or column.name == "id"}
    if unfilled & (needed & AUTOMATIC if table.model else needed):
        raise ValueError(table.name)
    return nullable(table, {(table.name, name) for name in unfilled})


def _read_table(database: Database, archive: zipfile.ZipFile, member: Member, table: Table) -> None:
    there = {column.name: column.kind for column in table.columns}
    lost = sorted(member.columns.keys() - there.keys())
    if lost:
        raise Refusal(
            _(
                "The archive has a column '{table}.{name}' that the addons here do not have.",
                table=table.name,
                name=lost[0],
            )
        )
    slots = ", ".join(["?" if database.engine == "sqlite" else "%s"] * len(member.columns))
    text = f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, member.columns))}) VALUES ({slots})"
    convert = _inward([there[name] for name in member.columns], database)
    with archive.open(member.file) as file:
        lines: Iterable[bytes] = iter(file)
        while batch := [convert(json.loads(line)) for line in islice(lines, BATCH)]:
            database.executemany(text, batch)
    if member.last_id:
        kept.continue_ids(database, table.name, member.last_id)


def _inward(kinds: Sequence[Kind], database: Database) -> Callable[[Sequence[object]], list[object]]:
    """Turns the values of an archive into the driver's; ValueError for those of another kind."""
    steps = [
        (
            _expected(kind),
            _bytes if kind is Kind.BYTES else decoder(kind, "sqlite"),
            encoder(kind, database.engine),
        )
        for kind in kinds
    ]

    def convert(row: Sequence[object]) -> list[object]:
        found: list[object] = []
        for value, (expected, decode, encode) in zip(row, steps, strict=True):
            if value is not None:
                if not isinstance(value, expected) or (isinstance(value, int) and abs(value) > INTEGER_MAX):
                    raise ValueError(value)
                value = decode(value) if decode else value
                value = encode(value) if encode else value
            found.append(value)
        return found

    return convert


def _expected(kind: Kind) -> type | tuple[type, ...]:
    """What JSON has for a kind; ledgers of version 0.1 tell no kinds, and then truth stands as a number."""
    if kind in (Kind.TEXT, Kind.DATE, Kind.BYTES, Kind.JSON):
        return str
    return (int, float) if kind is Kind.FLOAT else int


def _bytes(value: object) -> bytes:
    return b64decode(str(value), validate=True)
