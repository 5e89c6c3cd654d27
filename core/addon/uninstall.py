"""Removing an addon in one transaction: schema and records; records that others refer to stay.

Afterwards the database is that of one which never had the addon. It is detached: what it owned is kept aside, and
comes back when it is installed again. Or it is purged: what was kept and the history of its models go too. The ledger
says what goes; what another addon needs too passes to that addon.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from core import logs
from core.addon import kept, ledger, shipping, state
from core.addon.composition import AddonSet, assemble
from core.addon.discovery import BASE
from core.addon.graph import dependents
from core.addon.install import raise_generations, require_administrator, rows_in_words
from core.addon.ledger import COLUMN, INDEX, TABLE, Owned
from core.addon.leftovers import Holder, OwnedRow, held, is_held_by_counters, owned_rows, there
from core.addon.lock import lock_addons
from core.addon.plan import Plan, Step, kind_of
from core.database import Database, placed
from core.errors import Refusal
from core.i18n import _
from core.model import schema
from core.model.registry import Registry
from core.records.dependence import referring_first
from core.records.environment import Environment

if TYPE_CHECKING:
    from core.addon.instance import Instance
    from core.model.reference import Reference

logger = logging.getLogger("tessera.addon")

# Records that name a model by text: they would be left speaking of a model that is gone.
NAMING_A_MODEL = ("core.view", "core.action", "core.rule", "core.access")


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal that was planned and checked: objects that go, those that pass to another addon, rows that stay."""

    plan: Plan
    name: str
    purge: bool
    generation: int
    before: Registry
    after: AddonSet
    objects: tuple[Owned, ...]
    passing: tuple[tuple[Owned, str], ...]
    rows: tuple[OwnedRow, ...]
    staying: Mapping[tuple[str, int], Holder]
    models: tuple[str, ...]

    def of_kind(self, kind: str) -> list[Owned]:
        """The objects of a kind that go."""
        return [item for item in self.objects if item.kind == kind]


def require_right(instance: Instance, user: str | None) -> None:
    """Raise AccessDenied for a user who may not remove addons, NotFound where there is none of this login."""
    with instance.environment(user, write=False) as env:
        require_administrator(env)


def plan_uninstall(instance: Instance, name: str, *, purge: bool = False) -> Plan:
    """What removing an addon would do; changes nothing. Raises what `uninstall` raises."""
    if purge and state.detached(instance.database, [name]):
        return _plan_forgetting(instance, name)
    bridges = [_prepare(instance, each, purge=purge).plan for each in _bridges(instance, name)]
    plan = _prepare(instance, name, purge=purge).plan
    return replace(plan, steps=tuple(step for each in (*bridges, plan) for step in each.steps))


def _bridges(instance: Instance, name: str) -> list[str]:
    """The installed bridges between the addon and others: they go first."""
    manifests = (instance.catalog[each] for each in reversed(instance.installed))
    return [each.name for each in manifests if each.bridge and name in each.bridge]


def uninstall(instance: Instance, name: str, *, purge: bool = False, user: str | None = None) -> Plan:
    """Remove an addon with everything it owns: kept aside for a later installation, or (`purge`) for good, with the
    history of its models. What was kept of one that is detached already is purged too.

    Raises Refusal when it is not installed, is base, or another installed addon needs it; ConfigurationError when what
    remains would not compose; AccessDenied for a user who is no administrator.
    """
    acting = instance.user_id(user) if user else instance.administrator
    generation = state.generations(instance.database).addons
    if purge and state.detached(instance.database, [name]):
        plan = _plan_forgetting(instance, name)
        _forget_detached(instance, name, user=acting, generation=generation)
        return plan
    plan = plan_uninstall(instance, name, purge=purge)
    for each in (*_bridges(instance, name), name):
        _apply(_prepare(instance, each, purge=purge), user=acting)
        instance.refresh()
    return plan


def _plan_forgetting(instance: Instance, name: str) -> Plan:
    """What purging a detached addon would do."""
    return Plan("uninstall", (name,), (Step("remove", "addon", name, name), *_kept_steps(instance.database, name)))


def _kept_steps(database: Database, name: str) -> list[Step]:
    rows = kept.rows_kept(database, kept.kept_by(database, name))
    return [Step("remove", kept.KEPT, table, name, rows_in_words(count)) for table, count in sorted(rows.items())]


def _forget_detached(instance: Instance, name: str, *, user: int, generation: int) -> None:
    unit = instance.runtime.open(user=user, superuser=True, kind="uninstall", label=f"purge {name}")
    with unit as env:
        require_administrator(env)
        lock_addons(env.database, generation)
        _forget_kept(env.database, name)
        _forget_addon(env.database, name)
        raise_generations(env.database)
    logs.event(logger, logging.INFO, "purged", addon=name)


def _forget_kept(database: Database, name: str) -> None:
    """Drop what is kept of an addon, with the history of the models whose tables it has."""
    everything = kept.kept_by(database, name)
    models = _models_of(database, [each.table for each in everything if each.whole])
    kept.drop(database, everything)
    _forget_models(database, models)


