"""`tessera doctor`: looks for orphans and lost things, and repairs them on request."""

from __future__ import annotations

import click

from core.addon.doctor.examination import Outcome, examine, repair
from core.addon.doctor.finding import Finding
from core.commands.options import as_option, database_options, json_option, open_instance
from core.commands.output import print_json
from core.config import Settings
from core.i18n import _

FOUND = 1


@click.command()
@click.option("--repair", "repairs", is_flag=True, help="Repair what can be repaired, in one change set.")
@json_option
@as_option
@database_options
def doctor(settings: Settings, repairs: bool, as_json: bool, as_login: str | None) -> None:
    """Look for orphans and lost things; change nothing unless told to."""
    with open_instance(settings) as instance, instance.environment(as_login, kind="command", label="doctor") as env:
        outcomes = repair(env) if repairs else [Outcome(finding, False) for finding in examine(env)]
        change_set = env.change_set
    if as_json:
        print_json({"change_set": change_set, "findings": [_as_json(outcome) for outcome in outcomes]})
    else:
        for outcome in outcomes:
            _tell(outcome)
        _sum_up(outcomes, change_set, repairs=repairs)
    if outcomes:
        click.get_current_context().exit(FOUND)


def _as_json(outcome: Outcome) -> dict[str, object]:
    found = outcome.finding
    return {
        "check": found.check,
        "model": found.model,
        "id": found.id,
        "field": found.field,
        "text": found.text,
        "old": found.old,
        "new": found.new,
        "action": found.action,
        "repairable": found.mend is not None,
        "undoable": found.logged,
        "repaired": outcome.repaired,
        "reason": outcome.reason,
    }


def _tell(outcome: Outcome) -> None:
    found = outcome.finding
    place = found.model if found.id is None else f"{found.model},{found.id}"
    click.echo(f"{place}  {found.text}")
    click.echo(f"    {_what(found, outcome)}")


def _what(found: Finding, outcome: Outcome) -> str:
    values = f"{found.old or '-'} -> {found.new or '-'}"
    if outcome.reason:
        return _("not repaired: {reason}", reason=outcome.reason)
    if found.mend is None:
        return _("by hand: {action}", action=found.action)
    if outcome.repaired:
        done = _("repaired: {field} {values}", field=found.field, values=values)
        return done if found.logged else _("{done} (outside the history)", done=done)
    return _("--repair would {action}: {field} {values}", action=found.action, field=found.field, values=values)


def _sum_up(outcomes: list[Outcome], change_set: int | None, *, repairs: bool) -> None:
    if not outcomes:
        click.echo(_("All is well."))
    elif repairs:
        count = sum(outcome.repaired for outcome in outcomes)
        click.echo(_("{count} of {all} repaired.", count=count, all=len(outcomes)))
        if change_set is not None:
            click.echo(_("This is change set {number}.", number=change_set))
    else:
        click.echo(_("{count} found.", count=len(outcomes)))
