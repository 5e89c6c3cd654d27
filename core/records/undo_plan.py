"""What an undo would do: the changes of a set folded to one net change per record, and what of it cannot be put back.

A conflict leaves its record, or its field, as it is; whatever depends on that cannot be put back either, so the plan is
made again without it until nothing is in the way any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.i18n import _
from core.lang.kinds import Kind, decoder
from core.lang.schema import FieldInfo
from core.model.change import Link
from core.model.reference import referred
from core.records import changelog
from core.records.folding import Folded
from core.records.links import own_keys, owns
from core.records.present import chosen_rows, current_ids, current_values
from core.records.query import in_chunks
from core.records.storing import quoted

if TYPE_CHECKING:
    from core.records.environment import Environment

_CHANGES = (
    "SELECT c.id, m.name, c.record, c.operation, c.before, c.after FROM core_change c"
    " JOIN core_model m ON m.id = c.model_no WHERE c.change_set_id = ? ORDER BY c.id"
)
_NEWER = (
    "SELECT c.record, c.operation, c.before, c.after, c.change_set_id, s.at, u.name FROM core_change c"
    " JOIN core_change_set s ON s.id = c.change_set_id LEFT JOIN res_users u ON u.id = s.user_id"
    " WHERE c.model_no = {slot} AND c.id > {slot} AND c.record IN ({slots}) ORDER BY c.id"
)


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


def make_plan(env: Environment, change_set: int, *, lock: bool) -> tuple[UndoReport, UndoPlan]:
    """The report, and what to write so that everything but the conflicts is put back; with `lock` nobody changes the
    records before that is done."""
    report = UndoReport(change_set)
    folded = _fold_set(env, change_set, report)
    while True:
        plan, found = UndoPlan(), list[tuple[Conflict, bool]]()
        for model, records in folded.items():
            _Planner(env, model, records, folded, plan, found, change_set, lock=lock).plan()
        if not found:
            break
        report.conflicts += [conflict for conflict, _whole in found]
        for conflict, whole in found:
            _leave_out(folded, conflict, whole=whole)
    report.conflicts = _readable(env, report.conflicts)
    report.restored = sum(map(len, plan.restores.values()))
    report.reverted = sum(map(len, plan.writes.values()))
    report.deleted = sum(map(len, plan.deletes.values()))
    return report, plan


def _leave_out(folded: Mapping[str, dict[int, Folded]], conflict: Conflict, *, whole: bool) -> None:
    """Take a record, or one field of it, out of what is to be put back."""
    entry = folded[conflict.model].get(conflict.id)
    if whole:
        folded[conflict.model].pop(conflict.id, None)
    elif entry is not None:
        for values in (entry.before, entry.after, entry.added, entry.removed):
            values.pop(conflict.field, None)


def _readable(env: Environment, conflicts: Sequence[Conflict]) -> list[Conflict]:
    """The conflicts without what the user may not see of the records."""
    policy = env.policy
    if policy is None:
        return list(conflicts)
    ids: dict[str, set[int]] = {}
    for each in conflicts:
        if each.model in env.registry.models and policy.may_read(each.model):
            ids.setdefault(each.model, set()).add(each.id)
    seen = {(model, id_) for model, wanted in ids.items() for id_ in env[model].read_ids(sorted(wanted), ["id"])}
    for model, wanted in ids.items():
        if policy.rule(model) is None:  # whoever may see all of them may know of those that are gone
            seen.update((model, id_) for id_ in wanted)
    found = []
    for each in conflicts:
        if (each.model, each.id) not in seen:
            each = replace(each, label=f"#{each.id}", field="", by="", at=None, now=None, back=None)
        elif each.field and each.field in policy.hidden(each.model):
            each = replace(each, field="", now=None, back=None)
        found.append(each)
    return found


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
        found: list[tuple[Conflict, bool]],
        change_set: int,
        *,
        lock: bool,
    ) -> None:
        self.env = env
        self.model = model
        self.records = records
        self.everything = everything
        self.undo = plan
        self.found = found
        self.change_set = change_set
        self.info = env.registry.schema[model]
        self.kinds = changelog.logged_fields(env.registry, model)
        self.current = current_values(env, model, sorted(records), lock=lock)
        self.newer = self._newer()
        self.there = self._targets()
        self.keys = [index.fields for index in env.registry.options[model].indexes if index.unique]

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

    def _conflict(self, entry: Folded, reason: str, name: str = "", *, whole: bool = True) -> None:
        """Note a conflict of a record as a `whole`, or of its field `name` alone."""
        _entry, by, at = self.newer.get(entry.record, (None, "", None))
        values = self.current.get(entry.record, entry.before)
        label = str(values.get(self.info.label_field) or f"#{entry.record}")
        now, back = (values.get(name), entry.before.get(name)) if name else (None, None)
        conflict = Conflict(self.model, entry.record, label, name, reason, by, at, now, back)
        self.found.append((conflict, whole))

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
        registry = self.env.registry
        for source, name in (*registry.references_to(self.model), *registry.naming(self.model)):
            info = registry.schema[source]
            if not registry.options[source].history:
                continue
            inside = self.everything.get(source, {})
            column = quoted(str(info.fields[name].column))
            own = own_keys(self.env, self.model, source, name, ids)
            for chunk, slots in in_chunks(self.env, list(own)):
                text = f"SELECT id, {column} FROM {info.table} WHERE {column} IN ({slots})"
                for source_id, key in self.env.database.fetch(text, chunk):
                    entry = inside.get(source_id)
                    if entry is None or (entry.first != changelog.CREATED and name not in entry.before):
                        kept[own[key]] = info.label or source
        kept.update(self._linking(ids))
        return kept

    def _linking(self, ids: Sequence[int]) -> dict[int, str]:
        """Records that others were linked to since, by records that stay."""
        kept: dict[int, str] = {}
        for source, info in self.env.registry.schema.items():
            for linking in info.fields.values():
                if linking.link is None or linking.target != self.model or not owns(linking.link):
                    continue
                inside = self.everything.get(source, {})
                select = f"SELECT owner_id, target_id FROM {linking.link.table} WHERE target_id IN"
                for owner, target in chosen_rows(self.env, select, ids):
                    entry = inside.get(int(str(owner)))
                    taken_back = entry is not None and (
                        entry.first == changelog.CREATED or target in entry.added.get(linking.name, ())
                    )
                    if not taken_back and self.env.registry.options[source].history:
                        kept[int(str(target))] = info.label or source
        return kept

    def _taken(self, entry: Folded, values: Mapping[str, object], changed: Iterable[str]) -> str:
        """A changed field of a unique key that another record has by now; empty where all keys are free."""
        for names in self.keys:
            wanted = [values.get(name) for name in names]
            moved = [name for name in names if name in changed]
            if None in wanted or not moved:
                continue
            where = " and ".join(f"{name} == key_{name}" for name in names)
            bound: dict[str, Any] = {f"key_{name}": value for name, value in zip(names, wanted, strict=True)}
            archived = " and (active or not active)" if "active" in self.info.fields else ""
            other = self.env.sudo()[self.model].read(f"{where}{archived}", ["id"], limit=2, **bound)
            if any(record["id"] != entry.record and record["id"] not in self.records for record in other):
                return moved[0]
        return ""

    def _plan_restore(self, entry: Folded) -> None:
        if entry.record in self.current:
            self._conflict(entry, _("It is there again already."))
            return
        lost = self._lost_target(entry.before)
        if lost:
            self._conflict(entry, _("The record it referred to is gone."), lost)
            return
        taken = self._taken(entry, entry.before, entry.before)
        if taken:
            self._conflict(entry, _("Another record has this value now."), taken)
            return
        row: dict[str, object] = {"id": entry.record, **entry.before}
        for name, ids in entry.removed.items():
            row[name] = sorted(ids - self._gone(name, ids))
        self.undo.restores.setdefault(self.model, []).append(row)

    def _followed(self, entry: Folded, name: str) -> bool:
        """Whether the present value only followed from others since: nobody has changed it."""
        newer = self.newer.get(entry.record)
        follows = self.env.registry.declarations[self.model][name].follows
        return follows and (newer is None or name not in newer[0].before)

    def _plan_write(self, entry: Folded) -> None:
        current = self.current.get(entry.record)
        if current is None:
            self._conflict(entry, _("It was deleted since."))
            return
        back: dict[str, object] = {}
        for name, value in entry.before.items():
            if current[name] == value:
                continue
            if current[name] != entry.after.get(name) and not self._followed(entry, name):
                self._conflict(entry, _("It was changed since."), name, whole=False)
            elif self._lost_target({name: value}):
                self._conflict(entry, _("The record it referred to is gone."), name, whole=False)
            else:
                back[name] = value
        taken = self._taken(entry, {**current, **back}, back)
        if taken:
            self._conflict(entry, _("Another record has this value now."), taken, whole=False)
            del back[taken]
        for name in {*entry.added, *entry.removed}:
            removed = entry.removed.get(name, set())
            link = Link(add=sorted(removed - self._gone(name, removed)), remove=sorted(entry.added.get(name, ())))
            if link:
                back[name] = link
        if back:
            self.undo.writes.setdefault(self.model, []).append((entry.record, back))

    def _lost_target(self, values: Mapping[str, object]) -> str:
        named = {name: _named(self.info.fields[name], value) for name, value in values.items()}
        return next((name for name, found in named.items() if found and found[1] not in self.there[found[0]]), "")

    def _gone(self, name: str, ids: set[int]) -> set[int]:
        """Those ids of a relation's target that are neither there nor restored by this undo."""
        return ids - self.there[str(self.info.fields[name].target)]

    def _targets(self) -> dict[str, set[int]]:
        """The ids of related records that are there, or come back with this undo: one statement for each target."""
        wanted: dict[str, set[int]] = {}
        for entry in self.records.values():
            for name, value in entry.before.items():
                if named := _named(self.info.fields[name], value):
                    wanted.setdefault(named[0], set()).add(named[1])
            for name, ids in entry.removed.items():
                wanted.setdefault(str(self.info.fields[name].target), set()).update(ids)
        return {target: self._there(target, ids) for target, ids in wanted.items()}

    def _there(self, target: str, ids: set[int]) -> set[int]:
        inside = self.everything.get(target, {}).values()
        going = {entry.record for entry in inside if entry.first == changelog.CREATED}
        coming = {entry.record for entry in inside if entry.last == changelog.DELETED}
        known = target in self.env.registry.schema
        return (current_ids(self.env, target, sorted(ids) if known else []) | coming) - going


def _named(info: FieldInfo, value: object) -> tuple[str, int] | None:
    """The record that a many2one or a reference leads to."""
    if info.models and isinstance(value, str):
        return referred(value)
    return (str(info.target), value) if info.kind is Kind.REFERENCE and isinstance(value, int) else None