def _models_of(database: Database, tables: Iterable[str]) -> list[str]:
    """The models that had these tables: a model's table is called like it unless its definition says otherwise."""
    named = {str(name).replace(".", "_"): str(name) for (name,) in database.fetch("SELECT name FROM core_model")}
    return [named[table] for table in tables if table in named]


def _prepare(instance: Instance, name: str, *, purge: bool) -> Removal:
    instance.refresh()
    generation = instance.generation
    instance.require_complete()
    _refuse(instance, name)
    database = instance.database
    bridges = _bridges(instance, name)
    remaining = [other for other in instance.installed if other != name and other not in bridges]
    after = assemble(database, instance.catalog, remaining)
    shipping.check_remaining(after, database, without=(name, *bridges))
    owned = ledger.owned_by(database, name)
    heirs = _heirs(schema.tables(after.registry))
    passing = tuple((item, heirs[item.kind, item.name]) for item in owned if (item.kind, item.name) in heirs)
    going = tuple(
        item for item in owned if (item.kind, item.name) not in heirs and item.kind not in (ledger.ROW, kept.KEPT)
    )
    rows = owned_rows(database, after.registry, owned)
    staying = held(database, after.registry, rows)
    if purge:  # nothing is to go on counting some day
        staying = {row: holder for row, holder in staying.items() if not is_held_by_counters(row[0], holder)}
    models = tuple(str(item.detail["model"]) for item in going if item.kind == TABLE and "model" in item.detail)
    asides = {} if purge else _counts(database, going)
    steps = [Step("remove", "addon", name, name)]
    steps += [*_row_steps(after, rows, staying), *_lost_rows(owned, models), *_object_steps(going, passing, asides)]
    steps += _kept_steps(database, name) if purge else []
    plan = Plan("uninstall", (name,), tuple(steps))
    return Removal(
        plan,
        name,
        purge,
        generation,
        instance.registry,
        after,
        going,
        passing,
        tuple(rows),
        staying,
        models,
    )


def _refuse(instance: Instance, name: str) -> None:
    if name == BASE:
        raise Refusal(_("'{name}' cannot be removed: everything stands on it.", name=name))
    state.require_installed(instance.catalog, instance.installed, name)
    bridges = _bridges(instance, name)
    needing = [each for each in dependents(instance.catalog, name, instance.installed) if each not in bridges]
    if needing:
        others = ", ".join(needing)
        raise Refusal(
            _("'{name}' is needed by {others}.", name=name, others=others),
            hint=_("Remove {others} first.", others=others),
        )


def _heirs(tables: Iterable[schema.Table]) -> dict[tuple[str, str], str]:
    """The owner of every object that remains, by kind and name."""
    found: dict[tuple[str, str], str] = {}
    for table in tables:
        found[TABLE, table.name] = table.owner
        found.update(((COLUMN, f"{table.name}.{column.name}"), column.owner) for column in table.columns)
        found.update(((INDEX, index.name), index.owner) for index in table.indexes)
    return found


def _row_steps(after: AddonSet, rows: Sequence[OwnedRow], staying: Mapping[tuple[str, int], Holder]) -> Iterator[Step]:
    for row in rows:
        holder = staying.get((row.model, row.id))
        if holder is None:
            yield Step("remove", kind_of(row.model), row.item.name, row.item.addon, row.model)
            continue
        heir = after.registry.owner_of_model[row.model]
        text = _(
            "{count} of {model} refer to it; it passes to {heir}", count=holder.count, model=holder.model, heir=heir
        )
        yield Step("keep", kind_of(row.model), row.item.name, row.item.addon, text)


def _lost_rows(owned: Iterable[Owned], models: Sequence[str]) -> Iterator[Step]:
    """The rows that go with their tables."""
    for item in owned:
        if item.kind == ledger.ROW and item.detail.get("model") in models:
            model = str(item.detail["model"])
            yield Step("remove", kind_of(model), item.name, item.addon, model)


def _counts(database: Database, going: Iterable[Owned]) -> dict[str, int]:
    """How many rows each table that goes has, and how many values each column."""
    found: dict[str, int] = {}
    for item in going:
        table = item.name if item.kind == TABLE else str(item.detail.get("table"))
        what = "*" if item.kind == TABLE else schema.quoted(str(item.detail.get("column")))
        if item.kind in (TABLE, COLUMN):
            ((found[item.name],),) = database.fetch(f"SELECT count({what}) FROM {schema.quoted(table)}")
    return found


def _object_steps(
    going: Iterable[Owned], passing: Iterable[tuple[Owned, str]], asides: Mapping[str, int]
) -> Iterator[Step]:
    """Columns and indexes of tables that go are counted with their table, as when they were installed."""
    going = list(going)
    tables = {item.name for item in going if item.kind == TABLE}
    for item in going:
        if item.kind == TABLE or item.detail.get("table") not in tables:
            count = asides.get(item.name, 0)
            words = _("{rows} kept aside", rows=rows_in_words(count)) if count else ""
            yield Step("remove", item.kind, item.name, item.addon, words)
    for item, heir in passing:
        yield Step("keep", item.kind, item.name, item.addon, _("{heir} needs it too", heir=heir))


