"""The environment: for whom, in which transaction and with which rights records are read and written.

An environment is immutable and belongs to one unit of work, which is one transaction and at most one change set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Token
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from core.config import BY_NAME
from core.database import Database
from core.errors import BrokenRule, NotFound, closest, did_you_mean
from core.i18n import _
from core.model.context import current_environment
from core.model.record import Record
from core.model.reference import referred
from core.model.registry import Registry
from core.records import blobs, sequences
from core.records.onlookers import permitted_users
from core.records.records import Records
from core.security.policy import DECIDING_MODELS, Operation, Policy
from core.security.profile import AccessCache, Profile

if TYPE_CHECKING:
    from core.records.runtime import Runtime

T = TypeVar("T")

DISPLAY_MODELS = frozenset({"core.view", "core.menu", "core.action"})


class Cache:
    """What was worked out of the records of models declared `cached`, of one generation of them."""

    __slots__ = ("generation", "values")

    def __init__(self, generation: int | None) -> None:
        self.generation = generation
        self.values: dict[object, Any] = {}


@dataclass(slots=True, eq=False)
class Unit:
    """One transaction: what it is for, its change set once something was logged, and what it outdates at commit."""

    runtime: Runtime
    kind: str
    label: str
    access: AccessCache
    cache: Cache
    writable: bool = True
    change_set: int | None = None
    undoes: int | None = None
    touched: set[str] = field(default_factory=set)
    tokens: list[Token[Any]] = field(default_factory=list)

    def touch(self, model: str) -> None:
        """Note that rows of `model` changed, so that caches which depend on them are outdated at commit."""
        self.touched.add(model)
        if model in DECIDING_MODELS:
            self.access = AccessCache(None)
        if model in self.runtime.cached_models:
            self.cache = Cache(None)

    def forget(self) -> None:
        """Read again what this unit itself has changed: it was rolled back to a savepoint."""
        for model in self.touched:
            self.touch(model)

    def outdated(self) -> list[str]:
        """The counters of `core_generation` that this unit raises."""
        counters = []
        if self.touched & DECIDING_MODELS:
            counters.append("access")
        if self.touched & DISPLAY_MODELS:
            counters.append("views")
        if self.touched & self.runtime.cached_models:
            counters.append("cached")
        return counters


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """Checked access to the records of one database, as one user, inside one unit of work.

    `env["crm.lead"]` gives the records of a model; `env.sudo()` the visible exception to rights and rules.
    """

    runtime: Runtime
    unit: Unit
    profile: Profile
    policy: Policy | None
    registry: Registry = field(init=False, repr=False)  # the composed models of this database
    database: Database = field(init=False, repr=False)  # for statements of core itself
    _elevated: Environment | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "registry", self.runtime.registry)
        object.__setattr__(self, "database", self.runtime.registry.database)

    @property
    def user(self) -> int | None:
        """The id of the user; None only while a database is being created."""
        return self.profile.user

    @property
    def company(self) -> int | None:
        """The id of the company the user works for at the moment."""
        return self.profile.company

    @property
    def companies(self) -> tuple[int, ...]:
        """The ids of all companies the user may work for."""
        return self.profile.companies

    @property
    def lang(self) -> str:
        """The user's language, a BCP 47 tag."""
        return self.profile.lang

    @property
    def tz(self) -> str:
        """The zone in force: the user's, else the company's, else UTC (IANA name)."""
        return self.profile.tz

    @property
    def groups(self) -> frozenset[str]:
        """The external ids of the user's groups, implied ones included."""
        return self.unit.access.names(self.database, self.profile.groups)

    @property
    def superuser(self) -> bool:
        """Whether rights and rules are set aside."""
        return self.policy is None

    @property
    def change_set(self) -> int | None:
        """The change set of this unit of work; None as long as nothing was logged."""
        return self.unit.change_set

    def __getitem__(self, model: str) -> Records:
        if model not in self.registry.models:
            hint = did_you_mean(closest(model, self.registry.models))
            raise NotFound(_("There is no model '{model}'.", model=model), hint=hint)
        return Records(self, model)

    def sudo(self) -> Environment:
        """The same user and unit of work without rights and rules."""
        if self.policy is None:
            return self
        if self._elevated is None:  # hooks ask often
            object.__setattr__(self, "_elevated", replace(self, policy=None))
        assert self._elevated is not None
        return self._elevated

    def as_user(self, user: int) -> Environment:
        """The same unit of work with the rights of another user.

        :raises NotFound: there is no such user.
        """
        profile = self.unit.access.profile(self.database, user)
        return replace(self, profile=profile, policy=self.unit.access.policy(self.registry, profile.groups))

    def with_company(self, company: int) -> Environment:
        """The same environment working for another of the user's companies."""
        return replace(self, profile=replace(self.profile, company=company))

    def has_group(self, name: str) -> bool:
        """Whether the user belongs to the group, directly or implied."""
        return name in self.groups

    def now(self) -> datetime:
        """The current instant, aware, in UTC. The only clock."""
        return self.runtime.clock()

    def today(self) -> date:
        """The current date in the environment's zone."""
        return self.now().astimezone(ZoneInfo(self.tz)).date()

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Do something outside the database once the transaction has been committed; never when it is rolled back."""
        self.database.after_commit(effect)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back only what happens inside the block when it raises."""
        change_set = self.unit.change_set
        try:
            with self.database.savepoint():
                yield
        except BaseException:
            self.unit.change_set = change_set  # one that was opened inside is gone, too
            self.unit.forget()
            raise

    def take_turns(self, name: str) -> None:
        """Let one transaction after the other do what is called so: the next one waits for the end of this one.

        For what no lock of a record guards, such as looking for something and making it where it is missing. Call it
        before anything is changed or locked. On SQLite transactions that write take turns anyhow.
        """
        if self.database.engine == "postgresql":
            self.database.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))

    def ref(self, external_id: str) -> Record:
        """The row that an addon's data calls `external_id`, with the rights of this environment.

        :raises NotFound: no row has that external id.
        """
        addon, _dot, name = external_id.partition(".")
        found = self.database.fetch(
            self.runtime.text("SELECT model, record FROM core_external_id WHERE addon = ? AND name = ?"), (addon, name)
        )
        if not found:
            raise NotFound(_("There is no record with the external id '{name}'.", name=external_id))
        model, id_ = found[0]
        return self[model].get(id_)

    def cached(self, make: Callable[[Any], T]) -> T:
        """What `make` works out of models declared `cached`, kept until one of their records changes, in any process.

        `make` is a function of a module or a class method, and gets an environment without rights and rules; what it
        gives is shared by everybody and must not be changed.
        """
        values = self.unit.cache.values
        if make not in values:
            elevated = self.sudo()
            with elevated:
                values[make] = make(elevated)
        found: T = values[make]
        return found

    def bindings(self, names: Mapping[str, object]) -> dict[str, object]:
        """What expressions may name: the caller's values, and the environment's own where the caller has none."""
        found = Implicit(self)
        found.update(names)
        return found

    def implicit(self) -> dict[str, object]:
        """The values every expression knows: me, company, companies, tz, now, today, groups."""
        return Implicit(self)

    def blob(self, name: str) -> bytes:
        """The content that a binary field names by its hash; whoever may read the field may read it.

        :raises NotFound: there is none.
        """
        return blobs.load(self, name)

    def next_number(self, sequence: str | int) -> str:
        """The next number of a sequence, by its external id or its id, such as `Q-2026-0042`.

        :raises NotFound: there is no such sequence.
        """
        return sequences.next_numbers(self, sequence, 1)[0]

    def next_numbers(self, sequence: str | int, count: int) -> list[str]:
        """The next numbers of a sequence, as many at once."""
        return sequences.next_numbers(self, sequence, count)

    def setting(self, name: str) -> str:
        """A setting of this process, such as `base_url`."""
        return self.runtime.settings.get(name, BY_NAME[name].default)

    def permits(self, operation: Operation, reference: str) -> bool:
        """Whether the user may do the operation with the record that a text such as `crm.lead,42` names."""
        model, id_ = referred(reference)
        if model not in self.registry.schema:
            return False
        records = self[model]
        try:
            return records.may(operation) and id_ in records.permitted([id_], operation)
        except BrokenRule:  # as `readable` and `writable` answer
            return False

    def permitted_users(self, operation: Operation, reference: str, users: Iterable[int]) -> set[int]:
        """Those of the users, by id, whom `permits` would let do the operation, with few statements for many of them.

        :raises NotFound: there is no such user.
        """
        return permitted_users(self, operation, reference, users)

    def __enter__(self) -> Self:
        self.unit.tokens.append(current_environment.set(self))
        return self

    def __exit__(self, *_exception: object) -> Literal[False]:
        current_environment.reset(self.unit.tokens.pop())
        return False

    def labels(self, model: str, ids: Iterable[int]) -> dict[int, str]:
        """The labels of records by id, whether or not the user may read the rest of them."""
        return self.sudo()[model].label(ids)


class Implicit(dict[str, object]):
    """The names that every expression knows, each worked out when it is asked for: most statements need none of
    them."""

    __slots__ = ("_env",)

    def __init__(self, env: Environment) -> None:
        super().__init__()
        self._env = env

    def __missing__(self, name: str) -> object:
        value = self[name] = _IMPLICIT[name](self._env)
        return value


_IMPLICIT: Mapping[str, Callable[[Environment], object]] = MappingProxyType(
    {
        "me": lambda env: env.profile.user,
        "company": lambda env: env.profile.company,
        "companies": lambda env: list(env.profile.companies),
        "tz": lambda env: env.profile.tz,
        "now": lambda env: env.now(),
        "today": lambda env: env.today(),
        "groups": lambda env: env.groups,
        "permits": lambda env: env.permits,
    }
)
