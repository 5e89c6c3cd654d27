"""Merging with a preview: which lead stays, and whose value each field gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.base.models.address import ADDRESS_FIELDS
from addons.crm.converting import finish_opportunities
from addons.crm.merging import ADDRESS, CAREFUL_LIMIT, MODEL, Merge, merged_fields, open_fields, plan_merge
from addons.crm.pages.convert import asked_conversion, conversion_pairs
from addons.crm.pages.routes import PIPELINE, blueprint
from addons.crm.words import value_in_words
from core import EnvironmentProtocol, NotFound, Refusal, _
from core.pages import Crumb, Note, add_note, chosen_records, environment, kit_of, name_work, page, safe_target

SHOWN = ("name", "type", "stage", "user", "create_date")
CHOOSE = "choose:"
MOST = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead that may survive, and what tells it from the others."""

    id: int
    name: str
    detail: Markup
    survivor: bool


@dataclass(frozen=True, slots=True)
class Option:
    """A value that the merged lead may have, and the lead that has it."""

    lead: int
    words: Markup
    origin: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A field, or the address, of which several leads have another value."""

    name: str
    label: str
    options: tuple[Option, ...]


@blueprint.get("/merge")
def merging() -> str:
    """Show what would become of the leads, and let the user choose otherwise."""
    env = environment()
    ids = chosen_records(env, MODEL)
    rows = _rows(env, ids)
    chosen = request.args.get("survivor", "")
    plan = plan_merge(env, ids, survivor=int(chosen) if chosen.isdecimal() else None)
    back = safe_target(request.args.get("next", "")) or PIPELINE
    return page(
        "crm/merge.html",
        title=_("Merge {count} records", count=len(rows)),
        crumbs=[Crumb(_("Back"), back), Crumb(_("Merge"))],
        ids=ids,
        back=back,
        candidates=[_candidate(env, rows[id_], plan) for id_ in (plan.survivor, *plan.absorbed)],
        choices=list(_choices(env, rows, plan)),
        joined=list(_joined(env, plan)),
        many=len(ids) > CAREFUL_LIMIT,
        carried=_carried(env),
        leads_only=plan.values["type"] == "lead",
    )


@blueprint.post("/merge")
def merge() -> Response:
    """Merge the leads, and show the one that stays."""
    env, form = environment(), request.form
    ids = _ids(form.getlist("ids"))
    rows = _rows(env, ids)
    choices = {name.removeprefix(CHOOSE): _id(form[name]) for name in form if name.startswith(CHOOSE)}
    done = _("Merged {count} records into {name}", count=len(ids), name=rows[ids[0]]["name"])
    name_work(done)
    survivor = env[MODEL].call(
        ids,
        "merge",
        survivor=_id(form.get("survivor", "")) or None,
        choices=choices,
        confirm=bool(form.get("confirm")),
    )
    if form.get("convert"):
        finish_opportunities(env, [survivor.id], asked_conversion(env))
    add_note(Note(_("Merged {count} records", count=len(ids)), "merge", env.change_set))
    return redirect(f"{PIPELINE}/{survivor.id}", code=303)


def _carried(env: EnvironmentProtocol) -> list[tuple[str, object]]:
    """What the page that asks about converting was told: it is done after the merge."""
    if not request.args.get("convert"):
        return []
    return [("convert", "1"), *conversion_pairs(asked_conversion(env))]


def _id(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _ids(texts: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(_id(text) for text in texts))


def _rows(env: EnvironmentProtocol, ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """All that the user may see of the leads; NotFound where one cannot be seen, or is gone."""
    if len(ids) > MOST:
        raise Refusal(_("At most {most} records become one.", most=MOST))
    single, linked = merged_fields(env)
    names = dict.fromkeys([*SHOWN, *open_fields(env, [*single, *linked, *ADDRESS_FIELDS])])
    rows = env[MODEL].read_ids(ids, list(names))
    if len(rows) < len(ids):
        raise NotFound(_("One of the records is not there any more, or you may not see it."))
    return rows


def _candidate(env: EnvironmentProtocol, row: Mapping[str, Any], plan: Merge) -> Candidate:
    kit = kit_of(env)
    created = _("created {date}", date=kit.short_date(kit.local(row["create_date"]).date()))
    parts = [*(value_in_words(env, name, row[name]) for name in ("type", "stage", "user")), created]
    detail = Markup(" · ").join(part for part in parts if part)
    return Candidate(row["id"], str(row["name"]), detail, row["id"] == plan.survivor)


def _choices(env: EnvironmentProtocol, rows: Mapping[int, Mapping[str, Any]], plan: Merge) -> Iterator[Choice]:
    """What there is to choose: where two leads have values that differ."""
    order = (plan.survivor, *plan.absorbed)
    fields = env.registry.schema[MODEL].fields
    for name in open_fields(env, merged_fields(env)[0]):
        words = {id_: value_in_words(env, name, rows[id_][name]) for id_ in order}
        yield from _choice(name, _(fields[name].label or name), words, rows, plan.origins[name])
    addresses = {id_: _address(env, rows[id_]) for id_ in order}
    yield from _choice(ADDRESS, _("Address"), addresses, rows, plan.origins[ADDRESS_FIELDS[0]])


def _choice(
    name: str, label: str, words: Mapping[int, Markup], rows: Mapping[int, Mapping[str, Any]], origin: int | None
) -> Iterator[Choice]:
    firsts: dict[Markup, int] = {}
    for id_, said in words.items():
        if said:
            firsts.setdefault(said, id_)
    if len(firsts) > 1 and origin is not None:
        taken = words[origin]
        yield Choice(
            name,
            label,
            tuple(Option(id_, said, str(rows[id_]["name"]), said == taken) for said, id_ in firsts.items()),
        )


def _address(env: EnvironmentProtocol, row: Mapping[str, Any]) -> Markup:
    parts = [value_in_words(env, name, row.get(name)) for name in ADDRESS_FIELDS]
    return Markup(", ").join(part for part in parts if part)


def _joined(env: EnvironmentProtocol, plan: Merge) -> Iterator[tuple[str, Markup]]:
    """Label and words of what several leads give together."""
    fields = env.registry.schema[MODEL].fields
    for name in open_fields(env, ["type", "priority", *merged_fields(env)[1], "properties", "description"]):
        words = value_in_words(env, name, plan.values[name])
        if words:
            yield _(fields[name].label or name), words
