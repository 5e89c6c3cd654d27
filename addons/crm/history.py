"""The leads and opportunities of a customer, as entries of the customer's history."""

from __future__ import annotations

from collections.abc import Sequence

from core import EnvironmentProtocol, HistoryEntry, _

READ = [
    "id",
    "name",
    "type",
    "won_status",
    "stage.name",
    "date_deadline",
    "date_closed",
    "create_date",
    "user.name",
    "active",
]
MOST = 200


def entries(env: EnvironmentProtocol, partners: Sequence[int]) -> list[HistoryEntry]:
    """Open ones are planned for the day they are expected to close, others were done when they were closed."""
    if not env["crm.lead"].may("read"):
        return []
    where = "partner in partners and (active or not active)"
    found = []
    for row in env["crm.lead"].read(where, READ, order="-id", limit=MOST, partners=list(partners)):
        pending = row["won_status"] == "pending" and row["active"]
        planned = pending and row["date_deadline"] is not None
        said = {"won": _("won"), "lost": _("lost")}.get(row["won_status"], row["stage.name"] or "")
        found.append(
            HistoryEntry(
                row["date_deadline"] if planned else row["date_closed"] or row["create_date"],
                _("Lead") if row["type"] == "lead" else _("Opportunity"),
                row["name"],
                planned=planned,
                icon="lead" if row["type"] == "lead" else "deal",
                address=f"/app/crm.lead/{row['id']}",
                user=row["user.name"] or "",
                note=said,
                late=planned and row["date_deadline"] < env.today(),
            )
        )
    return found
