"""The conversation beside a record: a box to write in, followers; and where they are posted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, jsonify, make_response, render_template, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.mail import hearing, news
from addons.mail.composing import plain_text
from addons.mail.mentions import offered
from addons.mail.models.activity import planned
from addons.mail.timeline import has_thread
from core import AccessDenied, EnvironmentProtocol, Refusal, _, reference_to
from core.pages import (
    Crumb,
    Note,
    add_note,
    environment,
    kit_of,
    name_work,
    page,
    record_address,
    safe_target,
    sent_files,
)

blueprint = Blueprint("mail", __name__, url_prefix="/mail", template_folder=str(Path(__file__).with_name("templates")))

KINDS = {"message", "note"}
FOLLOWERS_SHOWN = 30
ACTIVITIES_SHOWN = 50
USERS_OFFERED = 200
MOVES = {"today": "to_today", "tomorrow": "to_tomorrow", "next_week": "to_next_week"}


@dataclass(frozen=True, slots=True)
class Given:
    """What the box to write in holds at first; `to` None ticks everybody who has an address."""

    kind: str = "note"
    text: str = ""
    to: frozenset[int] | None = None
    template: int | None = None


def beside(env: EnvironmentProtocol, model: str, record: int) -> list[str]:
    """What stands beside a record that has a conversation; beside a template what it gives."""
    if model == "mail.template":
        return [preview(env, record)]
    if not has_thread(env, model):
        return []
    values = _conversation(env, model, record, record_address(model, record))
    parts = [_box(values, Given()), render_template("mail/followers.html", **values)]
    return [_planned(env, model, record, values), *parts] if _has_activities(env, model) else parts


def _conversation(env: EnvironmentProtocol, model: str, record: int, target: str) -> dict[str, object]:
    """What the parts of a conversation show, and where their forms lead back to."""
    own = _own_partner(env)
    reference = reference_to(model, record)
    followers = env["mail.followers"].read(
        "record == r", ["id", "partner", "partner.complete_name"], limit=FOLLOWERS_SHOWN, r=reference
    )
    may_write = env["mail.message"].may("create") and env.permits("update", reference)
    return {
        "address": f"/mail/{model}/{record}",
        "next": target,
        "followers": followers,
        "names": ", ".join(row["partner.complete_name"] or "" for row in followers),
        "following": _follows(env, reference, own, followers),
        "choosable": hearing.choosable(env, model),
        "may_write": may_write,
        "to": _correspondents(env, model, record) if may_write else [],
        "templates": env["mail.template"].read("model == m", ["id", "name"], m=model) if may_write else [],
    }


def _box(values: Mapping[str, object], given: Given) -> str:
    return render_template("mail/compose.html", given=given, **values)


def _has_activities(env: EnvironmentProtocol, model: str) -> bool:
    return model in env.registry.schema["mail.activity"].fields["record"].models and env["mail.activity"].may("read")


def _planned(env: EnvironmentProtocol, model: str, record: int, values: dict[str, object]) -> str:
    """What is planned, and the form that plans something more."""
    kit = kit_of(env)
    shown = [
        {
            "id": row["id"],
            "name": row["name"],
            "state": row["state"],
            "due": kit.due(row["date_deadline"], row["due_zone"])[0],
            "type": row["type.name"],
            "icon": row["type.icon"],
            "user": row["user.name"],
        }
        for row in planned(env, model, record, ACTIVITIES_SHOWN)
    ]
    return render_template("mail/planned.html", activities=shown, may_plan=values["may_write"], **values)


def _own_partner(env: EnvironmentProtocol) -> int | None:
    found = env.sudo()["res.users"].read_ids([env.user or 0], ["partner"])
    return found[env.user]["partner"] if env.user in found else None


def _correspondents(env: EnvironmentProtocol, model: str, record: int) -> list[dict[str, object]]:
    """The partners outside that a message is usually written to, with their addresses."""
    ids = env[model].get(record).correspondents()
    found = env["res.partner"].read_ids(ids, ["complete_name", "email"])
    return [{"id": id_, "name": row["complete_name"], "email": row["email"]} for id_, row in found.items()]


@blueprint.post("/<model>/<id:id_>/post")
def post(model: str, id_: int) -> Response:
    """Write a message or a note on a record; what is refused is shown again, to be corrected and sent."""
    env, form = environment(), request.form
    record = env[model].get(id_)
    given = Given(
        form.get("kind", "note"),
        form.get("text", ""),
        frozenset(int(text) for text in form.getlist("to") if text.isdecimal() and len(text) < 19),
        _number(form["template"]) if form.get("template") else None,
    )
    if given.kind not in KINDS or not has_thread(env, model):
        raise Refusal(_("This cannot be written here."))
    name, message = env[model].label([id_])[id_], given.kind == "message"
    target = safe_target(form.get("next", "")) or f"/app/{model}/{id_}"
    name_work(_("Wrote on {name}", name=name) if message else _("Noted on {name}", name=name))
    template = given.template if message else None
    try:
        with env.savepoint():
            made = record.post(
                given.text, kind=given.kind, partners=sorted(given.to or ()), files=sent_files(), template=template
            )
    except AccessDenied:
        raise
    except Refusal as refusal:
        values = _conversation(env, model, id_, target)
        text = page(
            "mail/refused.html",
            title=_("Message to {name}", name=name) if message else _("Note on {name}", name=name),
            crumbs=[Crumb(name, target), Crumb(_("Message") if message else _("Note"))],
            box=Markup(_box(values, given)),  # a template of ours, which escapes what was typed
            problem=f"{refusal.text} {refusal.hint or ''}".strip(),
            files=any(each.filename for each in request.files.getlist("files")),
            next=target,
            name=name,
        )
        return make_response(text, refusal.status)
    add_note(Note(_("Message sent") if message else _("Noted"), "mail", env.change_set))
    return redirect(f"{target}#mail-{made.id}", code=303)


def _follows(env: EnvironmentProtocol, reference: str, partner: int, shown: Sequence[Mapping[str, object]]) -> bool:
    """Whether the partner follows; asked for apart from the followers that are shown only where there may be more."""
    among = any(row["partner"] == partner for row in shown)
    if among or len(shown) < FOLLOWERS_SHOWN:
        return among
    return bool(env["mail.followers"].count("record == r and partner == p", limit=1, r=reference, p=partner))


@blueprint.post("/<model>/<id:id_>/follow")
def follow(model: str, id_: int) -> Response:
    """Follow a record, or no longer."""
    env = environment()
    env[model].get(id_)
    reference, own = reference_to(model, id_), _own_partner(env)
    found = env["mail.followers"].read("record == r and partner == p", ["id"], r=reference, p=own)
    if found:
        env["mail.followers"].delete([row["id"] for row in found])
        add_note(Note(_("You no longer follow this"), "bell"))
    else:
        env["mail.followers"].create(record=reference, partner=own)
        add_note(Note(_("You follow this"), "bell"))
    return redirect(safe_target(request.form.get("next", "")) or f"/app/{model}/{id_}", code=303)


@blueprint.get("/<model>/<id:id_>/plan")
def plan_form(model: str, id_: int) -> str:
    """The form that plans an activity: as a part of the record's page, or as a page of its own."""
    env = environment()
    env[model].get(id_)
    values = {
        "types": env["mail.activity.type"].read("", ["id", "name"]),
        "users": env["res.users"].read("", ["id", "name"], limit=USERS_OFFERED),
        "me": env.user,
        "address": f"/mail/{model}/{id_}",
        "next": safe_target(request.args.get("next", "")) or f"/app/{model}/{id_}",
    }
    if request.headers.get("HX-Request"):
        return render_template("mail/plan_form.html", **values)
    label = env[model].label([id_]).get(id_, f"#{id_}")
    crumbs = [Crumb(label, f"/app/{model}/{id_}"), Crumb(_("Plan activity"))]
    return page("mail/plan.html", title=_("Plan activity"), crumbs=crumbs, **values)


