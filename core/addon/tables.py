"""The difference between the tables of two sets of addons, as data and as statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.addon import ledger
from core.addon.ledger import COLUMN, INDEX, TABLE, Owned
from core.addon.plan import Step
from core.lang.kinds import Engine
from core.model import schema
from core.model.schema import Column, Index, Table

# Columns that every table has belong to the table; the ledger does not list them.
AUTOMATIC = frozenset({"id", "version", "create_date", "create_uid", "write_date", "write_uid"})


@dataclass(frozen=True, slots=True)
class Growth:
    """What has to be created: whole tables, columns of tables that are there, indexes on tables that are there."""

    tables: tuple[Table, ...]
    columns: tuple[tuple[str, Column], ...]
    indexes: tuple[Index, ...]

    def statements(self, engine: Engine) -> list[str]:
        """The statements that create it, in an order that works."""
        return [
            *schema.create_sql(self.tables, engine),
            *(schema.add_column_sql(table, column, engine) for table, column in self.columns),
            *(schema.create_index_sql(index, engine) for index in self.indexes),
        ]

    def owned(self) -> Iterator[Owned]:
        """Everything created, with its owner."""
        for table in self.tables:
            yield Owned(table.owner, TABLE, table.name, {"model": table.model} if table.model else {})
            for column in table.columns:
                if column.name not in AUTOMATIC and table.model:
                    yield ledger.column(table.name, column)
            for index in table.indexes:
                yield ledger.index(index)
        for name, column in self.columns:
            yield ledger.column(name, column)
        for index in self.indexes:
            yield ledger.index(index)

    def steps(self) -> Iterator[Step]:
        """Everything created, as steps of a plan; columns and indexes of new tables are counted with their table."""
        for table in self.tables:
            yield Step("add", TABLE, table.name, table.owner, f"{len(table.columns)} columns")
        for name, column in self.columns:
            yield Step("add", COLUMN, f"{name}.{column.name}", column.owner, column.kind.value)
        for index in self.indexes:
            yield Step("add", INDEX, index.name, index.owner)


def nullable(table: Table, holes: Collection[tuple[str, str]]) -> Table:
    """The table with columns that may be empty where rows are that hold nothing there; by table and name of column.

    What must be filled in is the pipeline's to ask for, as after an upgrade.
    """
    columns = tuple(_nullable(table.name, column, holes) for column in table.columns)
    return replace(table, columns=columns)


def _nullable(table: str, column: Column, holes: Collection[tuple[str, str]]) -> Column:
    return replace(column, not_null=column.not_null and (table, column.name) not in holes)


def loosened(growing: Growth, holes: Collection[tuple[str, str]]) -> Growth:
    """What has to be created, with columns that may be empty where rows come back that hold nothing there."""
    return replace(
        growing,
        tables=tuple(nullable(table, holes) for table in growing.tables),
        columns=tuple((table, _nullable(table, column, holes)) for table, column in growing.columns),
    )


def growth(before: Iterable[Table], after: Sequence[Table]) -> Growth:
    """What the tables `after` have that those `before` lack; objects are the same when they have the same name."""
    known: Mapping[str, Table] = {table.name: table for table in before}
    both = [(known[table.name], table) for table in after if table.name in known]
    return Growth(
        tables=tuple(table for table in after if table.name not in known),
        columns=tuple(
            (new.name, column)
            for old, new in both
            for column in new.columns
            if column.name not in {known.name for known in old.columns}
        ),
        indexes=tuple(
            index
            for old, new in both
            for index in new.indexes
            if index.name not in {known.name for known in old.indexes}
        ),
    )
