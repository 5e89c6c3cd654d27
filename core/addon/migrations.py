"""Numbered steps by which an addon brings databases that its former versions made up to date.

A file `migrations/0002_split_name.py` holds `before(former)`, run while the tables are still the former ones (see
`Former`), or `after(env)`, run when tables and data files are the new ones, or both; `rebuild = True` lets foreign keys
rest meanwhile on SQLite, for steps that replace whole tables. All steps of an upgrade stand in its one transaction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from core.addon import kept, ledger
from core.addon.ledger import COLUMN, TABLE
from core.addon.manifest import Manifest
from core.addon.plan import Step
from core.database import Database, placed
from core.errors import ConfigurationError, Problem, TesseraError
from core.i18n import _
from core.lang.kinds import Kind
from core.model.schema import Column, Index, Table, drop_index_sql, quoted
from core.records.environment import Environment

_FILE = re.compile(r"(\d{4})_([a-z][a-z0-9_]*)\.py\Z")
# A column of a field called `x` is `x`, or `x_id` for a reference; a text that is searched in has a folded twin.
_SUFFIXES = ("", "_id", "_fold")
_BATCH = 1_000
NEITHER = "it has neither 'before' nor 'after'"
TAKES_ONE = {
    "before": "'before' must be a function of one argument, the former database",
    "after": "'after' must be a function of one argument, the environment",
}
# Columns that the ledger does not list: those of every table of a model, and those of a table of links.
AUTOMATIC_KINDS = {
    "id": Kind.INTEGER,
    "version": Kind.INTEGER,
    "create_date": Kind.INSTANT,
    "create_uid": Kind.REFERENCE,
    "write_date": Kind.INSTANT,
    "write_uid": Kind.REFERENCE,
}
LINK_KINDS = {"owner_id": Kind.REFERENCE, "target_id": Kind.REFERENCE}


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of an addon."""

    number: int
    name: str
    file: Path

    @property
    def label(self) -> str:
        """As its file is called: `0002_split_name`."""
        return f"{self.number:04}_{self.name}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A step with its functions, None for those it does not have."""

    migration: Migration
    before: Callable[[Former], None] | None
    after: Callable[[Environment], None] | None
    rebuild: bool


@dataclass(frozen=True, slots=True)
class Rising:
    """One addon that is brought from a former version to the one that is here."""

    manifest: Manifest
    former: str
    steps: tuple[Loaded, ...]

    def before(self, database: Database) -> None:
        """Run what the migrations do while the tables are still the former ones."""
        former = Former(database, self.manifest.name, str(self.manifest.version))
        for step in self.steps:
            if step.before is not None:
                with self._placed(step.migration):
                    step.before(former)

    def after(self, env: Environment) -> None:
        """Run what they do when tables and data files are the new ones."""
        for step in self.steps:
            if step.after is not None:
                with self._placed(step.migration):
                    step.after(env)

    @contextmanager
    def _placed(self, migration: Migration) -> Iterator[None]:
        """Tell a failure within as the migration's: ConfigurationError (A019) with the innermost line of the file."""
        try:
            yield
        except TesseraError:
            raise
        except Exception as error:
            lines = [each.lineno for each in extract_tb(error.__traceback__) if each.filename == str(migration.file)]
            text = f"the migration fails: {type(error).__name__}: {error}"
            line = (lines or [0])[-1] or 0
            raise ConfigurationError([problem(self.manifest, migration, text, line=line)]) from error

    @property
    def versions(self) -> str:
        """What is told of its versions: both, where they differ."""
        version = str(self.manifest.version)
        return version if version == self.former else _("{former} to {version}", former=self.former, version=version)

    def planned(self) -> Iterator[Step]:
        """Its migrations, as steps of a plan."""
        name = self.manifest.name
        for step in self.steps:
            yield Step("add", "migration", f"{name} {step.migration.label}", name)


def rising(database: Database, manifest: Manifest, former: str) -> Rising | None:
    """What brings a database up from the `former` version of an addon, None where it is up already.

    Raises ConfigurationError when a migration that waits cannot be used.
    """
    steps = tuple(load(manifest, migration) for migration in waiting(database, manifest))
    return Rising(manifest, former, steps) if steps or former != str(manifest.version) else None


