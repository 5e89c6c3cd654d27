"""What was written on a record, as entries of its timeline."""

from __future__ import annotations

from typing import Any

from core import EnvironmentProtocol, TimelineEntry, TimelineFile, _, reference_to

ICONS = {"message": "mail", "note": "note", "done": "task"}
READ = ["id", "date", "kind", "body", "subject", "author.complete_name"]


def has_thread(env: EnvironmentProtocol, model: str) -> bool:
    """Whether records of a model have a conversation that the user may see."""
    return model in env.registry.schema["mail.message"].fields["record"].models and env["mail.message"].may("read")


def entries(env: EnvironmentProtocol, model: str, record: int, before: int | None, limit: int) -> list[TimelineEntry]:
    """The newest messages of a record, or those before one of them; two statements, three behind the first page."""
    if not has_thread(env, model):
        return []
    where, names = "record == owner and kind != 'event'", {"owner": reference_to(model, record)}
    if before is not None:
        last = env.sudo()["mail.message"].read_ids([before], ["date"])
        if before in last:
            where += " and (date < until or (date == until and id < before))"
            names |= {"until": last[before]["date"], "before": before}
    found = env["mail.message"].read(where, READ, limit=limit, **names)
    files = _files(env, [row["id"] for row in found])
    return [_entry(row, files.get(row["id"], ())) for row in found]


def _files(env: EnvironmentProtocol, messages: list[int]) -> dict[int, tuple[TimelineFile, ...]]:
    found: dict[int, tuple[TimelineFile, ...]] = {}
    if messages and env["core.attachment"].may("read"):
        rows = env["core.attachment"].read(
            "message in messages", ["id", "name", "message"], order="id", messages=messages
        )
        for row in rows:
            found[row["message"]] = (*found.get(row["message"], ()), TimelineFile(row["name"], row["id"]))
    return found


def _entry(row: dict[str, Any], files: tuple[TimelineFile, ...]) -> TimelineEntry:
    said = {"message": _("wrote"), "note": _("noted"), "done": _("finished {what}", what=row["subject"] or "")}
    return TimelineEntry(
        row["id"],
        row["date"],
        ICONS[row["kind"]],
        row["author.complete_name"] or _("Somebody"),
        said[row["kind"]],
        row["body"] or "",
        internal=row["kind"] == "note",
        address=f"/app/mail.message/{row['id']}",
        files=files,
    )
