"""The hooks of pages."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Blueprint, render_template, request
from werkzeug.utils import redirect

from core import Hint, HintText, Panel, TimelineEntry, TimelineFile, hookimpl
from core.pages import Crumb, Note, add_note, environment, name_work, page

blueprint = Blueprint("pages", __name__, url_prefix="/pages", template_folder=str(Path(__file__).parent / "templates"))


@blueprint.get("/greeting")
def greeting():
    """A page in the frame of all pages."""
    return page("pages/greeting.html", title="Greeting", crumbs=[Crumb("Greeting")], name=environment().profile.name)


@blueprint.post("/rename/<int:lead>")
def rename(lead):
    """A page that changes something."""
    name_work("Renamed by a page")
    environment()["crm.lead"].write([lead], name=request.form["name"])
    add_note(Note("Renamed"))
    return redirect("/pages/greeting", code=303)


@hookimpl
def blueprints():
    return [blueprint]


@hookimpl
def asides(env, model, record):
    return [render_template("pages/aside.html", model=model, record=record)] if model == "crm.lead" else None


@hookimpl
def timeline(env, model, record, before, limit):
    """Thirty entries, one each minute, in the hours before the records were made."""
    if model != "crm.lead":
        return None
    ids = [number for number in range(30, 0, -1) if before is None or number < before]
    start = datetime(2020, 1, 1, 12, tzinfo=UTC)
    return [
        TimelineEntry(
            number,
            start + timedelta(minutes=number),
            "note",
            "Ines",
            f"noted {number}",
            f"<p>Body {number}</p>",
            internal=number % 2 == 0,
            address=f"/pages/greeting?{number}",
            files=(TimelineFile("plan.txt", number),) if number == 30 else (),
        )
        for number in ids[:limit]
    ]


@hookimpl
def panels():
    return [Panel("pages.note", lambda env, model, record: f"<p>Panel of {model} {record}</p>")]


def _referred(env, record, values):
    """What is read, or typed, of who referred the lead."""
    name = values.get("referred") if values or record is None else env["crm.lead"].get(record).referred
    return HintText(f"Referred by {name}", f"<p>Lead {record}</p>") if name else None


@hookimpl
def hints():
    return [Hint("pages.referred", "crm.lead", ("referred", "color"), _referred)]
