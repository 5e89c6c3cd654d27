"""A panel that bears another addon's name."""

from core import Panel, hookimpl


@hookimpl
def panels() -> list[Panel]:
    return [Panel("crm.note", str)]
