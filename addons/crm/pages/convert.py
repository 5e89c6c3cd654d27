"""Converting leads: what they become, who gets them, whose they are, and what they are merged with before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import make_response, request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.crm.conversion import customers
from addons.crm.conversion.convert import CREATE, FIND_OR_CREATE, LINK, READ, Conversion, closed_reason
from addons.crm.conversion.job import convert_later, done_in_words
from addons.crm.duplicates import count_duplicated, duplicates
from addons.crm.merging import MODEL
from addons.crm.pages.routes import PIPELINE, blueprint, id_of
from addons.crm.salespeople import salespeople
from addons.crm.words import value_in_words
from core import EnvironmentProtocol, NotFound, Refusal, _
from core.pages import (
    Crumb,
    Note,
    add_note,
    chosen_records,
    environment,
    kit_of,
    name_work,
    page,
    picked,
    progress_address,
    safe_target,
)

FORM_STATUSES = (400, 422)  # of refusals that the form can mend
AT_ONCE = 50  # more are converted in the background
SHOWN = ("id", "name", "type", "stage", "user", "create_date", "won_status")
Rows = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Twin:
    """A lead that may be merged with the one that is converted."""

    id: int
    name: str
    detail: Markup
    reason: str


@blueprint.get("/convert")
def converting_page() -> str:
    """Ask how one lead, or many, are to be converted."""
    env = environment()
    rows = _rows(env, chosen_records(env, MODEL))
    if len(rows) == 1:
        row = next(iter(rows.values()))
        reason = closed_reason(row)
        if reason:
            raise Refusal(_("'{name}' cannot be converted: {reason}.", name=row["name"], reason=reason))
    return _page(env, rows, safe_target(request.args.get("next", "")) or PIPELINE)


@blueprint.post("/convert")
def convert() -> Response:
    """Convert, at once or in the background; with twins that were ticked, preview the merge first."""
    env, form = environment(), request.form
    ids = _posted(form.get("ids", ""))
    back = safe_target(form.get("next", "")) or PIPELINE
    rows = _rows(env, ids)
    try:
        how = asked_conversion(env)
        how.check(env)
        twins = [id_ for text in form.getlist("twins") if (id_ := id_of(text))]
        if len(ids) == 1 and form.get("merge") and twins:
            pairs = [
                *(("ids", id_) for id_ in (*ids, *twins)),
                ("convert", "1"),
                *conversion_pairs(how),
                ("next", back),
            ]
            return redirect(f"/crm/merge?{urlencode(pairs)}", code=303)
        if len(ids) > AT_ONCE:
            return redirect(progress_address(convert_later(env, ids, how), back), code=303)
        return _converted(env, rows, len(ids), how, back)
    except Refusal as refusal:
        if refusal.status not in FORM_STATUSES:
            raise
        return make_response(_page(env, rows, back, str(refusal)), refusal.status)


def _converted(env: EnvironmentProtocol, rows: Rows, asked: int, how: Conversion, back: str) -> Response:
    """Convert at once; of several, those that went away meanwhile are counted among those that are left."""
    first = next(iter(rows.values()))
    count = kit_of(env).number(len(rows))
    done = _("Converted {name}", name=first["name"]) if asked == 1 else _("Convert {count} leads", count=count)
    name_work(done)
    result = env[MODEL].call(list(rows), "convert", **how.as_json())
    if asked > 1:
        left = len(result["left"]) + asked - len(rows)
        done = done_in_words(env, len(result["opportunities"]), result["merged"], result["created"])
        if left:
            reason = next(iter(result["left"].values()), _("gone meanwhile"))
            number = kit_of(env).number(left)
            done = _("{done}, {count} left as they are: {reason}", done=done, count=number, reason=reason)
    add_note(Note(done, "deal", env.change_set))
    return redirect(f"{PIPELINE}/{result['opportunities'][0]}" if asked == 1 else back, code=303)


def asked_conversion(env: EnvironmentProtocol) -> Conversion:
    """What the form, or the address of the page, says about converting."""
    given = request.values
    ids = {
        name: picked(env, "res.partner", given.get(name, ""), given.get(f"{name}:label", ""))
        for name in ("partner", "parent")
    }
    customer = given.get("customer", FIND_OR_CREATE)
    if customer == LINK and ids["partner"] is None and not given.get("many"):
        raise Refusal(_("Choose the customer to link."))
    return Conversion(
        customer=customer,
        partner=ids["partner"] if customer == LINK else None,
        parent=ids["parent"] if customer == CREATE else None,
        users=tuple(id_ for text in given.getlist("users") if (id_ := id_of(text))),
        team=id_of(given.get("team", "")) or None,
        reassign=not given.get("keep_users"),
        deduplicate=bool(given.get("deduplicate")),
    )


def conversion_pairs(how: Conversion) -> list[tuple[str, object]]:
    """A conversion as part of an address: `asked_conversion` reads it."""
    values = {"customer": how.customer, "partner": how.partner, "parent": how.parent, "team": how.team}
    return [
        *((name, value) for name, value in values.items() if value is not None),
        *(("users", id_) for id_ in how.users),
    ]


def _page(env: EnvironmentProtocol, rows: Rows, back: str, problem: str = "") -> str:
    """The form, with what was posted and the reason why that cannot be."""
    values = {
        "back": back,
        "ids": list(rows),
        "users": salespeople(env),
        "teams": _teams(env),
        "crumbs": [Crumb(_("Back"), back), Crumb(_("Convert"))],
        "problem": problem,
        "given": request.form,
    }
    return _one(env, next(iter(rows.values())), values) if len(rows) == 1 else _many(env, rows, values)


def _one(env: EnvironmentProtocol, row: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    archived = row["partner"] is not None and not row["partner.active"]
    found = {} if row["partner"] else customers.find_customers(env, [row])
    partner = None if archived else row["partner"] or found.get(row["id"])
    companies = {} if partner else customers.find_companies(env, [row])
    names = env["res.partner"].label([id_ for id_ in (partner, *companies.values()) if id_])
    bad_email = bool(row["email_from"]) and not row["email_normalized"]
    usual = "link" if partner else "none" if bad_email else "create"
    return page(
        "crm/convert.html",
        title=_("Convert to an opportunity"),
        lead=row,
        twins=_twins(env, row),
        archived=archived,
        has_customer=row["partner"] is not None and not archived,
        customer=values["given"].get("customer", usual),
        partner=_proposed(values["given"], "partner", (partner, names.get(partner, "")) if partner else None),
        parent=_proposed(
            values["given"], "parent", next(((id_, names.get(id_, "")) for id_ in companies.values()), None)
        ),
        bad_email=bad_email,
        user=value_in_words(env, "user", row["user"]),
        **values,
    )


def _proposed(given: Mapping[str, str], name: str, usual: tuple[int, str] | None) -> tuple[object, str]:
    """Id and text of a picker: as they were posted, else as they are usual."""
    if name in given or f"{name}:label" in given:
        return given.get(name, ""), given.get(f"{name}:label", "")
    return usual or ("", "")


def _twins(env: EnvironmentProtocol, row: Mapping[str, Any]) -> list[Twin]:
    """The leads and opportunities that are surely about the same customer."""
    found = {each.id: each.reason for each in duplicates(env, [row], lost=True).get(row["id"], ())}
    rows = env[MODEL].read_ids(list(found), SHOWN)
    kit = kit_of(env)
    twins = []
    for id_, reason in found.items():
        each = rows[id_]
        created = _("created {date}", date=kit.short_date(kit.local(each["create_date"]).date()))
        lost = [_("lost")] if each["won_status"] == "lost" else []
        parts = [*(value_in_words(env, name, each[name]) for name in ("type", "stage", "user")), *lost, created]
        twins.append(Twin(id_, str(each["name"]), Markup(" · ").join(part for part in parts if part), reason))
    return twins


def _many(env: EnvironmentProtocol, rows: Rows, values: Mapping[str, Any]) -> str:
    left: dict[str, int] = {}
    wanted = []
    for row in rows.values():
        reason = closed_reason(row)
        if reason:
            left[reason] = left.get(reason, 0) + 1
        else:
            wanted.append(row)
    kit = kit_of(env)
    doubled = count_duplicated(env, wanted)
    return page(
        "crm/convert_many.html",
        title=_("Convert {count} leads", count=kit.number(len(wanted))),
        left=[(kit.number(count), reason) for reason, count in left.items()],
        count=len(wanted),
        doubled=kit.number(doubled) if doubled else "",
        owned=kit.number(sum(row["user"] is not None for row in wanted)),
        at_once=len(rows) <= AT_ONCE,
        **values,
    )


def _posted(text: str) -> list[int]:
    """The ids that the form was made for, in one value: a field for each would be too many."""
    return [id_ for part in dict.fromkeys(text.split()) if (id_ := id_of(part))]


def _rows(env: EnvironmentProtocol, ids: Sequence[int]) -> Rows:
    rows = env[MODEL].read_ids(ids, [*READ, *SHOWN])
    if not ids:
        raise NotFound(_("Nothing was chosen."))
    if len(ids) == 1 and not rows:
        raise NotFound(_("The record is not there any more, or you may not see it."))
    return rows


def _teams(env: EnvironmentProtocol) -> list[tuple[int, str]]:
    return [(row["id"], row["name"]) for row in env["crm.team"].read("", ["id", "name"])]
