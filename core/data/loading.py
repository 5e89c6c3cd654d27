"""Writing what data files say: records in batches through the checked pipeline, under external ids.

For each value the text it was shipped as is kept beside the value that was written, so that a later version of the
addon can tell what a user has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from core.data.entries import DeleteEntry, Entry, RecordEntry, split
from core.data.values import is_reference, read_references, read_value
from core.errors import NotFound
from core.lang.kinds import Kind
from core.records.changelog import to_image
from core.records.environment import Environment

BATCH = 500


def load(env: Environment, entries: Sequence[Entry]) -> None:
    """Write checked entries in order: records that have their external id already are changed, others created.

    :raises Invalid: a record that its model does not accept.
    """
    loader = _Loader(env.sudo())
    for batch in _batches(entries):
        loader.write(batch)


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
        rows = env["core.external_id"].read("", ["addon", "name", "model", "record"])
        self.known: dict[str, tuple[str, int]] = {
            f"{row['addon']}.{row['name']}": (row["model"], row["record"]) for row in rows
        }

    def write(self, batch: Sequence[Entry]) -> None:
        """Write one run of entries."""
        pending: list[RecordEntry] = []
        for entry in batch:
            if isinstance(entry, DeleteEntry):
                self._delete(entry)
            elif entry.external_id in self.known:
                self._change(entry)
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
            else:
                values[field.name] = read_value(self.env.registry, entry.model, field, source, self.env.implicit())
        return values

    def _create(self, entries: Sequence[RecordEntry]) -> None:
        if not entries:
            return
        values = [self._values(entry) for entry in entries]
        rows = self.env[entries[0].model].create_many(values)
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

    def _change(self, entry: RecordEntry) -> None:
        values = self._values(entry)
        model, id_ = self.known[entry.external_id]
        self.env[model].write_many([(id_, values)])
        addon, name = split(entry.external_id)
        (named,) = self.env["core.external_id"].read("addon == a and name == n", ["id"], a=addon, n=name)
        self.env["core.shipped"].delete(self.env["core.shipped"].search("external == x", x=named["id"]).ids)
        self._remember([entry], [values], [named["id"]])

    def _remember(
        self, entries: Sequence[RecordEntry], values: Sequence[dict[str, object]], external_ids: Sequence[int]
    ) -> None:
        """Keep source text and value of every shipped field."""
        self.env["core.shipped"].create_many(
            [
                {
                    "external": external_id,
                    "field": name,
                    "source": entry.fields[key].text,
                    "value": self._text(entry, name, value),
                }
                for entry, given, external_id in zip(entries, values, external_ids, strict=True)
                for key, (name, value) in zip(entry.fields, given.items(), strict=True)
            ]
        )

    def _text(self, entry: RecordEntry, name: str, value: object) -> str:
        kind = self.env.registry.schema[entry.model].fields[name].kind
        return json.dumps(value) if kind is Kind.REFERENCES else to_image({"value": value}, {"value": kind})

    def _delete(self, entry: DeleteEntry) -> None:
        if entry.external_id in self.known:
            model, id_ = self.known.pop(entry.external_id)
            addon, name = split(entry.external_id)
            self.env[model].delete(id_)
            named = self.env["core.external_id"].search("addon == a and name == n", a=addon, n=name)
            self.env["core.external_id"].delete(named.ids)