@blueprint.post("/<model>/<id:id_>/plan")
def plan(model: str, id_: int) -> Response:
    """Plan an activity on a record."""
    env, form = environment(), request.form
    env[model].get(id_)
    if not _has_activities(env, model):
        raise Refusal(_("Nothing can be planned here."))
    name_work(_("Planned on {name}", name=env[model].label([id_])[id_]))
    given = {name: form.get(name, "").strip() for name in ("type", "summary", "date_deadline", "user")}
    values = {name: _number(text) if name in ("type", "user") else text for name, text in given.items() if text}
    made = env["mail.activity"].create(record=reference_to(model, id_), **values)
    add_note(Note(_("Planned: {name}", name=made.name), "task", env.change_set))
    return _back(f"/app/{model}/{id_}")


@blueprint.post("/activity/<id:id_>/done")
def done(id_: int) -> Response:
    """Note an activity as done, with what came of it."""
    env = environment()
    activity = env["mail.activity"].get(id_)
    name, record = activity.name, activity.record.replace(",", "/")
    name_work(_("Done: {name}", name=name))
    env["mail.activity"].call([id_], "mark_done", feedback=request.form.get("feedback", ""))
    add_note(Note(_("Done: {name}", name=name), "check", env.change_set))
    anchor = "#plan-activity" if request.form.get("then") == "plan" else ""
    return _back(f"/app/{record}", anchor)


