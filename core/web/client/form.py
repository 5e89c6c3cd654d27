"""One record: to read, to edit, new; editors of single fields, and the refresh of a form that is being filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, make_response, render_template, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from core.errors import Invalid, StaleVersion
from core.i18n import _
from core.records.checks import require_right
from core.records.copying import copyable
from core.records.environment import Environment
from core.views.form import page as forms
from core.views.form.page import FormPage
from core.views.form.typed import Typed
from core.views.opening import Opening
from core.views.state import State
from core.views.view import ComposedView
from core.web.client import saving
from core.web.client.addresses import Addresses, list_query
from core.web.client.asides import aside, panel
from core.web.client.counters import counters
from core.web.client.hints import hints
from core.web.client.openings import action_of, first_values, opening, usual_action
from core.web.client.shell import Crumb, links_of, page, trail
from core.web.client.signin import safe_target
from core.web.client.stale import stale_page
from core.web.current import environment, name_work
from core.web.notes import Note, add_note
from core.web.services import services

blueprint = Blueprint("form", __name__, url_prefix="/app")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a record: the view that shows it, and what surrounds it."""

    env: Environment
    model: str
    id: int | None
    view: ComposedView
    state: State
    back: str
    opening: Opening
    action: int | None
    links: Addresses


def ask(model: str, id_: int | None, here: str) -> Asked:
    """What the present address asks for; `back` holds the list that the record was opened from."""
    env, back = environment(), request.args.get("back", "")
    context = (("back", back),) if back else ()
    action = action_of(parse_qs(back).get("action", [""])[0])
    if action is None:
        action = usual_action(env, model, id_)
    opened = opening(env, model, action)
    links = replace(links_of(here, model, context, back), usual=list_query(action, State()))
    state = State.parse(request.args.items(multi=True))
    view = services().instance.views.view(env, model, "form", opened.named.get("form", ""))
    return Asked(env, model, id_, view, state, back, opened, action, links)


@blueprint.get("/<model>/<id:id_>")
def show(model: str, id_: int) -> Response:
    """A record to read; its values open for editing one by one."""
    return make_response(shown(ask(model, id_, f"/app/{model}/{id_}")))


@blueprint.get("/<model>/new")
def new(model: str) -> Response:
    """A form for a new record, with the action's defaults and the first values of the address."""
    asked = ask(model, None, f"/app/{model}/new")
    found = forms.editing(
        asked.env, asked.view, None, asked.state, defaults=_first_values(asked), record_name=asked.opening.record_name
    )
    return make_response(edited(asked, found))


@blueprint.get("/<model>/<id:id_>/edit")
def edit(model: str, id_: int) -> Response:
    """All fields of a record open for editing."""
    asked = ask(model, id_, f"/app/{model}/{id_}/edit")
    require_right(asked.env, model, "update")
    return make_response(edited(asked, forms.editing(asked.env, asked.view, id_, asked.state)))


@blueprint.post("/<model>")
def create(model: str) -> Response:
    """Create a record from a whole form, from a board's column or from a list of related records."""
    asked = ask(model, None, f"/app/{model}/new")
    posted = saving.read_posted(asked.env, asked.view, request.form)
    blank = forms.editing(asked.env, asked.view, None, asked.state, defaults=_defaults(asked))
    changed = saving.changes(asked.view.kit(asked.env), posted.nodes, posted.typed, request.form, blank.record)
    given = {**_defaults(asked), **changed, **saving.first_properties(posted.typed)}
    values = saving.with_properties(asked.env, model, given, {})
    called = values.get(asked.env.registry.schema[model].label_field)
    name_work(_("Created {name}", name=called if isinstance(called, str) else asked.opening.record_name))
    if posted.typed.errors:
        return _refused(
            asked,
            posted.typed,
            saving.further_mistakes(asked.env, posted, lambda: saving.create(asked.env, model, values)),
        )
    try:
        id_ = saving.create(asked.env, model, values)
    except Invalid as error:
        return _refused(asked, posted.typed, saving.mistakes(error))
    name = asked.env[model].label([id_]).get(id_, f"#{id_}")
    add_note(Note(_("Created {name}", name=name), "plus", asked.env.change_set))
    return redirect(safe_target(request.form.get("next", "")) or asked.links.record(model, id_), code=303)


