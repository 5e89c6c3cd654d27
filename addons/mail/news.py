"""The bell: how much is new and how much is due, counted when a page asks for it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from core import EnvironmentProtocol, _, referred

STATES = ("overdue", "today", "planned")


def counts(env: EnvironmentProtocol) -> tuple[int, Counter[str]]:
    """Unread messages, and the user's own activities by state; two statements."""
    unread = env["mail.notification"].count("user == me and not read")
    rows = env["mail.activity"].aggregate("user == me", by=["state"], measures=["id:count"])
    return unread, Counter({str(row["state"]): row["id:count"] for row in rows})


def by_model(env: EnvironmentProtocol) -> list[dict[str, Any]]:
    """The user's own activities by what they are about: models that have any, with their numbers by state."""
    rows = env["mail.activity"].read("user == me", ["record", "state"], limit=5_000)
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(referred(row["record"])[0], Counter())[row["state"]] += 1
    return [
        {
            "label": _(env.registry.options[model].plural),
            "where": f"startswith(record, '{model},')",
            **{state: found[model][state] for state in STATES},
        }
        for model in sorted(found)
    ]