def listed(manifest: Manifest) -> tuple[Migration, ...]:
    """The migrations that an addon ships, in order; ConfigurationError (A017) when they are misnumbered."""
    folder = manifest.folder / "migrations"
    found: list[Migration] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else ():
        match = _FILE.match(path.name)
        if path.name == "__init__.py":
            continue
        if match is None or int(match[1]) != len(found) + 1:
            text = f"expected a migration called {len(found) + 1:04}_name.py"
            problems.append(Problem(manifest.shown(f"migrations/{path.name}"), 0, 0, "A017", text))
        found.append(Migration(int(match[1]) if match else 0, match[2] if match else path.stem, path))
    if problems:
        raise ConfigurationError(problems)
    return tuple(found)


def applied(database: Database, addon: str) -> dict[int, str]:
    """The migrations that a database has seen, by number."""
    sql = placed(database, "SELECT number, name FROM core_migration WHERE addon = ? ORDER BY number")
    return {int(number): str(name) for number, name in database.fetch(sql, (addon,))}


def waiting(database: Database, manifest: Manifest) -> tuple[Migration, ...]:
    """The migrations that a database has not seen yet."""
    seen = applied(database, manifest.name)
    return tuple(migration for migration in listed(manifest) if migration.number not in seen)


def load(manifest: Manifest, migration: Migration) -> Loaded:
    """Import a migration.

    Raises ConfigurationError (A019) when it cannot be imported, has neither `before` nor `after`, or one that does not
    take one argument.
    """
    module = _module(manifest, migration)
    before, after = getattr(module, "before", None), getattr(module, "after", None)
    if before is None and after is None:
        raise ConfigurationError([problem(manifest, migration, NEITHER)])
    wrong = [name for name, function in (("before", before), ("after", after)) if not _takes_one(function)]
    if wrong:
        lines = {name: getattr(getattr(module, name), "__code__", None) for name in wrong}
        raise ConfigurationError(
            problem(manifest, migration, TAKES_ONE[name], line=getattr(code, "co_firstlineno", 0))
            for name, code in lines.items()
        )
    return Loaded(migration, before, after, bool(getattr(module, "rebuild", False)))


def _takes_one(function: object) -> bool:
    """Whether a function can be called with one argument; None is none, and need not be."""
    if function is None:
        return True
    if not callable(function):
        return False
    try:
        signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # one that does not tell
        return True
    return True


