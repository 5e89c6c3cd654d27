"""A set of addons composed for one database: their hooks, models and runtime. Composing touches no table.

Several sets live side by side: that of a running instance, and the one that an installation is about to make real.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.addon.discovery import Catalog
from core.addon.graph import ancestors, order
from core.addon.manifest import Manifest
from core.addon.plugins import Plugins
from core.database import Database
from core.errors import ConfigurationError, Problem
from core.job import Job
from core.lang.schema import ModelInfo
from core.model.change import Change
from core.model.definition import Model
from core.model.registry import Contribution, Registry, build
from core.records.environment import Environment
from core.records.runtime import Clock, Runtime
from core.timeline import Hint, Panel


@dataclass(frozen=True, slots=True)
class AddonSet:
    """Composed addons, in dependency order; `depends` holds for each all that it needs, directly or not."""

    manifests: tuple[Manifest, ...]
    depends: Mapping[str, frozenset[str]]
    plugins: Plugins
    registry: Registry
    runtime: Runtime

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the addons in dependency order."""
        return tuple(manifest.name for manifest in self.manifests)


def assemble(
    database: Database,
    catalog: Catalog,
    names: Iterable[str],
    *,
    clock: Clock | None = None,
    settings: Mapping[str, str] | None = None,
) -> AddonSet:
    """Import and compose addons; `names` must be closed under dependency.

    Raises ConfigurationError with all problems of imports and hooks, or of the models.
    """
    manifests = tuple(catalog[name] for name in order(catalog, set(names)))
    depends = {manifest.name: ancestors(catalog, manifest.name) for manifest in manifests}
    plugins = Plugins(manifests)
    registry = build(database, contributions(manifests, depends, plugins))
    registry.panels = panels(manifests, plugins)
    registry.hints = hints(manifests, plugins, registry.schema)

    def announce(env: Environment, changes: Sequence[Change]) -> None:
        plugins.announce("record_changed", env=env, changes=changes)

    heard = announce if plugins.implementers("record_changed") else None
    runtime = Runtime(registry, record_changed=heard, clock=clock, jobs=jobs(manifests, plugins), settings=settings)
    return AddonSet(manifests, depends, plugins, registry, runtime)


def panels(manifests: Sequence[Manifest], plugins: Plugins) -> frozenset[str]:
    """The names of the panels of all addons; ConfigurationError (A022) for what is none, or bears another's name."""
    found: set[str] = set()
    for manifest in manifests:
        for item in plugins.ask(manifest.name, "panels"):
            if not isinstance(item, Panel) or item.name.partition(".")[0] != manifest.name:
                text = f"the hook 'panels' must list core.Panel called '{manifest.name}.<what>'"
                raise ConfigurationError([Problem(manifest.shown("hooks.py"), 0, 0, "A022", text)])
            found.add(item.name)
    return frozenset(found)


def hints(
    manifests: Sequence[Manifest], plugins: Plugins, schema: Mapping[str, ModelInfo]
) -> dict[str, tuple[Hint, ...]]:
    """The hints of all addons by model; ConfigurationError (A029) for what is none, bears another's name, or is about a
    model or field that there is not."""
    found: dict[str, tuple[Hint, ...]] = {}
    problems: list[Problem] = []
    for manifest in manifests:
        for item in plugins.ask(manifest.name, "hints"):
            text = _wrong_with_hint(manifest.name, item, schema)
            if text:
                problems.append(Problem(manifest.shown("hooks.py"), 0, 0, "A029", text))
            elif isinstance(item, Hint):
                found[item.model] = (*found.get(item.model, ()), item)
    if problems:
        raise ConfigurationError(problems)
    return found


def _wrong_with_hint(addon: str, item: object, schema: Mapping[str, ModelInfo]) -> str:
    if not isinstance(item, Hint) or item.name.partition(".")[0] != addon:
        return f"the hook 'hints' must list core.Hint called '{addon}.<what>'"
    if item.model not in schema:
        return f"the hint '{item.name}' is about '{item.model}', which is no model"
    missing = [name for name in item.fields if name not in schema[item.model].fields]
    return f"the hint '{item.name}' depends on '{missing[0]}', which is no field of {item.model}" if missing else ""


def jobs(manifests: Sequence[Manifest], plugins: Plugins) -> dict[str, Job]:
    """The jobs of all addons by name; ConfigurationError (A018) for what is none, or bears another addon's name."""
    found: dict[str, Job] = {}
    problems: list[Problem] = []
    for manifest in manifests:
        for item in plugins.ask(manifest.name, "jobs"):
            text = _wrong_with_job(manifest.name, item, found)
            if text:
                problems.append(Problem(manifest.shown("hooks.py"), 0, 0, "A018", text))
            elif isinstance(item, Job):
                found[item.name] = item
    if problems:
        raise ConfigurationError(problems)
    return found


def _wrong_with_job(addon: str, item: object, known: Mapping[str, Job]) -> str:
    if not isinstance(item, Job):
        return "the hook 'jobs' must list core.Job, nothing else"
    if item.name.partition(".")[0] != addon:
        return f"the job '{item.name}' must be called '{addon}.<what>'"
    return f"the job '{item.name}' is listed twice" if item.name in known else ""


def contributions(
    manifests: Sequence[Manifest], depends: Mapping[str, frozenset[str]], plugins: Plugins
) -> list[Contribution]:
    """What each addon contributes to the registry; ConfigurationError (A015) for what is no definition."""
    found: list[Contribution] = []
    problems: list[Problem] = []
    for manifest in manifests:
        items = plugins.ask(manifest.name, "models")
        definitions = tuple(item for item in items if isinstance(item, type) and issubclass(item, Model))
        if len(definitions) < len(items):
            text = "the hook 'models' must list classes derived from core.Model, nothing else"
            problems.append(Problem(manifest.shown("hooks.py"), 0, 0, "A015", text))
        found.append(Contribution(manifest.name, depends[manifest.name], definitions))
    if problems:
        raise ConfigurationError(problems)
    return found