@blueprint.post("/activity/<id:id_>/move")
def move(id_: int) -> Response:
    """Move an activity to today, tomorrow or next week."""
    env, to = environment(), request.form.get("to", "")
    if to not in MOVES:
        raise Refusal(_("An activity is moved to today, tomorrow or next week."))
    activity = env["mail.activity"].get(id_)
    name_work(_("Rescheduled: {name}", name=activity.name))
    env["mail.activity"].call([id_], MOVES[to])
    add_note(Note(_("Rescheduled: {name}", name=activity.name), "calendar", env.change_set))
    return _back(f"/app/{activity.record.replace(',', '/')}")


def _back(usual: str, anchor: str = "") -> Response:
    return redirect(f"{safe_target(request.form.get('next', '')) or usual}{anchor}", code=303)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Refusal(_("'{text}' is not one of the choices.", text=text))
    return int(text)


@blueprint.get("/news")
def show_news() -> str:
    """What is new and what is due."""
    env = environment()
    unread, due = news.counts(env)
    return page(
        "mail/news.html",
        title=_("What is new"),
        crumbs=[Crumb(_("What is new"))],
        unread=unread,
        overdue=due["overdue"],
        today=due["today"],
        later=due["planned"],
        models=news.by_model(env),
        inbox="/app/mail.notification?filter=unread",
    )


@blueprint.get("/news/count")
def count_news() -> str:
    """The number on the bell: what is unread, overdue or due today."""
    unread, due = news.counts(environment())
    words = _(
        "{unread} unread, {overdue} overdue, {today} due today",
        unread=unread,
        overdue=due["overdue"],
        today=due["today"],
    )
    return render_template("mail/bell_count.html", count=unread + due["overdue"] + due["today"], words=words)


def bell() -> str:
    """The bell; its number comes by itself."""
    return render_template("mail/bell.html")


def account(env: EnvironmentProtocol) -> str:
    """What a user decides about mails, on the page My account."""
    return render_template("mail/account.html", user=env.sudo()["res.users"].get(env.user or 0))


@blueprint.post("/account")
def keep_account() -> Response:
    """Keep what the user decided about mails."""
    env = environment()
    env.sudo()["res.users"].write([env.user or 0], activity_mails="activity_mails" in request.form)
    add_note(Note(_("Kept"), "check"))
    return redirect("/account", code=303)


@blueprint.get("/<model>/<id:id_>/mentions")
def mentions(model: str, id_: int) -> Response:
    """Whom a text on the record may mention, by what is typed of login or name."""
    env = environment()
    env[model].get(id_)
    found = offered(env, model, id_, request.args.get("q", "").strip()) if has_thread(env, model) else []
    return jsonify({"options": [{"id": login, "label": f"{name} @{login}"} for login, name in found]})


@blueprint.get("/<model>/<id:id_>/fill/<id:template>")
def fill(model: str, id_: int, template: int) -> Response:
    """A template filled in for a record, as plain text to go on writing from."""
    env = environment()
    env[model].get(id_)
    row = env["mail.template"].get(template)
    if row.model != model:
        raise Refusal(_("This template is for other records."))
    _subject, body = row.filled(id_)
    return Response(plain_text(body), mimetype="text/plain")


def preview(env: EnvironmentProtocol, template: int) -> str:
    """What a template gives for the newest record that the user may see."""
    row = env["mail.template"].get(template)
    values = {"record": "", "subject": "", "body": "", "problem": ""}
    info = env.registry.schema.get(row.model)
    if info is None:
        values["problem"] = _("The model '{model}' is not installed.", model=row.model)
        return render_template("mail/preview.html", kit=kit_of(env), **values)
    newest = (
        env[row.model].read("", ["id", info.label_field], order="-id", limit=1) if env[row.model].may("read") else []
    )
    if newest:
        values["record"] = newest[0][info.label_field]
        try:
            values["subject"], values["body"] = row.filled(newest[0]["id"])
        except Refusal as refusal:
            values["problem"] = refusal.text
    return render_template("mail/preview.html", kit=kit_of(env), **values)
