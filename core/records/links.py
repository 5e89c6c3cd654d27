"""Links of many2many fields: rows of link tables, added and removed by the pipeline alone.

A link belongs to the record whose field owns the table: there it is logged, whichever side it was given on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.lang.schema import LinkTable
from core.model.change import Link
from core.model.reference import reference_to
from core.records.query import in_chunks

if TYPE_CHECKING:
    from core.records.environment import Environment

# Ids to link in place of the present ones, or ids to add and to remove.
Links = Link | tuple[int, ...]
# What moves: by record and many2many field.
Moves = Mapping[int, Mapping[str, Link]]

# The column of a link table that leads to the record whose field owns the table.
OWNER = "owner_id"


def stored_links(env: Environment, model: str, name: str, ids: Sequence[int]) -> dict[int, list[int]]:
    """The linked ids of each record, ascending; every id has an entry."""
    link = link_table(env, model, name)
    found: dict[int, list[int]] = {id_: [] for id_ in ids}
    for chunk, slots in in_chunks(env, list(found)):
        text = f"SELECT {link.own}, {link.other} FROM {link.table} WHERE {link.own} IN ({slots}) ORDER BY 1, 2"
        for own, other in env.database.fetch(text, chunk):
            found[own].append(other)
    return found


def own_keys(env: Environment, model: str, target: str, inverse: str, ids: Iterable[int]) -> dict[int | str, int]:
    """What the inverse of a one2many holds for each owner, and the owner's id: the id itself, or the text that names
    the record."""
    if env.registry.schema[target].fields[inverse].models:
        return {reference_to(model, id_): id_ for id_ in ids}
    return {id_: id_ for id_ in ids}


def link_table(env: Environment, model: str, name: str) -> LinkTable:
    """The link table of a many2many field."""
    link = env.registry.schema[model].fields[name].link
    if link is None:
        raise TypeError(f"{model}.{name} is not a many2many field")
    return link


def plan_links(env: Environment, model: str, items: Iterable[tuple[int, Mapping[str, Links]]]) -> Moves:
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
            remove = set(value.remove) & now if isinstance(value, Link) else _seen(env, model, name, now - set(value))
            if add or remove:
                plan.setdefault(id_, {})[name] = Link(add=tuple(sorted(add)), remove=tuple(sorted(remove)))
    return plan


def _seen(env: Environment, model: str, name: str, ids: set[int]) -> set[int]:
    """Which of the linked records the user may see: a list given as a whole says nothing about the others."""
    if env.policy is None or not ids:
        return ids
    target = env[str(env.registry.schema[model].fields[name].target)]
    return set(target.read_ids(sorted(ids), ["id"])) if target.may("read") else set()


def apply_links(env: Environment, model: str, moved: Moves) -> None:
    """Carry out planned moves."""
    for name in sorted({name for given in moved.values() for name in given}):
        chosen = [(id_, given[name]) for id_, given in moved.items() if name in given]
        _insert(env, model, name, [(id_, other) for id_, link in chosen for other in link.add])
        _delete(env, model, name, [(id_, other) for id_, link in chosen for other in link.remove])


def as_added(items: Iterable[tuple[int, Mapping[str, Links]]]) -> Moves:
    """The links of new records, which have none yet."""
    added = {
        id_: {name: Link(add=value.add if isinstance(value, Link) else value) for name, value in given.items()}
        for id_, given in items
        if given
    }
    return {id_: {name: link for name, link in given.items() if link} for id_, given in added.items()}


def split_sides(env: Environment, model: str, moves: Moves) -> tuple[Moves, Moves]:
    """Moves of links that the model owns, and of those seen from the other side; records without any are left out."""
    own: dict[int, dict[str, Link]] = {}
    reverse: dict[int, dict[str, Link]] = {}
    for id_, given in moves.items():
        for name, link in given.items():
            side = own if owns(link_table(env, model, name)) else reverse
            side.setdefault(id_, {})[name] = link
    return own, reverse


def owns(link: LinkTable) -> bool:
    """Whether the field that sees the table so is the one that owns it."""
    return link.own == OWNER


def owned_moves(env: Environment, model: str, reverse: Moves) -> dict[tuple[str, str], dict[int, Link]]:
    """Moves given on the other side, as moves of the owners: by (model, field) and owner."""
    found: dict[tuple[str, str], dict[int, Link]] = {}
    for id_, given in reverse.items():
        for name, link in given.items():
            target = str(env.registry.schema[model].fields[name].target)
            moves = found.setdefault((target, _owning_field(env, target, link_table(env, model, name))), {})
            for other in (*link.add, *link.remove):
                before = moves.get(other, Link())
                added = (*before.add, id_) if other in link.add else before.add
                removed = (*before.remove, id_) if other in link.remove else before.remove
                moves[other] = Link(add=added, remove=removed)
    return found


def _owning_field(env: Environment, model: str, seen: LinkTable) -> str:
    fields = env.registry.schema[model].fields.values()
    return next(info.name for info in fields if info.link and info.link.table == seen.table and owns(info.link))


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
