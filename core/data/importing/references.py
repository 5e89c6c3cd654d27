"""Related records found by the texts that name them: in the database, or among those that the import itself creates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.data.importing.convert import nearest
from core.data.importing.drafts import Draft, Want, place
from core.data.importing.store import Fault, Planned, Store
from core.data.importing.targets import ID, Lookup
from core.i18n import _
from core.text import fold

if TYPE_CHECKING:
    from core.records.environment import Environment

SMALL = 2_000
KEPT = 20_000
SUGGESTED = 200

Found = int | Planned | Fault | None


@dataclass(slots=True)
class _Index:
    """All records of a small model by the words that name them; active ones win over archived ones."""

    exact: Mapping[tuple[str, str], list[int]]
    folded: Mapping[tuple[str, str], list[int]]


@dataclass(slots=True)
class References:
    """Finds related records, in one query for each batch and lookup; remembers what it has found, within bounds."""

    env: Environment
    store: Store
    _known: dict[tuple[int, str], Found] = field(default_factory=dict)
    _indexes: dict[int, _Index | None] = field(default_factory=dict)
    _suggested: int = 0

    def prepare(self, wants: Iterable[Want]) -> None:
        """Look up all texts of a batch."""
        if len(self._known) > KEPT:
            self._known.clear()
        asked: dict[int, tuple[Lookup, dict[str, None]]] = {}
        for want in wants:
            if (want.lookup.number, want.text) not in self._known:
                asked.setdefault(want.lookup.number, (want.lookup, {}))[1][want.text] = None
        for lookup, texts in asked.values():
            self._look_up(lookup, list(texts))

    def find(self, want: Want) -> Found:
        """The record that the text names: its id, the row that creates it, why it cannot be told, or None."""
        return self._known.get((want.lookup.number, want.text))

    def forget(self) -> None:
        """Forget everything: records have been created since."""
        self._known.clear()
        self._indexes.clear()

    def remember(self, lookup: Lookup, text: str, planned: Planned) -> None:
        """Note that the import creates the record that the text names."""
        self._known[lookup.number, text] = planned

    def suggest(self, lookup: Lookup, text: str) -> str:
        """The nearest name among the records of a small model."""
        index = self._index(lookup)
        self._suggested += 1
        if index is None or self._suggested > SUGGESTED:
            return ""
        return nearest(text, (word for _field, word in index.exact))

    def resolve(self, drafts: Iterable[Draft]) -> list[tuple[Draft, Want]]:
        """Put the ids of found records into the drafts; gives what was not found. Planned records become `loose`."""
        open_ = [draft for draft in drafts if draft.wants and not draft.faults]
        self.prepare([want for draft in open_ for want in draft.wants])
        lost = []
        for draft in open_:
            for want in draft.wants:
                found = self.find(want)
                if isinstance(found, int):
                    place(draft, want.target, (found,))
                elif isinstance(found, Planned):
                    draft.loose.setdefault(want.target.name, []).append(want)
                elif isinstance(found, Fault):
                    draft.refuse(want.column or want.target.name, want.text, found.reason, found.suggestion)
                else:
                    lost.append((draft, want))
        return lost

    def _look_up(self, lookup: Lookup, texts: Sequence[str]) -> None:
        exact = self._stored(lookup, texts)
        for text in texts:
            found = self._choose(lookup, text, exact.get(text, []))
            if found is not None:  # what is not there yet may be planned by a later row
                self._known[lookup.number, text] = found

    def _choose(self, lookup: Lookup, text: str, exact: list[int]) -> Found:
        if exact:
            return self._one(lookup, text, exact)
        word = fold(text)
        for name in lookup.fields:
            planned = self.store.planned(lookup.model, name, word)
            if len(planned) == 1:
                return planned[0].record or planned[0]
            if planned:
                return Fault(
                    "", text, _("rows {one} and {other} both create it", one=planned[0].row, other=planned[1].row)
                )
        index = self._index(lookup)
        for name in lookup.fields:
            if index and (found := index.folded.get((name, word))):
                return self._one(lookup, text, found)
        return None

    def _one(self, lookup: Lookup, text: str, ids: list[int]) -> Found:
        if len(ids) == 1:
            return ids[0]
        label = _(self.env.registry.schema[lookup.model].label or lookup.model)
        reason = _("names {count} records of '{model}'", count=len(ids), model=label)
        return Fault("", text, reason, _("name a unique field of '{model}' in the header or the recipe", model=label))

    def _stored(self, lookup: Lookup, texts: Sequence[str]) -> dict[str, list[int]]:
        """The ids of the records that the texts name exactly, by the first field that finds any."""
        found: dict[str, list[int]] = {}
        index = self._index(lookup)
        for name in lookup.fields:
            left = [text for text in texts if text not in found]
            if index is not None:
                found.update({text: index.exact[name, text] for text in left if (name, text) in index.exact})
            elif left:
                found.update(self._query(lookup.model, name, left))
        return found

    def _query(self, model: str, name: str, texts: Sequence[str]) -> dict[str, list[int]]:
        records = self.env[model]
        if name == ID:
            ids = {int(text): text for text in texts if text.isascii() and text.isdigit() and len(text) < 19}
            return {ids[id_]: [id_] for id_ in records.read_ids(list(ids), [ID])}
        values: Sequence[object] = texts
        if records.info.fields[name].kind.value == "integer":
            values = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
        where = f"{name} in wanted{any_active(records.info.fields)}"
        read = records.read(where, [ID, name, *_active(records.info.fields)], wanted=values) if values else []
        return {word: ids for (_name, word), ids in _by_word(read, (name,), str).items()}

    def _index(self, lookup: Lookup) -> _Index | None:
        """All names of a model with few records; None for a large one."""
        if lookup.number not in self._indexes:
            self._indexes[lookup.number] = self._load(lookup)
        return self._indexes[lookup.number]

    def _load(self, lookup: Lookup) -> _Index | None:
        if lookup.fields == (ID,):
            return None
        records = self.env[lookup.model]
        names = [ID, *lookup.fields, *_active(records.info.fields)]
        where = any_active(records.info.fields).removeprefix(" and ")
        read = records.read(where, names, order="id", limit=SMALL + 1)
        if len(read) > SMALL:
            return None
        return _Index(_by_word(read, lookup.fields, str), _by_word(read, lookup.fields, lambda value: fold(str(value))))


def _active(fields: Mapping[str, object]) -> list[str]:
    return ["active"] if "active" in fields else []


def any_active(fields: Mapping[str, object]) -> str:
    """Archived records count too: naming `active` turns the filter on it off."""
    return " and (active or not active)" if "active" in fields else ""


def _by_word(
    read: Iterable[Mapping[str, object]], names: Sequence[str], word: Callable[[object], str]
) -> dict[tuple[str, str], list[int]]:
    """Ids by (field, word): of the active records, or where there are none of the archived ones."""
    active: dict[tuple[str, str], list[int]] = {}
    archived: dict[tuple[str, str], list[int]] = {}
    for record in read:
        into = archived if record.get("active") is False else active
        for name in names:
            if record[name] is not None:
                into.setdefault((name, word(record[name])), []).append(int(str(record[ID])))
    return archived | active
