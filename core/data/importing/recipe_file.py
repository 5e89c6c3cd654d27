"""Recipes as TOML files: read and checked, every refusal with its place. Knows neither data nor database.

Every key is described in docs/import.md, under a heading of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import get_args

from core.data.importing import dates
from core.data.importing.numbers import Sign
from core.data.importing.problems import ImportRefused
from core.data.importing.recipe import (
    ColumnRule,
    Condition,
    Create,
    Empty,
    Existing,
    Links,
    Recipe,
    Step,
    Value,
    When,
    Writing,
)
from core.data.importing.templates import Template, template
from core.errors import closest
from core.i18n import _

RECIPE_KEYS = ("title", "file")
FILE_KEYS = (
    "file model key encoding delimiter date time decimal empty existing distinct create_missing guess columns "
    "constants templates mend when skip"
).split()
COLUMN_KEYS = "field lookup create map prefix separator links date time decimal empty".split()
VALUE_KEYS = "ref value lookup create".split()
WHEN_KEYS = "column is not set".split()
SKIP_KEYS = "column is not".split()


def load_recipe(path: Path) -> Recipe:
    """Read a recipe file. ImportRefused names the place of what is missing or wrong."""
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except OSError as error:
        raise ImportRefused(_("There is no recipe {file}.", file=path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportRefused(_("{file} is not TOML: {error}.", file=path, error=error)) from error
    return read_recipe(tables, path.name)


def read_recipe(tables: Mapping[str, object], name: str) -> Recipe:
    """A recipe from parsed TOML; without a `[[file]]` the whole of it describes one file."""
    if not isinstance(tables.get("file"), list):
        step = _Reader(name, "").step({key: value for key, value in tables.items() if key != "title"})
        return Recipe(str(tables.get("title", "")), (step,))
    _Reader(name, "").known(tables, RECIPE_KEYS)
    steps = []
    for place, table in enumerate(_list(tables["file"]), start=1):
        reader = _Reader(name, f"file {place}")
        steps.append(reader.step(reader.table(table, "file")))
    return Recipe(str(tables.get("title", "")), tuple(steps))


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tables of one file; every refusal names the recipe and the place in it."""

    name: str
    place: str

    def refuse(self, text: str, hint: str = "") -> ImportRefused:
        where = ": ".join(filter(None, (self.name, self.place)))
        return ImportRefused(f"{where}: {text}", hint=hint)

    def known(self, table: Mapping[str, object], keys: Iterable[str]) -> None:
        for key in table:
            if key not in keys:
                near = closest(key, keys)
                hint = _("Did you mean '{near}'?", near=near) if near else ""
                raise self.refuse(_("unknown key '{key}'.", key=key), hint)

    def table(self, value: object, key: str) -> Mapping[str, object]:
        if not isinstance(value, dict):
            raise self.refuse(_("'{key}' must be a table.", key=key))
        return value

    def text(self, table: Mapping[str, object], key: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self.refuse(_("'{key}' must be a text.", key=key))
        return value

    def flag(self, table: Mapping[str, object], key: str, default: bool) -> bool:
        value = table.get(key, default)
        if not isinstance(value, bool):
            raise self.refuse(_("'{key}' must be true or false.", key=key))
        return value

    def one_of(self, table: Mapping[str, object], key: str, words: Sequence[str]) -> str | None:
        if key not in table:
            return None
        value = self.text(table, key)
        if value not in words:
            raise self.refuse(_("'{key}' must be one of: {words}.", key=key, words=", ".join(words)))
        return value

    def texts(self, value: object, key: str) -> tuple[str, ...]:
        """One text or a list of texts; other plain values as a file would write them."""
        found = []
        for item in _list(value):
            if isinstance(item, bool):
                found.append("true" if item else "false")
            elif isinstance(item, (dict, list)):
                raise self.refuse(_("'{key}' must be a value or a list of values.", key=key))
            else:
                found.append(str(item))
        return tuple(found)

    def step(self, table: Mapping[str, object]) -> Step:
        self.known(table, FILE_KEYS)
        columns, ignored = self.columns(self.table(table.get("columns", {}), "columns"))
        return Step(
            file=self.text(table, "file"),
            model=self.text(table, "model"),
            key=self.texts(table.get("key", []), "key"),
            encoding=self.text(table, "encoding"),
            delimiter=self.delimiter(table),
            empty=self.one_of(table, "empty", get_args(Empty)),  # type: ignore[arg-type]  # just checked
            existing=self.one_of(table, "existing", get_args(Existing)) or "update",  # type: ignore[arg-type]  # just checked
            distinct=self.flag(table, "distinct", False),
            create_missing=self.create_missing(table),
            guess=self.flag(table, "guess", True),
            columns=columns,
            ignored=ignored,
            constants=self.values(self.table(table.get("constants", {}), "constants")),
            templates=self.templates(self.table(table.get("templates", {}), "templates")),
            mend=self.mend(self.table(table.get("mend", {}), "mend")),
            when=tuple(self.when(entry) for entry in _list(table.get("when", []))),
            skip=tuple(self.condition(self.table(entry, "skip"), SKIP_KEYS) for entry in _list(table.get("skip", []))),
            writing=self.writing(table),
        )

    def writing(self, table: Mapping[str, object]) -> Writing:
        """The keys that say how dates and numbers are written, of a file or of a column."""
        decimal = self.one_of(table, "decimal", get_args(Sign))
        return Writing(self.order(table), self.clock(table), decimal)  # type: ignore[arg-type]  # just checked

    def order(self, table: Mapping[str, object]) -> dates.Order | None:
        if "date" not in table:
            return None
        order = dates.order_named(self.text(table, "date"))
        if order is None:
            known = ", ".join(dates.spelt(order) for order in dates.ORDERS)
            raise self.refuse(_("'date' must be one of: {known}.", known=known))
        return order

    def clock(self, table: Mapping[str, object]) -> time | None:
        value = table.get("time")
        if value is None or isinstance(value, time):
            return value
        try:
            return time.fromisoformat(str(value))
        except ValueError as error:
            raise self.refuse(_("'time' must be a time of day such as 12:00.")) from error

    def delimiter(self, table: Mapping[str, object]) -> str:
        delimiter = self.text(table, "delimiter")
        if delimiter and (len(delimiter) > 1 or delimiter in '"\r\n'):
            raise self.refuse(_("'delimiter' must be one character."))
        return delimiter

    def create_missing(self, table: Mapping[str, object]) -> bool | tuple[str, ...]:
        value = table.get("create_missing", False)
        return value if isinstance(value, bool) else self.texts(value, "create_missing")

    def creating(self, table: Mapping[str, object]) -> Create:
        """`create`: true, false, or the values that a created record gets beside its name."""
        value = table.get("create")
        return (
            self.values(value)
            if isinstance(value, dict)
            else self.flag(table, "create", False)
            if "create" in table
            else None
        )

    def columns(self, table: Mapping[str, object]) -> tuple[dict[str, tuple[ColumnRule, ...]], tuple[str, ...]]:
        rules: dict[str, tuple[ColumnRule, ...]] = {}
        ignored = []
        for column, value in table.items():
            if value == "":
                ignored.append(column)
            else:
                rules[column] = tuple(self.rule(column, entry) for entry in _list(value))
        return rules, tuple(ignored)

    def rule(self, column: str, value: object) -> ColumnRule:
        if isinstance(value, str):
            return ColumnRule(value)
        table = self.table(value, column)
        self.known(table, COLUMN_KEYS)
        if not self.text(table, "field"):
            raise self.refuse(_("the column '{column}' names no field.", column=column))
        return ColumnRule(
            field=self.text(table, "field"),
            lookup=self.text(table, "lookup"),
            create=self.creating(table),
            map=self.words(self.table(table.get("map", {}), "map")),
            prefix=self.text(table, "prefix"),
            separator=self.text(table, "separator") if "separator" in table else None,
            links=self.one_of(table, "links", get_args(Links)) or "add",  # type: ignore[arg-type]  # just checked
            empty=self.one_of(table, "empty", get_args(Empty)),  # type: ignore[arg-type]  # just checked
            writing=self.writing(table),
        )

    def words(self, table: Mapping[str, object]) -> dict[str, str]:
        return {key: self.texts(value, key)[0] for key, value in table.items() if value != []}

    def mend(self, table: Mapping[str, object]) -> dict[str, dict[str, str]]:
        return {column: self.words(self.table(value, "mend")) for column, value in table.items()}

    def values(self, table: Mapping[str, object]) -> dict[str, Value]:
        return {name: self.value(name, value) for name, value in table.items()}

    def value(self, name: str, value: object) -> Value:
        """A plain value, a list, `""` for null, or a table with `ref`, or with `value` and how to look it up."""
        if value == "":
            return Value(null=True)
        if not isinstance(value, dict):
            return Value(texts=self.texts(value, name))
        self.known(value, VALUE_KEYS)
        return Value(
            texts=self.texts(value.get("value", []), name),
            refs=self.texts(value.get("ref", []), name),
            lookup=self.text(value, "lookup"),
            create=self.creating(value),
        )

    def templates(self, table: Mapping[str, object]) -> dict[str, tuple[Template, ...]]:
        return {name: tuple(template(text) for text in self.texts(value, name)) for name, value in table.items()}

    def when(self, entry: object) -> When:
        table = self.table(entry, "when")
        values = self.values(self.table(table.get("set", {}), "set"))
        return When(self.condition(table, WHEN_KEYS), values)

    def condition(self, table: Mapping[str, object], keys: Sequence[str]) -> Condition:
        self.known(table, keys)
        column = self.text(table, "column")
        if not column or ("is" in table) == ("not" in table):
            raise self.refuse(_("a condition needs 'column' and either 'is' or 'not'."))
        texts = self.texts(table["is"] if "is" in table else table["not"], "is")
        return Condition(column, frozenset(texts), negated="not" in table)
