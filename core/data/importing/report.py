"""What an import did, or a dry run would do: counts, how each file was understood, and the first refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data.importing.plan import Plan
from core.data.importing.store import Refused
from core.i18n import _

Phase = Literal["check", "write"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: `rows` of `total` (None while it is still being counted) of one file."""

    file: str
    model: str
    phase: Phase
    rows: int
    total: int | None


@dataclass(frozen=True, slots=True)
class FileReport:
    """How one file was understood, and what became of its rows."""

    file: str
    model: str
    shown: str
    mapping: tuple[tuple[str, str, str, str], ...]
    ignored: tuple[str, ...]
    rows: int
    created: int
    changed: int
    skipped: int
    refused: int
    refusals: tuple[Refused, ...]

    def lines(self) -> Iterator[str]:
        """The report of the file for people."""
        yield f"{self.file} → {self.model} ({self.shown})"
        for column, field, how, form in self.mapping:
            yield f"  {column} → {field} ({', '.join(filter(None, (_(how), form)))})"
        if self.ignored:
            yield "  " + _("not imported: {columns}", columns=", ".join(self.ignored))
        yield "  " + _(
            "{rows} rows: {created} created, {changed} changed, {skipped} skipped, {refused} refused",
            rows=self.rows,
            created=self.created,
            changed=self.changed,
            skipped=self.skipped,
            refused=self.refused,
        )
        for refused in self.refusals:
            where = _("row {row}", row=refused.row) + (f", {refused.column}" if refused.column else "")
            value = f" '{refused.value}'" if refused.value else ""
            suggestion = f" ({refused.suggestion})" if refused.suggestion.strip(" |") else ""
            yield f"    {where}:{value} {refused.reason}{suggestion}"
        if self.refused > len(self.refusals):
            yield "    " + _("and {count} more", count=self.refused - len(self.refusals))


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import. `change_set` is None where nothing was written."""

    change_set: int | None
    created: Mapping[str, int]
    changed: Mapping[str, int]
    skipped: Mapping[str, int]
    refused: int
    refused_file: Path | None
    dry_run: bool
    files: tuple[FileReport, ...]

    def to_json(self) -> dict[str, object]:
        """The form that scripts rely on."""
        return {
            "change_set": self.change_set,
            "created": dict(self.created),
            "changed": dict(self.changed),
            "skipped": dict(self.skipped),
            "refused": self.refused,
            "refused_file": None if self.refused_file is None else str(self.refused_file),
        }

    def lines(self) -> Iterator[str]:
        """The report for people."""
        for file in self.files:
            yield from file.lines()
        for model, count in sorted(self.created.items()):
            yield (_("would create {count} {model}") if self.dry_run else _("created {count} {model}")).format(
                count=count, model=model
            )
        if self.refused_file is not None:
            yield _("Refused rows: {file}", file=self.refused_file)
        if self.dry_run:
            yield _("Dry run: nothing was written.")
        elif self.change_set is not None:
            yield _("Change set {number}. Undo with: tessera undo {number}", number=self.change_set)


def mapping_of(plan: Plan) -> tuple[tuple[str, str, str, str], ...]:
    """For each column that is imported: its name, the field, why, and in which format."""
    rows = []
    for column in plan.columns:
        lookup = column.target.lookup
        through = f".{lookup.fields[0]}" if lookup is not None and lookup.named else ""
        rows.append((column.name, column.target.name + through, column.how, column.format))
    return tuple(rows)


def counted(counter: Counter[str]) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: count for name, count in sorted(counter.items()) if count}