@blueprint.post("/<model>/<id:id_>")
def save(model: str, id_: int) -> Response:
    """Write what was changed on a form, on the stage path, or on the page of two versions."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    form = _chosen(request.form)
    posted = saving.read_posted(asked.env, asked.view, form)
    if posted.typed.errors:
        return _refused(
            asked, posted.typed, saving.further_mistakes(asked.env, posted, lambda: _write(asked, posted, form))
        )
    try:
        if _write(asked, posted, form):
            add_note(Note(_("Saved"), "check", asked.env.change_set))
    except Invalid as error:
        return _refused(asked, posted.typed, saving.mistakes(error))
    except StaleVersion:
        return make_response(
            stale_page(asked.env, asked.view, id_, posted, form, _crumbs(asked, None), asked.links), 409
        )
    return redirect(safe_target(form.get("next", "")) or asked.links.record(model, id_), code=303)


@blueprint.get("/<model>/<id:id_>/field/<name>")
def editor(model: str, id_: int, name: str) -> Response:
    """The editor of one field, in place of its value; without scripts the whole form."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    node = forms.field_of(asked.env, asked.view, name)
    found = forms.editing(asked.env, asked.view, id_, asked.state)
    if not request.headers.get("HX-Request"):
        return redirect(f"{asked.links.edit(model, id_)}#field-{node.key}", code=303)
    return make_response(asked.view.part(asked.env, found, asked.links, "editor", node.key))


