"""Merging with a preview: which lead stays, and whose value each field gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.base.models.address import ADDRESS_FIELDS
from addons.crm.conversion.convert import finish_opportunities, prepare
from addons.crm.merging import ADDRESS, CAREFUL_LIMIT, MODEL, Merge, merged_fields, open_fields, plan_merge
from addons.crm.pages.convert import FORM_STATUSES, asked_conversion, conversion_pairs
from addons.crm.pages.routes import PIPELINE, blueprint, id_of
from addons.crm.words import value_in_words
from core import EnvironmentProtocol, NotFound, Refusal, _
from core.pages import Crumb, Note, add_note, chosen_records, environment, kit_of, name_work, page, safe_target

SHOWN = ("name", "type", "stage", "user", "create_date")
CHOOSE = "choose:"
MOST = 50
TWINS = {"email_from": "email_normalized", "phone": "phone_e164"}
Rows = Mapping[int, Mapping[str, Any]]


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
    rows = _rows(env, chosen_records(env, MODEL))
    plan = plan_merge(env, list(rows), survivor=id_of(request.args.get("survivor", "")) or None)
    return _page(env, rows, plan)


@blueprint.post("/merge")
def merge() -> Response:
    """Merge the leads, and show the one that stays; a refusal that the form can mend shows it again."""
    env, form = environment(), request.form
    rows = _rows(env, _ids(form.getlist("ids")))
    survivor, choices = id_of(form.get("survivor", "")) or None, _choices_made(env, rows)
    plan = plan_merge(env, list(rows), survivor=survivor, choices=choices)
    name = rows[choices.get("name", plan.survivor)]["name"]
    name_work(_("Merged {count} records into {name}", count=len(rows), name=name))
    try:
        _merge(env, list(rows), survivor, choices)
    except Refusal as refusal:
        if refusal.status not in FORM_STATUSES:
            raise
        return make_response(_page(env, rows, plan, str(refusal)), refusal.status)
    add_note(Note(_("Merged {count} records", count=len(rows)), "merge", env.change_set))
    return redirect(f"{PIPELINE}/{plan.survivor}", code=303)


def _merge(env: EnvironmentProtocol, ids: list[int], survivor: int | None, choices: Mapping[str, int]) -> None:
    how = asked_conversion(env) if request.form.get("convert") else None
    if how is not None:
        how.check(env)
        prepare(env, how)
    confirm = bool(request.form.get("confirm"))
    merged = env[MODEL].call(ids, "merge", survivor=survivor, choices=choices, confirm=confirm)
    if how is not None:
        finish_opportunities(env, [merged.id], how)


def _choices_made(env: EnvironmentProtocol, rows: Rows) -> dict[str, int]:
    """What was chosen otherwise than it was shown: for everything else the survivor's values come first.

    The form says of every field whose value is shown; `shown` is the survivor that it was made for.
    """
    form = request.form
    chosen = {name.removeprefix(CHOOSE): id_of(form[name]) for name in form if name.startswith(CHOOSE)}
    shown = id_of(form.get("shown", ""))
    if shown not in rows:
        return chosen
    options = {each.name: each.options for each in _choices(env, rows, plan_merge(env, list(rows), survivor=shown))}
    usual = {name: next((each.lead for each in given if each.chosen), None) for name, given in options.items()}
    return {name: lead for name, lead in chosen.items() if lead != usual.get(name)}


def _page(env: EnvironmentProtocol, rows: Rows, plan: Merge, problem: str = "") -> str:
    back = safe_target(request.values.get("next", "")) or PIPELINE
    return page(
        "crm/merge.html",
        title=_("Merge {count} records", count=len(rows)),
        crumbs=[Crumb(_("Back"), back), Crumb(_("Merge"))],
        ids=list(rows),
        back=back,
        candidates=[_candidate(env, rows[id_], plan) for id_ in (plan.survivor, *plan.absorbed)],
        choices=list(_choices(env, rows, plan)),
        joined=list(_joined(env, plan)),
        many=len(rows) > CAREFUL_LIMIT,
        carried=_carried(env),
        leads_only=plan.values["type"] == "lead",
        survivor=plan.survivor,
        problem=problem,
    )


def _carried(env: EnvironmentProtocol) -> list[tuple[str, object]]:
    """What the page that asks about converting was told: it is done after the merge."""
    if not request.values.get("convert"):
        return []
    return [("convert", "1"), *conversion_pairs(asked_conversion(env))]


def _ids(texts: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(id_of(text) for text in texts))


def _rows(env: EnvironmentProtocol, ids: Sequence[int]) -> Rows:
    """All that the user may see of the leads; NotFound where one cannot be seen, or is gone."""
    if len(ids) > MOST:
        raise Refusal(_("At most {most} records become one.", most=MOST))
    single, linked = merged_fields(env)
    names = dict.fromkeys([*SHOWN, *TWINS.values(), *open_fields(env, [*single, *linked, *ADDRESS_FIELDS])])
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


def _choices(env: EnvironmentProtocol, rows: Rows, plan: Merge) -> Iterator[Choice]:
    """What there is to choose: where two leads have values that differ."""
    order = (plan.survivor, *plan.absorbed)
    fields = env.registry.schema[MODEL].fields
    for name in open_fields(env, merged_fields(env)[0]):
        words = _in_words(env, rows, order, name)
        yield from _choice(name, _(fields[name].label or name), words, rows, plan.origins[name])
    addresses = {id_: _address(env, rows[id_]) for id_ in order}
    yield from _choice(ADDRESS, _("Address"), addresses, rows, plan.origins[ADDRESS_FIELDS[0]])


def _in_words(env: EnvironmentProtocol, rows: Rows, order: Sequence[int], name: str) -> dict[int, Markup]:
    """What each lead says, by its id; another form of the same address or number says the same."""
    twin, known = TWINS.get(name), dict[object, Markup]()
    words = {}
    for id_ in order:
        said = value_in_words(env, name, rows[id_][name])
        same = rows[id_][twin] if twin else None
        words[id_] = known.setdefault(same, said) if same else said
    return words


def _choice(name: str, label: str, words: Mapping[int, Markup], rows: Rows, origin: int | None) -> Iterator[Choice]:
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
        value = "opportunity" if name == "type" and request.values.get("convert") else plan.values[name]
        words = value_in_words(env, name, value)
        if words:
            yield _(fields[name].label or name), words
