"""Views of models that ship none, written as arch text like any other, so that they are checked and extended alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from xml.sax.saxutils import quoteattr

from core.data.xml import Place
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.model.registry import Registry
from core.views.nodes import AUTOMATIC
from core.views.source import ViewSource

MOST_COLUMNS = 6
_COLUMNS = frozenset(
    {Kind.TEXT, Kind.REFERENCE, Kind.MONEY, Kind.DATE, Kind.INSTANT, Kind.BOOLEAN, Kind.INTEGER, Kind.FLOAT}
)
_LONG = frozenset({"Text", "Html"})


def default_view(registry: Registry, model: str, kind: str) -> ViewSource | None:
    """The view of a model that has none of its own; None where there is nothing to make one of (a board's columns)."""
    arch = _MAKERS[kind](registry, model)
    if not arch:
        return None
    name = f"{model}:{kind}"
    return ViewSource(name, model, kind, "", arch, Place(f"default {kind} of {model}", 1, 1), 0, "")


def _fields(registry: Registry, model: str) -> list[FieldInfo]:
    """The fields to show, the label first: nothing automatic, secret or of core's own."""
    info, declarations = registry.schema[model], registry.declarations[model]
    shown = [
        field
        for name, field in info.fields.items()
        if name not in AUTOMATIC and name != "active" and name in declarations and not declarations[name].secret
    ]
    return sorted(shown, key=lambda field: field.name != info.label_field)


def _declared(registry: Registry, model: str, field: FieldInfo) -> str:
    return type(registry.declarations[model][field.name]).__name__


def _tags(names: Iterable[str]) -> str:
    return "".join(f"<field name={quoteattr(name)}/>" for name in names)


def _list(registry: Registry, model: str) -> str:
    fields = [
        field.name
        for field in _fields(registry, model)
        if field.kind in _COLUMNS and _declared(registry, model, field) not in _LONG
    ]
    return f"<list>{_tags(fields[:MOST_COLUMNS] or ['id'])}</list>"


def _form(registry: Registry, model: str) -> str:
    shown = [field for field in _fields(registry, model) if field.kind is not Kind.REFERENCES or field.link is not None]
    nodes = (_form_field(field, _declared(registry, model, field)) for field in shown)
    return f'<form><group name="main">{"".join(nodes)}</group></form>'


def _form_field(field: FieldInfo, declared: str) -> str:
    full = ' full="1"' if declared in _LONG or field.kind is Kind.REFERENCES else ""
    return f"<field name={quoteattr(field.name)}{full}/>"


def _search(registry: Registry, model: str) -> str:
    info = registry.schema[model]
    label = info.fields.get(info.label_field)
    parts = _tags([label.name] if label is not None and label.kind is Kind.TEXT else [])
    if "active" in info.fields:
        parts += '<filter name="archived" label="Archived" condition="active == false"/>'
    return f"<search>{parts}</search>" if parts else ""


def _board(registry: Registry, model: str) -> str:
    fields = _fields(registry, model)
    columns = [field for field in fields if field.name == "stage" and field.kind is Kind.REFERENCE]
    columns += [field for field in fields if field.options]
    if not columns:
        return ""
    cards = [field.name for field in fields if field.kind in _COLUMNS and field is not columns[0]][:4]
    return f"<board group={quoteattr(columns[0].name)}><card>{_tags(cards or ['id'])}</card></board>"


def _graph(registry: Registry, model: str) -> str:
    fields = _fields(registry, model)
    by = [field.name for field in fields if field.name == "stage" or field.options]
    by += [field.name for field in fields if field.kind is Kind.REFERENCE]
    amounts = (
        f'<measure field={quoteattr(field.name)} aggregate="sum"/>' for field in fields if field.kind is Kind.MONEY
    )
    counted = '<measure field="id" aggregate="count" label="Count"/>'
    return f"<graph by={quoteattr((by or ['create_date:month'])[0])}>{counted}{''.join(amounts)}</graph>"


_MAKERS: Mapping[str, Callable[[Registry, str], str]] = {
    "list": _list,
    "form": _form,
    "search": _search,
    "board": _board,
    "graph": _graph,
}
