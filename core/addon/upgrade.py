"""Bringing a database to the versions of its addons that are here, in one transaction.

    before() of waiting migrations -> tables, columns and indexes -> data files, three-way -> records no longer shipped
    -> after() of migrations -> after_upgrade -> all views composed once more

Nothing that people entered is lost: columns and tables that a new version lacks are set aside, what users changed stays
and is told. A rehearsal does all of it and takes it back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core import logs
from core.addon import kept, ledger, migrations, shipping, state
from core.addon.attach import holes
from core.addon.catchup import catch_up
from core.addon.composition import AddonSet, assemble
from core.addon.discovery import Catalog, discover
from core.addon.graph import closure
from core.addon.install import (
    addon_steps,
    catching_up,
    number_models,
    raise_generations,
    require_administrator,
    take_back,
    write_down,
    write_rows_down,
)
from core.addon.ledger import ROW, Owned
from core.addon.leftovers import OwnedRow, held, there
from core.addon.lock import lock_addons
from core.addon.manifest import Manifest
from core.addon.migrations import Rising
from core.addon.plan import Plan, Step, kind_of
from core.addon.renewal import taken_anew
from core.addon.shipping import Shipment
from core.addon.tables import Growth, growth, loosened
from core.data.known import known_ids
from core.data.loading import forget_shipped, load, value_text
from core.data.threeway import Finding
from core.database import Database, connect, placed
from core.i18n import _
from core.model import schema
from core.model.schema import Column, Table
from core.records.dependence import referring_first
from core.records.environment import Environment

if TYPE_CHECKING:
    from core.addon.instance import Instance

logger = logging.getLogger("tessera.addon")

Progress = Callable[[int, int | None], None]


@dataclass(slots=True)
class Upgraded:
    """What an upgrade did: its steps, and what it left as users had made it."""

    plan: Plan
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The outcome as JSON has it."""
        left = [
            {
                "why": each.kind,
                "record": each.external_id,
                "model": each.model,
                "field": each.field,
                "stored": each.stored,
                "shipped": each.shipped,
            }
            for each in self.findings
        ]
        return {**self.plan.as_json(), "left": left}


class _Rehearsed(Exception):
    """Everything went well, and is taken back."""


def upgrade(
    url: str,
    names: Iterable[str] = (),
    *,
    addons_path: Sequence[str | Path] = (),
    rehearse: bool = False,
    progress: Progress | None = None,
) -> Upgraded:
    """Bring a database up to date; `names` are addons whose data files are read again although they are not newer.

    With `rehearse` everything is done and rolled back.

    Raises DatabaseRefusal for a database that is none of ours or newer than what is here; Refusal for an addon that is
    not installed; ConfigurationError with every mistake of models, data files, views or migrations. Then nothing has
    changed.
    """
    catalog = discover(addons_path)
    database = connect(url)
    try:
        state.require_initialised(database)
        state.check(database, catalog, outdated=True)
        upgrading = _Upgrading.prepare(database, catalog, set(names))
        return upgrading.run(rehearse=rehearse, progress=progress)
    finally:
        database.close()


def upgrade_instance(instance: Instance, name: str, *, user: str, rehearse: bool = False) -> Upgraded:
    """Bring an open database up to date, with the files of its addons as they are now; they serve it from then on.

    `name` is the addon whose data files are read again, `user` the login of the administrator who does it. With
    `rehearse` everything is done and rolled back.

    Raises what `upgrade` raises, and AccessDenied for a user who is no administrator. Then nothing has changed.
    """
    with instance.environment(user, write=False) as env:
        require_administrator(env)
    instance.require_complete()
    id_ = instance.user_id(user)
    with instance.changing() as adopt:
        catalog = discover(instance.catalog.folders)
        state.check(instance.database, catalog, outdated=True)
        with taken_anew(catalog, closure(catalog, [*instance.installed, name])) as keep:
            upgrading = _Upgrading.prepare(instance.database, catalog, {name})
            done = upgrading.run(rehearse=rehearse, user=id_)
            if not rehearse:
                keep()
                adopt(catalog)
    return done


