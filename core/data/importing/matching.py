"""Which record a row means, and what it would change there. Asks the database once for each batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.importing.drafts import Draft
from core.data.importing.plan import Plan
from core.data.importing.references import any_active
from core.data.importing.store import Store
from core.data.importing.targets import ID, Target
from core.i18n import _
from core.model.change import Link

if TYPE_CHECKING:
    from core.records.environment import Environment

Key = tuple[object, ...]


@dataclass(slots=True)
class Matcher:
    """Finds the records that the rows of one file mean, by its key."""

    env: Environment
    store: Store
    plan: Plan

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the key."""
        return tuple(info.name for info in self.plan.key)

    @property
    def by_id(self) -> bool:
        """Whether the file has a column of ids, which is the key."""
        return self.plan.id_place is not None

    def match(self, drafts: Iterable[Draft]) -> None:
        """Set the record that each row updates; a row without key, or whose key fits several records, is refused."""
        open_ = [draft for draft in drafts if not draft.faults]
        if self.by_id:
            self._match_ids(open_)
        elif self.plan.key:
            self._match_keys([draft for draft in open_ if self._complete(draft)])

    def key_of(self, draft: Draft) -> Key:
        """The values of the key; a record still to be created is named by its text."""
        return tuple(
            tuple(want.text for want in draft.loose[name]) if name in draft.loose else draft.values.get(name)
            for name in self.names
        )

    def word_of(self, draft: Draft) -> str:
        """The key as one text, for the import's memory."""
        return repr(draft.record if self.by_id else self.key_of(draft))

    def planned(self, draft: Draft) -> bool:
        """Whether an earlier file of the import creates the record that the row means."""
        if not self.plan.key or self.by_id:
            return False
        found = self.store.planned(self.plan.model, key_field(self.names), self.word_of(draft))
        return any(planned.step < self.plan.number for planned in found)

    def changes(self, drafts: Sequence[Draft]) -> dict[int, dict[str, object]]:
        """What each row that means a record would change there, by row; rows that change nothing have no entry."""
        ids = [draft.record for draft in drafts if draft.record is not None]
        targets = {target.name: target for target in self.plan.targets}
        names = sorted({name for draft in drafts for name in draft.values})
        stored = self.env[self.plan.model].read_ids(ids, [ID, *names])
        found = {}
        for draft in drafts:
            if draft.record is not None:
                differing = _differing(draft, stored[draft.record], targets)
                if differing or draft.loose:
                    found[draft.row] = differing
        return found

    def _complete(self, draft: Draft) -> bool:
        missing = [name for name, value in zip(self.names, self.key_of(draft), strict=True) if value is None]
        for name in missing:
            draft.refuse(self.plan.column_of(name), "", _("the key is empty"))
        return not missing

    def _match_ids(self, drafts: Sequence[Draft]) -> None:
        found = self.env[self.plan.model].read_ids([draft.record for draft in drafts if draft.record], [ID])
        column = self.plan.source.header[self.plan.id_place or 0]
        for draft in drafts:
            if draft.record not in found:
                draft.refuse(column, str(draft.record), _("there is no such record, or you may not see it"))

    def _match_keys(self, drafts: Sequence[Draft]) -> None:
        settled = [draft for draft in drafts if not any(name in draft.loose for name in self.names)]
        found = self._stored([self.key_of(draft) for draft in settled])
        for draft in settled:
            ids = found.get(self.key_of(draft), [])
            if len(ids) > 1:
                reason = _("the key fits {count} records", count=len(ids))
                draft.refuse(
                    self.plan.column_of(self.names[0]), str(self.key_of(draft)[0]), reason, _("add a field to the key")
                )
            elif ids:
                draft.record = ids[0]

    def _stored(self, keys: Sequence[Key]) -> dict[Key, list[int]]:
        if not keys:
            return {}
        records = self.env[self.plan.model]
        where = " and ".join(f"{name} in keys{place}" for place, name in enumerate(self.names))
        bound: dict[str, Any] = {
            f"keys{place}": list(dict.fromkeys(values)) for place, values in enumerate(zip(*keys, strict=True))
        }
        found: dict[Key, list[int]] = {}
        for record in records.read(where + any_active(records.info.fields), [ID, *self.names], **bound):
            found.setdefault(tuple(record[name] for name in self.names), []).append(record[ID])
        return found


def key_field(names: Sequence[str]) -> str:
    """The name under which whole keys are kept in the import's memory, where no field can be called so."""
    return f"({', '.join(names)})"


def digest(draft: Draft) -> bytes:
    """A fingerprint of what the row says."""
    loose = sorted((name, [want.text for want in wants]) for name, wants in draft.loose.items())
    said = (sorted(draft.values.items()), sorted(draft.blank), loose)
    return hashlib.blake2b(repr(said).encode(), digest_size=16).digest()


def _differing(draft: Draft, stored: Mapping[str, object], targets: Mapping[str, Target]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in draft.values.items():
        if not targets[name].many:
            if value != stored[name]:
                found[name] = value
            continue
        assert isinstance(value, list)
        present = stored[name]
        assert isinstance(present, list)
        if targets[name].links == "replace":
            if set(value) != set(present):
                found[name] = value
        elif add := [id_ for id_ in value if id_ not in present]:
            found[name] = Link(add=add)
    return found
