"""The addresses that a view's markup points to. The web layer implements them; nothing here knows a route."""

from __future__ import annotations

from typing import Protocol

from core.views.state import State


class Links(Protocol):
    """Addresses, and what every form of a page carries."""

    @property
    def sprite(self) -> str:
        """The icon sprite, to which `#i-<name>` is added."""

    @property
    def csrf(self) -> str:
        """The value of the hidden field `csrf_token` of forms."""

    @property
    def here(self) -> str:
        """The page's own path, to which forms with method get lead."""

    def kept(self) -> list[tuple[str, str]]:
        """What such a form carries besides the state of the page."""

    def state(self, state: State) -> str:
        """This page in another state."""

    def listing(self, model: str, where: str) -> str:
        """The records of a model that meet a condition, as a list."""

    def record(self, model: str, id_: int) -> str:
        """The page of a record."""

    def edit(self, model: str, id_: int) -> str:
        """The page of a record with all its fields open for editing."""

    def save(self, model: str, id_: int | None) -> str:
        """Where a form is posted to: writes the record, or creates one."""

    def act(self, model: str, id_: int, action: str) -> str:
        """Where a button is posted to: runs an action of the record."""

    def field(self, model: str, id_: int, name: str) -> str:
        """The editor of one field, for editing in place; its form is posted to the same address."""

    def panel(self, model: str, id_: int, name: str) -> str:
        """What an addon shows on a page of a record."""

    def refresh(self, model: str, id_: int | None) -> str:
        """Where a changed form is posted to have its modifiers and computed values; writes nothing."""

    def hints(self, model: str, id_: int | None) -> str:
        """Where a form that is being filled in is posted to, to learn what addons have to say; writes nothing."""

    def options(self, model: str) -> str:
        """Suggestions for a picker; `?q=` is added."""
