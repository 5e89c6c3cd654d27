"""The addresses of the client: where pages, editors and forms of a model live. Implements `core.views.links.Links`.

`/app/<model>` shows records, `/app/<model>/<id>` one of them. A page that was opened from a list keeps that list's
address in `back`, so that the way back and a copied link lead to the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from core.views.state import State

ROOT = "/app"
FIRST = "set."  # before the names of fields whose values new records begin with

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses that one page of a model's records hands to its view.

    `here` is the page's own path and `context` what its address always holds; `back` is the query of the list that
    records are opened from, `usual` that of the list where they belong otherwise.
    """

    sprite: str
    csrf: str
    here: str
    model: str
    context: tuple[tuple[str, str], ...] = ()
    back: str = ""
    usual: str = ""

    def kept(self) -> list[tuple[str, str]]:
        """What a form that reads carries besides the state of the page."""
        return list(self.context)

    def state(self, state: State) -> str:
        """This page in another state."""
        return with_query(self.here, [*self.context, *state.pairs()])

    def listing(self, model: str, where: str) -> str:
        """The list of the records of a model that meet a condition."""
        return with_query(f"{ROOT}/{model}", State(view="list", where=where).pairs())

    def record(self, model: str, id_: int) -> str:
        """The page of a record; one of the page's own model keeps the way back."""
        return with_query(f"{ROOT}/{model}/{id_}", self._back(model))

    def edit(self, model: str, id_: int) -> str:
        """The page of a record with all its fields open."""
        return with_query(f"{ROOT}/{model}/{id_}/edit", self._back(model))

    def new(self, values: Mapping[str, object] | None = None) -> str:
        """The page of a new record, with first values by field; those that the address holds go along."""
        held = [pair for pair in self.context if pair[0].startswith(FIRST)]
        return with_query(f"{ROOT}/{self.model}/new", [*self._back(self.model), *held, *first_pairs(values or {})])

    def save(self, model: str, id_: int | None) -> str:
        """Where a form is posted to."""
        path = f"{ROOT}/{model}" if id_ is None else f"{ROOT}/{model}/{id_}"
        return with_query(path, self._back(model))

    def act(self, model: str, id_: int, action: str) -> str:
        """Where a button of a record is posted to."""
        return with_query(f"{ROOT}/{model}/{id_}/do/{action}", self._back(model))

    def field(self, model: str, id_: int, name: str) -> str:
        """The editor of one field."""
        return with_query(f"{ROOT}/{model}/{id_}/field/{name}", self._back(model))

    def refresh(self, model: str, id_: int | None) -> str:
        """Where a changed form asks for its modifiers and computed values."""
        return f"{ROOT}/{model}/refresh" if id_ is None else f"{ROOT}/{model}/{id_}/refresh"

    def hints(self, model: str, id_: int | None) -> str:
        """Where a form asks what addons have to say of what is typed."""
        return f"{ROOT}/{model}/hints" if id_ is None else f"{ROOT}/{model}/{id_}/hints"

    def options(self, model: str) -> str:
        """Suggestions for a picker."""
        return f"{ROOT}/{model}/options"

    def move(self, model: str, id_: int) -> str:
        """Where a card that changed its column is posted to."""
        return f"{ROOT}/{model}/{id_}/move"

    def history(self, model: str, id_: int) -> str:
        """The history of a record."""
        return f"{ROOT}/{model}/{id_}/history"

    def panel(self, model: str, id_: int, name: str) -> str:
        """What an addon shows on a page of a record."""
        return f"{ROOT}/{model}/{id_}/panel/{name}"

    def rows(self) -> str:
        """The list or board that this page was opened from, or where its record belongs."""
        query = self.back or self.usual
        return f"{ROOT}/{self.model}?{query}" if query else f"{ROOT}/{self.model}"

    def _back(self, model: str) -> list[tuple[str, str]]:
        return [("back", self.back)] if self.back and model == self.model else []


def with_query(path: str, pairs: list[tuple[str, str]]) -> str:
    """The path, and the pairs as its query where there are any."""
    return f"{path}?{urlencode(pairs)}" if pairs else path


def list_query(action: int | None, state: State, first: Pairs = ()) -> str:
    """What a record's page keeps of the list it is opened from; `first` are values of records created there."""
    return urlencode([*action_pairs(action), *state.but(open=(), page="").pairs(), *first])


def first_pairs(values: Mapping[str, object]) -> Pairs:
    """Values of new records in an address, by field."""
    return tuple((f"{FIRST}{name}", str(value)) for name, value in values.items() if value is not None)


def action_pairs(action: int | None) -> tuple[tuple[str, str], ...]:
    """The action in an address."""
    return () if action is None else (("action", str(action)),)


def asking_page(path: str, ids: Sequence[int] | None, back: str) -> str:
    """The page of an action that asks before it acts on records; `back` is the way back.

    Without ids it is about all records that the list at `back` finds.
    """
    about = [("all", "1")] if ids is None else [("ids", str(id_)) for id_ in ids]
    return with_query(path, [*about, ("next", back)])
