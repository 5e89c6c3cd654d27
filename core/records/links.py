"""Links of many2many fields: rows of link tables, added and removed by the pipeline alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.lang.schema import LinkTable
from core.model.change import Link
from core.records.query import in_chunks

if TYPE_CHECKING:
    from core.records.environment import Environment


def stored_links(env: Environment, model: str, name: str, ids: Sequence[int]) -> dict[int, list[int]]:
    """The linked ids of each record, ascending; every id has an entry."""
    link = link_table(env, model, name)
    found: dict[int, list[int]] = {id_: [] for id_ in ids}
    for chunk, slots in in_chunks(env, list(found)):
        text = f"SELECT {link.own}, {link.other} FROM {link.table} WHERE {link.own} IN ({slots}) ORDER BY 1, 2"
        for own, other in env.database.fetch(text, chunk):
            found[own].append(other)
    return found


def link_table(env: Environment, model: str, name: str) -> LinkTable:
    """The link table of a many2many field."""
    link = env.registry.schema[model].fields[name].link
    if link is None:
        raise TypeError(f"{model}.{name} is not a many2many field")
    return link


def plan_links(
    env: Environment, model: str, items: Iterable[tuple[int, Mapping[str, Link | tuple[int, ...]]]]
) -> dict[int, dict[str, Link]]:
    """What really moves: by record and field the ids to add and to remove; records where nothing moves are left out."""
    wanted = [(id_, given) for id_, given in items if given]
    plan: dict[int, dict[str, Link]] = {}
    for name in sorted({name for _id, given in wanted for name in given}):
        present = stored_links(env, model, name, [id_ for id_, given in wanted if name in given])
        for id_, given in wanted:
            if name not in given:
                continue
            now = set(present[id_])
            value = given[name]
            add = set(value.add) - now if isinstance(value, Link) else set(value) - now
            remove = set(value.remove) & now if isinstance(value, Link) else now - set(value)
            if add or remove:
                plan.setdefault(id_, {})[name] = Link(add=tuple(sorted(add)), remove=tuple(sorted(remove)))
    return plan


def apply_links(env: Environment, model: str, moved: Mapping[int, Mapping[str, Link]]) -> None:
    """Carry out planned moves."""
    for name in sorted({name for given in moved.values() for name in given}):
        chosen = [(id_, given[name]) for id_, given in moved.items() if name in given]
        _insert(env, model, name, [(id_, other) for id_, link in chosen for other in link.add])
        _delete(env, model, name, [(id_, other) for id_, link in chosen for other in link.remove])


def add_links(env: Environment, model: str, items: Iterable[tuple[int, Mapping[str, Link | tuple[int, ...]]]]) -> None:
    """Link new records, which have no links yet."""
    pairs: dict[str, list[tuple[int, int]]] = {}
    for id_, given in items:
        for name, value in given.items():
            others = value.add if isinstance(value, Link) else value
            pairs.setdefault(name, []).extend((id_, other) for other in others)
    for name, chosen in pairs.items():
        _insert(env, model, name, chosen)


def _insert(env: Environment, model: str, name: str, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        link = link_table(env, model, name)
        text = f"INSERT INTO {link.table} ({link.own}, {link.other}) VALUES (?, ?)"
        env.database.executemany(env.runtime.text(text), pairs)


def _delete(env: Environment, model: str, name: str, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        link = link_table(env, model, name)
        text = f"DELETE FROM {link.table} WHERE {link.own} = ? AND {link.other} = ?"
        env.database.executemany(env.runtime.text(text), pairs)
