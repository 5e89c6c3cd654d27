"""Archives: a whole database in one file, taken while it is used, read by either engine.

A zip file with one member a table, a JSON list of values for each row, and `archive.json` at its end: format, addons
with their versions, and for each table its columns with their kinds, the number of rows, the last id given and the
SHA-256 of its member. Values stand as in the history: money in ten-thousandths, instants in microseconds since 1970.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from core.addon import kept, migrations, state
from core.addon.composition import AddonSet, assemble
from core.addon.discovery import Catalog, discover
from core.database import Database
from core.errors import Refusal
from core.i18n import _
from core.lang.kinds import Kind, decoder, encoder
from core.model import schema
from core.model.schema import Column, Table, quoted
from core.records.runtime import utc_now
from core.unfinished import PRIVATE, whole

FORMAT = 1
CONTENTS = "archive.json"
BATCH = 1_000
Progress = Callable[[int, int | None], None]


class BadArchive(Refusal):
    """A file that is no archive, or no longer the one that was written."""

    code = "bad_archive"


@dataclass(frozen=True, slots=True)
class Member:
    """One table of an archive; `columns` maps names to kinds, in order."""

    table: str
    columns: Mapping[str, str]
    rows: int
    last_id: int
    sha256: str

    @property
    def file(self) -> str:
        """Its name inside the archive."""
        return f"tables/{self.table}.jsonl"


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive says of itself."""

    addons: Mapping[str, str]
    tables: tuple[Member, ...]
    at: str
    format: int = FORMAT
    product: str = field(default="tessera")


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


def read_contents(path: Path) -> Contents:
    """What an archive holds, after every member was compared with its checksum.

    Raises BadArchive for a file that is none, is of a newer format, or was damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            said = json.loads(archive.read(CONTENTS))
            if said.get("product") != "tessera" or said.get("format") != FORMAT:
                raise BadArchive(_("{path} is an archive of another program or version.", path=path))
            members = tuple(Member(**each) for each in said["tables"])
            for member in members:
                _verify(archive, member, path)
    except OSError as error:
        raise Refusal(_("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error)) from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, NotImplementedError) as error:
        raise BadArchive(_("{path} is not an archive, or is damaged.", path=path)) from error
    return Contents(said["addons"], members, said["at"])


def _verify(archive: zipfile.ZipFile, member: Member, path: Path) -> None:
    digest = hashlib.sha256()
    with archive.open(member.file) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != member.sha256:
        raise BadArchive(_("{path} is damaged: the table '{table}' is not as it was.", path=path, table=member.table))


def restore(
    database: Database, path: Path, *, addons_path: Sequence[str | Path] = (), progress: Progress | None = None
) -> Contents:
    """Fill an empty database from an archive, in one transaction.

    Raises BadArchive; Refusal when an addon or its version is not here; then nothing was changed.
    """
    contents = read_contents(path)
    catalog = discover(addons_path)
    _require_addons(catalog, contents)
    addons = assemble(database, catalog, contents.addons)
    with database.transaction(write=True), zipfile.ZipFile(path) as archive:
        known = _create(database, addons, contents)
        for number, member in enumerate(contents.tables):
            _read_table(database, archive, member, known[member.table])
            if progress is not None:
                progress(number + 1, len(contents.tables))
    return contents


def _require_addons(catalog: Catalog, contents: Contents) -> None:
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


def _create(database: Database, addons: AddonSet, contents: Contents) -> dict[str, Table]:
    """Create every table; gives them by name."""
    declared = schema.tables(addons.registry)
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
    """Turns the values of an archive into the driver's."""
    steps = [
        (_bytes if kind is Kind.BYTES else decoder(kind, "sqlite"), encoder(kind, database.engine)) for kind in kinds
    ]

    def convert(row: Sequence[object]) -> list[object]:
        found: list[object] = []
        for value, (decode, encode) in zip(row, steps, strict=True):
            if value is not None:
                value = decode(value) if decode else value
                value = encode(value) if encode else value
            found.append(value)
        return found

    return convert


def _bytes(value: object) -> bytes:
    return b64decode(str(value), validate=True)