def _apply(removal: Removal, *, user: int) -> None:
    unit = removal.after.runtime.open(user=user, superuser=True, kind="uninstall", label=f"uninstall {removal.name}")
    with unit as env:
        require_administrator(env)
        lock_addons(env.database, removal.generation)
        if not removal.purge:
            kept.keep(removal.before, removal.name, removal.objects, removal.models)
        _drop_schema(env.database, removal)
        _delete_rows(env, removal)
        for row in removal.rows:
            if (row.model, row.id) in removal.staying:
                ledger.hand_over(env.database, row.item, removal.after.registry.owner_of_model[row.model])
        for item, heir in removal.passing:
            ledger.hand_over(env.database, item, heir)
        if removal.purge:
            _forget_kept(env.database, removal.name)
            _forget_models(env.database, removal.models)
            _forget_addon(env.database, removal.name)
        else:
            for model in removal.models:
                kept.forget_external_ids(env.database, "model = ?", (model,))
            _set_aside(env, removal.name)
        raise_generations(env.database)
    logs.event(logger, logging.INFO, "uninstalled", addon=removal.name)


def _drop_schema(database: Database, removal: Removal) -> None:
    """Drop indexes, then columns, then tables, whose rows no column refers to any more."""
    tables = [item.name for item in removal.of_kind(TABLE)]
    for item in removal.of_kind(INDEX):
        if item.detail["table"] not in tables:
            database.execute(f"DROP INDEX {schema.quoted(item.name)}")
    for item in removal.of_kind(COLUMN):
        if item.detail["table"] not in tables:
            database.execute(schema.drop_column_sql(str(item.detail["table"]), str(item.detail["column"])))
    if database.engine == "sqlite":
        for table in tables:  # dropping deletes the rows first, which would count as broken references
            database.execute(f"DELETE FROM {schema.quoted(table)}")
    for statement in schema.drop_tables_sql(tables, database.engine):
        database.execute(statement)


def _delete_rows(env: Environment, removal: Removal) -> None:
    """Delete the addon's records, and those that speak of a model that is gone, through the pipeline."""
    going: dict[str, set[int]] = {}
    for row in removal.rows:
        if (row.model, row.id) not in removal.staying:
            going.setdefault(row.model, set()).add(row.id)
    for model in NAMING_A_MODEL if removal.models else ():
        archived = " and (active or not active)" if "active" in env.registry.schema[model].fields else ""
        found = env[model].read(f"model in gone{archived}", ["id"], gone=list(removal.models))
        going.setdefault(model, set()).update(row["id"] for row in found)
    for model, ids in _naming(env, removal.before, removal.models if removal.purge else ()).items():
        going.setdefault(model, set()).update(ids)
    for model in referring_first(env.registry, going):
        table = env.registry.schema[model].table
        env[model].delete(sorted(there(env.database, table, going[model])))


def _naming(env: Environment, before: Registry, models: Iterable[str]) -> dict[str, set[int]]:
    """The records that name one of a model that goes for good: those that are about it go too, others name nothing."""
    found: dict[str, set[int]] = {}
    for model in models:
        for source, field in before.naming(model):
            if source not in env.registry.schema or field not in env.registry.schema[source].fields:
                continue
            archived = " and (active or not active)" if "active" in env.registry.schema[source].fields else ""
            rows = env[source].read(f"startswith({field}, named){archived}", ["id"], named=f"{model},")
            ids = {row["id"] for row in rows}
            declaration = cast("Reference[Any]", env.registry.declarations[source][field])
            if declaration.required or declaration.on_delete == "cascade":
                found.setdefault(source, set()).update(ids)
            elif ids:
                env[source].write(sorted(ids), **{field: None})
    return found


def _forget_models(database: Database, models: Iterable[str]) -> None:
    """Remove the history and the external ids of models that are gone; their numbers are never given again."""
    for model in models:
        number = placed(
            database, "DELETE FROM core_change WHERE model_no IN (SELECT id FROM core_model WHERE name = ?)"
        )
        database.execute(number, (model,))
        database.execute(placed(database, "DELETE FROM core_model WHERE name = ?"), (model,))
        kept.forget_external_ids(database, "model = ?", (model,))


def _set_aside(env: Environment, name: str) -> None:
    """Note that the addon is detached, and by which change set; what it had applied stays known."""
    database = env.database
    owned = [item for item in ledger.owned_by(database, name) if item.kind != kept.KEPT]
    ledger.strike_out(database, owned)
    kept.forget_ids_of(database, name)
    sql = "UPDATE core_addon SET state = 'detached', change_set_id = ? WHERE name = ?"
    database.execute(placed(database, sql), (env.change_set, name))


def _forget_addon(database: Database, name: str) -> None:
    """Strike the addon out of the ledger."""
    ledger.forget(database, name)
    kept.forget_ids_of(database, name)
    database.execute(placed(database, "DELETE FROM core_migration WHERE addon = ?"), (name,))
    database.execute(placed(database, "DELETE FROM core_addon WHERE name = ?"), (name,))
