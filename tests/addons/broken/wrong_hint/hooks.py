"""Hints that bear another addon's name, or are about what there is not."""

from core import Hint, HintText, hookimpl


def render(env: object, record: int | None, values: object) -> HintText | None:
    return None


@hookimpl
def hints() -> list[Hint]:
    return [
        Hint("crm.note", "res.partner", (), render),
        Hint("wrong_hint.model", "res.partnr", (), render),
        Hint("wrong_hint.field", "res.partner", ("name", "emial"), render),
    ]
