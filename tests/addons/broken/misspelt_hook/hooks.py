"""The hooks of misspelt_hook."""

from core import hookimpl


@hookimpl
def modles() -> list[object]:
    return []
