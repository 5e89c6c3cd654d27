"""What stands beside a record rule: its condition as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from core import _, rule_mistake
from core.pages import expression_in_words

if TYPE_CHECKING:
    from core import EnvironmentProtocol


def beside(env: EnvironmentProtocol, model: str, record: int) -> list[str]:
    """The condition of a rule in words, or why it cannot be read."""
    if model != "core.rule":
        return []
    rule = env[model].read_ids([record], ["model", "condition"]).get(record, {})
    wrong = rule_mistake(env, rule["model"], rule["condition"]) if rule else None
    if wrong:
        markup = Markup('<section class="banner danger" role="alert"><p>{} {}</p></section>')
        closed = _("This rule cannot be read, so that all records of {model} are closed.", model=rule["model"])
        return [markup.format(closed, wrong.text)]
    text = expression_in_words(env, rule["model"], rule["condition"]) if rule else ""
    if not text:
        return []
    markup = Markup('<section class="card pad stack stack-sm"><h2>{}</h2><p>{}</p></section>')
    return [markup.format(_("In words"), text)]
