"""Open instances that tests borrow: composing one takes longer than most tests do."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.testbed.databases import Databases

if TYPE_CHECKING:
    from datetime import datetime
    from wsgiref.types import WSGIApplication

    from core.addon.instance import Instance

KEPT = 6


@dataclass
class _Dial:
    """The clock of an instance, which shows what the clock of the present test shows."""

    clock: Callable[[], datetime]

    def __call__(self) -> datetime:
        return self.clock()


@dataclass
class _Lent:
    """An open instance, what it is kept under, its database and how that was when it was opened."""

    key: Hashable
    address: str
    instance: Instance
    dial: _Dial | None
    composed: tuple[object, ...]


class Instances:
    """Lends instances over copies of prepared databases, one test at a time.

    When a test is over its database is made what it was, so that the next one borrows the same instance. What an
    instance has cached belongs to the counters of `core_generation`; they go on counting here from where a test left
    them, so that nothing of one test is taken for something of the next. An instance that a test closed, or whose
    addons or views it changed, is not lent again.
    """

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._kept: list[_Lent] = []
        self._out: list[Instance] = []
        self._apps: dict[int, WSGIApplication] = {}
        self._counted = 0

    def lend(
        self,
        key: Hashable,
        copy: Callable[[], str],
        opened: Callable[[str, _Dial | None], Instance],
        clock: Callable[[], datetime] | None,
    ) -> _Lent:
        """An instance that `opened` over a copy of a prepared database, or one under this key that came back."""
        key = (key, clock is None)
        for lent in self._kept:
            if lent.key == key:
                self._kept.remove(lent)
                break
        else:
            address = copy()
            dial = _Dial(clock) if clock else None
            instance = opened(address, dial)
            lent = _Lent(key, address, instance, dial, _composed(instance))
        if lent.dial and clock:
            lent.dial.clock = clock
        self._out.append(lent.instance)
        return lent

    def app(self, instance: Instance, create: Callable[[Instance], WSGIApplication]) -> WSGIApplication:
        """What `create` makes of an instance; once for all who borrow it, and not kept of one that was not lent."""
        if instance not in self._out:
            return create(instance)
        if id(instance) not in self._apps:
            self._apps[id(instance)] = create(instance)
        return self._apps[id(instance)]

    def take_back(self, lent: _Lent) -> None:
        """Make its database what it was and keep the instance, unless the test changed what it was composed of."""
        instance, database = lent.instance, lent.instance.database
        self._out.remove(instance)
        if database.closed or _composed(instance) != lent.composed or "follow" in vars(instance):
            self._end(lent)
            return
        reached = database.fetch("SELECT access, cached FROM core_generation")
        self._counted = 1 + max(self._counted, *reached[0])
        database.disconnect()
        self._databases.restore(lent.address)
        with database.transaction(write=True):
            database.execute(f"UPDATE core_generation SET access = {self._counted}, cached = {self._counted}")
        self._kept.append(lent)
        if len(self._kept) > KEPT:
            self._end(self._kept.pop(0))

    def close(self) -> None:
        """Close those that are kept."""
        while self._kept:
            self._end(self._kept.pop())

    def _end(self, lent: _Lent) -> None:
        self._apps.pop(id(lent.instance), None)
        lent.instance.close()
        self._databases.drop(lent.address)


def _composed(instance: Instance) -> tuple[Any, ...]:
    """What an instance is composed of, as counted in its database."""
    (counters,) = instance.database.fetch("SELECT addons, views FROM core_generation")
    return (*counters, instance.generation)
