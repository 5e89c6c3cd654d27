"""Undo of a whole change set: an import, a bulk edit, a single save, or an undo itself.

The changes of the set are folded to one net change per record. Where something newer would be overwritten there is a
conflict: the undo then refuses as a whole and lists the conflicts, or leaves those out. It replays no hooks; rights,
rules, constraints and history do run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.errors import NotFound, Refusal
from core.i18n import _
from core.lang.kinds import Kind, decoder
from core.model.change import Link
from core.records import changelog, deletion, pipeline
from core.records.folding import Folded
from core.records.query import in_chunks
from core.records.storing import columns, quoted

if TYPE_CHECKING:
    from core.records.environment import Environment

_CHANGES = (
    "SELECT c.id, m.name, c.record, c.operation, c.before, c.after FROM core_change c"
    " JOIN core_model m ON m.id = c.model_no WHERE c.change_set_id = ? ORDER BY c.id"
)
_UNDOING = "SELECT id FROM core_change_set WHERE undoes = ? ORDER BY id DESC"
ADDON_KINDS = frozenset({"install", "uninstall", "upgrade"})
_NEWER = (
    "SELECT c.record, c.operation, c.before, c.after, c.change_set_id, s.at, u.name FROM core_change c"
    " JOIN core_change_set s ON s.id = c.change_set_id LEFT JOIN res_users u ON u.id = s.user_id"
    " WHERE c.model_no = {slot} AND c.id > {slot} AND c.record IN ({slots}) ORDER BY c.id"
)


class UndoConflict(Refusal):
    """Something newer would be overwritten; nothing was changed."""

    code = "undo_conflict"
    status = 409

    def __init__(self, report: UndoReport) -> None:
        super().__init__(
            _("{count} conflict(s): something newer would be overwritten.", count=len(report.conflicts)),
            hint=_("Undo the newer changes first, or skip the conflicts."),
        )
        self.report = report


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that cannot be put back: which record, which field, why, and who changed it since.

    Of a field `now` is its present value, and `back` the one that an undo would put there.
    """

    model: str
    id: int
    label: str
    field: str
    reason: str
    by: str = ""
    at: datetime | None = None
    now: object = None
    back: object = None


@dataclass(slots=True)
class UndoReport:
    """What an undo did, or would do: the undone set, its own change set, records put back, conflicts."""

    undone_set: int
    change_set: int | None = None
    restored: int = 0
    reverted: int = 0
    deleted: int = 0
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def undone(self) -> int:
        """The number of records put back."""
        return self.restored + self.reverted + self.deleted


@dataclass(slots=True)
class UndoPlan:
    """What to write, model by model, to put everything back."""

    restores: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    writes: dict[str, list[tuple[int, dict[str, object]]]] = field(default_factory=dict)
    deletes: dict[str, list[int]] = field(default_factory=dict)


def undo(env: Environment, change_set: int, *, dry_run: bool = False, skip_conflicts: bool = False) -> UndoReport:
    """Put back what a change set changed. With `dry_run` only the report is made.

    :raises NotFound: there is no such change set.
    :raises UndoConflict: with the report; nothing was changed.
    """
    _require_change_set(env, change_set)
    report, plan = _planned(env, change_set)
    if dry_run:
        return report
    if report.conflicts and not skip_conflicts:
        raise UndoConflict(report)
    _apply(env, plan, change_set)
    report.change_set = env.change_set
    return report


def undoing(env: Environment, change_set: int) -> int | None:
    """The change set that undid this one and still holds; None where nothing did, or that was undone again."""
    found = env.database.fetch(env.runtime.text(_UNDOING), (change_set,))
    return next((int(str(id_)) for (id_,) in found if undoing(env, int(str(id_))) is None), None)


def put_back(env: Environment, change_set: int) -> UndoReport:
    """Put back what a change set of any kind changed, as part of something greater; conflicts are left out."""
    report, plan = _planned(env, change_set)
    _apply(env, plan, change_set)
    return report


def _planned(env: Environment, change_set: int) -> tuple[UndoReport, UndoPlan]:
    report = UndoReport(change_set)
    folded = _fold_set(env, change_set, report)
    plan = UndoPlan()
    for model, records in folded.items():
        _Planner(env, model, records, folded, plan, report, change_set).plan()
    report.restored = sum(map(len, plan.restores.values()))
    report.reverted = sum(map(len, plan.writes.values()))
    report.deleted = sum(map(len, plan.deletes.values()))
    return report, plan


def _require_change_set(env: Environment, change_set: int) -> None:
    found = env.database.fetch(env.runtime.text("SELECT kind FROM core_change_set WHERE id = ?"), (change_set,))
    if not found:
        raise NotFound(_("There is no change set {id}.", id=change_set))
    if found[0][0] in ADDON_KINDS:  # its tables and its entries in the ledger would stay as they are
        raise Refusal(
            _("Change set {id} installed or removed an addon.", id=change_set),
            hint=_("Take it back by removing or installing the addon."),
        )


