"""From a posted form to a checked write: what was typed, what of it is a change, and which mistakes came back.

Only what differs from what the form showed is written: a field that nobody touched stays open to automatic writes,
and a number that was shown rounded is not rounded by saving another field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from werkzeug.datastructures import MultiDict

from core.errors import FieldError, Invalid, Refusal, UniqueViolation, did_you_mean, with_hint
from core.i18n import _
from core.lang.kinds import Kind
from core.records.environment import Environment
from core.records.properties import gather, read_spread
from core.views.form.arch import FormArch
from core.views.form.typed import LABEL, Typed, read_typed
from core.views.kit import Kit
from core.views.nodes import FieldNode, Reader
from core.views.properties import node_at
from core.views.view import ComposedView

# What forms carry besides values.
CONTROLS = frozenset({"csrf_token", "version", "next", "part"})
Form = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Posted:
    """A posted form: the nodes it has values for, and those values read."""

    nodes: Mapping[str, FieldNode]
    typed: Typed
    version: int | None


def read_posted(env: Environment, view: ComposedView, form: Form) -> Posted:
    """Read the values of a form; mistakes are in `typed.errors`."""
    nodes = posted_nodes(env, view, form)
    typed = read_typed(env, view.kit(env), nodes.values(), form)
    version = form.get("version", "")
    return Posted(nodes, typed, int(version) if version.isdecimal() and len(version) < 18 else None)


def posted_nodes(env: Environment, view: ComposedView, form: Form) -> dict[str, FieldNode]:
    """The fields that a form has values for: as the view edits them, others as their kind is edited by default.

    Lists of related records and boards post fields that the form itself may not show.
    """
    arch: FormArch = view.variant(env).arch
    editable = arch.editable()
    reader = Reader(env.registry, view.model, None if env.superuser else env.groups)
    found: dict[str, FieldNode] = {}
    fields = env.registry.schema[view.model].fields
    for name in dict.fromkeys(name.removesuffix(LABEL) for name in form):
        field, _dot, rest = name.partition(".")
        if name in CONTROLS or field not in fields or (rest and not fields[field].definitions):
            continue
        node = editable.get(name) or reader.field(etree.Element("field", {"name": field}))
        if node is not None and rest:
            node = node_at(env, node, name)
        if node is not None and node.edit:
            found[name] = node
    return found


def changes(
    kit: Kit, nodes: Mapping[str, FieldNode], typed: Typed, form: Form, shown: Mapping[str, Any]
) -> dict[str, Any]:
    """The typed values that differ from what the form showed."""
    return {
        name: value
        for name, value in typed.values.items()
        if not _same(kit, nodes[name], value, (form.getlist(name) or [""])[-1].strip(), shown.get(name))
    }


def first_properties(typed: Typed) -> dict[str, Any]:
    """All properties of a new record, those that were left empty too: they get no default any more."""
    return {name: value or None for name, value in typed.values.items() if "." in name}


def read_stored(env: Environment, model: str, id_: int, nodes: Mapping[str, FieldNode]) -> dict[str, Any]:
    """What a record holds of the fields of a form, and its version; empty where it is not there."""
    fields = [name.partition(".")[0] for name in nodes if "." in name]
    return read_spread(env, model, id_, dict.fromkeys([*nodes, *fields, "version"]))


def with_properties(
    env: Environment, model: str, values: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """The values with those of properties (`properties.seats`) put into their field, beside what is `stored` in it."""
    found = {name: value for name, value in values.items() if "." not in name}
    for field in dict.fromkeys(name.partition(".")[0] for name in values if "." in name):
        own = {name: value for name, value in values.items() if name.startswith(f"{field}.")}
        found[field] = gather(env, model, field, stored.get(field), own)
    return found


def _same(kit: Kit, node: FieldNode, value: object, text: str, shown: object) -> bool:
    """Whether a typed value is what was shown: numbers and instants are shown rounded."""
    if value == shown:
        return True
    if node.info.kind is Kind.BOOLEAN:
        return not value and not shown  # a property without a value is shown as no
    if node.info.kind is Kind.REFERENCES:
        return set(_ids(value)) == set(_ids(shown))
    if value is None or shown is None:
        return False
    if node.info.kind is Kind.FLOAT and isinstance(shown, float):
        return text == kit.typed(shown)
    if node.info.kind is Kind.INSTANT:
        return text == kit.typed_datetime(shown)  # type: ignore[arg-type]  # an instant by declaration
    return False


def _ids(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple | set) else ()


def create(env: Environment, model: str, values: Mapping[str, Any]) -> int:
    """Create a record; raises Invalid without leaving anything behind."""
    with env.savepoint():
        try:
            return int(env[model].create(**values).id)
        except UniqueViolation as error:
            raise _duplicate(error, model) from error


def write(env: Environment, model: str, id_: int, version: int | None, values: Mapping[str, Any]) -> None:
    """Write a record; raises Invalid or StaleVersion without leaving anything behind."""
    with env.savepoint():
        try:
            env[model].write([id_], version=version, **values)
        except UniqueViolation as error:
            raise _duplicate(error, model) from error


def further_mistakes(env: Environment, posted: Posted, save: Callable[[], object]) -> dict[str, str]:
    """What is wrong besides the values that cannot be read: saving the others is tried, and taken back.

    A record that is stale, or not the user's to change, is told when nothing else is wrong any more.
    """
    try:
        with env.savepoint():
            save()
            raise _TakenBack
    except Invalid as error:
        found = mistakes(error)
    except (_TakenBack, Refusal):
        found = {}
    return {name: text for name, text in found.items() if name not in posted.typed.errors}


class _TakenBack(Exception):
    """Nothing that was tried stays."""


def mistakes(error: Invalid) -> dict[str, str]:
    """The mistakes by field; what belongs to no field is told first."""
    found: dict[str, str] = {}
    for each in error.errors:
        hint = did_you_mean(each.suggestion)
        text = each.text if hint in each.text else with_hint(each.text, hint)
        found[each.field] = f"{found[each.field]}; {text}" if each.field in found else text
    return found


def _duplicate(error: UniqueViolation, model: str) -> Invalid:
    text = _("Another record already has this value.")
    return Invalid([FieldError("", text, ", ".join(error.names))], model=model)