@dataclass(slots=True)
class _Upgrading:
    database: Database
    target: AddonSet
    rising: tuple[Rising, ...]
    fresh: tuple[Manifest, ...]
    shipments: tuple[Shipment, ...]
    generation: int
    detached: Mapping[str, int | None]
    returning: tuple[Rising, ...]
    steps: list[Step] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def prepare(cls, database: Database, catalog: Catalog, names: set[str]) -> _Upgrading:
        """Compose everything and check what can be checked before the tables are touched."""
        generation = state.generations(database).addons
        versions = state.installed_versions(database)
        for name in names:
            state.require_installed(catalog, versions, name)
        wanted = closure(catalog, versions)
        target = assemble(database, catalog, wanted)
        fresh = tuple(catalog[name] for name in wanted if name not in versions)
        rising: list[Rising] = []
        for manifest in target.manifests:
            former = versions.get(manifest.name)
            if former is None:
                continue
            risen = migrations.rising(database, manifest, str(former))
            if risen is None and manifest.name in names:
                risen = Rising(manifest, str(former), ())
            rising += [risen] if risen else []
        shipments = shipping.read([*(each.manifest for each in rising), *fresh], demo=False)
        shipping.check(target, shipments, known_ids(database), database=database)
        detached = state.detached(database, [manifest.name for manifest in fresh])
        returning = catching_up(database, fresh)
        return cls(database, target, tuple(rising), fresh, shipments, generation, detached, returning)

    def run(self, *, rehearse: bool, progress: Progress | None = None, user: int | None = None) -> Upgraded:
        rebuild = any(step.rebuild for each in (*self.rising, *self.returning) for step in each.steps)
        names = ", ".join(each.manifest.name for each in self.rising)
        unit = self.target.runtime.open(
            user=user, superuser=True, kind="upgrade", label=f"upgrade {names}", rebuild=rebuild
        )
        try:
            with unit as env:
                self._apply(env, progress or (lambda _done, _total: None))
                if rehearse:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        else:
            logs.event(logger, logging.INFO, "upgraded", addons=[each.manifest.name for each in self.rising])
        plan = Plan("upgrade", tuple(each.manifest.name for each in self.rising), tuple(self.steps))
        return Upgraded(plan, self.findings)

    def _apply(self, env: Environment, progress: Progress) -> None:
        total = 3 + len(self.shipments)
        lock_addons(self.database, self.generation)
        for each in self.rising:
            if each.former != str(each.manifest.version):
                self.steps.append(Step("change", "addon", each.manifest.name, each.manifest.name, each.versions))
            self.steps += each.planned()
        self.steps += [step for each in self.returning for step in each.planned()]
        for each in self.rising:
            each.before(self.database)
        catch_up(self.database, self.returning, self._coming_back(), schema.tables(self.target.registry))
        self._reshape()
        progress(1, total)
        self._note_versions(env)
        for number, shipment in enumerate(self.shipments):
            self._load(env, shipment)
            progress(2 + number, total)
        for each in self.rising:
            self._retire_records(env, each.manifest)
        for each in (*self.rising, *self.returning):
            each.after(env)
            self.target.plugins.tell(each.manifest.name, "after_upgrade", env=env, former=each.former)
        progress(total - 1, total)
        shipping.check_remaining(self.target, self.database, without="")
        raise_generations(self.database)

    def _coming_back(self) -> list[str]:
        """The addons that are needed now and were detached, in the order of their dependencies."""
        return [manifest.name for manifest in self.fresh if manifest.name in self.detached]

    # Tables

    def _reshape(self) -> None:
        """Create what the new versions have, set aside what they lack; the order of indexes, columns, tables."""
        engine = self.database.engine
        wanted = schema.tables(self.target.registry)
        present = list(migrations.tables(self.database, wanted).values())
        migrations.refuse_other_kinds(present, wanted)
        empty = holes(self.database, self._coming_back(), wanted)
        growing = loosened(_relaxed(growth(present, wanted)), empty)
        shrinking = growth(wanted, present)
        for index in shrinking.indexes:
            self.database.execute(schema.drop_index_sql(index))
        gone = [index for table in shrinking.tables for index in table.indexes]
        ledger.strike_out(self.database, map(ledger.index, (*shrinking.indexes, *gone)))
        for table, column in shrinking.columns:
            source = next(each for each in present if each.name == table)
            kept.retire_columns(self.database, source, [column], self._version(column.owner))
        self._retire_tables(shrinking.tables)
        for statement in growing.statements(engine):
            self.database.execute(statement)
        ledger.record(self.database, growing.owned())
        number_models(self.database, growing.tables)
        removed = [replace(step, action="remove") for step in shrinking.steps()]
        self.steps += [*(_told_aside(step) for step in removed), *growing.steps()]

    def _retire_tables(self, going: Sequence[Table]) -> None:
        for table in going:
            kept.retire_table(self.database, table, self._version(table.owner))
            columns = [ledger.column(table.name, column) for column in table.columns]
            ledger.strike_out(self.database, [Owned(table.owner, ledger.TABLE, table.name), *columns])
            if self.database.engine == "sqlite":  # dropping deletes the rows first, as broken references
                self.database.execute(f"DELETE FROM {schema.quoted(table.name)}")
        for statement in schema.drop_tables_sql([table.name for table in going], self.database.engine):
            self.database.execute(statement)

    def _version(self, addon: str) -> str:
        """The version of an addon that has no use for something; what has no addon any more is as old as itself."""
        return next((str(each.version) for each in self.target.manifests if each.name == addon), "0")

    # Versions and records

    def _note_versions(self, env: Environment) -> None:
        write_down(env, self.fresh, self.detached)
        write_down(env, [each.manifest for each in self.rising], {each.manifest.name: None for each in self.rising})
        for manifest in self.fresh:
            if manifest.name in self.detached:
                take_back(env, manifest, self.detached[manifest.name], self.target.runtime)
        self.steps += addon_steps(self.fresh, self.returning)

    def _load(self, env: Environment, shipment: Shipment) -> None:
        known = known_ids(self.database)
        self.steps += [step for step in shipment.steps(known) if step.action != "change"]
        loaded = load(env, shipment.entries)
        self.findings += loaded.findings
        for name, model, fields in loaded.changed:
            self.steps.append(Step("change", kind_of(model), name, shipment.addon, ", ".join(fields)))
        write_rows_down(self.database, shipment.addon)
        fresh = {manifest.name for manifest in self.fresh} - self.detached.keys()
        if shipment.addon in fresh:
            self.target.plugins.tell(shipment.addon, "after_install", env=env)

    def _retire_records(self, env: Environment, manifest: Manifest) -> None:
        """Delete what the addon shipped and ships no more, unless somebody changed it or refers to it."""
        rows = self._no_longer_shipped(manifest)
        present = [row for row in rows if self._is_there(env, row)]
        staying = {(row.model, row.id) for row in present if self._is_edited(env, row)}
        staying |= held(
            self.database, env.registry, [row for row in present if (row.model, row.id) not in staying]
        ).keys()
        going = [row for row in present if (row.model, row.id) not in staying]
        for row in rows:
            forget_shipped(env, row.item.name, manifest.name)
        for row in present:
            stays = (row.model, row.id) in staying
            told = _("shipped no more") if stays else ""
            self.steps.append(
                Step("keep" if stays else "remove", kind_of(row.model), row.item.name, manifest.name, told)
            )
            if stays:
                self.findings.append(Finding("retired", row.item.name, row.model))
        ids: dict[str, set[int]] = {}
        for row in going:
            ids.setdefault(row.model, set()).add(row.id)
        for model in referring_first(env.registry, ids):
            env[model].delete(sorted(ids[model]))
        named = [row.item for row in rows if (row.model, row.id) not in staying]
        sql = placed(self.database, "DELETE FROM core_external_id WHERE addon = ? AND name = ?")
        for item in named:
            self.database.execute(sql, tuple(item.name.split(".", 1)))
        ledger.strike_out(self.database, named)

    def _is_there(self, env: Environment, row: OwnedRow) -> bool:
        """Whether a record was neither deleted by its users nor set aside with its table."""
        info = env.registry.schema.get(row.model)
        return info is not None and bool(there(self.database, info.table, [row.id]))

    def _no_longer_shipped(self, manifest: Manifest) -> list[OwnedRow]:
        """The records that came from the addon's files and are in none of them now, demo files included."""
        (everything,) = shipping.read([manifest], demo=True)
        shipped = {entry.external_id for entry in everything.entries}
        rows = self.database.fetch(
            placed(
                self.database,
                "SELECT name, model, record FROM core_external_id WHERE addon = ? AND id IN"
                " (SELECT external_id FROM core_shipped WHERE addon = ?) ORDER BY id",
            ),
            (manifest.name, manifest.name),
        )
        return [
            OwnedRow(Owned(manifest.name, ROW, f"{manifest.name}.{name}"), model, id_)
            for name, model, id_ in rows
            if f"{manifest.name}.{name}" not in shipped
        ]

    def _is_edited(self, env: Environment, row: OwnedRow) -> bool:
        """Whether any shipped value of a record is not what is stored now."""
        shipped = {
            each["field"]: each["value"] or ""
            for each in env["core.shipped"].read(
                "external.addon == a and external.name == n",
                ["field", "value"],
                a=row.item.addon,
                n=row.item.name.partition(".")[2],
            )
        }
        fields = env.registry.schema[row.model].fields
        known = [name for name in shipped if name in fields]
        stored = env[row.model].read_ids([row.id], known).get(row.id, {})
        return any(
            value_text(fields[name].kind, value) != shipped[name] for name, value in stored.items() if name in known
        )