def _module(manifest: Manifest, migration: Migration) -> ModuleType:
    spec = spec_from_file_location(f"addons.{manifest.name}.migrations.m{migration.label}", migration.file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigurationError([unreadable(manifest, migration, error)]) from error
    return module


def unreadable(manifest: Manifest, migration: Migration, error: Exception) -> Problem:
    """The problem of a migration whose module cannot be made."""
    line = error.lineno or 0 if isinstance(error, SyntaxError) else 0
    text = f"the migration cannot be imported: {type(error).__name__}: {error}"
    return problem(manifest, migration, text, line=line)


def problem(manifest: Manifest, migration: Migration, text: str, *, line: int = 0) -> Problem:
    """A mistake (A019) of a migration, of its file as a whole where no line is given."""
    shown = manifest.shown(f"migrations/{migration.file.name}")
    return Problem(shown, line, 1 if line else 0, "A019", text)


def tables(database: Database, declared: Iterable[Table] = ()) -> dict[str, Table]:
    """The tables that a database has, as its ledger tells: names, kinds and owners of columns, names of indexes.

    Ledgers of version 0.1 do not tell kinds: then a column has the kind that is `declared` now, else that of a text.
    """
    kinds = {(table.name, column.name): column.kind.value for table in declared for column in table.columns}
    rows = database.fetch(
        "SELECT addon, kind, name, detail FROM core_owned WHERE kind IN ('table', 'column', 'index')"
        " ORDER BY kind DESC, name"  # tables first
    )
    found: dict[str, Table] = {}
    for addon, kind, name, text in rows:
        detail = json.loads(text) if text else {}
        table = found.get(str(detail.get("table")))
        if kind == TABLE:
            automatic = AUTOMATIC_KINDS if "model" in detail else LINK_KINDS
            columns = tuple(Column(each, what, addon) for each, what in automatic.items())
            found[name] = Table(name, addon, columns, (), detail.get("model"))
        elif table is not None and kind == COLUMN:
            name = detail["column"]
            kind = detail.get("kind") or kinds.get((table.name, name), Kind.TEXT.value)
            column = Column(name, Kind(kind), addon)
            found[table.name] = replace(table, columns=(*table.columns, column))
        elif table is not None:
            index = Index(name, table.name, tuple(detail.get("columns", ())), addon)
            found[table.name] = replace(table, indexes=(*table.indexes, index))
    return found


def refuse_other_kinds(present: Iterable[Table], wanted: Iterable[Table]) -> None:
    """Raise ConfigurationError (A020) for columns whose values are of another kind than is declared now."""
    kinds = {(table.name, column.name): column.kind for table in present for column in table.columns}
    problems = []
    for table in wanted:
        for column in table.columns:
            former = kinds.get((table.name, column.name), column.kind)
            if former is not column.kind:
                text = (
                    f"column {table.name}.{column.name} holds {former.value} and is declared as"
                    f" {column.kind.value} now; a migration must set it aside or rename it"
                )
                problems.append(Problem(f"addons/{column.owner}/migrations", 0, 0, "A020", text))
    if problems:
        raise ConfigurationError(problems)


@dataclass(frozen=True, slots=True)
class Former:
    """The database as it was: what `before` of a migration works with. Statements are written with `?`."""

    database: Database
    addon: str
    version: str

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.database.fetch(placed(self.database, sql), values)

    def execute(self, sql: str, values: Sequence[object] = ()) -> None:
        """Carry out a statement."""
        self.database.execute(placed(self.database, sql), values)

    def rename_field(self, model: str, old: str, new: str) -> None:
        """Give a field another name: its column, and its values in the history.

        ConfigurationError (A019) when the model has no such column.
        """
        table = self._table(model)
        names = {f"{old}{suffix}": f"{new}{suffix}" for suffix in _SUFFIXES}
        present = [column for column in table.columns if column.name in names]
        if not present:
            raise ConfigurationError([self._problem(f"{model} has no column of a field '{old}'")])
        for column in present:
            named = names[column.name]
            rename = f"ALTER TABLE {quoted(table.name)} RENAME COLUMN {quoted(column.name)} TO {quoted(named)}"
            self.database.execute(rename)
            ledger.strike_out(self.database, [ledger.column(table.name, column)])
            ledger.record(self.database, [ledger.column(table.name, replace(column, name=named))])
        self._rename_in_history(model, old, new)
        shipped = (
            "UPDATE core_shipped SET field = ? WHERE field = ?"
            " AND external_id IN (SELECT id FROM core_external_id WHERE model = ?)"
        )
        self.execute(shipped, (new, old, model))

    def set_aside(self, model: str, field: str) -> str:
        """Move a field's values out of the way, for a new field of that name: the name of the table that has them now.

        It has the columns `id` and that of the field. ConfigurationError (A019) when there is no such column.
        """
        table = self._table(model)
        columns = [column for column in table.columns if column.name in (field, f"{field}_id", f"{field}_fold")]
        if not columns:
            raise ConfigurationError([self._problem(f"{model} has no column of a field '{field}'")])
        named = {column.name for column in columns}
        indexes = [index for index in table.indexes if named & {each.lstrip("-") for each in index.columns}]
        for index in indexes:
            self.database.execute(drop_index_sql(index))
        ledger.strike_out(self.database, map(ledger.index, indexes))
        return kept.retire_columns(self.database, table, columns, self.version, wanted=True)

    def _table(self, model: str) -> Table:
        found = next((table for table in tables(self.database).values() if table.model == model), None)
        if found is None:
            raise ConfigurationError([self._problem(f"there is no model '{model}'")])
        return found

    def _problem(self, text: str) -> Problem:
        return Problem(f"addons/{self.addon}/migrations", 0, 0, "A019", text)

    def _rename_in_history(self, model: str, old: str, new: str) -> None:
        """The images of the change log hold values by the names of fields."""
        mentions = f'%"{old}"%'
        found = self.fetch(
            "SELECT c.id, c.before, c.after FROM core_change c JOIN core_model m ON m.id = c.model_no"
            " WHERE m.name = ? AND (c.before LIKE ? OR c.after LIKE ?)",
            (model, mentions, mentions),
        )
        sql = placed(self.database, "UPDATE core_change SET before = ?, after = ? WHERE id = ?")
        for start in range(0, len(found), _BATCH):
            batch = [
                (_renamed(before, old, new), _renamed(after, old, new), id_)
                for id_, before, after in found[start : start + _BATCH]
            ]
            self.database.executemany(sql, batch)


def _renamed(image: str | None, old: str, new: str) -> str | None:
    """An image with one key under another name."""
    if image is None:
        return None
    values = json.loads(image)
    return json.dumps({new if name == old else name: value for name, value in values.items()}, ensure_ascii=False)
