"""The page of addons: what there is, what installing, upgrading or removing one would do, and doing it.

Pages are read in the request's unit of work; an installation is a unit of its own, so requests that do one are served
outside of any (see `core.web.gate`). So is the rehearsal of an upgrade, which does everything and takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response

from core.addon import install as installing
from core.addon import state
from core.addon import uninstall as removing
from core.addon import upgrade as upgrading
from core.addon.discovery import BASE
from core.addon.graph import dependents
from core.addon.plan import Plan, Step
from core.addon.upgrade import Upgraded
from core.addon.waiting import Waiting, waiting
from core.errors import AccessDenied, ConfigurationError, Refusal, TesseraError, with_hint
from core.i18n import _
from core.security.policy import ADMINISTRATORS
from core.web.client.shell import Crumb, page
from core.web.current import environment, who
from core.web.notes import Note, add_note
from core.web.services import services

blueprint = Blueprint("addons", __name__, url_prefix="/addons")

NAMED = 6
TONES = {"add": ("add", "+"), "change": ("mod", "~"), "remove": ("del", "−"), "keep": ("mod", "=")}


@dataclass(frozen=True, slots=True)
class Listed:
    """One addon as the list shows it. `state` is installed, available, detached, disabled or broken.

    `waiting` tells what is on disk of an installed one that an upgrade would bring in, None where that is the same.
    """

    name: str
    title: str
    version: str
    summary: str
    state: str
    problems: tuple[str, ...] = ()
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The steps of one kind in a plan: how many, and the first of their names."""

    tone: str
    sign: str
    count: int
    kind: str
    names: str


@blueprint.get("/")
def show() -> Response:
    """All addons that were found."""
    _require_administrator()
    return make_response(_page())


@blueprint.get("/<name>")
def show_one(name: str) -> Response:
    """One addon: what it is, and what installing it, or removing it, would do."""
    _require_administrator()
    catalog = services().instance.catalog
    if name in catalog.broken:
        raise Refusal(_("'{name}' is broken: {problem}", name=name, problem=catalog.broken[name][0]))
    catalog[name]  # refuses one that is not there, in words
    return make_response(_page(name))


@blueprint.post("/<name>/install")
def install(name: str) -> Response:
    """Install an addon with what it needs, or bring a detached one back."""
    _require_administrator_outside()
    done = installing.install(services().instance, [name], demo=bool(request.form.get("demo")), user=who().login)
    add_note(Note(_("Installed {names}", names=", ".join(done.addons)), "addon"))
    return redirect(f"/addons/{name}", code=303)


@blueprint.post("/<name>/rehearse")
def rehearse(name: str) -> Response:
    """What an upgrade of the addon would do: it is done and taken back."""
    _require_administrator_outside()
    try:
        done = upgrading.upgrade_instance(services().instance, name, user=who().login, rehearse=True)
    except TesseraError as error:
        return _failed(name, error)
    return _outside(name, upgrade=done)


@blueprint.post("/<name>/upgrade")
def upgrade(name: str) -> Response:
    """Bring the database to the addon as it is on disk, with all others that wait; the server goes on with it."""
    _require_administrator_outside()
    try:
        done = upgrading.upgrade_instance(services().instance, name, user=who().login)
    except TesseraError as error:
        return _failed(name, error)
    add_note(Note(_("Upgraded {names}", names=", ".join(done.plan.addons)), "addon"))
    return redirect(f"/addons/{name}", code=303)


@blueprint.post("/<name>/detach")
def detach(name: str) -> Response:
    """Remove an addon; what it had is kept aside."""
    _require_administrator_outside()
    removing.uninstall(services().instance, name, user=who().login)
    add_note(Note(_("Removed {name}; its data is kept and comes back when it is installed again", name=name), "addon"))
    return redirect(f"/addons/{name}", code=303)


def _require_administrator() -> None:
    if not environment().has_group(ADMINISTRATORS):
        raise AccessDenied(_("Only administrators install and remove addons."))


def _require_administrator_outside() -> None:
    removing.require_right(services().instance, who().login)


