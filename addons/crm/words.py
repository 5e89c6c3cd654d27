"""A lead in words: every field of every addon that says something, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from addons.base.models.address import ADDRESS_FIELDS
from addons.crm.merging import MODEL, merged_fields
from core import _

if TYPE_CHECKING:
    from core import EnvironmentProtocol

ASIDE = ("type", "priority", "probability", "lost_reason", "lost_feedback", "create_date", "description")


def lead_in_words(env: EnvironmentProtocol, lead: int) -> Markup:
    """The name of a lead, and label and value of whatever else is filled in."""
    single, linked = merged_fields(env)
    names = list(dict.fromkeys(["name", *single, *linked, *ADDRESS_FIELDS, *ASIDE]))
    row = env[MODEL].read_ids([lead], names)[lead]
    lines = [Markup("<strong>{}</strong>").format(row["name"])]
    fields = env.registry.schema[MODEL].fields
    for name in names[1:]:
        words = Markup(", ").join(_words(env, name, row[name]))
        if words:
            lines.append(Markup("{}: {}").format(_(fields[name].label or name), words))
    return Markup("<br>").join(lines)


def _words(env: EnvironmentProtocol, name: str, value: Any) -> Iterator[str]:  # noqa: ANN401
    """What a value says to people; nothing where it is empty."""
    field = env.registry.schema[MODEL].fields[name]
    if not value:
        return
    if field.target is not None:
        ids = value if isinstance(value, (list, tuple)) else [value]
        yield from env[field.target].label(ids).values()
    elif field.options:
        yield _(dict(field.options)[value])
    elif field.html:
        yield Markup(value)  # cleaned when it was written
    elif isinstance(value, datetime):
        yield value.astimezone(ZoneInfo(env.tz)).strftime("%Y-%m-%d %H:%M")
    else:
        yield _("yes") if value is True else str(value)