def _apply(env: Environment, plan: UndoPlan, change_set: int) -> None:
    env.unit.undoes = change_set
    with env:
        for model, rows in plan.restores.items():
            pipeline.restore(env, model, rows)
        for model, items in plan.writes.items():
            pipeline.write(env, model, items, replay=True)
        deletion.delete(env, plan.deletes, replay=True)


def _fold_set(env: Environment, change_set: int, report: UndoReport) -> dict[str, dict[int, Folded]]:
    folded: dict[str, dict[int, Folded]] = {}
    missing: set[str] = set()
    rows = env.database.fetch(env.runtime.text(_CHANGES), (change_set,))
    for change, model, record, operation, before, after in rows:
        if model not in env.registry.models:
            if model not in missing:
                missing.add(model)
                reason = _("The addon of '{model}' is not installed.", model=model)
                report.conflicts.append(Conflict(model, record, "", "", reason))
            continue
        kinds = changelog.logged_fields(env.registry, model)
        entry = folded.setdefault(model, {}).get(record)
        if entry is None:
            entry = folded[model][record] = Folded(model, record, operation, operation, change)
        entry.take(change, operation, changelog.from_image(before, kinds), changelog.from_image(after, kinds))
    return folded


class _Planner:
    """Plans the undo of one model's records."""

    def __init__(
        self,
        env: Environment,
        model: str,
        records: Mapping[int, Folded],
        everything: Mapping[str, Mapping[int, Folded]],
        plan: UndoPlan,
        report: UndoReport,
        change_set: int,
    ) -> None:
        self.env = env
        self.model = model
        self.records = records
        self.everything = everything
        self.undo = plan
        self.report = report
        self.change_set = change_set
        self.info = env.registry.schema[model]
        self.kinds = changelog.logged_fields(env.registry, model)
        self.current = current_values(env, model, list(records))
        self.newer = self._newer()
        self.there = self._targets()

    def plan(self) -> None:
        """Sort every record to what its undo needs."""
        created = [entry for entry in self.records.values() if entry.first == changelog.CREATED]
        self._plan_deletes([entry for entry in created if entry.last != changelog.DELETED])
        for entry in self.records.values():
            if entry.first == changelog.CREATED:
                continue
            if entry.last == changelog.DELETED:
                self._plan_restore(entry)
            else:
                self._plan_write(entry)

    def _newer(self) -> dict[int, tuple[Folded, str, datetime]]:
        """What changed records after the set: folded, with the last author and instant."""
        number = self.env.runtime.model_number(self.model)
        convert = decoder(Kind.INSTANT, self.env.database.engine)
        newer: dict[int, tuple[Folded, str, datetime]] = {}
        since = min((entry.last_change for entry in self.records.values()), default=0)
        for chunk, slots in in_chunks(self.env, list(self.records)):
            text = _NEWER.format(slot=self.env.runtime.slot, slots=slots)
            rows = self.env.database.fetch(text, [number, since, *chunk])
            for record, operation, before, after, change_set, at, author in rows:
                if change_set == self.change_set:
                    continue
                entry = newer[record][0] if record in newer else Folded(self.model, record, operation, operation, 0)
                entry.take(
                    0, operation, changelog.from_image(before, self.kinds), changelog.from_image(after, self.kinds)
                )
                when: Any = convert(at) if convert else at
                newer[record] = (entry, author or "", when)
        return newer

    def _conflict(self, entry: Folded, reason: str, name: str = "") -> None:
        _entry, by, at = self.newer.get(entry.record, (None, "", None))
        values = self.current.get(entry.record, entry.before)
        label = str(values.get(self.info.label_field) or f"#{entry.record}")
        now, back = (values.get(name), entry.before.get(name)) if name else (None, None)
        self.report.conflicts.append(Conflict(self.model, entry.record, label, name, reason, by, at, now, back))

    def _plan_deletes(self, entries: Sequence[Folded]) -> None:
        going = [entry for entry in entries if entry.record in self.current]
        kept_by = self._references([entry.record for entry in going])
        for entry in going:
            newer = self.newer.get(entry.record)
            if newer and not newer[0].net_nothing(self.current[entry.record]):
                self._conflict(entry, _("It was changed since it was created."))
            elif entry.record in kept_by:
                self._conflict(entry, _("Records of '{model}' refer to it.", model=_(kept_by[entry.record])))
            else:
                self.undo.deletes.setdefault(self.model, []).append(entry.record)

    def _references(self, ids: Sequence[int]) -> dict[int, str]:
        """Records that others, outside of what this undo deletes or changes back, refer to."""
        kept: dict[int, str] = {}
        for source, name in self.env.registry.references_to(self.model):
            info = self.env.registry.schema[source]
            if not self.env.registry.options[source].history:
                continue
            inside = self.everything.get(source, {})
            column = quoted(str(info.fields[name].column))
            for chunk, slots in in_chunks(self.env, ids):
                text = f"SELECT id, {column} FROM {info.table} WHERE {column} IN ({slots})"
                for source_id, id_ in self.env.database.fetch(text, chunk):
                    entry = inside.get(source_id)
                    if entry is None or (entry.first != changelog.CREATED and name not in entry.before):
                        kept[id_] = info.label or source
        return kept

    def _plan_restore(self, entry: Folded) -> None:
        if entry.record in self.current:
            self._conflict(entry, _("It is there again already."))
            return
        lost = self._lost_target(entry.before)
        if lost:
            self._conflict(entry, _("The record it referred to is gone."), lost)
            return
        row: dict[str, object] = {"id": entry.record, **entry.before}
        for name, ids in entry.removed.items():
            row[name] = sorted(ids - self._gone(name, ids))
        self.undo.restores.setdefault(self.model, []).append(row)

    def _plan_write(self, entry: Folded) -> None:
        current = self.current.get(entry.record)
        if current is None:
            self._conflict(entry, _("It was deleted since."))
            return
        back: dict[str, object] = {}
        for name, value in entry.before.items():
            if current[name] == value:
                continue
            if current[name] != entry.after.get(name):
                self._conflict(entry, _("It was changed since."), name)
            elif self._lost_target({name: value}):
                self._conflict(entry, _("The record it referred to is gone."), name)
            else:
                back[name] = value
        for name in {*entry.added, *entry.removed}:
            removed = entry.removed.get(name, set())
            link = Link(add=sorted(removed - self._gone(name, removed)), remove=sorted(entry.added.get(name, ())))
            if link:
                back[name] = link
        if back:
            self.undo.writes.setdefault(self.model, []).append((entry.record, back))

    def _lost_target(self, values: Mapping[str, object]) -> str:
        for name, value in values.items():
            info = self.info.fields[name]
            if info.kind is Kind.REFERENCE and isinstance(value, int) and self._gone(name, {value}):
                return name
        return ""

    def _gone(self, name: str, ids: set[int]) -> set[int]:
        """Those ids of a relation's target that are neither there nor restored by this undo."""
        return ids - self.there[str(self.info.fields[name].target)]

    def _targets(self) -> dict[str, set[int]]:
        """The ids of related records that are there, or come back with this undo: one statement for each target."""
        wanted: dict[str, set[int]] = {}
        for entry in self.records.values():
            for name, value in entry.before.items():
                info = self.info.fields[name]
                if info.kind is Kind.REFERENCE and isinstance(value, int):
                    wanted.setdefault(str(info.target), set()).add(value)
            for name, ids in entry.removed.items():
                wanted.setdefault(str(self.info.fields[name].target), set()).update(ids)
        return {target: self._there(target, ids) for target, ids in wanted.items()}

    def _there(self, target: str, ids: set[int]) -> set[int]:
        inside = self.everything.get(target, {}).values()
        going = {entry.record for entry in inside if entry.first == changelog.CREATED}
        coming = {entry.record for entry in inside if entry.last == changelog.DELETED}
        return (current_ids(self.env, target, sorted(ids)) | coming) - going


def current_ids(env: Environment, model: str, ids: Sequence[int]) -> set[int]:
    """Which of the ids are in the table."""
    table = env.registry.schema[model].table
    return {
        id_
        for chunk, slots in in_chunks(env, ids)
        for (id_,) in env.database.fetch(f"SELECT id FROM {table} WHERE id IN ({slots})", chunk)
    }


def current_values(env: Environment, model: str, ids: Sequence[int]) -> dict[int, dict[str, object]]:
    """The stored values of rows by id, unchecked."""
    stored = columns(env, model)
    chosen = ", ".join(quoted(column.column) for column in stored)
    table = env.registry.schema[model].table
    found: dict[int, dict[str, object]] = {}
    for row in _rows(env, f"SELECT {chosen} FROM {table} WHERE id IN", ids):
        values = {
            column.name: column.decode(value) if column.decode and value is not None else value
            for column, value in zip(stored, row, strict=True)
        }
        found[int(str(values["id"]))] = values
    return found


def _rows(env: Environment, text: str, ids: Sequence[int]) -> Iterator[tuple[object, ...]]:
    for chunk, slots in in_chunks(env, ids):
        yield from env.database.fetch(f"{text} ({slots})", chunk)
