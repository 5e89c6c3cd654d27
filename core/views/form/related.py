"""The records of a related list: the first ones in one query, and what a form that adds one needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.records.links import own_keys, stored_links
from core.views import looks as looks_module
from core.views.form.arch import Related
from core.views.kit import Kit
from core.views.list.page import COUNTED, judge, to_read
from core.views.looks import Looks, load_choices
from core.views.nodes import FieldNode
from core.views.view import Variant


@dataclass(frozen=True, slots=True)
class RelatedPage:
    """The rows of a related list. `fixed` are values that a record added here gets; `what` is what it is called.

    `where` is the condition that all of them meet, empty where none can be written.
    """

    records: list[dict[str, Any]]
    more: bool
    may_add: bool
    what: str
    where: str
    fixed: Mapping[str, object]
    blank: Mapping[str, Any]

    def count_text(self, kit: Kit) -> str:
        """The number of rows, with a plus where there are more than are shown."""
        return kit.count(len(self.records), capped=self.more)


def read_related(
    env: Environment, related: Related, owner: int, variant: Variant, looks: Looks, kit: Kit
) -> RelatedPage:
    """The list of `owner`'s related records; what its widgets need is added to `looks`."""
    view = related.list
    target, nodes = env[view.model], [*view.columns, *view.unseen]
    records = _rows(env, related, owner, to_read(env, view.model, nodes)) if target.may("read") else []
    shown = records[: view.limit]
    judge(env, view.model, view.columns, shown, variant)
    looks_module.load(env, view.columns, shown, looks)
    inputs = [node for node in view.columns if node.edit]
    may_add = bool(related.inverse and inputs) and target.may("create")
    if may_add:
        load_choices(env, looks, [node for node in inputs if node.edit == "select"])
    fixed = {related.inverse: _key(env, related, owner)} if may_add else {}
    return RelatedPage(
        records=shown,
        more=len(records) > view.limit,
        may_add=may_add,
        what=kit.inside(_(view.record_name or target.info.label or view.model)),
        where=_where(env, related, owner),
        fixed=fixed,
        blank={**looks_module.blank(inputs), **_begins(env, view.model, fixed, inputs)} if may_add else {},
    )


def _begins(env: Environment, model: str, fixed: Mapping[str, object], inputs: Sequence[FieldNode]) -> dict[str, Any]:
    """What a record that is added begins with; a picker, which has a text besides the id, begins empty."""
    values = env[model].defaults(fixed)
    return {node.path: values[node.path] for node in inputs if node.path in values and node.edit != "picker"}


def count_related(env: Environment, related: Related, owner: int, kit: Kit) -> str:
    """How many related records the user may see; up to a thousand are counted."""
    target = env[related.list.model]
    if not target.may("read"):
        return ""
    where, names = _condition(env, related, owner)
    count = target.count(where, limit=COUNTED + 1, **names)
    return kit.count(min(count, COUNTED), capped=count > COUNTED)


def _where(env: Environment, related: Related, owner: int) -> str:
    if not related.inverse:
        return ""
    linked = related.field.info.kind is Kind.REFERENCES and related.field.info.link is not None
    return f"any({related.inverse}, id == {owner})" if linked else f"{related.inverse} == {_key(env, related, owner)!r}"


def _key(env: Environment, related: Related, owner: int) -> int | str:
    """What the records of the list hold of their owner."""
    return next(iter(own_keys(env, related.field.model, related.list.model, related.inverse, [owner])))


def _rows(env: Environment, related: Related, owner: int, wanted: list[str]) -> list[dict[str, Any]]:
    view = related.list
    where, names = _condition(env, related, owner)
    return env[view.model].read(where, wanted, order=view.order or None, limit=view.limit + 1, **names)


def _condition(env: Environment, related: Related, owner: int) -> tuple[str, dict[str, Any]]:
    field = related.field
    if field.info.kind is Kind.REFERENCES and field.info.link is not None:
        return "id in ids", {"ids": stored_links(env, field.model, field.path, [owner])[owner]}
    return f"{related.inverse} == owner", {"owner": _key(env, related, owner)}
