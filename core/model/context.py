"""The one ContextVar: the environment in which model methods run, and what rows and methods may ask of it.

Only the WSGI middleware, the job runner, commands and the test fixture open it; never a generator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from core.database import Database
    from core.model.registry import Registry


T = TypeVar("T")


class RecordsProtocol(Protocol):
    """The checked access to the records of one model. Rows are `Any` here: definitions say what they hold."""

    def search(
        self,
        where: str = "",
        *,
        order: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **names: object,
    ) -> Sequence[Any]: ...
    def read(
        self,
        where: str,
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **names: object,
    ) -> list[dict[str, Any]]: ...
    def read_each(
        self,
        asked: Sequence[tuple[str, Mapping[str, object]]],
        fields: Sequence[str],
        *,
        order: str | None = None,
        limit: int | None = None,
    ) -> list[list[dict[str, Any]]]: ...
    def count(self, where: str = "", *, limit: int | None = None, **names: object) -> int: ...
    def aggregate(
        self,
        where: str = "",
        by: Sequence[str] = (),
        measures: Sequence[str] = (),
        **options: Any,  # noqa: ANN401
    ) -> list[dict[str, Any]]: ...
    def get(self, id: int) -> Any: ...  # noqa: ANN401
    def browse(self, ids: Iterable[int]) -> list[Any]: ...
    def defaults(self, values: Mapping[str, object] | None = None) -> dict[str, Any]: ...
    def create(self, **values: object) -> Any: ...  # noqa: ANN401
    def create_many(self, items: Sequence[Mapping[str, object]]) -> list[Any]: ...
    def copy(self, rows: Any, **values: object) -> list[Any]: ...  # noqa: ANN401
    def write(self, rows: Any, version: Any = None, **values: object) -> object: ...  # noqa: ANN401
    def write_many(self, items: Sequence[tuple[int, Mapping[str, object]]]) -> object: ...
    def follow(self, items: Sequence[tuple[int, Mapping[str, object]]]) -> object: ...
    def lock(self, ids: Sequence[int], versions: Mapping[int, int] | None = None) -> None: ...
    def delete(self, rows: Any) -> object: ...  # noqa: ANN401
    def redirect(self, rows: Any, to: int) -> object: ...  # noqa: ANN401
    def may(self, operation: Any) -> bool: ...  # noqa: ANN401
    def permitted(self, ids: Iterable[int], operation: Any = "read") -> set[int]: ...  # noqa: ANN401
    def read_ids(self, ids: Sequence[int], fields: Sequence[str]) -> Mapping[int, Mapping[str, Any]]:
        """Values by id, archived records included, in one query; records that may not be read are left out."""


class EnvironmentProtocol(Protocol):
    """What model methods may ask of the environment they run in."""

    @property
    def registry(self) -> Registry: ...
    @property
    def database(self) -> Database: ...
    @property
    def user(self) -> int | None: ...
    @property
    def company(self) -> int | None: ...
    @property
    def companies(self) -> Sequence[int]: ...
    @property
    def lang(self) -> str: ...
    @property
    def tz(self) -> str: ...
    @property
    def superuser(self) -> bool: ...
    def __getitem__(self, model: str) -> RecordsProtocol: ...
    def sudo(self) -> Self: ...
    def as_user(self, user: int) -> Self: ...
    def now(self) -> datetime: ...
    def today(self) -> date: ...
    def has_group(self, name: str) -> bool: ...
    def ref(self, external_id: str) -> Any: ...  # noqa: ANN401
    def after_commit(self, effect: Callable[[], None]) -> None: ...
    def cached(self, make: Callable[[Any], T]) -> T:
        """What `make` works out of models declared `cached`, kept until one of their records changes."""

    def setting(self, name: str) -> str: ...
    def permits(self, operation: Any, reference: str) -> bool: ...  # noqa: ANN401
    def permitted_users(self, operation: Any, reference: str, users: Iterable[int]) -> set[int]:  # noqa: ANN401
        """Those of the users, by id, who may do the operation with the record that the text names."""

    def blob(self, name: str) -> bytes: ...
    def next_number(self, sequence: str | int) -> str: ...
    def next_numbers(self, sequence: str | int, count: int) -> list[str]: ...
    def take_turns(self, name: str) -> None: ...
    def savepoint(self) -> AbstractContextManager[None]: ...
    def implicit(self) -> Mapping[str, object]:
        """The values that every expression may name."""


current_environment: ContextVar[Any] = ContextVar("current_environment")


def running_environment() -> EnvironmentProtocol:
    """The environment in force.

    :raises LookupError: none is open here.
    """
    try:
        found: EnvironmentProtocol = current_environment.get()
    except LookupError:
        raise LookupError(
            "no environment is open here: rows and models work inside a request, a job, a command or runtime.open()"
        ) from None
    return found
