"""Rows: the base of every composed class. A row holds values, and rights never; everything it does goes through the
environment.

There is no identity map: two rows of one record do not know of each other, and a row goes stale when another one is
written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self
from weakref import ref

import peewee

from core.errors import AccessDenied, NotFound
from core.i18n import _
from core.model.change import Change, Link
from core.model.context import EnvironmentProtocol, running_environment

if TYPE_CHECKING:
    from core.model.registry import Registry


class _Environment:
    """`row.env` and `cls.env`: the environment in force, which must be of the row's own registry."""

    def __get__(self, row: object, owner: type[Record]) -> EnvironmentProtocol:
        env = running_environment()
        if env.registry is not owner._registry:
            raise RuntimeError(f"a row of {owner._name} is used in the environment of another database")
        return env


class Record(peewee.Model):
    """A row of a model. Composed classes derive from it last, after all definitions."""

    _name: ClassVar[str] = ""
    _registry: ClassVar[Registry]
    _peers: Sequence[ref[Record]] | None
    _dirty: set[str]
    __data__: dict[str, Any]
    __rel__: dict[str, Any]
    id: int
    env = _Environment()

    def __init__(self, **values: object) -> None:
        self.__data__ = {}
        self.__rel__ = {}
        self._dirty = set()
        self._peers = None
        unknown = values.keys() - self._registry.schema[self._name].fields.keys()
        if unknown:
            raise TypeError(f"{self._name} has no field {sorted(unknown)[0]!r}")
        for name, value in values.items():
            setattr(self, name, value)

    @classmethod
    def adopt(cls, values: dict[str, Any], peers: Sequence[ref[Record]] | None = None) -> Self:
        """A row that takes over a dict of decoded values by field name; `peers` are the rows it was read with."""
        row = cls.__new__(cls)
        row.__dict__ = {"__data__": values, "__rel__": {}, "_dirty": set(), "_peers": peers}
        return row

    @classmethod
    def adopt_all(cls, found: Iterable[dict[str, Any]]) -> list[Self]:
        """Rows that were read together: a relation of one is loaded for all that are still in use."""
        # Weak, so that rows are freed as soon as nobody uses them: a ring of rows would wait for the collector.
        peers: list[ref[Record]] = []
        rows = [cls.adopt(values, peers) for values in found]
        peers.extend([ref(row) for row in rows])
        return rows

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a row of {self._name} is neither pickled nor copied: pass the model's name and the id")

    # Hooks of definitions; here the chains of super() end.

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Change or check values before they are stored."""

    @classmethod
    def after_write(cls, changes: list[Change]) -> None:
        """Act on what was stored, in the same transaction."""

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Keep up fields declared `derived`; runs after undo as well."""

    @classmethod
    def before_copy(cls, copies: list[dict[str, Any]]) -> None:
        """Change the values that copies of records begin with."""

    @classmethod
    def before_delete(cls, rows: list[Any]) -> None:
        """Act before rows are deleted, or refuse."""

    @classmethod
    def after_delete(cls, ids: list[int]) -> None:
        """Act after rows were deleted."""

    # Writing

    def save(self, force_insert: bool = False, only: object = None) -> None:  # type: ignore[override]  # peewee: count
        """Create the record, or write the fields that were set; then the row holds what is stored."""
        values = {name: self.__data__[name] for name in sorted(self._dirty)}
        records = self.env[self._name]
        if self.__data__.get("id") is None or force_insert:
            self.refresh(records.create(**values).__data__)
        elif values:
            records.write([self], **values)
            self._dirty.clear()

    def delete_instance(self, recursive: bool = False, delete_nullable: bool = False) -> None:  # type: ignore[override]
        # peewee gives a count
        """Delete the record and what its references ask for."""
        self.env[self._name].delete([self])

    def refresh(self, values: dict[str, Any]) -> None:
        """Take over stored values; relations are loaded again when they are used."""
        for name in [name for name in self.__data__ if name not in self._meta.fields]:
            del self.__data__[name]
        self.__data__.update(values)
        self.__rel__.clear()
        self._dirty.clear()

    # Loading, for all rows that were read together

    def load(self, name: str) -> Any:  # noqa: ANN401
        """Read a field that the rows were not read with; None for a row that is not saved yet."""
        if self.__data__.get("id") is None:
            return None
        rows = [row for row in self._together() if name not in row.__data__]
        found = self.env[self._name].read_ids([row.__data__["id"] for row in rows], [name])
        for row in rows:
            values = found.get(row.__data__["id"])
            if values is not None:
                row.__data__[name] = values[name]
        if name not in self.__data__:
            raise NotFound(_("This record is no longer there, or you may not see it."))
        return self.__data__[name]

    def relate(self, name: str, target: str) -> Record:
        """Load the rows that a many2one leads to.

        :raises AccessDenied: the user may not read this row's.
        """
        rows = [row for row in self._together() if name not in row.__rel__ and row.__data__.get(name) is not None]
        found = self._browse(target, [row.__data__[name] for row in rows])
        for row in rows:
            related = found.get(row.__data__[name])
            if related is not None:
                row.__rel__[name] = related
        if name not in self.__rel__:
            text = _("You may not read what '{field}' of this record leads to.", field=name)
            raise AccessDenied(text, hint=_("Ask an administrator for the right."))
        related_row: Record = self.__rel__[name]
        return related_row

    def relate_many(self, name: str, target: str) -> None:
        """Load the rows of a one2many or many2many; those that may not be read are left out."""
        rows = [self] if name in self.__data__ else [row for row in self._together() if name not in row.__rel__]
        ids = {id(row): row._linked(name) for row in rows if name in row.__data__ or row.__data__.get("id") is None}
        stored = [row for row in rows if id(row) not in ids]
        if stored:
            read = self.env[self._name].read_ids([row.__data__["id"] for row in stored], [name])
            ids |= {id(row): tuple(read.get(row.__data__["id"], {}).get(name, ())) for row in stored}
        found = self._browse(target, [id_ for linked in ids.values() for id_ in linked])
        for row in rows:
            row.__rel__[name] = tuple(found[id_] for id_ in ids[id(row)] if id_ in found)

    def _linked(self, name: str) -> tuple[int, ...]:
        """The ids of links that were set on this row and not saved yet."""
        value = self.__data__.get(name, ())
        if not isinstance(value, Link):
            return tuple(value)
        id_ = self.__data__.get("id")
        stored = self.env[self._name].read_ids([id_], [name]).get(id_, {}) if id_ is not None else {}
        return value.apply(stored.get(name, ()))

    def _together(self) -> Sequence[Record]:
        return [row for peer in self._peers if (row := peer()) is not None] if self._peers else (self,)

    def _browse(self, target: str, ids: Iterable[int]) -> dict[int, Record]:
        wanted = list(dict.fromkeys(ids))
        return {row.id: row for row in self.env[target].browse(wanted)} if wanted else {}
