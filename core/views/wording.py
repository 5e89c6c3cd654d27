"""Conditions in words on pages: numbers, dates and money as the user writes them, records and groups by their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from core.errors import NotFound
from core.lang.tree import Expression
from core.lang.wording import Wording
from core.lang.words import in_words
from core.records.environment import Environment
from core.records.properties import property_at
from core.views.formats import Formats
from core.views.search.narrowing import Chip


def condition_in_words(
    env: Environment, formats: Formats, expression: Expression, names: Mapping[str, Any] | None = None
) -> str:
    """The expression as a sentence; records are named only where the user may read them."""
    wording = Wording(
        number=formats.number,
        money=formats.money,
        date=formats.short_date,
        instant=formats.short_datetime,
        record=partial(_record, env),
        group=partial(_group, env),
        entry=partial(_entry, env),
        names=names or {},
    )
    return in_words(expression, env.registry.schema, wording)


def worded(env: Environment, formats: Formats, chips: Sequence[Chip]) -> tuple[Chip, ...]:
    """The chips with conditions in words."""
    return tuple(
        replace(chip, value=condition_in_words(env, formats, chip.condition)) if chip.condition else chip
        for chip in chips
    )


def _record(env: Environment, model: str, id_: int) -> str:
    return env[model].label([id_]).get(id_, "")


def _group(env: Environment, name: str) -> str:
    try:
        group = env.ref(name)
    except NotFound:  # gone, or not for this user
        return ""
    return _record(env, group._name, group.id)


def _entry(env: Environment, model: str, field: str, name: str) -> str:
    found = property_at(env, model, f"{field}.{name}")
    return found.label if found is not None else ""
