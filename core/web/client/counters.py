"""The counters of a record: how many records of other models belong to it, in one statement, and the ways to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.i18n import _
from core.lang.joining import conjunction
from core.lang.tree import Expression, written_out
from core.records.branches import count_branches
from core.records.environment import Environment
from core.views.form.arch import THIS, CounterNode
from core.views.form.shown import Counter
from core.views.kit import Kit
from core.views.opening import Opening
from core.views.state import State
from core.web.client.addresses import ROOT, action_pairs, first_pairs, list_query, with_query
from core.web.client.openings import action_called, may_create, opening

COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """One counter, and the action that opens its records."""

    node: CounterNode
    action: int | None
    opening: Opening

    def condition(self, env: Environment) -> Expression:
        """Those that the action shows and that belong to the record."""
        shown = self.opening.condition
        parts = [env.registry.parse(shown, self.node.model)] if shown else []
        return conjunction([*parts, self.node.condition])


def counters(env: Environment, kit: Kit, nodes: Sequence[CounterNode], id_: int) -> list[Counter]:
    """The counters that the user may see, for the record with this id."""
    asked = list(_readable(env, nodes))
    counts = count_branches(env, [(each.node.model, each.condition(env), {THIS: id_}) for each in asked], COUNTED + 1)
    return [_counter(env, kit, each, count, id_) for each, count in zip(asked, counts, strict=True)]


def _readable(env: Environment, nodes: Sequence[CounterNode]) -> Iterator[_Asked]:
    for node in nodes:
        if env[node.model].may("read"):
            action = action_called(env, node.action)
            yield _Asked(node, action, opening(env, node.model, action))


def _counter(env: Environment, kit: Kit, asked: _Asked, count: int, id_: int) -> Counter:
    node = asked.node
    state = State(view="list", filters=(), where=written_out(node.condition, THIS, str(id_)))
    first = first_pairs({node.field: id_} if node.field else {})
    rows = with_query(f"{ROOT}/{node.model}", [*action_pairs(asked.action), *state.pairs(), *first])
    new = with_query(f"{ROOT}/{node.model}/new", [("back", list_query(asked.action, state, first)), *first])
    return Counter(
        label=_(node.label),
        icon=node.icon,
        count=kit.count(min(count, COUNTED), capped=count > COUNTED),
        address=rows,
        new=new if not count and may_create(env, node.model) else "",
        new_label=_("New {record}", record=kit.inside(asked.opening.record_name)),
    )
