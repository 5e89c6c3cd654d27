"""The first pass over a file: what each row would create, change or leave, and why it cannot. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.data.importing.attempts import attempt
from core.data.importing.drafts import Draft, Want, batches
from core.data.importing.matching import Matcher, digest, key_field
from core.data.importing.plan import Plan
from core.data.importing.references import References, any_active
from core.data.importing.store import Fault, Outcome, Pending, Planned, Store
from core.data.importing.targets import ID, Lookup
from core.errors import Refusal
from core.i18n import _
from core.records.checks import require_right
from core.records.rehearsal import rehearse_create, rehearse_write
from core.text import fold

if TYPE_CHECKING:
    from core.records.environment import Environment

Tell = Callable[[int], None]
# Found for a text whose record may be created, but is not planned yet.
CREATABLE = Planned(-1, 0, None)


@dataclass(slots=True)
class Checker:
    """Checks the rows of one file.

    `words` are the fields by which other rows or files look for the records it creates, `keys` the keys of later files.
    """

    env: Environment
    store: Store
    plan: Plan
    references: References
    lookups: Sequence[Lookup]
    words: frozenset[str] = frozenset()
    keys: frozenset[tuple[str, ...]] = frozenset()
    outcomes: Counter[str] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    @property
    def uniques(self) -> list[str]:
        """The unique fields that rows fill."""
        declarations = self.env.registry.declarations[self.plan.model]
        return sorted({target.name for target in self.plan.targets if declarations[target.name].unique})

    def run(self, tell: Tell) -> None:
        """Check the whole file; `tell` hears the number of rows done."""
        matcher = Matcher(self.env, self.store, self.plan)
        for batch in batches(self.plan):
            self._batch(matcher, batch)
            self.rows += len(batch)
            tell(self.rows)
        self._settle()

    def _batch(self, matcher: Matcher, batch: Sequence[Draft]) -> None:
        self.outcomes["skipped"] += sum(draft.passed for draft in batch)
        rows = [draft for draft in batch if not draft.passed]
        waiting = self._find(rows)
        matcher.match(rows)
        self._unique(rows)
        updates = [draft for draft in rows if draft.record is not None and not draft.faults]
        fresh = [draft for draft in rows if draft.record is None and not draft.faults]
        changes = {} if self.plan.step.existing == "skip" else matcher.changes(updates)
        self._rehearse(fresh, updates, changes)
        for draft in rows:
            if not draft.faults:
                outcome = self._outcome(matcher, draft, changes)
                if outcome:
                    self._accept(draft, outcome, waiting.get(draft.row, ()))
            if draft.faults:
                self.store.refuse(self.plan.number, draft.row, draft.faults)

    # Related records

    def _find(self, rows: Sequence[Draft]) -> dict[int, list[Want]]:
        """Find related records; gives the references that wait for the end of the file, by row."""
        waiting: dict[int, list[Want]] = {}
        missing: dict[tuple[int, str], list[tuple[Draft, Want]]] = {}
        for draft, want in self.references.resolve(rows):
            if want.lookup.model == self.plan.model:
                waiting.setdefault(draft.row, []).append(want)
                draft.loose.setdefault(want.target.name, []).append(want)
            elif want.lookup.create:
                missing.setdefault((want.lookup.number, want.text), []).append((draft, want))
            else:
                self._lost(draft, want)
        by_lookup: dict[int, list[list[tuple[Draft, Want]]]] = {}
        for (number, _text), users in missing.items():
            by_lookup.setdefault(number, []).append(users)
        for groups in by_lookup.values():
            self._create_missing(groups)
        return waiting

    def _lost(self, draft: Draft, want: Want) -> None:
        label = _(self.env.registry.schema[want.lookup.model].label or want.lookup.model)
        suggestion = self.references.suggest(want.lookup, want.text)
        draft.refuse(want.column or want.target.name, want.text, _("there is no such {model}", model=label), suggestion)

    def _create_missing(self, groups: Sequence[Sequence[tuple[Draft, Want]]]) -> None:
        """Plan related records of one kind; `groups` are the rows that name the same one."""
        lookup = groups[0][0][1].lookup

        def rehearse(some: Sequence[Sequence[tuple[Draft, Want]]]) -> None:
            values = [{**lookup.extra, lookup.create_field: users[0][1].text} for users in some]
            rehearse_create(self.env, lookup.model, values)

        def fail(users: Sequence[tuple[Draft, Want]], faults: list[Fault]) -> None:
            for draft, want in users:
                reason = _("cannot be created: {reason}", reason=faults[0].reason)
                draft.refuse(want.column or want.target.name, want.text, reason, faults[0].suggestion)

        require_right(self.env, lookup.model, "create")
        attempt(groups, rehearse, fail)
        for users in groups:
            for draft, want in users:
                draft.loose.setdefault(want.target.name, []).append(want)
            self.references.remember(lookup, users[0][1].text, CREATABLE)

    def _plan_missing(self, lookup: Lookup, text: str) -> None:
        """Plan a related record that a row which is in order names, unless another row has named it already."""
        word = fold(text)
        known = self.store.planned(lookup.model, lookup.create_field, word)
        if not known:
            self.store.miss(self.plan.number, lookup.model, lookup.create_field, word, text, lookup.number)
            self.created[lookup.model] += 1
            known = self.store.planned(lookup.model, lookup.create_field, word)
        self.references.remember(lookup, text, known[0])

    # Own records

    def _unique(self, rows: Iterable[Draft]) -> None:
        """Refuse a new record whose unique value another record has already."""
        fresh = [draft for draft in rows if draft.record is None and not draft.faults]
        for name in self.uniques:
            wanted = {draft.values[name]: draft for draft in fresh if draft.values.get(name) is not None}
            for value in self._present(name, list(wanted)):
                wanted[value].refuse(
                    self.plan.column_of(name),
                    str(value),
                    _("there is a record with this value already"),
                    _("import with --key {field} to update it", field=name),
                )

    def _present(self, name: str, values: list[object]) -> list[object]:
        records = self.env[self.plan.model]
        if not values:
            return []
        where = f"{name} in wanted{any_active(records.info.fields)}"
        return [record[name] for record in records.read(where, [ID, name], wanted=values)]

    def _rehearse(
        self, fresh: Sequence[Draft], updates: Sequence[Draft], changes: Mapping[int, dict[str, object]]
    ) -> None:
        """Let the model's own rules speak; what they say of relations still to be created is not heard."""
        model = self.plan.model

        def fail(draft: Draft, faults: list[Fault]) -> None:
            heard = [fault for fault in faults if fault.column not in draft.loose]
            draft.faults += [
                Fault(
                    self.plan.column_of(fault.column),
                    fault.value or _shown(draft, fault.column),
                    fault.reason,
                    fault.suggestion,
                )
                for fault in heard
            ]

        if fresh:
            require_right(self.env, model, "create")
        attempt(fresh, lambda some: rehearse_create(self.env, model, [draft.creation() for draft in some]), fail)
        changed = [draft for draft in updates if changes.get(draft.row)]
        if changed:
            require_right(self.env, model, "update")
        attempt(
            changed,
            lambda some: rehearse_write(
                self.env, model, [(int(str(draft.record)), changes[draft.row]) for draft in some]
            ),
            fail,
        )

    def _outcome(self, matcher: Matcher, draft: Draft, changes: Mapping[int, dict[str, object]]) -> Outcome | None:
        """What becomes of a row that is in order; None for one that only repeats another, or has just been refused."""
        if self.plan.key or matcher.by_id:
            first, said = self.store.see(self.plan.number, matcher.word_of(draft), draft.row, digest(draft))
            if first != draft.row:
                return self._repeated(matcher, draft, first, same=said == digest(draft))
        if draft.record is None and matcher.planned(draft):
            return "changed"
        if draft.record is None:
            return None if self._repeats_unique(draft) else "created"
        if self.plan.step.existing == "skip" or draft.row not in changes:
            return "skipped"
        return "changed"

    def _repeats_unique(self, draft: Draft) -> bool:
        """Refuse a row that has the unique value of an earlier row."""
        for name in self.uniques:
            value = draft.values.get(name)
            if value is not None:
                first, _said = self.store.see(self.plan.number, f"{name}={value}", draft.row, b"")
                if first != draft.row:
                    draft.refuse(self.plan.column_of(name), str(value), _("row {row} has the same value", row=first))
        return bool(draft.faults)

    def _repeated(self, matcher: Matcher, draft: Draft, first: int, *, same: bool) -> Outcome | None:
        if self.plan.step.distinct:
            return None
        if same:
            return "skipped"
        value = str(matcher.key_of(draft)[0]) if matcher.names else str(draft.record)
        column = self.plan.column_of(matcher.names[0]) if matcher.names else ID
        draft.refuse(column, value, _("row {row} has the same key and other values", row=first))
        return None

    def _accept(self, draft: Draft, outcome: Outcome, waiting: Sequence[Want]) -> None:
        self.outcomes[outcome] += 1
        number = self.plan.number
        if outcome == "created":
            words = [(name, fold(str(draft.values[name]))) for name in self.words if draft.values.get(name) is not None]
            words += [(key_field(names), self._key_word(draft, names)) for names in self.keys]
            if words:
                self.store.plan(number, draft.row, self.plan.model, words)
        for want in waiting:
            fields = f"|{'|'.join(want.lookup.fields)}|"
            column = want.column or want.target.name
            model, rule, text = want.lookup.model, want.lookup.number, want.text
            self.store.wait(number, Pending(draft.row, outcome, rule, model, fields, fold(text), column, text))
        for want in (want for wants in draft.loose.values() for want in wants):
            if self.references.find(want) is CREATABLE:
                self._plan_missing(want.lookup, want.text)

    def _key_word(self, draft: Draft, names: Sequence[str]) -> str:
        return repr(
            tuple(
                tuple(want.text for want in draft.loose[name]) if name in draft.loose else draft.values.get(name)
                for name in names
            )
        )

    def _settle(self) -> None:
        """Refuse rows that refer to records of their own file which are not there, until no more follow from it."""
        number = self.plan.number
        while unmet := self.store.unmet(number):
            created = [pending for pending in unmet if self.lookups[pending.rule].create and self._create_own(pending)]
            lost = [pending for pending in unmet if pending not in created]
            for pending in lost:
                reason = _("there is no such record, in the file or in the database")
                self.store.refuse(number, pending.row, [Fault(pending.column, pending.text, reason)])
            for _row, outcome in {(pending.row, pending.outcome) for pending in lost}:
                self.outcomes[outcome] -= 1

    def _create_own(self, pending: Pending) -> bool:
        """Plan a record of the file's own model that a row names and no row creates, if the model lets it be."""
        lookup = self.lookups[pending.rule]
        try:
            rehearse_create(self.env, lookup.model, [{**lookup.extra, lookup.create_field: pending.text}])
        except Refusal:
            return False
        self._plan_missing(lookup, pending.text)
        return True


def _shown(draft: Draft, name: str) -> str:
    value = draft.values.get(name)
    return "" if value is None else str(value)
