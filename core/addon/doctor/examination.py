"""Examines a database for orphans and lost things, and repairs what can be repaired in one change set.

Each check is a function of an environment without rights that yields findings and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.addon.doctor.finding import Finding
from core.addon.doctor.ledger import LEDGER, LEDGER_CHECKS, MISSING
from core.addon.doctor.records import RECORD_CHECKS
from core.errors import TesseraError
from core.i18n import _
from core.records.environment import Environment


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a finding: repaired, refused with a reason, or left to people."""

    finding: Finding
    repaired: bool
    reason: str = ""


def examine(env: Environment) -> list[Finding]:
    """Everything that is wrong, in the order of the checks; nothing is changed. Records are looked at when none of the
    tables and columns that hold them is missing.
    """
    elevated = env.sudo()
    with elevated:
        found = [finding for check in LEDGER_CHECKS for finding in check(elevated)]
        if any(finding.check == MISSING for finding in found):
            text = _("records were not looked at, because tables, columns or indexes are missing")
            return [*found, Finding(MISSING, LEDGER, None, text, action=_("bring them back first"))]
        return [*(finding for check in RECORD_CHECKS for finding in check(elevated)), *found]


def repair(env: Environment) -> list[Outcome]:
    """Repair what can be repaired, each by itself: what is refused is told and left as it is."""
    elevated = env.sudo()
    findings = examine(env)
    with elevated:
        return list(_repaired(elevated, findings))


def _repaired(env: Environment, findings: list[Finding]) -> Iterator[Outcome]:
    for finding in findings:
        if finding.mend is None:
            yield Outcome(finding, False)
            continue
        try:
            with env.savepoint():
                finding.mend(env)
        except TesseraError as error:
            yield Outcome(replace(finding, mend=None), False, str(error))
        else:
            yield Outcome(finding, True)
