"""What stands around a list or board: ways of looking at it, actions on ticked rows, a condition that cannot be
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import ExpressionError, did_you_mean
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.records.environment import Environment
from core.views.list.arch import ListArch
from core.views.nodes import ButtonNode
from core.views.opening import Opening
from core.views.state import State
from core.web.client.addresses import Addresses, with_query

KINDS: Mapping[str, tuple[str, str]] = {
    "list": ("List", "list"),
    "board": ("Board", "board"),
    "graph": ("Graph", "chart"),
}
ASSIGNABLE: Mapping[str, tuple[str, str]] = {"user": ("Assign", "person"), "stage": ("Move to", "arrow-right")}


@dataclass(frozen=True, slots=True)
class KindLink:
    """A way of looking at the records."""

    label: str
    icon: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """A relation that can be set on many records at once."""

    name: str
    label: str
    verb: str
    icon: str
    target: str


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done to the ticked rows."""

    address: str
    actions: tuple[ButtonNode, ...]
    assign: tuple[Assignment, ...]
    archive: bool
    restore: bool
    delete: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """A condition that cannot be read: the reason, and the text around its column."""

    reason: str
    hint: str
    column: int
    before: str
    at: str
    after: str


def kind_links(opening: Opening, state: State, links: Addresses, shown: str) -> list[KindLink]:
    """The view types that the action offers, as links that keep what narrows."""
    offered = [kind for kind in opening.views if kind in KINDS] or ["list"]
    return [
        KindLink(_(KINDS[kind][0]), KINDS[kind][1], links.state(state.but(view=kind, after="", open=())), kind == shown)
        for kind in offered
    ]


def bulk(env: Environment, arch: ListArch, links: Addresses, state: State, *, archived: bool) -> Bulk | None:
    """The actions on ticked rows that the user has a right to; None where there is none.

    `archived` tells whether there may be archived rows among them.
    """
    model, records = arch.model, env[arch.model]
    update, delete = records.may("update"), records.may("delete")
    if not update and not delete and not arch.buttons:
        return None
    fields = records.info.fields
    declared = env.registry.declarations[model]
    open_ = [name for name in ASSIGNABLE if name in declared and not declared[name].readonly]
    assign = tuple(_assignment(fields[name]) for name in open_ if update and _assigns(fields.get(name)))
    address = with_query(f"/app/{model}/bulk", [*links.kept(), *state.pairs()])
    archive = update and "active" in fields
    return Bulk(address, arch.buttons, assign, archive, archive and archived, delete)


def mistake(error: ExpressionError) -> Mistake:
    """The condition with its mistake marked; `column` counts from 1 and may lie behind the end."""
    place = max(error.column - 1, 0)
    at = error.source[place : place + 1] or " "
    hint = did_you_mean(error.suggestion)
    return Mistake(error.reason, hint, error.column, error.source[:place], at, error.source[place + 1 :])


def _assigns(info: FieldInfo | None) -> bool:
    return info is not None and info.kind is Kind.REFERENCE and info.column is not None


def _assignment(info: FieldInfo) -> Assignment:
    verb, icon = ASSIGNABLE[info.name]
    return Assignment(info.name, _(info.label or info.name), _(verb), icon, str(info.target))
