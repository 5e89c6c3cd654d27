"""The one ContextVar: the environment in which model methods run, and what rows need of it.

Only the WSGI middleware, the job runner, commands and the test fixture open it; never a generator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from core.model.registry import Registry


class RecordsProtocol(Protocol):
    """The checked access to one model that rows lean on."""

    def read_ids(self, ids: Sequence[int], fields: Sequence[str]) -> Mapping[int, Mapping[str, Any]]:
        """Values by id, archived records included, in one query; records that may not be read are left out."""

    def browse(self, ids: Sequence[int]) -> list[Any]:
        """Rows in the order of the ids, archived ones included; those that may not be read are left out."""

    def write(self, rows: Any, **values: object) -> object:
        """Change rows and refresh them."""

    def create(self, **values: object) -> Any:
        """Create one row."""

    def delete(self, rows: Any) -> object:
        """Delete rows."""


class EnvironmentProtocol(Protocol):
    """What a row needs of the environment: its registry, and the records of a model."""

    @property
    def registry(self) -> Registry: ...
    def __getitem__(self, model: str) -> RecordsProtocol: ...


current_environment: ContextVar[Any] = ContextVar("current_environment")


def running_environment() -> Any:
    """The environment in force.

    :raises LookupError: none is open here.
    """
    try:
        return current_environment.get()
    except LookupError:
        raise LookupError(
            "no environment is open here: rows and models work inside `with runtime.open(...)`, a request, a job or a command"
        ) from None
