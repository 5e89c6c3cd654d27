"""The conversation beside a record: a box to write in, followers; and where they are posted to."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.mail.timeline import has_thread
from core import EnvironmentProtocol, Refusal, _, reference_to
from core.pages import Note, add_note, environment, name_work, safe_target, sent_files

blueprint = Blueprint("mail", __name__, url_prefix="/mail", template_folder=str(Path(__file__).with_name("templates")))

KINDS = {"message", "note"}
FOLLOWERS_SHOWN = 30


def beside(env: EnvironmentProtocol, model: str, record: int) -> list[str]:
    """What stands beside a record that has a conversation."""
    if not has_thread(env, model):
        return []
    own = _own_partner(env)
    reference = reference_to(model, record)
    followers = env["mail.followers"].read(
        "record == r", ["id", "partner", "partner.complete_name"], limit=FOLLOWERS_SHOWN, r=reference
    )
    may_write = env["mail.message"].may("create") and env.permits("update", reference)
    values = {
        "address": f"/mail/{model}/{record}",
        "next": f"/app/{model}/{record}",
        "followers": followers,
        "names": ", ".join(row["partner.complete_name"] or "" for row in followers),
        "following": own in [row["partner"] for row in followers],
        "may_write": may_write,
        "to": _correspondents(env, model, record) if may_write else [],
    }
    return [render_template("mail/compose.html", **values), render_template("mail/followers.html", **values)]


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
    """Write a message or a note on a record."""
    env, kind = environment(), request.form.get("kind", "note")
    record = env[model].get(id_)
    if kind not in KINDS or not has_thread(env, model):
        raise Refusal(_("This cannot be written here."))
    name = env[model].label([id_])[id_]
    name_work(_("Wrote on {name}", name=name) if kind == "message" else _("Noted on {name}", name=name))
    to = [int(text) for text in request.form.getlist("to") if text.isdecimal() and len(text) < 19]
    message = record.post(request.form.get("text", ""), kind=kind, partners=to, files=sent_files())
    add_note(Note(_("Message sent") if kind == "message" else _("Noted"), "mail", env.change_set))
    target = safe_target(request.form.get("next", "")) or f"/app/{model}/{id_}"
    return redirect(f"{target}#mail-{message.id}", code=303)


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
