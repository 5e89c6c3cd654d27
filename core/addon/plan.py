"""What installing or removing addons would do, as data: printed for people, and as JSON for programs.

A plan is computed from declarations, data files and the ledger alone; computing one changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.i18n import _

Action = Literal["add", "change", "remove", "keep"]
Operation = Literal["install", "uninstall", "upgrade"]

SIGNS: Mapping[Action, str] = {"add": "+", "change": "~", "remove": "-", "keep": "="}

# Records whose model has a word of its own; all others are called records.
KIND_OF_MODEL: Mapping[str, str] = {
    "core.view": "view",
    "core.menu": "menu",
    "core.action": "action",
    "core.rule": "rule",
    "core.access": "access",
    "res.groups": "group",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One object: what happens to it, its kind, its name within the kind, whose it is, and a word of explanation."""

    action: Action
    kind: str
    name: str
    addon: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps, in the order in which they are taken."""

    operation: Operation
    addons: tuple[str, ...]
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, object]:
        """The plan as JSON has it."""
        return {
            "operation": self.operation,
            "addons": list(self.addons),
            "steps": [
                {
                    "action": step.action,
                    "kind": step.kind,
                    "name": step.name,
                    "addon": step.addon,
                    "detail": step.detail,
                }
                for step in self.steps
            ],
        }

    def lines(self) -> list[str]:
        """The plan for people, one line a step, and a summary."""
        if not self.steps:
            return [_("Nothing to do.")]
        lines = [f"{SIGNS[step.action]} {step.kind} {step.name}{_remark(step)}" for step in self.steps]
        return [*lines, self.summary()]

    def summary(self) -> str:
        """How many objects are added, changed, removed and kept."""
        counts = {action: sum(step.action == action for step in self.steps) for action in SIGNS}
        text = _("{add} added, {change} changed, {remove} removed, {keep} kept", **counts)
        return f"{self.operation} {', '.join(self.addons)}: {text}"


def kind_of(model: str) -> str:
    """What a record of a model is called in a plan."""
    return KIND_OF_MODEL.get(model, "record")


def _remark(step: Step) -> str:
    return f" ({step.detail})" if step.detail else ""