def _relaxed(growing: Growth) -> Growth:
    """Columns that tables with rows can be given: what must be filled in is the pipeline's to ask for."""

    def relax(column: Column) -> Column:
        return replace(column, not_null=column.not_null and column.default is not None)

    return replace(growing, columns=tuple((table, relax(column)) for table, column in growing.columns))


def _told_aside(step: Step) -> Step:
    return replace(step, detail=_("values kept aside")) if step.kind in (ledger.TABLE, ledger.COLUMN) else step


def lines(done: Upgraded) -> Iterator[str]:
    """The outcome for people, one line a step, and what was left as it was."""
    yield from done.plan.lines()
    yield from (f"! {line}" if each.kind != "edited" else line for each, line in remarks(done))


def remarks(done: Upgraded) -> Iterator[tuple[Finding, str]]:
    """What was left as it was, a sentence each; values that only users changed are counted, and told once."""
    said = {
        "conflict": _("changed here and by the addon; yours stays"),
        "deleted": _("deleted here; not made again"),
        "retired": _("shipped no more; used or changed here, so it stays"),
    }
    edited = [each for each in done.findings if each.kind == "edited"]
    if edited:
        yield edited[0], _("{count} values that were changed here stay.", count=len(edited))
    for each in (each for each in done.findings if each.kind != "edited"):
        name = f"{each.external_id}.{each.field}" if each.field else each.external_id
        yield each, f"{name}: {said[each.kind]}"
