"""Which models refer to which: the order in which rows are deleted, and the one in which they are put back."""

from __future__ import annotations

from collections.abc import Iterable

from core.model.registry import Registry


def referring_first(registry: Registry, models: Iterable[str]) -> list[str]:
    """The models in an order in which each stands before those that it refers to, as far as there is one."""
    waiting = sorted(models)
    targets = {model: _targets(registry, model) - {model} for model in waiting}
    ordered: list[str] = []
    while waiting:
        free = [model for model in waiting if not any(model in targets[other] for other in waiting)]
        ordered.extend(free or waiting[:1])
        waiting = [model for model in waiting if model not in ordered]
    return ordered


def _targets(registry: Registry, model: str) -> set[str]:
    fields = [field for field in registry.schema[model].fields.values() if field.column]
    return {str(field.target) for field in fields if field.target} | {name for field in fields for name in field.models}
