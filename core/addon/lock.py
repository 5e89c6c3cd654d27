"""One installation at a time: installing, upgrading and removing wait for each other and see each other's result."""

from __future__ import annotations

from core.addon import state
from core.database import Database
from core.errors import Refusal
from core.i18n import _

# Any number that nothing else uses; on SQLite the write transaction itself excludes others.
_ADVISORY = 7_357_501


def lock_addons(database: Database, expected: int | None) -> None:
    """Wait until nobody else installs, inside the open transaction.

    `expected` is the generation of addons that was read before the plan was made, None where there was no database of
    ours. Raises Refusal when that is no longer so: what a plan says of versions, migrations and what is kept would be
    wrong, and carrying it out would do again what somebody else has done.
    """
    if database.engine == "postgresql":
        database.execute(f"SELECT pg_advisory_xact_lock({_ADVISORY})")
    names = state.tables(database)
    found = state.generations(database).addons if "core_addon" in names else None
    if found != expected or (expected is None and names):
        raise Refusal(
            _("Somebody else installed, upgraded or removed addons meanwhile."), hint=_("Look at the plan again.")
        )
