"""The second pass over a file: the rows that are in order become records, in batches, through the checked pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.data.importing.attempts import attempt
from core.data.importing.drafts import Draft, Want, batches
from core.data.importing.matching import Matcher, digest
from core.data.importing.plan import Plan
from core.data.importing.problems import ImportRefused
from core.data.importing.references import References
from core.data.importing.store import Deferred, Fault, Missing, Store
from core.data.importing.targets import Lookup
from core.i18n import _
from core.model.change import Link

if TYPE_CHECKING:
    from core.records.environment import Environment

Tell = Callable[[int], None]


@dataclass(slots=True)
class Writer:
    """Writes the rows of one file. Nothing it does outlives the transaction if that does not end well."""

    env: Environment
    store: Store
    plan: Plan
    references: References
    lookups: Sequence[Lookup]
    outcomes: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def run(self, tell: Tell) -> None:
        """Write the file; `tell` hears the number of rows done."""
        for missing in self.store.missing(self.plan.number):
            self._create_missing(missing)
        matcher = Matcher(self.env, self.store, self.plan)
        for batch in batches(self.plan):
            self._batch(matcher, batch)
            self.rows += len(batch)
            tell(self.rows)
        self._write_deferred()

    def _create_missing(self, missing: Sequence[Missing]) -> None:
        """Create related records on request; one that is refused after all refuses the rows that name it."""
        lookup = self.lookups[missing[0].rule]

        def create(some: Sequence[Missing]) -> None:
            values = [{**lookup.extra, missing.field: missing.text} for missing in some]
            with self.env.savepoint():
                records = self.env[lookup.model].create_many(values)
            self.store.written(
                self.plan.number, [(-missing.number, record.id) for missing, record in zip(some, records, strict=True)]
            )
            self.created[lookup.model] += len(records)

        def forget(one: Missing, _faults: list[Fault]) -> None:
            self.store.unplan(self.plan.number, -one.number)

        attempt(missing, create, forget)

    def _batch(self, matcher: Matcher, batch: Sequence[Draft]) -> None:
        refused = self.store.refused_between(self.plan.number, batch[0].row, batch[-1].row)
        self.outcomes["skipped"] += sum(draft.passed for draft in batch)
        rows = [draft for draft in batch if not draft.passed and draft.row not in refused]
        self._find(rows)
        matcher.match(rows)
        rows = [draft for draft in rows if draft.faults or not self._repeats(matcher, draft)]
        updates = [draft for draft in rows if draft.record is not None and not draft.faults]
        fresh = [draft for draft in rows if draft.record is None and not draft.faults]
        self._create(fresh)
        self._update(matcher, updates)
        for draft in rows:
            if draft.faults:
                self.store.refuse(self.plan.number, draft.row, draft.faults)

    def _find(self, rows: Iterable[Draft]) -> None:
        """Find related records; what the check has found and is not there now was refused in between."""
        for draft, want in self.references.resolve(rows):
            label = _(self.env.registry.schema[want.lookup.model].label or want.lookup.model)
            draft.refuse(want.column or want.target.name, want.text, _("there is no such {model}", model=label))

    def _repeats(self, matcher: Matcher, draft: Draft) -> bool:
        """Whether an earlier row has the same key: the check has found that this one adds nothing."""
        if not self.plan.key and not matcher.by_id:
            return False
        first, _said = self.store.see(self.plan.number, matcher.word_of(draft), draft.row, digest(draft))
        if first != draft.row and not self.plan.step.distinct:
            self.outcomes["skipped"] += 1
        return first != draft.row

    def _create(self, fresh: Sequence[Draft]) -> None:
        def create(some: Sequence[Draft]) -> None:
            with self.env.savepoint():
                records = self.env[self.plan.model].create_many([draft.creation() for draft in some])
            ids = [(draft.row, record.id) for draft, record in zip(some, records, strict=True)]
            self.store.written(self.plan.number, ids)
            for draft, record in zip(some, records, strict=True):
                self._defer(draft, record.id)
            self.outcomes["created"] += len(records)

        attempt(fresh, create, self._fail)

    def _update(self, matcher: Matcher, updates: Sequence[Draft]) -> None:
        changes: Mapping[int, dict[str, object]] = {} if self.plan.step.existing == "skip" else matcher.changes(updates)
        changed = [draft for draft in updates if draft.row in changes]
        self.outcomes["skipped"] += len(updates) - len(changed)

        def write(some: Sequence[Draft]) -> None:
            with self.env.savepoint():
                self.env[self.plan.model].write_many([(_record(draft), changes[draft.row]) for draft in some])
            for draft in some:
                self._defer(draft, _record(draft))
            self.outcomes["changed"] += len(some)

        attempt(changed, write, self._fail)

    def _fail(self, draft: Draft, faults: list[Fault]) -> None:
        draft.faults += [replace(fault, column=self.plan.column_of(fault.column)) for fault in faults]

    def _defer(self, draft: Draft, record: int) -> None:
        """Keep references to records of the same file that do not exist yet."""
        wants = [want for wants in draft.loose.values() for want in wants]
        deferred = [Deferred(record, want.target.name, want.lookup.number, want.text) for want in wants]
        self.store.defer(self.plan.number, deferred)

    def _write_deferred(self) -> None:
        """Write the references within the file, now that all its records exist."""
        targets = {target.name: target for target in self.plan.targets}
        for batch in self.store.deferred(self.plan.number):
            wants = [Want(targets[one.field], self.lookups[one.rule], one.text, "") for one in batch]
            self.references.forget()
            self.references.prepare(wants)
            values: dict[int, dict[str, object]] = {}
            for one, want in zip(batch, wants, strict=True):
                found = self.references.find(want)
                if not isinstance(found, int):
                    raise _vanished(one.text)
                _refer(values.setdefault(one.record, {}), want, found)
            self.env[self.plan.model].write_many(list(values.items()))


def _refer(values: dict[str, object], want: Want, id_: int) -> None:
    if not want.target.many:
        values[want.target.name] = id_
        return
    present = values.get(want.target.name)
    values[want.target.name] = Link(add=[*(present.add if isinstance(present, Link) else ()), id_])


def _vanished(text: str) -> ImportRefused:
    """A record that the check saw coming was refused when it was written, after others that refer to it."""
    return ImportRefused(
        _(
            "'{text}' was refused when it was to be written, and other rows refer to it. Nothing was imported.",
            text=text,
        ),
        hint=_("Take these rows out of the file, or correct them."),
    )


def _record(draft: Draft) -> int:
    assert draft.record is not None
    return draft.record
