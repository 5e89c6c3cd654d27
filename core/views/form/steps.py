"""The path of a form: the records a many2one may lead to, in their order, with the present one marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.views.looks import Choice, Looks
from core.views.nodes import FieldNode

MOST_STEPS = 7


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `place` counts from 1 among all steps."""

    choice: Choice
    place: int
    done: bool
    current: bool


def steps(node: FieldNode | None, record: Mapping[str, Any], looks: Looks) -> list[Step]:
    """At most seven steps, the present one among them; folded ones only where they are the present one or won."""
    if node is None:
        return []
    present = record.get(node.path)
    known = looks.stages.get(str(node.info.target), {}).values()
    shown = [choice for choice in known if not choice.folded or choice.is_won or choice.id == present]
    places = {choice.id: place for place, choice in enumerate(shown)}
    at = places.get(present, -1) if isinstance(present, int) else -1
    found = [Step(choice, place + 1, place < at, choice.id == present) for place, choice in enumerate(shown)]
    first = max(0, min(at - MOST_STEPS // 2, len(found) - MOST_STEPS))
    return found[first : first + MOST_STEPS]