@blueprint.post("/<model>/<id:id_>/field/<name>")
def save_field(model: str, id_: int, name: str) -> Response:
    """Write one field edited in place; answers with the page as it is now, or with the editor and its mistake."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    node = forms.field_of(asked.env, asked.view, name)
    posted = saving.read_posted(asked.env, asked.view, request.form)
    wrong = dict(posted.typed.errors)
    try:
        if not wrong:
            _write(asked, posted, request.form)
    except Invalid as error:
        wrong = saving.mistakes(error)
    except StaleVersion:
        text = stale_page(asked.env, asked.view, id_, posted, request.form, _crumbs(asked, None), asked.links)
        return _whole_page(text, 409)
    if wrong:
        told = {name: wrong.get(name) or "; ".join(wrong.values())}
        found = forms.editing(asked.env, asked.view, id_, asked.state, typed=posted.typed, errors=told)
        return make_response(asked.view.part(asked.env, found, asked.links, "editor", node.key), 422)
    if not request.headers.get("HX-Request"):
        return redirect(asked.links.record(model, id_), code=303)
    response = _whole_page(shown(asked), 200)
    response.headers["HX-Trigger-After-Settle"] = f'{{"saved": {{"field": "{node.path}"}}}}'
    return response


@blueprint.get("/<model>/<id:id_>/panel/<name>")
def show_panel(model: str, id_: int, name: str) -> Response:
    """What an addon shows on a page of the record: as a part of it, or as a page of its own."""
    asked = ask(model, id_, f"/app/{model}/{id_}")
    body = panel(asked.env, model, id_, name)
    if request.headers.get("HX-Request"):
        return make_response(body)
    title = asked.env[model].label([id_]).get(id_, f"#{id_}")
    whole = Markup('<div class="pad-page"><h1>{}</h1><div>{}</div></div>').format(title, body)
    return make_response(_framed(asked, title, whole))


@blueprint.post("/<model>/refresh")
@blueprint.post("/<model>/<id:id_>/refresh")
def refresh(model: str, id_: int | None = None) -> Response:
    """The fields of a form over what is typed so far: modifiers and computed values. Writes nothing."""
    asked = ask(model, id_, f"/app/{model}/{id_}" if id_ else f"/app/{model}/new")
    posted = saving.read_posted(asked.env, asked.view, request.form)
    found = forms.editing(asked.env, asked.view, id_, asked.state, typed=posted.typed, defaults=_first_values(asked))
    return make_response(asked.view.part(asked.env, found, asked.links, "sections_edit"))


@blueprint.post("/<model>/hints")
@blueprint.post("/<model>/<id:id_>/hints")
def show_hints(model: str, id_: int | None = None) -> Response:
    """What addons have to say of what is typed so far. Writes nothing."""
    asked = ask(model, id_, f"/app/{model}")
    if id_ is not None:
        asked.env[model].get(id_)
    posted = saving.read_posted(asked.env, asked.view, request.form)
    return make_response(hints(asked.env, model, id_, posted.typed.values))


def shown(asked: Asked) -> str:
    """The page of a record to read."""
    assert asked.id is not None
    found = forms.page(asked.env, asked.view, asked.id, asked.state)
    nodes = [node for node in forms.counters_of(asked.env, asked.view) if node.key not in found.hidden]
    found.counters = counters(asked.env, found.kit, nodes, asked.id)
    found.menu = Markup(render_template("record_menu.html", **_menu(asked, found)))
    found.aside = aside(asked.env, asked.model, asked.id)
    found.hints = hints(asked.env, asked.model, asked.id, {})
    return _framed(asked, found.title, asked.view.render(asked.env, found, asked.links))


def edited(asked: Asked, found: FormPage) -> str:
    """The page of a record with all its fields open."""
    found.back = asked.links.rows() if asked.id is None else asked.links.record(asked.model, asked.id)
    found.hints = hints(asked.env, asked.model, asked.id, found.record)
    return _framed(asked, found.title, asked.view.part(asked.env, found, asked.links, "editing"))


def _framed(asked: Asked, title: str, body: Markup) -> str:
    return page(
        "record.html",
        title=title,
        crumbs=_crumbs(asked, title),
        action=asked.action,
        scripts=["views/form.js"],
        body=body,
        rows=asked.links.rows(),
        id=asked.id,
    )


def _crumbs(asked: Asked, title: str | None) -> list[Crumb]:
    labels = trail(asked.env, asked.action)
    name = title or asked.env[asked.model].label([asked.id or 0]).get(asked.id or 0, f"#{asked.id}")
    return [*map(Crumb, labels), Crumb(asked.opening.name, asked.links.rows()), Crumb(name)]


def _menu(asked: Asked, found: FormPage) -> dict[str, Any]:
    records = asked.env[asked.model]
    fields = records.info.fields
    archives = "active" in fields and records.may("update")
    return {
        "address": f"/app/{asked.model}/{found.id}",
        "version": found.version,
        "copy": records.may("create") and copyable(asked.env, asked.model),
        "archive": archives and found.active,
        "unarchive": archives and not found.active,
        "delete": records.may("delete"),
        "what": found.kit.inside(asked.opening.record_name),
        "back": asked.links.rows(),
    }


def _write(asked: Asked, posted: saving.Posted, form: MultiDict[str, str]) -> bool:
    """Write what differs from what is stored; False when nothing does."""
    assert asked.id is not None
    name = asked.env[asked.model].label([asked.id]).get(asked.id, f"#{asked.id}")
    name_work(_("Saved {name}", name=name))
    stored = saving.read_stored(asked.env, asked.model, asked.id, posted.nodes)
    values = saving.changes(asked.view.kit(asked.env), posted.nodes, posted.typed, form, stored)
    if values or not stored:
        values = saving.with_properties(asked.env, asked.model, values, stored)
        saving.write(asked.env, asked.model, asked.id, posted.version, values)
    return bool(values)


def _refused(asked: Asked, typed: Typed, errors: Mapping[str, str]) -> Response:
    found = forms.editing(
        asked.env,
        asked.view,
        asked.id,
        asked.state,
        typed=typed,
        errors=errors,
        defaults=_first_values(asked),
        record_name=asked.opening.record_name,
    )
    return make_response(edited(asked, found), 422)


def _chosen(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """The form without the fields for which the other version was chosen."""
    dropped = {
        name.removeprefix("pick:") for name, value in form.items() if name.startswith("pick:") and value == "theirs"
    }
    kept = [(name, value) for name, value in form.items(multi=True) if name.partition(":")[0] not in dropped]
    return MultiDict(kept)


def _defaults(asked: Asked) -> dict[str, Any]:
    return dict(asked.opening.defaults)


def _first_values(asked: Asked) -> dict[str, Any]:
    """The defaults of the action, and the values that the address gives."""
    return {**_defaults(asked), **first_values(asked.env, asked.model)}


def _whole_page(text: str, status: int) -> Response:
    """Make htmx put the page's main part in place of the present one."""
    response = make_response(text, status)
    response.headers.update({"HX-Retarget": "#main", "HX-Reswap": "innerHTML", "HX-Reselect": "#main > *"})
    return response
