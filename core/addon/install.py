"""Installing addons: first everything is composed and checked, then one transaction makes it real, or nothing.

Creating a database is the same with nothing installed before.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core import logs
from core.addon import kept, ledger, migrations, shipping, state
from core.addon.attach import bring_back, holes
from core.addon.catchup import catch_up
from core.addon.composition import AddonSet, assemble
from core.addon.discovery import Catalog
from core.addon.graph import closure
from core.addon.ledger import ROW, Owned
from core.addon.lock import lock_addons
from core.addon.manifest import Manifest
from core.addon.migrations import Rising
from core.addon.plan import Plan, Step
from core.addon.shipping import Shipment
from core.addon.tables import Growth, growth, loosened
from core.data.known import known_ids
from core.data.loading import load
from core.database import Database, placed
from core.errors import AccessDenied
from core.i18n import _
from core.lang.kinds import Kind, encoder
from core.model import schema
from core.model.schema import Table
from core.records.environment import Environment
from core.records.runtime import Runtime
from core.security.policy import ADMINISTRATORS
from core.security.sessions import Generations

if TYPE_CHECKING:
    from core.addon.instance import Instance

logger = logging.getLogger("tessera.addon")

SECRET_KEY = "core.secret_key"
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An installation that was planned and checked; `before` and `generation` are None where there is no database of
    ours yet.

    `generation` is that of the database when the plan was made, and must be so when it is carried out. `detached`
    holds, of the addons to install, those whose data is kept, with the change set that removed them;
    `rising` those of them that a former version left.
    """

    plan: Plan
    before: AddonSet | None
    generation: int | None
    target: AddonSet
    fresh: tuple[Manifest, ...]
    growth: Growth
    shipments: tuple[Shipment, ...]
    detached: Mapping[str, int | None] = field(default_factory=dict)
    rising: tuple[Rising, ...] = ()


def plan_install(instance: Instance, names: Iterable[str], *, demo: bool = False) -> Prepared:
    """Plan and check the installation of addons with all they depend on; changes nothing.

    Raises Refusal for an unknown addon; ConfigurationError with every mistake of manifests, models, data files, views.
    """
    instance.refresh()
    instance.require_complete()
    generation = instance.generation
    return prepare(instance.database, instance.catalog, instance.addons, names, generation=generation, demo=demo)


