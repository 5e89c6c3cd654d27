"""The template of a list, put together from the files in `frames/`; also that of related records in a form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.lang.kinds import Kind
from core.views.list.arch import ListArch, order_of
from core.views.nodes import FieldNode
from core.views.template import Builder

FRAMES = Path(__file__).with_name("frames")
# Widgets that are links or boxes themselves, which a title's link cannot hold.
_LINKS = frozenset(
    {"email", "phone", "url", "link", "partner", "user", "boolean", "toggle", "html", "tags", "textarea"}
)
_SUMS: Mapping[str, str] = {"sum": "Sum", "avg": "Average", "min": "Least", "max": "Most"}


def generate(view: ListArch, builder: Builder) -> str:
    """The text of the template; its macros are `whole`, `row(r)`, `rows(records)`, `group_rows(g)`, `totals_row`."""
    lead = _lead(view)
    marks = {
        "model": builder.const(view.model),
        "heads": "\n".join(_head(node, builder, index) for index, node in enumerate(view.columns)),
        "lead": str(lead),
        "width": str(len(view.columns) + 1),
        "totals": _totals(view, builder, "p.totals", lead),
        "group_totals": _totals(view, builder, "g.totals", lead),
        "foot": builder.frame(FRAMES, "foot") if view.sums else "",
    }
    tick = builder.frame(FRAMES, "tick", {"name": _plain(view.columns[0], builder)}) if view.columns else ""
    row = builder.frame(FRAMES, "row", {"tick": tick, "cells": _cells(view, builder)})
    return builder.shared("empty") + row + builder.frame(FRAMES, "table", marks)


def generate_related(view: ListArch, builder: Builder, name: str, inputs: str) -> str:
    """The macros `<name>(q)` and `<name>_row(r)`: related records, and (if allowed) a form that adds one."""
    row = builder.frame(FRAMES, "row", {"tick": "", "cells": _cells(view, builder)})
    marks = {
        "name": name,
        "model": builder.const(view.model),
        "heads": "\n".join(_plain_head(node, builder) for node in view.columns),
        "inputs": inputs,
    }
    return row.replace("macro row(", f"macro {name}_row(", 1) + builder.frame(FRAMES, "related", marks)


def _lead(view: ListArch) -> int:
    """How many cells the label of a row of totals takes: up to the first summed column."""
    summed = [index for index, node in enumerate(view.columns) if node.sum]
    return max(summed[0] if summed else len(view.columns), 1) + 1


def _classes(node: FieldNode, index: int) -> str:
    names = [name for name, put in (("num", node.numeric), ("fluid", index == 0)) if put]
    return f' class="{" ".join(names)}"' if names else ""


def _head(node: FieldNode, builder: Builder, index: int) -> str:
    path = order_of(node)
    if not path:
        return _plain_head(node, builder, index)
    marks = {
        "classes": _classes(node, index),
        "path": builder.const(path),
        "label": builder.text(node.label),
    }
    return builder.frame(FRAMES, "head", marks)


def _plain_head(node: FieldNode, builder: Builder, index: int = 1) -> str:
    return f'<th scope="col"{_classes(node, index)}>{{{{ {builder.text(node.label)} }}}}</th>'


def _cells(view: ListArch, builder: Builder) -> str:
    roles = view.roles()
    return "\n".join(_cell(node, builder, roles.get(node.key, ""), at) for at, node in enumerate(view.columns))


def _cell(node: FieldNode, builder: Builder, role: str, index: int) -> str:
    body = _title(node, builder) if index == 0 else builder.show(node, "cell")
    if node.invisible is not None:
        body = f'{{% if "{node.key}" not in r._hidden %}}{body}{{% endif %}}'
    card = f' data-card="{role}"' if role else ""
    return f"<td{card}{_classes(node, index)}>{body}</td>"


def _title(node: FieldNode, builder: Builder) -> str:
    """The first column, a link to the record."""
    plain = _plain(node, builder)
    shown = f"{{{{ {plain} }}}}" if node.widget.name in _LINKS else builder.show(node, "cell")
    return builder.frame(FRAMES, "title", {"model": builder.const(node.model), "plain": plain, "shown": shown})


def _plain(node: FieldNode, builder: Builder) -> str:
    """An expression for the value as plain text, instants as people read them."""
    value = f"r[{builder.const(node.label_path or node.path)}]"
    return f"({value} and f.short_datetime({value}))" if node.info.kind is Kind.INSTANT else value


def _totals(view: ListArch, builder: Builder, source: str, lead: int) -> str:
    """The cells of a row of totals, from the first summed column on."""
    return "".join(_total(node, builder, source) for node in view.columns[lead - 1 :])


def _total(node: FieldNode, builder: Builder, source: str) -> str:
    if not node.sum:
        return "<td></td>"
    value = f"{source}[{builder.const(f'{node.path}:{node.sum}')}]"
    title = f"{{{{ {builder.text(_SUMS[node.sum])} }}}}"
    if node.widget.name == "money":
        title = f"{title} {{{{ f.money({value}) }}}}"
        return f'<td class="num" title="{title}" data-card="aside">{{{{ f.money({value}, whole=true) }}}}</td>'
    shown = "percent" if node.widget.name == "percent" else "number"
    return f'<td class="num" title="{title}">{{{{ f.{shown}({value}) }}}}</td>'
