"""Buttons of a record: actions of its model, archiving, deleting. Each can be undone from the message that follows."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response, request
from lxml import etree
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.i18n import _
from core.lang.kinds import Kind
from core.model.record import Record
from core.records.environment import Environment
from core.views.form.typed import LABEL, read_typed
from core.views.nodes import FieldNode, Reader
from core.web.arguments import check_arguments, parameters
from core.web.client.addresses import asking_page
from core.web.client.form import Asked, ask
from core.web.client.shell import Crumb, page
from core.web.client.signin import safe_target
from core.web.current import environment, name_work
from core.web.notes import Note, add_note

blueprint = Blueprint("acts", __name__, url_prefix="/app")

ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Question:
    """One argument of an action; `target` is the model to choose from, for relations."""

    name: str
    label: str
    value: str
    target: str
    error: str


@blueprint.get("/<model>/<id:id_>/do/<action>")
def before_act(model: str, id_: int, action: str) -> Response:
    """Lead an address that somebody kept or reloaded to the page that asks first, else to the record: nothing is done
    by looking."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    known, back = asked.env.registry.actions[model].get(action), asked.links.record(model, id_)
    return redirect(asking_page(known.page, [id_], back) if known and known.page else back, code=303)


@blueprint.post("/<model>/<id:id_>/do/<action>")
def act(model: str, id_: int, action: str) -> Response:
    """Call an action of the record, and show or say what it returns: a record, a text; ask for its arguments first."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    records = asked.env[model]
    known = asked.env.registry.actions[model]
    back = safe_target(request.form.get("next", "")) or asked.links.record(model, id_)
    if action in known and known[action].page:
        return redirect(asking_page(known[action].page, [id_], back), code=303)
    names = [parameter.name for parameter in parameters(records, action)] if action in known else []
    given, wrong = _arguments(asked, names)
    if names and (wrong or ASKED not in request.form):
        return make_response(_questions(asked, action, names, wrong), 422 if wrong else 200)
    if action in known:
        check_arguments(records, action, given)
    label = _(known[action].label) if action in known else action
    done = _("{action}: {name}", action=label, name=_name(asked.env, model, id_))
    name_work(done)
    result = records.call([id_], action, **given)
    said = f"{done}. {result}" if isinstance(result, str) and result else done
    add_note(Note(said, "check", asked.env.change_set))
    if isinstance(result, Record):
        return redirect(asked.links.record(result._name, result.id), code=303)
    return redirect(back, code=303)


@blueprint.post("/<model>/<id:id_>/copy")
def duplicate(model: str, id_: int) -> Response:
    """Create a copy of the record, and show it."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    done = _("Duplicated {name}", name=_name(asked.env, model, id_))
    name_work(done)
    (copy,) = asked.env[model].copy([id_])
    add_note(Note(done, "plus", asked.env.change_set))
    return redirect(asked.links.record(model, copy.id), code=303)


@blueprint.post("/<model>/<id:id_>/archive")
def archive(model: str, id_: int) -> Response:
    """Take the record out of lists."""
    env = environment()
    done = _("Archived {name}", name=_name(env, model, id_))
    name_work(done)
    env[model].archive([id_])
    add_note(Note(done, "check", env.change_set))
    return _back(model)


@blueprint.post("/<model>/<id:id_>/unarchive")
def unarchive(model: str, id_: int) -> Response:
    """Bring the record back."""
    env = environment()
    done = _("Restored {name}", name=_name(env, model, id_))
    name_work(done)
    env[model].unarchive([id_])
    add_note(Note(done, "check", env.change_set))
    return redirect(f"/app/{model}/{id_}", code=303)


@blueprint.post("/<model>/<id:id_>/delete")
def delete(model: str, id_: int) -> Response:
    """Delete the record; it can be brought back from the message or from the change sets."""
    env = environment()
    done = _("Deleted {name}", name=_name(env, model, id_))
    name_work(done)
    env[model].delete([id_])
    add_note(Note(done, "trash", env.change_set))
    return _back(model)


def _name(env: Environment, model: str, id_: int) -> str:
    return env[model].label([id_]).get(id_, f"#{id_}")


def _arguments(asked: Asked, names: list[str]) -> tuple[dict[str, object], dict[str, str]]:
    """The arguments that were typed: fields of the model are read as such, everything else is text."""
    if ASKED not in request.form:
        return {}, {}
    nodes = [node for node in (_node(asked, name) for name in names) if node is not None and node.edit]
    typed = read_typed(asked.env, asked.view.kit(asked.env), nodes, request.form)
    fields = {node.path for node in nodes}
    plain = {name: request.form.get(name, "").strip() or None for name in names if name not in fields}
    return {**plain, **typed.values}, typed.errors


def _node(asked: Asked, name: str) -> FieldNode | None:
    if name not in asked.env.registry.schema[asked.model].fields:
        return None
    reader = Reader(asked.env.registry, asked.model, asked.env.groups)
    return reader.field(etree.Element("field", {"name": name}))


def _questions(asked: Asked, action: str, names: list[str], wrong: dict[str, str]) -> str:
    label = _(asked.env.registry.actions[asked.model][action].label)
    name = _name(asked.env, asked.model, asked.id or 0)
    return page(
        "action.html",
        title=label,
        crumbs=[Crumb(asked.opening.name, asked.links.rows()), Crumb(name)],
        action=asked.action,
        record=name,
        questions=[_question(asked, each, wrong.get(each, "")) for each in names],
        address=asked.links.act(asked.model, asked.id or 0, action),
        back=asked.links.record(asked.model, asked.id or 0),
    )


def _question(asked: Asked, name: str, error: str) -> Question:
    info = asked.env.registry.schema[asked.model].fields.get(name)
    words = name.replace("_", " ").capitalize()
    target = str(info.target) if info is not None and info.kind is Kind.REFERENCE else ""
    value = request.form.get(f"{name}{LABEL}" if target else name, "")
    return Question(name, _(info.label) if info and info.label else _(words), value, target, error)


def _back(model: str) -> Response:
    return redirect(safe_target(request.form.get("next", "")) or f"/app/{model}", code=303)
