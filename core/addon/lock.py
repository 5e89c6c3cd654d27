"""One installation at a time: installing and removing wait for each other and see each other's result."""

from __future__ import annotations

from core.addon import state
from core.database import Database
from core.errors import Refusal
from core.i18n import _

# Any number that nothing else uses; on SQLite the write transaction itself excludes others.
_ADVISORY = 7_357_501


def lock_addons(database: Database, expected: frozenset[str] | None) -> None:
    """Wait until nobody else installs, inside the open transaction.

    `expected` holds the addons that the plan found installed, None where it found no database of ours. Raises Refusal
    when that is no longer so.
    """
    if database.engine == "postgresql":
        database.execute(f"SELECT pg_advisory_xact_lock({_ADVISORY})")
    names = state.tables(database)
    found = frozenset(state.installed_versions(database)) if "core_addon" in names else None
    if found != expected or (expected is None and names):
        raise Refusal(_("Somebody else installed or removed addons meanwhile."), hint=_("Look at the plan again."))
