"""A lead in words: every field of every addon that says something, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from addons.base.models.address import ADDRESS_FIELDS
from addons.crm.merging import MODEL, merged_fields
from addons.crm.salespeople import groups_of_all
from core import _
from core.pages import kit_of, properties_in_words

if TYPE_CHECKING:
    from core import EnvironmentProtocol

ASIDE = ("properties", "type", "priority", "probability", "lost_reason", "lost_feedback", "create_date", "description")


def telling_fields(env: EnvironmentProtocol) -> list[str]:
    """The fields that say what a lead was, as far as they are open to all salespeople; its name is the first."""
    single, linked = merged_fields(env)
    fields = env.registry.schema[MODEL].fields
    wanted = dict.fromkeys(["name", *single, *linked, *ADDRESS_FIELDS, *ASIDE])
    shared = groups_of_all(env) if any(fields[name].groups for name in wanted) else frozenset()
    return [name for name in wanted if not fields[name].groups or not shared.isdisjoint(fields[name].groups)]


def lead_in_words(env: EnvironmentProtocol, lead: int, names: Sequence[str]) -> Markup:
    """The name of a lead, and label and value of whatever else is filled in of `telling_fields`."""
    fields = env.registry.schema[MODEL].fields
    row = env.sudo()[MODEL].read_ids([lead], names)[lead]
    lines = [Markup("<strong>{}</strong>").format(row["name"])]
    for name in names[1:]:
        if fields[name].definitions:
            said = properties_in_words(env, MODEL, name, row[name])
            lines += [Markup("{}: {}").format(label, value) for label, value in said]
            continue
        words = value_in_words(env, name, row[name])
        if words:
            lines.append(Markup("{}: {}").format(_(fields[name].label or name), words))
    return Markup("<br>").join(lines)


def value_in_words(env: EnvironmentProtocol, name: str, value: Any) -> Markup:  # noqa: ANN401
    """What a value of a lead's field says to people; nothing where it is empty."""
    return Markup(", ").join(_words(env, env.registry.schema[MODEL].fields[name], value))


def _words(env: EnvironmentProtocol, field: Any, value: Any) -> Iterator[str]:  # noqa: ANN401
    if not value:
        return
    if field.definitions:
        yield from (f"{label}: {said}" for label, said in properties_in_words(env, MODEL, field.name, value))
    elif field.target is not None:
        yield from env[field.target].label(value if isinstance(value, list) else [value]).values()
    elif field.options:
        yield _(dict(field.options)[value])
    elif field.html:
        yield Markup(value)  # cleaned when it was written
    elif value is True:
        yield _("yes")
    else:
        yield _written(kit_of(env), value)


def _written(kit: Any, value: Any) -> str:  # noqa: ANN401
    """A number, an amount or a moment as the user writes them."""
    if isinstance(value, datetime):
        return str(kit.long_datetime(value))
    if isinstance(value, date):
        return str(kit.short_date(value))
    if isinstance(value, Decimal):
        return str(kit.money(value))
    return str(kit.number(value)) if isinstance(value, (int, float)) else str(value)
