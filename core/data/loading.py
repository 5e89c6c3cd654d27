"""Writing what data files say: records in batches through the checked pipeline, under external ids.

For each value the text it was shipped as is kept beside the value that was written, so that a later version of the
addon can tell what a user has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.data.entries import DeleteEntry, Entry, RecordEntry, split
from core.data.known import known_ids
from core.data.threeway import Finding, Shipped, list_text, merge
from core.data.values import is_reference, read_references, read_value
from core.errors import NotFound
from core.lang.kinds import Kind
from core.model.reference import reference_to
from core.records.changelog import to_image
from core.records.environment import Environment
from core.records.storing import update_rows

BATCH = 500
_CREATED = "create_date"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did to records that were there: what was left as users had made it, and which fields were written.

    `changed` holds external id, model and the names of the fields.
    """

    findings: list[Finding] = field(default_factory=list)
    changed: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)


def load(env: Environment, entries: Sequence[Entry]) -> Loaded:
    """Write checked entries in order: records that have their external id already are brought up to date, others
    created.

    :raises Invalid: a record that its model does not accept.
    """
    loader = _Loader(env.sudo())
    for batch in _batches(entries):
        loader.write(batch)
    return loader.loaded


def forget_shipped(env: Environment, external_id: str, addon: str) -> None:
    """Forget what an addon shipped for a record: from now on it is its users' alone."""
    own, name = split(external_id)
    records = env.sudo()["core.shipped"]
    found = records.search("external.addon == o and external.name == n and addon == a", o=own, n=name, a=addon)
    records.delete(found.ids)


