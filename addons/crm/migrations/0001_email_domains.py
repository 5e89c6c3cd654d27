"""Similar leads are found by the domain of their e-mail address: leads of former versions get theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core import EnvironmentProtocol

PLACE = {"sqlite": "instr", "postgresql": "strpos"}


def after(env: EnvironmentProtocol) -> None:
    """Fill them in by one statement: there may be a million, and nobody has changed them."""
    place = PLACE[env.database.engine]
    env.database.execute(
        f"UPDATE crm_lead SET email_domain = substr(email_normalized, {place}(email_normalized, '@') + 1)"
        " WHERE email_normalized IS NOT NULL"
    )
