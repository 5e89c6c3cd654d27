"""Values as plain text in the user's language, for pages that show values outside a view."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from core.i18n import _
from core.lang.jsons import canonical
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.records.environment import Environment
from core.views.kit import Kit

LONGEST = 160


def value_text(env: Environment, kit: Kit, info: FieldInfo, value: object) -> str:
    """A value of a field, empty for none; relations by their labels."""
    if info.kind is Kind.REFERENCES and isinstance(value, Iterable):
        ids = [each for each in value if isinstance(each, int)]
        labels = env.labels(str(info.target), ids)
        return ", ".join(labels.get(id_, f"#{id_}") for id_ in ids)
    if info.kind is Kind.REFERENCE and isinstance(value, int):
        return env.labels(str(info.target), [value]).get(value, f"#{value}")
    if info.options and value is not None:
        return _(dict(info.options).get(str(value), str(value)))
    return plain_text(kit, info, value, "" if value is None else str(value))


def plain_text(kit: Kit, info: FieldInfo, value: object, text: str) -> str:
    """A value that is no relation, in the user's form; `text` is shown where the kind has none of its own."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return kit.short_datetime(value)
    if isinstance(value, date):
        return kit.short_date(value)
    if info.kind is Kind.MONEY and isinstance(value, Decimal):
        return kit.money(value)
    if isinstance(value, float | int) and info.kind in (Kind.FLOAT, Kind.INTEGER):
        return kit.number(value)
    if info.kind is Kind.JSON and value is not None:
        text = canonical(value)
    plain = kit.plain(text) if info.html else text
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
