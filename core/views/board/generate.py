"""The template of a board, put together from the files in `frames/`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.lang.kinds import Kind
from core.views.board.arch import BoardArch
from core.views.nodes import FieldNode
from core.views.template import Builder

FRAMES = Path(__file__).with_name("frames")
_DATED = frozenset({Kind.DATE, Kind.INSTANT})
_AGES = frozenset({"age", "overage"})


def generate(view: BoardArch, builder: Builder) -> str:
    """The text of the template; its macros are `whole`, `column(col)`, `cards(col)`, `card(r)` and `heads`."""
    model, group = builder.const(view.model), builder.const(view.group.path)
    quick = {"model": model, "group": group, "inputs": "\n".join(_input(node, builder) for node in view.quick)}
    marks = {
        "model": model,
        "group": group,
        "group_label": builder.text(view.group.label),
        "quick": builder.frame(FRAMES, "quick", quick) if view.quick else "",
        "sums": _sums(view, builder),
        "actions": _actions(view, builder),
    }
    title = _plain(view.cards[0], builder) if view.cards else "none"
    card = {"model": model, "title": title, "lines": _lines(view.cards[1:], builder)}
    return (
        builder.macros()
        + builder.shared("empty")
        + builder.frame(FRAMES, "card", card)
        + builder.frame(FRAMES, "board", marks)
    )


def _plain(node: FieldNode, builder: Builder) -> str:
    return f"r[{builder.const(node.label_path or node.path)}]"


def _sums(view: BoardArch, builder: Builder) -> str:
    """The amounts of a column's head; blank until they are known."""
    parts = []
    if view.sum is not None:
        parts.append(f"<b>{{{{ {_amount(view.sum, 'sum')} }}}}</b>")
    if view.sum is not None and view.weighted is not None:
        weighted = builder.text("weighted {amount}")
        parts.append(f"<span>{{{{ {weighted}.replace('{{amount}}', {_amount(view.weighted, 'weighted')}) }}}}</span>")
    if view.also is not None:
        label, amount = builder.text(view.also.label), _amount(view.also, "also")
        parts.append(f"{{% if col.also %}}<span>{{{{ {label} }}}} {{{{ {amount} }}}}</span>{{% endif %}}")
    return f'<p class="sums">{{% if col.known %}}{"".join(parts)}{{% endif %}}</p>' if parts else ""


def _amount(node: FieldNode, name: str) -> str:
    """The expression that writes a total of a column."""
    return f"f.money(col.{name}, whole=true)" if node.info.kind is Kind.MONEY else f"f.number(col.{name})"


def _actions(view: BoardArch, builder: Builder) -> str:
    """The buttons that the menu of a card takes over, for a record without a number."""
    forms = [
        builder.frame(
            FRAMES,
            "action",
            {
                "model": builder.const(view.model),
                "action": builder.const(button.action),
                "label": builder.text(button.label),
                "icon": builder.const(button.icon or "check"),
            },
        )
        for button in view.buttons
    ]
    return f'<template id="card-actions">{"".join(forms)}</template>' if forms else ""


def _lines(nodes: Sequence[FieldNode], builder: Builder) -> str:
    """The card's lines: relations and tags, then amounts and marks, at the foot dates and people."""
    lines: dict[str, list[str]] = {"meta": [], "amounts": [], "foot": []}
    for node in nodes:
        body = _shown(node, builder)
        if node.invisible is not None:
            body = f'{{% if "{node.key}" not in r["_hidden"] %}}{body}{{% endif %}}'
        lines[_line(node)].append(body)
    return "\n".join(
        f"{{% set line %}}{''.join(parts)}{{% endset %}}"
        f'{{% if line|trim %}}<p class="{"foot" if name == "foot" else "meta"}">{{{{ line }}}}</p>{{% endif %}}'
        for name, parts in lines.items()
        if parts
    )


def _line(node: FieldNode) -> str:
    if node.widget.name == "user" or (node.info.kind in _DATED and node.widget.name not in _AGES):
        return "foot"
    return "amounts" if node.numeric or node.widget.name in {"priority", *_AGES} else "meta"


def _shown(node: FieldNode, builder: Builder) -> str:
    """One value of a card. Cards are links as a whole, so relations are plain text."""
    value = f"r[{builder.const(node.path)}]"
    body = builder.show(node, "card")
    if node.label_path and node.widget.name in {"link", "partner", "select"}:
        plain = _plain(node, builder)
        body = f'<span class="trunc" title="{{{{ {plain} }}}}">{{{{ {plain} }}}}</span>'
    elif node.numeric:
        body = f'<span class="num strong">{body}</span>'
    elif node.widget.name in _AGES:
        body = f'<span class="push nowrap">{body}</span>'
    return f"{{% if {value} is not none %}}{body}{{% endif %}}"


def _input(node: FieldNode, builder: Builder) -> str:
    """One input of the form that creates a card in its column."""
    required = node.info.required
    ident = f'"quick-" ~ col.slug ~ "-{node.key}"'
    mark = ' <span class="req" aria-hidden="true">*</span>' if required else ""
    label = f'<label class="label" for="{{{{ {ident} }}}}">{{{{ {builder.text(node.label)} }}}}{mark}</label>'
    call = f"edit({builder.node(node)}, p.blank, {ident}, {str(required).lower()}, none, false)"
    return f'<div class="full">{label}{{{{ {call} }}}}</div>'
