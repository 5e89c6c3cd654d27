"""What was typed into a form, as values: numbers and dates in the user's language, relations by id or by label.

Every field is read before anything is refused, so that a form comes back with all its mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from core.errors import closest
from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.views.formats import NotANumber
from core.views.kit import Kit
from core.views.nodes import FieldNode

LABEL = ":label"
_NEAR = 200
_RELATIONS = frozenset({Kind.REFERENCE, Kind.REFERENCES})


class Form(Protocol):
    """What was posted: a werkzeug MultiDict, or anything alike."""

    def __contains__(self, name: object) -> bool: ...

    def getlist(self, name: str) -> Sequence[str]: ...


@dataclass(slots=True)
class Typed:
    """Values by field name, and for fields that cannot be read what was typed (`raw`) and why not (`errors`).

    Of relations that cannot be read the record's own stay, and the text of a picker (`labels`).
    """

    values: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


class Unreadable(ValueError):
    """Text that a field cannot take; says what to do."""


def read_typed(env: Environment, kit: Kit, nodes: Iterable[FieldNode], form: Form) -> Typed:
    """The values of those fields that the form holds."""
    typed = Typed()
    for node in nodes:
        name = node.path
        if not node.edit or not (name in form or f"{name}{LABEL}" in form):
            continue
        texts = list(form.getlist(name))
        try:
            typed.values[name] = _read(env, kit, node, texts, form)
        except (Unreadable, NotANumber) as error:
            typed.errors[name] = str(error)
            if node.info.kind not in _RELATIONS:
                typed.raw[name] = texts[-1] if texts else ""
        if f"{name}{LABEL}" in form:
            typed.labels[name] = _label(form, name)
    return typed


def _read(env: Environment, kit: Kit, node: FieldNode, texts: list[str], form: Form) -> object:
    if node.info.kind is Kind.REFERENCES:
        return [_whole(text) for text in texts if text]
    text = texts[-1].strip() if texts else ""
    if node.info.kind is Kind.REFERENCE:
        return _relation(env, node, text, form)
    if node.info.kind is Kind.BOOLEAN:
        return text == "1"
    if not text:
        return None
    return _READERS[node.info.kind](kit, node, texts[-1] if node.edit in {"textarea", "html"} else text)


def _text(kit: Kit, node: FieldNode, text: str) -> str:
    if node.info.options and text not in dict(node.info.options):
        raise Unreadable(_("Choose one of the options"))
    return text.replace("\r\n", "\n")


def _integer(kit: Kit, node: FieldNode, text: str) -> int:
    if node.edit == "color":
        return _whole(text)
    number = kit.parse_number(text)
    if number != number.to_integral_value():
        raise Unreadable(_("Write a whole number"))
    return int(number)


def _float(kit: Kit, node: FieldNode, text: str) -> float:
    return float(kit.parse_number(text.removesuffix("%").strip()))


def _money(kit: Kit, node: FieldNode, text: str) -> Decimal:
    return kit.parse_number(text)


def _date(kit: Kit, node: FieldNode, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unreadable(_("Write a date like {example}", example=kit.today.isoformat())) from error


def _instant(kit: Kit, node: FieldNode, text: str) -> datetime:
    """Minutes without a zone are meant in the user's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        example = f"{kit.today.isoformat()}T09:30"
        raise Unreadable(_("Write a date and time like {example}", example=example)) from error
    return found if found.tzinfo else found.replace(tzinfo=kit.tz)


_READERS: Mapping[Kind, Callable[[Kit, FieldNode, str], object]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
}


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Unreadable(_("There is no such record"))
    return int(text)


def _label(form: Form, name: str) -> str:
    return next(iter(form.getlist(f"{name}{LABEL}")), "").strip()


def _relation(env: Environment, node: FieldNode, text: str, form: Form) -> int | None:
    """The id of a select, or of a picker; without scripts a picker's label may say more than its id."""
    if f"{node.path}{LABEL}" not in form:
        return _whole(text) if text else None
    label, target = _label(form, node.path), str(node.info.target)
    if not label:
        return None
    if text and str(env.labels(target, [_whole(text)]).get(int(text), "")) == label:
        return int(text)
    return _by_label(env, target, label)


def _by_label(env: Environment, model: str, label: str) -> int:
    """The one record that is called so.

    :raises Unreadable: there is none, or more than one.
    """
    info = env.registry.schema[model]
    name = info.label_field
    if info.fields[name].kind is not Kind.TEXT:
        # Nothing but its number calls such a record.
        number = _whole(label.removeprefix("#"))
        if number not in env[model].permitted([number]):
            raise Unreadable(_("There is no such record"))
        return number
    found = env[model].read(f"{name} == label", ["id"], limit=2, label=label)
    if len(found) == 1:
        return int(found[0]["id"])
    if found:
        raise Unreadable(_("There are several called '{label}'; choose one from the list", label=label))
    words = env[model].read(f"contains({name}, label)", [name], limit=_NEAR, label=label[:3])
    near = closest(label, [str(record[name]) for record in words])
    hint = _("; did you mean '{near}'?", near=near) if near else ""
    raise Unreadable(_("There is none called '{label}'", label=label) + hint)
