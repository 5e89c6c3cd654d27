"""What addons have to say of a record while it is read, and of a form while it is filled in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template
from markupsafe import Markup

from core.records.environment import Environment


def hints(env: Environment, model: str, id_: int | None, values: Mapping[str, object]) -> Markup:
    """The hints of all addons, each a line that opens; empty where there are none.

    :param values: what is typed, by field; none while the record is read.
    """
    shown = []
    for hint in env.registry.hints.get(model, ()):
        text = hint.render(env, id_, {name: values[name] for name in hint.fields if name in values})
        if text is not None:
            shown.append((hint.name, text.text, Markup(text.body)))
    return Markup(render_template("hints.html", hints=shown)) if shown else Markup("")
