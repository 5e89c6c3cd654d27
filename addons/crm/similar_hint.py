"""The hint that there are similar leads: beside a lead that is read, and while the form of one is filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import render_template

from addons.crm.merging import MODEL
from addons.crm.similar import Criteria, Similar, criteria_of, criteria_of_typed, find_similar, reason_in_words
from core import Hint, HintText, Invalid, _
from core.pages import record_address

if TYPE_CHECKING:
    from core import EnvironmentProtocol

# A lead is compared by these; the country says how a telephone number is meant.
FIELDS = ("email_from", "phone", "country", "partner")
TELLING = ("email_from", "phone", "partner")


@dataclass(frozen=True, slots=True)
class Line:
    """A similar lead in words, with the addresses that lead to it and to merging it."""

    id: int
    name: str
    detail: str
    reasons: str
    address: str
    merge: str
    changeable: bool


def hint(env: EnvironmentProtocol, record: int | None, values: Mapping[str, object]) -> HintText | None:
    """How many similar leads there are; they open below the line."""
    reading = record is not None and not values
    if not reading and not any(values.get(name) for name in TELLING):
        return None
    try:
        criteria = criteria_of(env, record) if record and reading else criteria_of_typed(env, record, values)
    except Invalid:  # a value that does not fit is refused where it is saved
        return None
    found = find_similar(env, criteria)
    if not found:
        return None
    changeable = _changeable(env, criteria, found) if reading else set()
    mergeable = sorted(each.id for each in found if each.id in changeable and _may_merge(each, criteria))
    hidden = Counter(each.salesperson for each in found if each.id is None)
    text = _("1 similar lead") if len(found) == 1 else _("{count} similar leads", count=len(found))
    body = render_template(
        "crm/similar.html",
        lines=[_line(each, criteria, changeable) for each in found if each.id is not None],
        hidden=[_hidden(name, count) for name, count in sorted(hidden.items())],
        every=_list_address([each.id for each in found if each.id is not None]) if reading else "",
        merge_all=_merge_address([criteria.own, *mergeable]) if len(mergeable) > 1 else "",
        reading=reading,
        own=criteria.own,
        back=record_address(MODEL, criteria.own),
    )
    return HintText(text, body)


SIMILAR = Hint("crm.similar", MODEL, FIELDS, hint)


def _changeable(env: EnvironmentProtocol, criteria: Criteria, found: Sequence[Similar]) -> set[int]:
    """Those that the user may change as well as the lead itself."""
    if not env[MODEL].may("update"):
        return set()
    permitted = env[MODEL].permitted([criteria.own, *(each.id for each in found if each.id is not None)], "update")
    return permitted - {criteria.own} if criteria.own in permitted else set()


def _may_merge(each: Similar, criteria: Criteria) -> bool:
    return not criteria.won and each.values["won_status"] != "won"


def _line(each: Similar, criteria: Criteria, changeable: set[int]) -> Line:
    values = each.values
    kind = _("Lead") if values["type"] == "lead" else _("Opportunity")
    state = {"won": _("won"), "lost": _("lost")}.get(values["won_status"]) or (
        "" if values["active"] else _("archived")
    )
    stage = str(values["stage.name"] or "")
    detail = (kind, stage if stage.lower() != state else "", state, values["user.name"] or _("nobody's"))
    may_change = each.id in changeable
    return Line(
        id=each.id or 0,
        name=str(values["name"]),
        detail=" · ".join(part for part in detail if part),
        reasons=", ".join(reason_in_words(reason, criteria) for reason in each.reasons),
        address=f"/app/{MODEL}/{each.id}",
        merge=_merge_address([criteria.own, each.id]) if may_change and _may_merge(each, criteria) else "",
        changeable=may_change,
    )


def _hidden(salesperson: str, count: int) -> str:
    if not salesperson:
        return _("{count} that you may not open", count=count)
    if count == 1:
        return _("One of {name}, which you may not open", name=salesperson)
    return _("{count} of {name}, which you may not open", count=count, name=salesperson)


def _merge_address(ids: Sequence[int | None]) -> str:
    """The page that merges leads; the way back is the page of the first."""
    pairs = [*(("ids", str(id_)) for id_ in ids), ("next", record_address(MODEL, ids[0] or 0))]
    return f"/crm/merge?{urlencode(pairs)}"


def _list_address(ids: Sequence[int | None]) -> str:
    """The list of some leads, archived ones among them."""
    if not ids:
        return ""
    where = f"id in [{', '.join(str(id_) for id_ in sorted(filter(None, ids)))}] and (active or not active)"
    return f"/app/{MODEL}?{urlencode([('view', 'list'), ('where', where)])}"