def install(
    instance: Instance,
    names: Iterable[str],
    *,
    demo: bool = False,
    user: str | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Install addons with all they depend on, as the administrator or the user with this login.

    Raises what `plan_install` raises, and AccessDenied for a user who is no administrator; then nothing has changed.
    """
    prepared = plan_install(instance, names, demo=demo)
    if prepared.fresh:
        apply(prepared, user=instance.user_id(user) if user else instance.administrator, progress=progress)
        instance.refresh()
    return prepared.plan


def prepare(
    database: Database,
    catalog: Catalog,
    before: AddonSet | None,
    names: Iterable[str],
    *,
    generation: int | None,
    demo: bool,
) -> Prepared:
    """Compose the addons wanted beside those that are installed, and check everything they ship."""
    installed = before.names if before else ()
    asked = tuple(dict.fromkeys(names))
    wanted = closure(catalog, [*installed, *asked])
    fresh = tuple(catalog[name] for name in wanted if name not in installed)
    without_demo = tuple(_without_demo(catalog[name] for name in asked if demo and name in installed))
    if before is not None and not fresh:
        plan = Plan("install", tuple(step.name for step in without_demo), without_demo)
        return Prepared(plan, before, generation, before, (), Growth((), (), ()), ())
    for manifest in fresh:
        migrations.listed(manifest)
    target = assemble(database, catalog, wanted)
    growing = growth(schema.tables(before.registry) if before else (), schema.tables(target.registry))
    shipments = shipping.read(fresh, demo=demo)
    known = known_ids(database) if before else {}
    shipping.check(target, shipments, known, database=database if before else None)
    detached = state.detached(database, [manifest.name for manifest in fresh]) if before else {}
    risen = catching_up(database, fresh) if before else ()
    steps = [
        *without_demo,
        *addon_steps(fresh, risen),
        *(step for each in risen for step in each.planned()),
        *growing.steps(),
        *(step for name in detached for step in _returning(database, name)),
        *(step for shipment in shipments for step in shipment.steps(known)),
    ]
    plan = Plan("install", tuple(manifest.name for manifest in fresh), tuple(steps))
    return Prepared(plan, before, generation, target, fresh, growing, shipments, detached, risen)


def _without_demo(installed: Iterable[Manifest]) -> Iterator[Step]:
    """Addons whose demo data was asked for and is not loaded."""
    for manifest in installed:
        if manifest.demo:
            told = _("installed already; demo data is loaded together with its addon only")
            yield Step("keep", "addon", manifest.name, manifest.name, told)


def addon_steps(fresh: Iterable[Manifest], risen: Iterable[Rising]) -> Iterator[Step]:
    """The addons that are installed, which may bring nothing else."""
    versions = {each.manifest.name: each.versions for each in risen}
    for manifest in fresh:
        told = versions.get(manifest.name, str(manifest.version))
        yield Step("add", "addon", manifest.name, manifest.name, told)


def catching_up(database: Database, fresh: Iterable[Manifest]) -> tuple[Rising, ...]:
    """The addons among those to install that a former version left behind when it was detached.

    Raises DatabaseRefusal where a newer version did.
    """
    versions = state.detached_versions(database)
    found: list[Rising] = []
    for manifest in fresh:
        former = versions.get(manifest.name)
        if former is not None:
            state.require_not_newer(database, manifest, former)
            risen = migrations.rising(database, manifest, str(former))
            found += [risen] if risen else []
    return tuple(found)


def _returning(database: Database, name: str) -> Iterator[Step]:
    """What was kept of a detached addon and comes back."""
    for table, count in sorted(kept.rows_kept(database, kept.returning(database, name)).items()):
        yield Step("add", kept.KEPT, table, name, rows_in_words(count))


def rows_in_words(count: int) -> str:
    """`1 row`, `5 rows`."""
    return _("1 row") if count == 1 else _("{count} rows", count=count)


def apply(
    prepared: Prepared,
    *,
    user: int | None,
    progress: Progress | None = None,
    finish: Callable[[Environment], None] | None = None,
) -> None:
    """Carry out a prepared installation in one transaction; `finish` runs at its end.

    `user` None is core itself, creating a database.
    """
    advance = _Advance(progress, total=2 + 2 * len(prepared.fresh))
    label = f"install {', '.join(prepared.plan.addons)}"
    creating = prepared.before is None
    none_yet = Generations(0, 0, 0, 0) if creating else None
    rebuild = any(step.rebuild for each in prepared.rising for step in each.steps)
    runtime = prepared.target.runtime
    unit = runtime.open(user=user, superuser=True, kind="install", label=label, generations=none_yet, rebuild=rebuild)
    with unit as env:
        require_administrator(env)
        lock_addons(env.database, prepared.generation)
        declared = schema.tables(env.registry)
        returning = [manifest.name for manifest in prepared.fresh if manifest.name in prepared.detached]
        catch_up(env.database, prepared.rising, returning, declared)
        growing = loosened(prepared.growth, holes(env.database, returning, declared))
        for statement in growing.statements(env.database.engine):
            env.database.execute(statement)
        advance()
        if creating:
            _seed(env.database)
        write_down(env, prepared.fresh, prepared.detached)
        number_models(env.database, prepared.growth.tables)
        ledger.record(env.database, prepared.growth.owned())
        advance()
        for manifest, shipment in zip(prepared.fresh, prepared.shipments, strict=True):
            if prepared.before is not None and manifest.name in prepared.detached:
                take_back(env, manifest, prepared.detached[manifest.name], prepared.before.runtime)
            for finding in load(env, shipment.entries).findings:
                logs.event(logger, logging.INFO, "left as it was", why=finding.kind, record=finding.external_id)
            advance()
            if shipment.addon not in prepared.detached:
                prepared.target.plugins.tell(shipment.addon, "after_install", env=env)
            write_rows_down(env.database, shipment.addon)
            advance()
        for each in prepared.rising:
            each.after(env)
            prepared.target.plugins.tell(each.manifest.name, "after_upgrade", env=env, former=each.former)
        if finish is not None:
            finish(env)
        raise_generations(env.database)
    logs.event(logger, logging.INFO, "installed", addons=list(prepared.plan.addons))


def take_back(env: Environment, manifest: Manifest, change_set: int | None, before: Runtime) -> None:
    """Bring back what was kept of a detached addon, see `bring_back`; what stays aside is logged."""
    returned = bring_back(env, manifest, change_set, before)
    for text in returned.aside:
        logs.event(logger, logging.WARNING, "kept aside", addon=manifest.name, what=text)
    database = env.database
    database.execute(placed(database, "UPDATE core_addon SET change_set_id = NULL WHERE name = ?"), (manifest.name,))


def require_administrator(env: Environment) -> None:
    """Raise AccessDenied unless the user, if there is one, may install and remove addons."""
    if env.user is not None and not env.has_group(ADMINISTRATORS):
        raise AccessDenied(_("Only administrators install and remove addons."))


def raise_generations(database: Database) -> None:
    """Tell every process that everything may have changed."""
    database.execute(
        "UPDATE core_generation SET addons = addons + 1, access = access + 1, views = views + 1, cached = cached + 1"
    )


class _Advance:
    """Counts the parts of an installation that are done."""

    def __init__(self, progress: Progress | None, *, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)


def _seed(database: Database) -> None:
    """The rows that every database has before any addon's data."""
    database.execute("INSERT INTO core_generation (id, access, addons, views, cached) VALUES (1, 1, 1, 1, 1)")
    sql = placed(database, "INSERT INTO core_setting (key, value) VALUES (?, ?)")
    database.execute(sql, (SECRET_KEY, secrets.token_urlsafe(48)))


def write_down(env: Environment, manifests: Iterable[Manifest], again: Mapping[str, object]) -> None:
    """Note addons and their migrations; those in `again` have a row already."""
    database = env.database
    encode = encoder(Kind.INSTANT, database.engine)
    now = encode(env.now()) if encode else env.now()
    insert = (
        "INSERT INTO core_addon (installed_version, title, state, installed_at, name) VALUES (?, ?, 'installed', ?, ?)"
    )
    update = (
        "UPDATE core_addon SET installed_version = ?, title = ?, state = 'installed', installed_at = ? WHERE name = ?"
    )
    migration = (
        "INSERT INTO core_migration (addon, number, name, applied_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (addon, number) DO NOTHING"
    )
    for manifest in manifests:
        text = update if manifest.name in again else insert
        database.execute(placed(database, text), (str(manifest.version), manifest.title, now, manifest.name))
        for step in migrations.listed(manifest):
            database.execute(placed(database, migration), (manifest.name, step.number, step.name, now))


def number_models(database: Database, tables: Iterable[Table]) -> None:
    """Give models their numbers in the history, before anything is logged; those there were have kept theirs."""
    numbered = {str(name) for (name,) in database.fetch("SELECT name FROM core_model")}
    models = [(table.model,) for table in tables if table.model and table.model not in numbered]
    if models:
        database.executemany(placed(database, "INSERT INTO core_model (name) VALUES (?)"), models)


def write_rows_down(database: Database, addon: str) -> None:
    """Note the addon as owner of all rows with its external ids; one that had passed to another comes back."""
    sql = placed(database, "SELECT name, model, record FROM core_external_id WHERE addon = ? ORDER BY name")
    rows = [
        Owned(addon, ROW, f"{addon}.{name}", {"model": model, "record": id_})
        for name, model, id_ in database.fetch(sql, (addon,))
    ]
    listed = ledger.owners(database, ROW)
    ledger.strike_out(database, [row for row in rows if row.name in listed])
    ledger.record(database, rows)
