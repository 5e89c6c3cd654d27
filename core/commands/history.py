"""`tessera history` and `tessera undo`: what happened to a record, and taking back a whole change set."""

from __future__ import annotations

from dataclasses import asdict

import click

from core.commands.options import ID, as_option, database_options, json_option, open_instance
from core.commands.output import print_json, print_table
from core.config import Settings
from core.i18n import _
from core.records.history import Entry, timeline
from core.records.undo import UndoConflict
from core.records.undo import undo as undo_change_set
from core.records.undo_plan import UndoReport


@click.command()
@click.argument("model")
@click.argument("record", metavar="ID", type=ID)
@click.option("--limit", default=80, show_default=True, help="How many entries, newest first.")
@json_option
@as_option
@database_options
def history(settings: Settings, model: str, record: int, limit: int, as_json: bool, as_login: str | None) -> None:
    """Print what happened to a record, newest first."""
    with open_instance(settings) as instance, instance.environment(as_login, write=False) as env:
        entries = timeline(env, model, record, limit=limit)
        if as_json:
            print_json([_entry(entry) for entry in entries])
            return
        for entry in entries:
            _print_entry(entry)


@click.command()
@click.argument("change_set", metavar="CHANGESET", type=ID)
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option("--skip-conflicts", is_flag=True, help="Undo what can be undone and leave the rest.")
@json_option
@as_option
@database_options
def undo(
    settings: Settings, change_set: int, dry_run: bool, skip_conflicts: bool, as_json: bool, as_login: str | None
) -> None:
    """Undo a change set: an import, a bulk edit, a command. The undo is a change set too, so undoing it is the redo."""
    label = f"undo {change_set}"
    try:
        with open_instance(settings) as instance, instance.environment(as_login, kind="undo", label=label) as env:
            report = undo_change_set(env, change_set, dry_run=dry_run, skip_conflicts=skip_conflicts)
    except UndoConflict as conflict:
        _tell(conflict.report, as_json=as_json, dry_run=dry_run)
        raise
    _tell(report, as_json=as_json, dry_run=dry_run)


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "change_set": entry.change_set,
        "at": entry.at,
        "user": entry.user_name,
        "kind": entry.kind,
        "label": entry.label,
        "operation": entry.operation,
        "changes": [
            {"field": change.name, "label": change.label, "old": change.old, "new": change.new}
            for change in entry.changes
        ],
    }


def _print_entry(entry: Entry) -> None:
    who = entry.user_name or "Tessera"
    click.echo(f"{entry.at:%Y-%m-%d %H:%M:%S}Z  {who}  {entry.operation}  #{entry.change_set} {entry.label}".rstrip())
    for change in entry.changes:
        click.echo(f"    {change.label}: {change.old_text or '-'} → {change.new_text or '-'}")


def _tell(report: UndoReport, *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        print_json(
            {
                "undone_set": report.undone_set,
                "change_set": report.change_set,
                "restored": report.restored,
                "reverted": report.reverted,
                "deleted": report.deleted,
                "conflicts": [asdict(conflict) for conflict in report.conflicts],
            }
        )
        return
    if report.conflicts:
        rows = [(c.model, c.id, c.label, c.field, c.reason, c.by) for c in report.conflicts]
        print_table(("MODEL", "ID", "RECORD", "FIELD", "CONFLICT", "BY"), rows)
    counts = {"restored": report.restored, "reverted": report.reverted, "deleted": report.deleted}
    if dry_run:
        click.echo(_("Would bring back {restored}, change back {reverted} and delete {deleted} records.", **counts))
    elif report.change_set is not None:
        text = _("Brought back {restored}, changed back {reverted} and deleted {deleted} records", **counts)
        click.echo(_("{text}; this is change set {number}.", text=text, number=report.change_set))
