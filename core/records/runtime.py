"""The runtime of one database: opens units of work, keeps the caches of statements, rights and profiles."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any, TypeVar

from core.database import placed
from core.i18n import speaking
from core.job import Job
from core.model.change import Change
from core.model.registry import Registry
from core.records.environment import Cache, Environment, Unit
from core.records.traits import Traits
from core.security.profile import AccessCache, Profile
from core.security.sessions import Generations

T = TypeVar("T")
Clock = Callable[[], datetime]
Announcer = Callable[[Environment, Sequence[Change]], None]

STATEMENTS_KEPT = 2_000


def utc_now() -> datetime:
    """The system's clock, aware, in UTC."""
    return datetime.now(UTC)


_NOTHING: Any = object()


class StatementCache:
    """Compiled statements by shape; the oldest one is dropped when it is full, and compiled again when it is needed.

    A hit takes no lock and moves nothing: every write asks a dozen times.
    """

    def __init__(self, size: int = STATEMENTS_KEPT) -> None:
        self.size = size
        self._lock = Lock()
        self._kept: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The statement kept under `key`, made on first use."""
        found: T = self._kept.get(key, _NOTHING)
        return self._keep(key, make()) if found is _NOTHING else found

    def _keep(self, key: Hashable, made: T) -> T:
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > self.size:
                del self._kept[next(iter(self._kept))]
        return made

    def __len__(self) -> int:
        return len(self._kept)


class Runtime:
    """What all requests to one database share.

    `record_changed` hears of all changes before commit; `clock` replaces the system's clock in tests; `jobs` are those
    that may be enqueued, by name; `settings` those of the process, by name, where they are not the default.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        record_changed: Announcer | None = None,
        clock: Clock | None = None,
        jobs: Mapping[str, Job] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.registry = registry
        self.record_changed = record_changed
        self.clock: Clock = clock or utc_now
        self.jobs: Mapping[str, Job] = jobs or {}
        self.settings: Mapping[str, str] = settings or {}
        self.work = Event()  # set when a job was enqueued
        self.statements = StatementCache()
        self.traits: dict[str, Traits] = {}
        self._access = AccessCache(None)
        self._cache = Cache(None)
        self._model_numbers: dict[str, int] = {}
        self.cached_models = frozenset(model for model, options in registry.options.items() if options.cached)

    @property
    def slot(self) -> str:
        """The placeholder of the engine."""
        return "?" if self.registry.database.engine == "sqlite" else "%s"

    def text(self, sql: str) -> str:
        """A statement written with `?`, in the engine's own form."""
        return placed(self.registry.database, sql)

    @contextmanager
    def open(
        self,
        *,
        user: int | None,
        superuser: bool = False,
        write: bool = True,
        kind: str = "command",
        label: str = "",
        generations: Generations | None = None,
        change_set: int | None = None,
        rebuild: bool = False,
    ) -> Iterator[Environment]:
        """Open a transaction and the environment of `user` in it; commit at the end, roll back when the block raises.

        `user` None is core itself and needs `superuser`. `kind` and `label` name the change set. `generations`
        saves a query when the caller has just read them. `change_set` is one to go on with.
        `rebuild`: see `Database.transaction`.

        :raises NotFound: there is no such user.
        """
        if user is None and not superuser:
            raise ValueError("an environment without a user needs superuser=True")
        with self.registry.database.transaction(write=write, rebuild=rebuild):
            access, cache = self._current(generations)
            unit = Unit(self, kind, label, access, cache, writable=write, change_set=change_set)
            profile = Profile() if user is None else unit.access.profile(self.registry.database, user)
            policy = None if superuser else unit.access.policy(self.registry, profile.groups)
            with speaking(profile.lang), Environment(self, unit, profile, policy) as env:
                yield env
                self._raise_counters(unit)

    def _current(self, generations: Generations | None) -> tuple[AccessCache, Cache]:
        """What is kept of rights and of cached models, begun anew where it is outdated."""
        if generations is None:
            found = self.registry.database.fetch("SELECT access, cached FROM core_generation WHERE id = 1")
            access_number, cached_number = found[0] if found else (0, 0)
        else:
            access_number, cached_number = generations.access, generations.cached
        access, cache = self._access, self._cache
        if access.generation != access_number:
            access = self._access = AccessCache(access_number)
        if cache.generation != cached_number:
            cache = self._cache = Cache(cached_number)
        return access, cache

    def _raise_counters(self, unit: Unit) -> None:
        counters = unit.outdated()
        if counters:
            raised = ", ".join(f"{counter} = {counter} + 1" for counter in counters)
            self.registry.database.execute(f"UPDATE core_generation SET {raised} WHERE id = 1")

    def beside(self, env: Environment) -> Environment:
        """The unit of work of an environment of another composition of the same database, without rights and rules."""
        unit = replace(env.unit, runtime=self, access=AccessCache(None), cache=Cache(None))
        return Environment(self, unit, env.profile, None)

    def model_number(self, model: str) -> int:
        """The number that stands for a model in the change history; never reused."""
        number = self._model_numbers.get(model)
        if number is None:
            number = self._model_numbers[model] = self._find_model_number(model)
        return number

    def _find_model_number(self, model: str) -> int:
        database = self.registry.database
        found = database.fetch(self.text("SELECT id FROM core_model WHERE name = ?"), (model,))
        if not found:
            found = database.fetch(self.text("INSERT INTO core_model (name) VALUES (?) RETURNING id"), (model,))
        return int(found[0][0])