def _outside(
    name: str, *, status: int = 200, upgrade: Upgraded | None = None, problems: Sequence[str] = ()
) -> Response:
    """The page of an addon as the answer to a request that has no unit of work."""
    with services().instance.runtime.open(user=who().user, write=False, kind="page", label=request.path):
        return make_response(_page(name, upgrade=upgrade, failed=problems), status)


def _failed(name: str, error: TesseraError) -> Response:
    """What an upgrade was refused for, on the page of the addon; whoever may not do it gets no page."""
    if isinstance(error, AccessDenied):
        raise error
    services().instance.catalog[name]
    return _outside(name, status=422, problems=_reasons(error))


def _reasons(error: TesseraError) -> tuple[str, ...]:
    if isinstance(error, ConfigurationError):
        return tuple(str(problem) for problem in error.problems)
    return (with_hint(error.text, error.hint) if isinstance(error, Refusal) else str(error),)


def _page(chosen: str = "", *, upgrade: Upgraded | None = None, failed: Sequence[str] = ()) -> str:
    instance = services().instance
    listed = list(_all())
    plan, problems = _plan(chosen, listed) if chosen else (None, ())
    return page(
        "addons.html",
        title=_("Addons"),
        crumbs=[Crumb(_("Settings")), Crumb(_("Addons"))],
        listed=listed,
        chosen=next((each for each in listed if each.name == chosen), None),
        manifest=instance.catalog[chosen] if chosen else None,
        needed_by=_needed_by(chosen) if chosen else (),
        groups=list(_groups(plan.steps)) if plan else [],
        plan=plan,
        problems=problems,
        removable=chosen != BASE,
        upgrade=upgrade,
        upgrade_groups=list(_groups(upgrade.plan.steps)) if upgrade else [],
        remarks=[text for _finding, text in upgrading.remarks(upgrade)] if upgrade else [],
        failed=failed,
    )


def _all() -> Iterable[Listed]:
    """All addons; where the folders cannot be read any more, what waits is not known."""
    instance = services().instance
    others: Mapping[str, Waiting] = {}
    with suppress(ConfigurationError, Refusal):
        others = waiting(instance)
    return (_listed(name, others.get(name)) for name in instance.catalog.names)


def _listed(name: str, other: Waiting | None) -> Listed:
    instance = services().instance
    if name in instance.catalog.broken:
        return Listed(name, name, "", "", "broken", tuple(str(each) for each in instance.catalog.broken[name]))
    manifest = instance.catalog[name]
    problems = tuple(str(each) for each in instance.disabled.get(name, ()))
    return Listed(name, manifest.title, str(manifest.version), manifest.summary, _state(name), problems, other)


def _state(name: str) -> str:
    instance = services().instance
    if name in instance.disabled:
        return "disabled"
    if name in instance.installed:
        return "installed"
    return "detached" if state.detached(instance.database, [name]) else "available"


def _needed_by(name: str) -> tuple[str, ...]:
    """The installed addons that need this one."""
    instance = services().instance
    return tuple(dependents(instance.catalog, name, instance.installed))


def _plan(name: str, listed: Iterable[Listed]) -> tuple[Plan | None, tuple[str, ...]]:
    """What would be done with the addon, or why nothing can be."""
    instance = services().instance
    found = next(each.state for each in listed if each.name == name)
    try:
        if found == "installed":
            return removing.plan_uninstall(instance, name), ()
        return installing.plan_install(instance, [name]).plan, ()
    except (ConfigurationError, Refusal) as error:
        return None, _reasons(error)


def _groups(steps: Sequence[Step]) -> Iterable[Group]:
    """The steps by what happens and to what, in the order of the plan."""
    for (action, kind), same in groupby(sorted(steps, key=_order), key=lambda step: (step.action, step.kind)):
        found = list(same)
        names = ", ".join(f"{step.name} ({step.detail})" if step.detail else step.name for step in found[:NAMED])
        more = _(" and {count} more", count=len(found) - NAMED) if len(found) > NAMED else ""
        tone, sign = TONES[action]
        yield Group(tone, sign, len(found), kind, names + more)


def _order(step: Step) -> tuple[int, str]:
    return list(TONES).index(step.action), step.kind
