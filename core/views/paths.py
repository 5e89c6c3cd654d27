"""Dotted paths: where they lead, and what computed fields on their way depend on."""

from __future__ import annotations

from collections.abc import Iterable

from core.lang.kinds import Kind
from core.lang.schema import FieldInfo
from core.model.registry import Registry


def needed(registry: Registry, model: str, paths: Iterable[str]) -> set[str]:
    """The stored paths that the paths depend on: those of computed fields, and every relation on the way."""
    found: set[str] = set()
    for path in paths:
        prefix, owner, info = walk(registry, model, path)
        steps = prefix.split(".")[:-1]
        found.update(".".join(steps[: count + 1]) for count in range(len(steps)))
        if info.expression is not None:
            inner = needed(registry, owner, registry.parse(info.expression, owner).paths)
            found.update(f"{prefix}{each}" for each in inner)
        else:
            found.add(f"{prefix}{info.name}")
    return found


def walk(registry: Registry, model: str, path: str) -> tuple[str, str, FieldInfo]:
    """The way before the last step (with its dot), the model the last step is on, and its field.

    Stops at the first to-many field, since what follows belongs to its members.
    """
    steps = path.split(".")
    owner = model
    for index, name in enumerate(steps):
        info = registry.schema[owner].fields[name]
        last = index == len(steps) - 1
        if last or info.kind is Kind.REFERENCES or info.expression is not None:
            return "".join(f"{step}." for step in steps[:index]), owner, info
        owner = str(info.target)
    raise ValueError(f"an empty path on {model}")
