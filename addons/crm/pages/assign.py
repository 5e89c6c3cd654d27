"""Assigning leads by rules with a preview: who would get which lead and why, and which stay with nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import make_response, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.crm.assignment.carrying_out import OFF, Outdated, assign, in_words, mode
from addons.crm.assignment.plan import Scope, plan_assignment
from addons.crm.pages.assign_parts import preview_of
from addons.crm.pages.routes import PIPELINE, blueprint, managers_environment
from core import EnvironmentProtocol, NotFound, _
from core.pages import Crumb, Note, add_note, kit_of, name_work, page, safe_target

TEAM = "crm.team"


@blueprint.get("/assign")
def preview_assignment() -> str:
    """Show who would get what."""
    env, seed = _environment(), request.args.get("seed", "")
    return _page(env, request.args, _number(seed) if seed else None)


@blueprint.post("/assign")
def assign_leads() -> Response:
    """Do what was shown; where that is not what would be done now, show what would be."""
    env, form = _environment(), request.form
    name_work(_("Assign leads by rules"))
    teams, seed = _teams(env, form.getlist("ids")), _number(form.get("seed", ""))
    try:
        with env.savepoint():
            counts = assign(env, teams, seed=seed, digest=form.get("digest", ""), force=_force(form))
    except Outdated as outdated:
        return make_response(_page(env, form, seed, outdated.text), outdated.status)
    add_note(Note(in_words(counts), "people", env.change_set))
    return redirect(_back(form), code=303)


def _environment() -> EnvironmentProtocol:
    return managers_environment(_("Leads are assigned by administrators of sales."))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _force(values: Mapping[str, str]) -> bool:
    return values.get("force") == "1"


def _back(values: Mapping[str, str]) -> str:
    return safe_target(values.get("next", "")) or f"/app/{TEAM}"


def _teams(env: EnvironmentProtocol, ids: Sequence[str]) -> list[int]:
    """The teams that were chosen; without a choice all that are not archived."""
    if not ids:
        return [row["id"] for row in env[TEAM].read("", ["id"])]
    chosen = list(dict.fromkeys(map(_number, ids)))
    if env[TEAM].count("id in chosen", chosen=chosen) < len(chosen):
        raise NotFound(_("One of the teams is archived, or not there any more."))
    return chosen


def _page(env: EnvironmentProtocol, values: Any, seed: int | None, outdated: str = "") -> str:  # noqa: ANN401
    ids, force, back = values.getlist("ids"), _force(values), _back(values)
    plan = plan_assignment(env, _teams(env, ids), seed=seed, scope=Scope(force=force))
    chosen: dict[str, Any] = {"ids": ids, "next": back}
    return page(
        "crm/assign.html",
        title=_("Assign leads"),
        crumbs=[Crumb(_("Back") if values.get("next") else _("Sales teams"), back), Crumb(_("Assign leads"))],
        plan=plan,
        preview=preview_of(env, plan),
        ids=ids,
        back=back,
        force=force,
        outdated=outdated,
        off=mode(env) == OFF,
        again=url_for("crm.preview_assignment", **chosen, force=int(force)),
        other=url_for("crm.preview_assignment", **chosen, force=int(not force), seed=plan.seed),
        pipeline=PIPELINE,
        f=kit_of(env),
    )
