"""What stands beside a record: its history; beside a change set what it changed, and the way to undo it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from core.i18n import _
from core.records.environment import Environment
from core.records.undo import ADDON_KINDS, undoing
from core.web.formats import kit_of

CHANGE_SETS = "core.change_set"
SIGNS: Mapping[str, tuple[str, str]] = {"c": ("add", "+"), "w": ("mod", "~"), "d": ("del", "−")}


@dataclass(frozen=True, slots=True)
class Changed:
    """How many records of a model a change set created, changed or deleted."""

    tone: str
    sign: str
    count: str
    what: str


def aside(env: Environment, model: str, id_: int) -> Markup:
    """The markup beside a record; nothing for models that keep no history."""
    if model == CHANGE_SETS:
        return _change_set(env, id_)
    if not env.registry.options[model].history:
        return Markup("")
    return Markup(render_template("record_aside.html", address=f"/app/{model}/{id_}/history"))


def _change_set(env: Environment, id_: int) -> Markup:
    """What a change set changed; the data of an addon goes with the addon, so installing is not undone here."""
    changed = _changed(env, id_)
    kind = env[CHANGE_SETS].read_ids([id_], ["kind"]).get(id_, {}).get("kind")
    undone = undoing(env, id_)
    undoable = bool(changed) and kind not in ADDON_KINDS and undone is None
    return Markup(
        render_template("change_set_aside.html", change_set=id_, changed=changed, undoable=undoable, undone=undone)
    )


def _changed(env: Environment, change_set: int) -> list[Changed]:
    if not env["core.change"].may("read"):
        return []
    groups = env["core.change"].aggregate(
        "change_set == wanted", by=["model_no", "operation"], measures=["id:count"], wanted=change_set
    )
    names = {row["id"]: row["name"] for row in env["core.model"].read("", ["id", "name"])}
    return [_line(env, group, str(names.get(group["model_no"], ""))) for group in groups]


def _line(env: Environment, group: Mapping[str, object], model: str) -> Changed:
    tone, sign = SIGNS[str(group["operation"])]
    info = env.registry.schema.get(model)
    words = {"c": _("created"), "w": _("changed"), "d": _("deleted")}
    what = f"{_(info.label) if info and info.label else model}, {words[str(group['operation'])]}"
    return Changed(tone, sign, kit_of(env).number(int(str(group["id:count"]))), what)
