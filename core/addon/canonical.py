"""The canonical dump of a database: equal texts mean that it holds the same, whatever happened to it before.

Schema and rows, sorted; without history, times of the ledger, sequences, `version` and who wrote when.
"""

from __future__ import annotations

from core.addon.state import tables
from core.database import Database
from core.model import dump

LEFT_OUT = frozenset({"core_change", "core_change_set", "core_model", "core_generation"})
LEFT_OUT_COLUMNS = frozenset({"version", "write_date", "write_uid", "installed_at", "applied_at"})


def canonical(database: Database) -> str:
    """The dump as text, one line per object and row."""
    lines = dump.dump(database).splitlines()
    for table in sorted(tables(database) - LEFT_OUT):
        cursor = database.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in cursor.description or ()]
        for row in cursor.fetchall():
            values = {name: value for name, value in zip(names, row, strict=True) if name not in LEFT_OUT_COLUMNS}
            lines.append(f"row {table} {sorted(values.items(), key=lambda item: item[0])}")
    return "\n".join(sorted(lines))
