"""The one road of every write: create and write in batches, whoever asks.

    rights -> before-images, locked, through the operation's rule -> before_write -> constraints -> SQL -> constraints
    that query -> rule on the result -> links and new children -> history -> after_write -> record_changed

`replay` is how undo restores former values: rights, rules, constraints and history do run, the models' hooks do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from core.errors import Invalid, StaleVersion
from core.i18n import _
from core.model.change import Change, Link
from core.model.record import Record
from core.records import changelog, checks, links, properties
from core.records.images import lock_images
from core.records.links import Links
from core.records.storing import insert_rows, update_rows
from core.records.traits import traits
from core.records.values import Given, check_given, check_links, check_value

if TYPE_CHECKING:
    from core.records.environment import Environment


def create(env: Environment, model: str, items: Sequence[Mapping[str, object]]) -> list[Record]:
    """Create one record for each mapping of values by field name; rows in the same order.

    :raises AccessDenied: no right to create, a closed field, or the result breaks a record rule.
    :raises Invalid: values that do not fit; `row` of each error is the position in `items`.
    """
    if not items:
        return []
    checks.require_right(env, model, "create")
    single = len(items) == 1
    given = [check_given(env, model, item, None if single else row) for row, item in enumerate(items)]
    ids = env.database.reserve_ids(env.registry.schema[model].table, len(items))
    changes = [
        Change("create", id_, {}, {**item.values, **item.links}, _explicit(item))
        for id_, item in zip(ids, given, strict=True)
    ]
    for name, value in default_values(env, model).items():
        for change in changes:
            change.values.setdefault(name, value)
    _before_write(env, model, changes)
    return _store(env, model, changes, [item.children for item in given])


def restore(env: Environment, model: str, items: Sequence[Mapping[str, object]]) -> None:
    """Insert deleted rows again under their former ids, links included; part of undo."""
    checks.require_right(env, model, "create")
    changes = [Change("create", int(str(item["id"])), {}, dict(item), frozenset(item)) for item in items]
    _store(env, model, changes, [{} for _item in items], replay=True)


def _explicit(given: Given) -> frozenset[str]:
    return frozenset((*given.values, *given.links, *given.children))


def default_values(env: Environment, model: str) -> dict[str, object]:
    """The values a new record starts with, checked: by field name, links included."""
    found = traits(env, model)
    values = dict(found.constants)
    for name, default in found.defaults.items():
        value = default(env)
        values[name] = check_links(value) if name in found.link_fields else check_value(env, model, name, value)
    return values


def first_values(env: Environment, model: str, values: Mapping[str, object]) -> dict[str, object]:
    """What a record created with `values` would hold, as far as the model knows; nothing is written.

    A model may refuse values in `before_write` that are not complete yet: what it had set until then is given.
    """
    given = check_given(env, model, values)
    change = Change("create", 0, {}, {**given.values, **given.links}, _explicit(given))
    try:
        checks.check_references(env, model, [change], [given.links])
    except Invalid as error:  # nothing may be derived from what the user may not see
        change.values.update((each.field, None) for each in error.errors)
    for name, value in default_values(env, model).items():
        change.values.setdefault(name, value)
    with suppress(Invalid):
        _before_write(env, model, [change])
    links_ = traits(env, model).link_fields
    return {
        name: list(value.add) if name in links_ and isinstance(value, Link) else value
        for name, value in change.values.items()
    }


def _before_write(env: Environment, model: str, changes: list[Change]) -> None:
    """Let the model change values, then see to the properties: their definitions may be those of another team now."""
    if "before_write" in traits(env, model).hooks:
        _run_before_write(env, model, changes)
    for name in traits(env, model).properties:
        properties.apply(env, model, name, changes)


def _run_before_write(env: Environment, model: str, changes: list[Change]) -> None:
    """What the hook sets is checked like everything else."""
    kept = [dict(change.values) for change in changes]
    env.registry.models[model].before_write(changes)
    missing = object()
    link_fields = traits(env, model).link_fields
    for change, before in zip(changes, kept, strict=True):
        for name, value in change.values.items():
            if before.get(name, missing) is value or (value is None and name not in link_fields):
                continue
            checked = check_links(value) if name in link_fields else check_value(env, model, name, value)
            change.values[name] = checked


def _take_links(env: Environment, model: str, changes: Sequence[Change]) -> list[dict[str, Links]]:
    """The links among the values, which are stored apart from the row."""
    link_fields = traits(env, model).link_fields
    return [
        {name: check_links(change.values.pop(name)) for name in link_fields if name in change.values}
        for change in changes
    ]


def _store(
    env: Environment,
    model: str,
    changes: list[Change],
    children: Sequence[Mapping[str, list[Mapping[str, object]]]],
    *,
    replay: bool = False,
) -> list[Record]:
    given_links = _take_links(env, model, changes)
    rows = _complete(env, model, changes)
    records = env.registry.models[model].adopt_all(rows)
    checks.check_new(env, model, changes, records)
    if not replay:  # undo has made sure of the references, and restores records that refer to each other
        checks.check_references(env, model, changes, given_links)
    insert_rows(env, model, rows)
    env.unit.touch(model)
    ids = [change.id for change in changes]
    own, reverse = links.split_sides(env, model, links.as_added(zip(ids, given_links, strict=True)))
    links.apply_links(env, model, own)
    checks.check_by_query(env, model, records, None)
    checks.check_result(env, model, records, "create")
    _log_creates(env, model, ids, own if replay else {})
    _write_owners(env, model, reverse)
    _create_children(env, model, ids, children)
    _tell_links(changes, own)
    _after_write(env, model, changes, replay=replay)
    return records


def _log_creates(env: Environment, model: str, ids: Sequence[int], restored: links.Moves) -> None:
    """A row is its own after-image; links that undo restores are logged, to balance those of the deletion."""
    found = traits(env, model)
    if not found.history:
        return
    after = {id_: changelog.to_image(moved, found.logged) for id_, moved in restored.items()}
    entries = [changelog.LogEntry(id_, changelog.CREATED, None, after.get(id_)) for id_ in ids]
    changelog.write_log(env, model, entries)


def _write_owners(env: Environment, model: str, reverse: links.Moves) -> None:
    """Links given on the other side of a many2many are changes of the records that own them."""
    for (owner, name), moved in links.owned_moves(env, model, reverse).items():
        write(env, owner, [(id_, {name: link}) for id_, link in sorted(moved.items())])


def _complete(env: Environment, model: str, changes: Sequence[Change]) -> list[dict[str, object]]:
    """Whole rows: every stored field, None where nothing is known, and the automatic ones."""
    now = env.now()
    stamps = {"version": 1, "create_date": now, "create_uid": env.user, "write_date": now, "write_uid": env.user}
    blank = traits(env, model).blank
    return [{**blank, **stamps, **change.values, "id": change.id} for change in changes]


def _create_children(
    env: Environment, model: str, ids: Sequence[int], children: Sequence[Mapping[str, list[Mapping[str, object]]]]
) -> None:
    """New records of one2many fields: one batch for each field."""
    for name in sorted({name for given in children for name in given}):
        info = env.registry.schema[model].fields[name]
        own = links.own_keys(env, model, str(info.target), str(info.inverse), ids)
        values = [
            {**child, str(info.inverse): key}
            for key, given in zip(own, children, strict=True)
            for child in given.get(name, ())
        ]
        create(env, str(info.target), values)


def write(
    env: Environment,
    model: str,
    items: Sequence[tuple[int, Mapping[str, object]]],
    *,
    versions: Mapping[int, int] | None = None,
    replay: bool = False,
    logged: bool = True,
) -> list[Change]:
    """Write values to records by id; what is equal already is left alone. Gives the changes that were stored.

    :param versions: the version that the caller saw, by id; compared where given.
    :param logged: False leaves no history, and who changed the record last stays.
    :raises AccessDenied: no right to update, a closed field, a record that the rules do not let the user change.
    :raises NotFound: a record that is not there, or may not be known.
    :raises StaleVersion: somebody else changed a record since.
    :raises Invalid: values that do not fit.
    """
    if not items:
        return []
    checks.require_right(env, model, "update")
    items = _once_each(items)
    given = _check_items(env, model, items, replay=replay)
    images = lock_images(env, model, [id_ for id_, _values in items], "update")
    compare_versions(env, model, images, versions or {})
    changes = [
        Change("write", id_, images[id_], {**item.values, **item.links}, _explicit(item))
        for (id_, _values), item in zip(items, given, strict=True)
    ]
    if not replay:
        _before_write(env, model, changes)
    given_links = _take_links(env, model, changes)
    ids = [change.id for change in changes]
    planned = links.plan_links(env, model, list(zip(ids, given_links, strict=True)))
    moved, reverse = links.split_sides(env, model, planned)
    effective = [change for change in changes if _effective(change) or change.id in moved]
    _update(env, model, effective, moved, replay=replay, logged=logged)
    _write_owners(env, model, reverse)
    _create_children(env, model, ids, [item.children for item in given])
    _tell_links(effective, moved)
    _after_write(env, model, effective, replay=replay)
    return effective


def follow(env: Environment, model: str, items: Sequence[tuple[int, Mapping[str, object]]]) -> None:
    """Write what follows from other values, to fields declared so: neither history nor hooks but `derive`.

    :raises ValueError: a field that is not declared `follows`.
    """
    declarations = env.registry.declarations[model]
    others = sorted({name for _id, values in items for name in values if not declarations[name].follows})
    if others:
        raise ValueError(f"{model}.{others[0]} is not declared follows=True")
    write(env, model, items, replay=True, logged=False)


def _once_each(items: Sequence[tuple[int, Mapping[str, object]]]) -> Sequence[tuple[int, Mapping[str, object]]]:
    """Every record once; of several values for one field the last one holds."""
    if len({id_ for id_, _values in items}) == len(items):
        return items
    merged: dict[int, dict[str, object]] = {}
    for id_, values in items:
        merged.setdefault(id_, {}).update(values)
    return list(merged.items())


def _check_items(
    env: Environment, model: str, items: Sequence[tuple[int, Mapping[str, object]]], *, replay: bool
) -> list[Given]:
    """Check values once where many records get the same mapping."""
    checked: dict[int, Given] = {}
    for _id, values in items:
        if id(values) not in checked:
            checked[id(values)] = check_given(env, model, values, replay=replay)
    return [checked[id(values)] for _id, values in items]


def compare_versions(
    env: Environment, model: str, images: Mapping[int, Mapping[str, object]], versions: Mapping[int, int]
) -> None:
    """Raise StaleVersion where locked records have other versions than the caller saw."""
    stale = {
        id_: int(str(images[id_]["version"]))
        for id_, seen in versions.items()
        if id_ in images and images[id_]["version"] != seen
    }
    if stale:
        one, several = (
            _("Somebody else changed this record since you read it."),
            _("Somebody else changed {count} of these records since you read them.", count=len(stale)),
        )
        text = one if len(images) == 1 else several
        raise StaleVersion(text, model=model, current=stale)


def _effective(change: Change) -> bool:
    """Leave only values that differ from the stored ones."""
    for name in [name for name, value in change.values.items() if _same(value, change.before[name])]:
        del change.values[name]
    return bool(change.values)


def _same(value: object, stored: object) -> bool:
    return value == stored and isinstance(value, bool) == isinstance(stored, bool)


def _update(
    env: Environment,
    model: str,
    changes: Sequence[Change],
    moved: links.Moves,
    *,
    replay: bool,
    logged: bool,
) -> None:
    if not changes:
        return
    records = env.registry.models[model].adopt_all([{**change.before, **change.values} for change in changes])
    names = frozenset(name for change in changes for name in (*change.values, *moved.get(change.id, ())))
    checks.check_changed(env, model, changes, records, names)
    if not replay:
        checks.check_references(env, model, changes, [moved.get(change.id, {}) for change in changes])
    stamp = {"write_date": env.now(), "write_uid": env.user} if logged else {}
    update_rows(env, model, [(change.id, {**change.values, **stamp}) for change in changes])
    env.unit.touch(model)
    links.apply_links(env, model, moved)
    checks.check_by_query(env, model, records, names)
    checks.check_result(env, model, records, "update", names)
    if logged:
        _log_writes(env, model, changes, moved)


def _log_writes(env: Environment, model: str, changes: Sequence[Change], moved: links.Moves) -> None:
    kinds = traits(env, model).logged
    entries = []
    for change in changes:
        shifted = moved.get(change.id, {})
        logged = {name: value for name, value in change.values.items() if name in kinds}
        if logged or any(name in kinds for name in shifted):
            before = changelog.to_image({name: change.before[name] for name in logged}, kinds)
            after = changelog.to_image({**logged, **shifted}, kinds)
            entries.append(changelog.LogEntry(change.id, changelog.WRITTEN, before, after))
    if entries:
        changelog.write_log(env, model, entries)


def _tell_links(changes: Iterable[Change], moved: links.Moves) -> None:
    """The hooks that come after hear which links of the records' own were added and removed."""
    for change in changes:
        change.values.update(moved.get(change.id, {}))


def _after_write(env: Environment, model: str, changes: list[Change], *, replay: bool) -> None:
    if not changes:
        return
    model_class = env.registry.models[model]
    hooks = traits(env, model).hooks
    if not replay and "after_write" in hooks:
        model_class.after_write(changes)
    if "derive" in hooks:
        model_class.derive(changes)
    if env.runtime.record_changed is not None:
        env.runtime.record_changed(env, changes)
