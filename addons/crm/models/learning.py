"""What scoring learns from: the settings, which leads count as won or lost, and for which values.

A won lead counts for all its values and for every stage; a lost one for its values and for the stages up to its own,
those of the same sequence included. One without a stage counts for the first, which all of them passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from addons.base.models.setting import setting
from addons.crm.merging import MODEL
from addons.crm.models.stage import WON_PROBABILITY, read_stages
from addons.crm.scoring.formula import STAGE, Count, Pair, pairs_of
from core import Link, closest, fields, first_instant

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

SCORING, SCORING_FIELDS, SCORING_START = "crm.scoring", "crm.scoring_fields", "crm.scoring_start"
KEYS = frozenset({SCORING, SCORING_FIELDS, SCORING_START})
USUAL_FIELDS = "phone_state,email_state,state,country,source,lang,tags"
# Computed of two stored fields: what was typed, and its normalised form.
QUALITIES = {"email_state": ("email_from", "email_normalized"), "phone_state": ("phone", "phone_e164")}
# These have values in every lead that make it no likelier, say who counts, or are known only when it is over.
NEVER = frozenset({"stage", "team", "active", "lost_reason", "company", "create_uid", "write_uid"})
SHORT_TEXT = 100

Counts = dict[tuple[int | None, str, str], Count]  # by team, variable and value


def usable_fields(env: EnvironmentProtocol) -> list[str]:
    """The fields of a lead that may be scored: those that choose among values, and that everybody may see."""
    return [
        name
        for name, each in env.registry.declarations[MODEL].items()
        if name in QUALITIES or (_chooses(each) and name not in NEVER and not each.groups)
    ]


def _chooses(declaration: object) -> bool:
    if isinstance(declaration, fields.Many2many):
        return declaration.inverse is None
    if isinstance(declaration, fields.Char):
        return declaration.size < SHORT_TEXT
    return isinstance(declaration, (fields.Many2one, fields.Selection, fields.Boolean))


def unusable(env: EnvironmentProtocol, text: str) -> dict[str, str | None]:
    """The names in a list of fields that may not be scored, each with the nearest one that may."""
    usable = usable_fields(env)
    return {name: closest(name, usable) for name in names_in(text) if name not in usable}


def names_in(text: str) -> list[str]:
    """The names in a list that is separated by commas."""
    return list(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def read_start(text: str) -> date | int | None:
    """A day, a number of days before the present one, or nothing.

    :raises ValueError: the text is neither.
    """
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 6 else date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Learning:
    """The settings of scoring, and the stages by id, in order."""

    on: bool
    variables: tuple[str, ...]
    links: tuple[str, ...]  # those of the variables that are links to several records
    start: date | int | None
    stages: Mapping[Any, Mapping[str, Any]]

    @classmethod
    def read(cls, env: EnvironmentProtocol) -> Learning:
        """Those in force: what `env.cached` keeps of them. Fields of addons that are gone are passed over."""
        usable, schema = usable_fields(env), env.registry.schema[MODEL].fields
        given = names_in(setting(env, SCORING_FIELDS) or USUAL_FIELDS)
        variables = tuple(name for name in given if name in usable)
        links = tuple(name for name in variables if schema[name].link is not None)
        on, start = setting(env, SCORING) == "true", read_start(setting(env, SCORING_START))
        return cls(on, variables, links, start, read_stages(env))

    @property
    def first_stage(self) -> str:
        """The stage that every closed lead passed."""
        return next((str(id_) for id_ in self.stages), "")

    @property
    def reads(self) -> list[str]:
        """The fields of a lead that must be known."""
        sources = [source for name in self.variables for source in QUALITIES.get(name, (name,))]
        outcome = ("id", "stage", "team", "active", "probability", "manual_probability", "learned_probability")
        return list(dict.fromkeys([*outcome, "create_date", *sources]))

    def since(self, env: EnvironmentProtocol) -> datetime | None:
        """The instant from which leads count that were created; None where all do."""
        if self.start is None:
            return None
        day = self.start if isinstance(self.start, date) else env.today() - timedelta(days=self.start)
        return first_instant(day, env.tz)

    def pairs(self, values: Mapping[str, Any]) -> list[Pair]:
        """The known values of a lead."""
        states = {
            name: ("correct" if values[twin] else "incorrect") if values[text] else None
            for name, (text, twin) in QUALITIES.items()
            if name in self.variables
        }
        return pairs_of({**values, **states}, self.variables)

    def outcome(self, values: Mapping[str, Any]) -> str | None:
        """Whether a lead counts as `won` or `lost`, or as neither."""
        stage = self.stages.get(values["stage"])
        if stage and stage["is_won"] and values["probability"] == WON_PROBABILITY:
            return "won"
        return "lost" if not values["active"] and values["probability"] == 0 else None

    def count(self, counts: Counts, values: Mapping[str, Any] | None, since: datetime | None, step: int) -> None:
        """Add a lead to the counts, or with step -1 take it out, where it counts."""
        outcome = self.outcome(values) if values else None
        if values is None or outcome is None or (since and values.get("create_date") and values["create_date"] < since):
            return
        won, lost = (step, 0) if outcome == "won" else (0, step)
        known = [pair for pair in self.pairs(values) if pair[0] != STAGE]
        for variable, value in [*known, *((STAGE, stage) for stage in self._passed(values["stage"], outcome))]:
            counts.setdefault((values["team"], variable, value), Count()).add(won, lost)

    def _passed(self, stage: object, outcome: str) -> list[str]:
        if outcome == "won":
            return [str(id_) for id_ in self.stages]
        own = self.stages.get(stage) or next(iter(self.stages.values()), {"sequence": 0})
        return [str(id_) for id_, each in self.stages.items() if each["sequence"] <= own["sequence"]]


Sides = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


def sides(changes: Sequence[Change], learning: Learning, linked: Mapping[int, Mapping[str, Any]]) -> Iterable[Sides]:
    """What each lead was before and is afterwards, links included; `linked` are those of leads that were written."""
    blank = dict.fromkeys(learning.reads)
    for change in changes:
        if change.operation == "delete":
            yield {**change.before, **_all_links(change.before, learning)}, None
        elif change.operation == "create":
            yield None, {**blank, **change.values, **_all_links(change.values, learning)}
        else:
            after = {name: list(linked.get(change.id, {}).get(name, [])) for name in learning.links}
            before = {**change.before, **_moved_back(change.values, after)}
            yield before, {**change.before, **change.values, **after}


def _all_links(values: Mapping[str, object], learning: Learning) -> dict[str, list[int]]:
    """The links of a record that had none before, or has none afterwards."""
    return {name: list(link.add) for name in learning.links if isinstance(link := values.get(name, Link()), Link)}


def _moved_back(values: Mapping[str, object], after: Mapping[str, list[int]]) -> dict[str, list[int]]:
    found = {}
    for name, ids in after.items():
        link = values.get(name)
        found[name] = [*(set(ids) - set(link.add)), *link.remove] if isinstance(link, Link) else ids
    return found
