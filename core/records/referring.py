"""What refers to records: the fields of any addon that lead to a model, and the rows in which they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.records import links
from core.records.query import in_chunks
from core.records.storing import quoted

if TYPE_CHECKING:
    from core.records.environment import Environment


def referring_fields(env: Environment, target: str) -> tuple[tuple[str, str], ...]:
    """The many2one and reference fields that may lead to records of a model, as pairs of model and field."""
    return (*env.registry.references_to(target), *env.registry.naming(target))


def referring_rows(env: Environment, source: str, field_name: str, target: str, ids: Sequence[int]) -> set[int]:
    """The ids of the rows, archived ones included, in which such a field leads to one of these records."""
    info = env.registry.schema[source]
    column = quoted(str(info.fields[field_name].column))
    found: set[int] = set()
    for chunk, slots in in_chunks(env, list(links.own_keys(env, target, source, field_name, ids))):
        text = f"SELECT id FROM {info.table} WHERE {column} IN ({slots})"
        found.update(id_ for (id_,) in env.database.fetch(text, chunk))
    return found


def linking_rows(env: Environment, target: str, ids: Sequence[int]) -> Iterator[tuple[str, str, dict[int, list[int]]]]:
    """The links that records of other models hold to these: model, many2many field, and the linked ids by owner."""
    for source, info in env.registry.schema.items():
        for name, field in info.fields.items():
            link = field.link
            if link is None or field.target != target or not links.owns(link):
                continue
            found: dict[int, list[int]] = {}
            for chunk, slots in in_chunks(env, ids):
                text = f"SELECT {link.own}, {link.other} FROM {link.table} WHERE {link.other} IN ({slots})"
                for own, other in env.database.fetch(text, chunk):
                    found.setdefault(own, []).append(other)
            yield source, name, found
