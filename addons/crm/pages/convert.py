"""Converting leads: what they become, who gets them, whose they are, and what they are merged with before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from markupsafe import Markup
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.crm import converting, customers
from addons.crm.converting import CREATE, FIND_OR_CREATE, LINK, Conversion, closed_reason
from addons.crm.duplicates import duplicates
from addons.crm.mass_conversion import convert_later
from addons.crm.merging import MODEL
from addons.crm.pages.routes import PIPELINE, blueprint
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
    ids = chosen_records(env, MODEL)
    rows = _rows(env, ids)
    back = safe_target(request.args.get("next", "")) or PIPELINE
    crumbs = [Crumb(_("Back"), back), Crumb(_("Convert"))]
    values = {"back": back, "ids": ids, "users": salespeople(env), "teams": _teams(env), "crumbs": crumbs}
    if len(ids) == 1:
        return _one(env, rows[ids[0]], values)
    return _many(env, rows, values)


@blueprint.post("/convert")
def convert() -> Response:
    """Convert, at once or in the background; with twins that were ticked, preview the merge first."""
    env, form = environment(), request.form
    ids = _posted(form.get("ids", ""))
    back = safe_target(form.get("next", "")) or PIPELINE
    rows = _rows(env, ids)
    how = asked_conversion(env)
    twins = [int(text) for text in form.getlist("twins") if text.isdecimal()]
    if len(ids) == 1 and form.get("merge") and twins:
        pairs = [*(("ids", id_) for id_ in (*ids, *twins)), ("convert", "1"), *conversion_pairs(how), ("next", back)]
        return redirect(f"/crm/merge?{urlencode(pairs)}", code=303)
    if len(ids) > AT_ONCE:
        how.check(env)
        return redirect(progress_address(convert_later(env, ids, how), back), code=303)
    kit = kit_of(env)
    count = kit.number(len(ids))
    done = (
        _("Converted {name}", name=rows[ids[0]]["name"]) if len(ids) == 1 else _("Converted {count} leads", count=count)
    )
    name_work(done)
    result = env[MODEL].call(ids, "convert", **how.as_json())
    add_note(Note(_said(env, done, len(ids), result), "deal", env.change_set))
    return redirect(f"{PIPELINE}/{result['opportunities'][0]}" if len(ids) == 1 else back, code=303)


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
        users=tuple(int(text) for text in given.getlist("users") if text.isdecimal()),
        team=int(given["team"]) if given.get("team", "").isdecimal() else None,
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


def _one(env: EnvironmentProtocol, row: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    reason = closed_reason(row)
    if reason:
        raise Refusal(_("'{name}' cannot be converted: {reason}.", name=row["name"], reason=reason))
    twins = _twins(env, row)
    found = {} if row["partner"] else customers.find_customers(env, [row])
    partner = row["partner"] or found.get(row["id"])
    companies = {} if partner else customers.find_companies(env, [row])
    names = env["res.partner"].label([id_ for id_ in (partner, *companies.values()) if id_])
    user = value_in_words(env, "user", row["user"])
    return page(
        "crm/convert.html",
        title=_("Convert to an opportunity"),
        lead=row,
        twins=twins,
        has_customer=row["partner"] is not None,
        partner=(partner, names.get(partner, "")) if partner else None,
        parent=next(((id_, names.get(id_, "")) for id_ in companies.values()), None),
        bad_email=bool(row["email_from"]) and not row["email_normalized"],
        user=user,
        **values,
    )


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
    doubled = duplicates(env, wanted, lost=False)
    return page(
        "crm/convert_many.html",
        title=_("Convert {count} leads", count=kit.number(len(wanted))),
        left=[(kit.number(count), reason) for reason, count in left.items()],
        count=len(wanted),
        doubled=kit.number(len(doubled)) if doubled else "",
        owned=kit.number(sum(row["user"] is not None for row in wanted)),
        at_once=len(rows) <= AT_ONCE,
        **values,
    )


def _said(env: EnvironmentProtocol, done: str, asked: int, result: Mapping[str, Any]) -> str:
    """What was done, and what was left, in one line."""
    if asked == 1:
        return done
    kit = kit_of(env)
    parts = [_("{count} opportunities", count=kit.number(len(result["opportunities"])))]
    if result["merged"]:
        parts.append(_("{count} duplicates merged", count=kit.number(result["merged"])))
    if result["left"]:
        first = next(iter(result["left"].values()))
        parts.append(_("{count} left as they are ({reason})", count=kit.number(len(result["left"])), reason=first))
    return ", ".join(parts)


def _posted(text: str) -> list[int]:
    """The ids that the form was made for, in one value: a field for each would be too many."""
    return [int(part) for part in dict.fromkeys(text.split()) if part.isdecimal() and len(part) < 19]


def _rows(env: EnvironmentProtocol, ids: Sequence[int]) -> Rows:
    rows = env[MODEL].read_ids(ids, [*converting.READ, *SHOWN])
    if not ids:
        raise NotFound(_("Nothing was chosen."))
    if len(ids) == 1 and not rows:
        raise NotFound(_("The record is not there any more, or you may not see it."))
    return rows


def _teams(env: EnvironmentProtocol) -> list[tuple[int, str]]:
    return [(row["id"], row["name"]) for row in env["crm.team"].read("", ["id", "name"])]