def value_text(kind: Kind, value: object) -> str:
    """The canonical text of a value: equal texts mean equal values."""
    if kind is Kind.REFERENCES:
        return list_text(set(value or ()))  # type: ignore[call-overload]  # a list of ids
    return to_image({"value": value}, {"value": kind})


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Runs of entries of one model and one kind, in order."""
    batch: list[Entry] = []
    for entry in entries:
        if batch and (_group(batch[-1]) != _group(entry) or len(batch) == BATCH):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _group(entry: Entry) -> tuple[type[Entry], str]:
    return type(entry), entry.model


class _Loader:
    def __init__(self, env: Environment) -> None:
        self.env = env
        self.loaded = Loaded()
        self.known = known_ids(env.database)

    def write(self, batch: Sequence[Entry]) -> None:
        """Write one run of entries."""
        pending: list[RecordEntry] = []
        for entry in batch:
            if isinstance(entry, DeleteEntry):
                self._delete(entry)
            elif entry.external_id in self.known:
                self._update(entry)
            else:
                if self._names(entry) & {other.external_id for other in pending}:
                    self._create(pending)
                    pending = []
                pending.append(entry)
        self._create(pending)

    def _names(self, entry: RecordEntry) -> set[str]:
        """The external ids that an entry refers to."""
        info = self.env.registry.schema[entry.model]
        return {
            name
            for field_name, source in entry.fields.items()
            if (field := info.find(field_name)) is not None and is_reference(source, field)
            for name in read_references(entry, source, field).names
        }

    def _values(self, entry: RecordEntry) -> dict[str, object]:
        info = self.env.registry.schema[entry.model]
        values: dict[str, object] = {}
        for name, source in entry.fields.items():
            field = info.find(name)
            if field is None:
                raise NotFound(f"{source.place}: there is no field '{name}'")
            if is_reference(source, field):
                found = read_references(entry, source, field)
                ids = [self.known[each][1] for each in found.names]
                values[field.name] = ids if found.many else ids[0]
                if field.models:
                    values[field.name] = reference_to(*self.known[found.names[0]])
            else:
                values[field.name] = read_value(self.env.registry, entry.model, field, source, self.env.implicit())
        return values

    def _create(self, entries: Sequence[RecordEntry]) -> None:
        if not entries:
            return
        values = [self._values(entry) for entry in entries]
        model = entries[0].model
        plain = [{name: value for name, value in given.items() if name != _CREATED} for given in values]
        rows = self.env[model].create_many(plain)
        dated = [
            (row.id, {_CREATED: date}) for row, given in zip(rows, values, strict=True) if (date := given.get(_CREATED))
        ]
        update_rows(self.env, model, dated)
        named = self.env["core.external_id"].create_many(
            [
                {"addon": addon, "name": name, "model": entry.model, "record": row.id}
                for entry, row in zip(entries, rows, strict=True)
                for addon, name in [split(entry.external_id)]
            ]
        )
        for entry, row in zip(entries, rows, strict=True):
            self.known[entry.external_id] = (entry.model, row.id)
        self._remember(entries, values, [row.id for row in named])

    def _update(self, entry: RecordEntry) -> None:
        """Bring a record that is there up to date: three-way, so that what users changed stays."""
        model, id_ = self.known[entry.external_id]
        values = self._values(entry)
        stored = self.env[model].read_ids([id_], list(values)).get(id_)
        if stored is None:
            self.loaded.findings.append(Finding("deleted", entry.external_id, model))
            return
        external = self._external(entry.external_id)
        old = self._shipped(external, entry.addon)
        shipped: dict[str, Shipped] = {}
        changed: dict[str, object] = {}
        for key, (name, value) in zip(entry.fields, values.items(), strict=True):
            kind = self.env.registry.schema[model].fields[name].kind
            new = Shipped(entry.fields[key].text, value_text(kind, value))
            shipped[name] = new
            if name == _CREATED:  # it is there since when it is there
                continue
            present = value_text(kind, stored[name])
            merged = merge(old.get(name), new, present, many=kind is Kind.REFERENCES)
            if merged.write is not None:
                changed[name] = json.loads(merged.write) if kind is Kind.REFERENCES else value
            if merged.told:
                self.loaded.findings.append(Finding(merged.told, entry.external_id, model, name, present, new.value))
        if changed:
            self.env[model].write_many([(id_, changed)])
            self.loaded.changed.append((entry.external_id, model, tuple(changed)))
        if shipped != old:
            self._forget(external, entry.addon)
            self._remember([entry], [values], [external])

    def _external(self, external_id: str) -> int:
        addon, name = split(external_id)
        (named,) = self.env["core.external_id"].read("addon == a and name == n", ["id"], a=addon, n=name)
        return int(named["id"])

    def _shipped(self, external: int, addon: str) -> dict[str, Shipped]:
        rows = self.env["core.shipped"].read(
            "external == x and addon == a", ["field", "source", "value"], x=external, a=addon
        )
        return {row["field"]: Shipped(row["source"] or "", row["value"] or "") for row in rows}

    def _forget(self, external: int, addon: str) -> None:
        rows = self.env["core.shipped"].search("external == x and addon == a", x=external, a=addon)
        self.env["core.shipped"].delete(rows.ids)

    def _remember(
        self, entries: Sequence[RecordEntry], values: Sequence[dict[str, object]], external_ids: Sequence[int]
    ) -> None:
        """Keep source text and value of every shipped field."""
        self.env["core.shipped"].create_many(
            [
                {
                    "addon": entry.addon,
                    "external": external_id,
                    "field": name,
                    "source": entry.fields[key].text,
                    "value": value_text(self.env.registry.schema[entry.model].fields[name].kind, value),
                }
                for entry, given, external_id in zip(entries, values, external_ids, strict=True)
                for key, (name, value) in zip(entry.fields, given.items(), strict=True)
            ]
        )

    def _delete(self, entry: DeleteEntry) -> None:
        if entry.external_id in self.known:
            model, id_ = self.known.pop(entry.external_id)
            addon, name = split(entry.external_id)
            self.env[model].delete(id_)
            named = self.env["core.external_id"].search("addon == a and name == n", a=addon, n=name)
            self.env["core.external_id"].delete(named.ids)
