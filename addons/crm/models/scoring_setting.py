"""What has all leads scored anew: the settings of scoring, which are checked here, and other stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.base.models import Setting
from addons.crm.models.learning import KEYS, SCORING_FIELDS, SCORING_START, Learning, read_start, unusable
from addons.crm.models.scoring import request_scoring
from addons.crm.models.stage import Stage
from core import FieldError, Invalid, _

if TYPE_CHECKING:
    from core import Change


class ScoringSetting(Setting, extends=True):
    """A setting of scoring is checked, and has all leads scored anew."""

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Refuse fields that cannot be scored, and a start that is no day."""
        super().before_write(changes)
        for change in changes:
            text = str(change["value"] or "")
            if change["key"] == SCORING_FIELDS:
                cls._check_fields(text)
            elif change["key"] == SCORING_START:
                cls._check_start(text)

    @classmethod
    def _check_fields(cls, text: str) -> None:
        errors = []
        for name, nearest in unusable(cls.env, text).items():
            said = _("'{field}' is no field of a lead that can be scored.", field=name)
            hint = _("Did you mean '{name}'?", name=nearest) if nearest else ""
            errors.append(FieldError("value", f"{said} {hint}".strip()))
        if errors:
            raise Invalid(errors, model="core.setting")

    @classmethod
    def _check_start(cls, text: str) -> None:
        try:
            read_start(text)
        except ValueError as error:
            said = _("Give a day such as 2026-01-31, or a number of days before the present one.")
            raise Invalid([FieldError("value", said)], model="core.setting") from error

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Score all leads anew; after an undo, too."""
        super().derive(changes)
        if any(KEYS & {str(change["key"]), str(change.before.get("key"))} for change in changes):
            request_scoring(cls.env)


class ScoredStage(Stage, extends=True):
    """A stage that leads are scored by."""

    @classmethod
    def derive(cls, changes: list[Change]) -> None:
        """Score all leads anew where the order of the stages changed, or what is won; after an undo, too."""
        super().derive(changes)
        counts = any(c.operation != "write" or not {"sequence", "is_won"}.isdisjoint(c.values) for c in changes)
        if counts and cls.env.cached(Learning.read).on:
            request_scoring(cls.env)
