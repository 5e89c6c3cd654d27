"""What stands beside a record: what addons tell, its files, its history; beside a change set what it changed, and the
way to undo it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from core.errors import BrokenRule, NotFound, with_hint
from core.i18n import _
from core.model.reference import reference_to
from core.records.environment import Environment
from core.records.undo import ADDON_KINDS, undoing
from core.timeline import Panel
from core.views.state import State
from core.web.client.addresses import with_query
from core.web.client.files import ATTACHMENTS, files_of, takes_files
from core.web.current import record_address
from core.web.formats import kit_of
from core.web.services import services

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
    """The markup beside a record; empty where there is nothing to tell."""
    if model == CHANGE_SETS:
        return _change_set(env, id_)
    address = f"/app/{model}/{id_}"
    plugins = services().instance.addons.plugins
    parts = [Markup(text) for _addon, text in plugins.collect("asides", env=env, model=model, record=id_)]
    if takes_files(env, model):
        try:
            parts.append(_files(env, model, id_, address))
        except BrokenRule as error:  # of the files alone: the record is there, it may be the rule itself
            markup = Markup('<section class="banner danger" role="alert"><p>{}</p></section>')
            parts.append(markup.format(with_hint(error.text, error.hint)))
    timeline = f"{address}/history" if env.registry.options[model].history else ""
    return Markup(render_template("record_aside.html", parts=parts, timeline=timeline))


def panel(env: Environment, model: str, id_: int, name: str) -> Markup:
    """What an addon shows on a page of a record.

    :raises NotFound: there is no such panel, or the record may not be seen.
    """
    env[model].get(id_)
    for _addon, item in services().instance.plugins.collect("panels"):
        if isinstance(item, Panel) and item.name == name:
            return Markup(item.render(env, model, id_))
    raise NotFound(_("There is no panel '{name}'.", name=name))


def _files(env: Environment, model: str, id_: int, address: str) -> Markup:
    files, more = files_of(env, model, id_)
    may_add = env[ATTACHMENTS].may("create") and env.permits("update", reference_to(model, id_))
    count = kit_of(env).count(len(files), capped=more)
    every = with_query(f"/app/{ATTACHMENTS}", State(view="list", where=f"record == '{model},{id_}'").pairs())
    values = {"files": files, "more": more, "count": count, "may_add": may_add, "address": address, "all": every}
    return Markup(render_template("files.html", next=record_address(model, id_), **values))


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
