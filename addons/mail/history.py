"""The history of a customer, what is planned above and what was done below, from all addons; and what mail tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

import nh3
from flask import render_template

from core import EnvironmentProtocol, HistoryEntry, _, reference_to, referred
from core.pages import collect, kit_of

MOST_RECORDS = 500
MOST_ENTRIES = 200
EXCERPT = 300


def render(env: EnvironmentProtocol, model: str, record: int) -> str:
    """The page *History* of a contact: it and all contacts below."""
    partners = family(env, record)
    entries = [
        entry for entry in collect("history_entries", env=env, partners=partners) if isinstance(entry, HistoryEntry)
    ]
    planned = sorted((entry for entry in entries if entry.planned), key=_moment)[:MOST_ENTRIES]
    done = sorted((entry for entry in entries if not entry.planned), key=_moment, reverse=True)[:MOST_ENTRIES]
    kit = kit_of(env)  # type: ignore[arg-type]  # an environment by its protocol
    return render_template(
        "mail/history.html",
        blocks=[(_("Planned"), planned, _("Nothing is planned.")), (_("Done"), done, _("Nothing has happened yet."))],
        when=lambda entry: kit.short_date(kit.local(entry.at).date() if isinstance(entry.at, datetime) else entry.at),
    )


def _moment(entry: HistoryEntry) -> datetime:
    """When an entry stands: a day counts from its beginning."""
    return entry.at if isinstance(entry.at, datetime) else datetime.combine(entry.at, time.min, UTC)


def family(env: EnvironmentProtocol, partner: int) -> list[int]:
    """A contact and all contacts below, archived ones too."""
    rows = env["res.partner"].read(
        "within(id, root) and (active or not active)", ["id"], limit=MOST_RECORDS, root=partner
    )
    return [row["id"] for row in rows]


def entries(env: EnvironmentProtocol, partners: Sequence[int]) -> list[HistoryEntry]:
    """What was written about the partners and their records, and what is or was planned there; two statements, and one
    for each model with records of partners."""
    records = _records(env, partners)
    if not records:
        return []
    return [*_activities(env, records), *_messages(env, records)]


def _records(env: EnvironmentProtocol, partners: Sequence[int]) -> dict[str, str]:
    """The records that are of the partners, as the texts that name them, with their labels."""
    found: dict[str, str] = {reference_to("res.partner", id_): "" for id_ in partners}
    for model in env.registry.schema["mail.message"].fields["record"].models:
        info = env.registry.schema[model]
        link = info.fields.get("partner")
        if link is None or link.target != "res.partner" or not env[model].may("read"):
            continue
        where = "partner in partners and (active or not active)" if "active" in info.fields else "partner in partners"
        rows = env[model].read(
            where, ["id", info.label_field], order="-id", limit=MOST_RECORDS, partners=list(partners)
        )
        found.update({reference_to(model, row["id"]): row[info.label_field] or "" for row in rows})
    return found


def _activities(env: EnvironmentProtocol, records: Mapping[str, str]) -> list[HistoryEntry]:
    wanted = [
        "id",
        "name",
        "type.name",
        "type.icon",
        "date_deadline",
        "date_done",
        "state",
        "user.name",
        "record",
        "feedback",
    ]
    where = "record in records and (active or not active)"
    rows = env["mail.activity"].read(where, wanted, order="-date_deadline", limit=MOST_ENTRIES, records=list(records))
    return [
        HistoryEntry(
            row["date_done"] or row["date_deadline"],
            row["type.name"],
            row["name"],
            planned=row["state"] != "done",
            icon=row["type.icon"],
            address=f"/app/mail.activity/{row['id']}",
            user=row["user.name"] or "",
            note=_about(row, records, row["feedback"] or ""),
            late=row["state"] == "overdue",
        )
        for row in rows
    ]


def _messages(env: EnvironmentProtocol, records: Mapping[str, str]) -> list[HistoryEntry]:
    wanted = ["id", "date", "kind", "subject", "body", "author.complete_name", "record"]
    where = "record in records and kind not in ['done', 'event']"
    rows = env["mail.message"].read(where, wanted, limit=MOST_ENTRIES, records=list(records))
    kinds = {"message": (_("Message"), "mail"), "note": (_("Note"), "note")}
    return [
        HistoryEntry(
            row["date"],
            kinds[row["kind"]][0],
            row["subject"] or records[row["record"]] or _("Written"),
            planned=False,
            icon=kinds[row["kind"]][1],
            address=_page(row["record"], row["id"]),
            user=row["author.complete_name"] or "",
            note=_excerpt(row["body"] or ""),
        )
        for row in rows
    ]


def _page(record: str, message: int) -> str:
    model, id_ = referred(record)
    return f"/app/{model}/{id_}#mail-{message}"


def _about(row: Mapping[str, Any], records: Mapping[str, str], more: str) -> str:
    return ": ".join(part for part in (records.get(row["record"], ""), more) if part)


def _excerpt(body: str) -> str:
    """The beginning of a formatted text as one line of plain text."""
    plain = " ".join(nh3.clean(body.replace("</p>", " ").replace("<br>", " "), tags=set()).split())
    text = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"
