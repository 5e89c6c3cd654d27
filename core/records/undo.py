"""Undo of a whole change set: an import, a bulk edit, a single save, or an undo itself.

The changes of the set are folded to one net change per record. Where something newer would be overwritten there is a
conflict: the undo then refuses as a whole and lists the conflicts, or leaves those out. It replays no hooks; rights,
rules, constraints and history do run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import AccessDenied, NotFound, Refusal
from core.i18n import _
from core.records import deletion, pipeline
from core.records.dependence import referring_first
from core.records.undo_plan import UndoPlan, UndoReport, make_plan
from core.security.policy import ADMINISTRATORS, Policy

if TYPE_CHECKING:
    from core.records.environment import Environment

_UNDOING = "SELECT id FROM core_change_set WHERE undoes = ? ORDER BY id DESC"
_CHANGE_SET = "SELECT kind, user_id FROM core_change_set WHERE id = ?"
ADDON_KINDS = frozenset({"install", "uninstall", "upgrade"})


class UndoConflict(Refusal):
    """Something newer would be overwritten; nothing was changed."""

    code = "undo_conflict"
    status = 409

    def __init__(self, report: UndoReport) -> None:
        super().__init__(
            _("{count} conflict(s): something newer would be overwritten.", count=len(report.conflicts)),
            hint=_("Undo the newer changes first, or skip the conflicts."),
        )
        self.report = report


def undo(env: Environment, change_set: int, *, dry_run: bool = False, skip_conflicts: bool = False) -> UndoReport:
    """Put back what a change set changed. With `dry_run` only the report is made.

    Whoever did it may undo it, and administrators, though it changed fields that are closed to them, as a merge does.

    :raises AccessDenied: somebody else did it, and it changed a field that is closed to the user.
    :raises NotFound: there is no such change set.
    :raises UndoConflict: with the report; nothing was changed.
    """
    by = _require_change_set(env, change_set)
    report, plan = make_plan(env, change_set, lock=not dry_run)
    if env.policy is not None and by != env.user and not env.has_group(ADMINISTRATORS):
        _require_open(env, env.policy, plan)
    if dry_run:
        return report
    if report.conflicts and not skip_conflicts:
        raise UndoConflict(report)
    _apply(env, plan, change_set)
    report.change_set = env.change_set
    return report


def undoing(env: Environment, change_set: int) -> int | None:
    """The change set that undid this one and still holds; None where nothing did, or that was undone again."""
    found = env.database.fetch(env.runtime.text(_UNDOING), (change_set,))
    return next((int(str(id_)) for (id_,) in found if undoing(env, int(str(id_))) is None), None)


def put_back(env: Environment, change_set: int) -> UndoReport:
    """Put back what a change set of any kind changed, as part of something greater; conflicts are left out."""
    report, plan = make_plan(env, change_set, lock=True)
    _apply(env, plan, change_set)
    return report


def _require_open(env: Environment, policy: Policy, plan: UndoPlan) -> None:
    for model, items in plan.writes.items():
        hidden = policy.hidden(model)
        closed = next((name for _id, values in items for name in sorted(values) if name in hidden), None)
        if closed:
            raise AccessDenied(_("You may not change '{field}' of {model}.", field=closed, model=model))


def _require_change_set(env: Environment, change_set: int) -> int | None:
    """Who did it.

    :raises NotFound, Refusal: there is none, or it is not undone in this way.
    """
    found = env.database.fetch(env.runtime.text(_CHANGE_SET), (change_set,))
    if not found:
        raise NotFound(_("There is no change set {id}.", id=change_set))
    if found[0][0] in ADDON_KINDS:  # its tables and its entries in the ledger would stay as they are
        raise Refusal(
            _("Change set {id} installed or removed an addon.", id=change_set),
            hint=_("Take it back by removing or installing the addon."),
        )
    user: int | None = found[0][1]
    return user


def _apply(env: Environment, plan: UndoPlan, change_set: int) -> None:
    env.unit.undoes = change_set
    with env:
        # Rules look at what a record refers to: that is there first.
        for model in reversed(referring_first(env.registry, plan.restores)):
            pipeline.restore(env, model, plan.restores[model])
        for model, items in plan.writes.items():
            pipeline.write(env, model, items, replay=True)
        deletion.delete(env, plan.deletes, replay=True)
