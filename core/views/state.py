"""What a page shows of a view, held in its address and nowhere else: search, filters, order, grouping, place, tab."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import urlencode

_TERM = "find."
_SHOWN = ("where", "order", "group", "stack", "measure", "chart")


@dataclass(frozen=True, slots=True)
class State:
    """One page's state. In the address:

    `view` the view type; `q` the text of the search box; `find.<name>` text for one field of the search view; `filter`
    (repeated) the filters that are on, where none at all means the action's own and one empty `filter` means none;
    `where` an expression; `order` and `group` as in a list's XML; `stack`, `measure` and `chart` as in a graph's, with
    the measure as an aggregate takes it (`expected_revenue:sum`); `saved` the saved filter that the page began with, or
    `none`; `after` the cursor of the page before, `open` (repeated) the keys of opened groups, `page` the current page
    of a notebook, `totals` whether to sum everything now.
    """

    view: str = ""
    q: str = ""
    terms: tuple[tuple[str, str], ...] = ()
    filters: tuple[str, ...] | None = None
    where: str = ""
    order: str = ""
    group: str = ""
    stack: str = ""
    measure: str = ""
    chart: str = ""
    saved: str = ""
    after: str = ""
    open: tuple[str, ...] = ()
    page: str = ""
    totals: str = ""

    @classmethod
    def parse(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The state of an address; names that mean nothing here are left out."""
        plain = {each.name for each in fields(cls)} - {"terms", "filters", "open"}
        values: dict[str, Any] = {}
        terms, filters, opened = [], None, []
        for name, value in pairs:
            if name == "filter":
                filters = [*(filters or []), *([value] if value else [])]
            elif name == "open":
                opened.append(value)
            elif name.startswith(_TERM) and value.strip():
                terms.append((name.removeprefix(_TERM), value.strip()))
            elif name in plain:
                values[name] = value.strip()
        chosen = None if filters is None else tuple(dict.fromkeys(filters))
        return cls(**values, terms=tuple(terms), filters=chosen, open=tuple(dict.fromkeys(opened)))

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of the address, in a fixed order; what is empty is left out."""
        found = [(name, getattr(self, name)) for name in ("view", "q")]
        found += [(f"{_TERM}{name}", text) for name, text in self.terms]
        if self.filters is not None:
            found += [("filter", name) for name in self.filters or ("",)]
        found += [(name, getattr(self, name)) for name in (*_SHOWN, "saved", "after")]
        found += [("open", key) for key in self.open]
        found += [(name, getattr(self, name)) for name in ("page", "totals")]
        return [(name, value) for name, value in found if value or name == "filter"]

    def query(self) -> str:
        """The query part of the address, without the question mark."""
        return urlencode(self.pairs())

    @property
    def lasting(self) -> Self:
        """What a saved filter keeps of the state: not the place in it."""
        return replace(self, saved="", after="", open=(), page="", totals="")

    def but(self, **changes: object) -> Self:
        """The state with other values; whatever changes the rows goes back to their beginning."""
        if changes.keys() & {"q", "terms", "filters", "where", "order", "group"}:
            changes = {"after": "", "totals": "", **changes}
        return replace(self, **changes)  # type: ignore[arg-type]  # dataclasses refuse unknown names

    def narrowed(self, condition: str, **changes: object) -> Self:
        """The state with one more condition, and with other values."""
        return self.but(where=f"({self.where}) and {condition}" if self.where else condition, **changes)

    def toggled(self, name: str, shown: Iterable[str]) -> Self:
        """With the filter `name` on or off; `shown` are the filters in force now."""
        now = tuple(shown)
        return self.but(filters=tuple(each for each in now if each != name) if name in now else (*now, name))
