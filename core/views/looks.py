"""What a page must know of related records to show them: stages with their place, tags, choices of selects.

One query for each related model that a shown widget needs, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.lang.kinds import Kind
from core.model.reference import reference_to, referred
from core.records.environment import Environment
from core.records.links import stored_links
from core.records.properties import Property, definitions
from core.views.formats import TONES, Currency
from core.views.nodes import FieldNode
from core.views.paths import walk
from core.views.template import ShownNode

MOST_STAGES = 100
MOST_CHOICES = 200
MOST_SUGGESTIONS = 20
_TONES_BY_PLACE = ("stone", "sky", "plum", "ochre", "teal", "amber", "moss", "rose")
_STEPS = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A related record as it is shown or offered."""

    id: int
    label: str
    tone: str = TONES[0]
    icon: str = "stage-0"
    folded: bool = False
    is_won: bool = False


_UNKNOWN = Choice(0, "")


@dataclass(slots=True)
class Looks:
    """Related records by model and id, as templates ask for them as `look`; `nodes` are fields made for one page, such
    as those of properties."""

    stages: dict[str, dict[int, Choice]] = field(default_factory=dict)
    tagged: dict[str, dict[int, Choice]] = field(default_factory=dict)
    choices: dict[str, list[Choice]] = field(default_factory=dict)
    references: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    properties: dict[str, Mapping[str, Property]] = field(default_factory=dict)
    nodes: dict[str, ShownNode] = field(default_factory=dict)
    _currencies: dict[tuple[object, ...], Currency] = field(default_factory=dict)

    def stage(self, model: str, id_: int) -> Choice:
        """How a stage looks."""
        return self.stages.get(model, {}).get(id_, _UNKNOWN)

    def named(self, text: str) -> tuple[str, int, str] | None:
        """Model, id and label of the record that a text such as `crm.lead,42` names; None where it may not be seen."""
        return self.references.get(text)

    def defined(self, model: str, values: Mapping[str, object] | None) -> list[tuple[Property, object]]:
        """The properties that have a value, and this, in their order; `model` is that of the definitions."""
        stored = values or {}
        return [(each, stored[name]) for name, each in self.properties.get(model, {}).items() if name in stored]

    def tags(self, model: str, ids: Iterable[int] | None) -> list[Choice]:
        """The tags that can be read, in the order of the ids."""
        known = self.tagged.get(model, {})
        return [known[id_] for id_ in ids or () if id_ in known]

    def options(self, model: str, current: int | None, text: str | None) -> list[Choice]:
        """The choices of a select; the current one is always among them."""
        known = self.choices.get(model, [])
        if not current or any(choice.id == current for choice in known):
            return known
        return [Choice(current, text or f"#{current}"), *known]

    def suggested(self, model: str) -> list[Choice]:
        """A few choices to begin with, for a picker without scripts."""
        return self.choices.get(model, [])[:MOST_SUGGESTIONS]

    def tag_choices(self, model: str, ids: Iterable[int] | None) -> list[Choice]:
        """The choices of a field with several records; the chosen ones come first."""
        chosen = self.tags(model, ids)
        present = {choice.id for choice in chosen}
        return [*chosen, *(choice for choice in self.choices.get(model, []) if choice.id not in present)]

    def currency(self, record: Mapping[str, Any], path: str) -> Currency | None:
        """The currency of an amount, read along `path`; None where the record has none."""
        if not path or not record.get(f"{path}.name"):
            return None
        found = (record[f"{path}.name"], record[f"{path}.symbol"], record[f"{path}.digits"])
        if found not in self._currencies:
            name, symbol, digits = found
            self._currencies[found] = Currency(str(name), str(symbol or name), 2 if digits is None else int(digits))
        return self._currencies[found]


def load(
    env: Environment, nodes: Sequence[FieldNode], records: Sequence[dict[str, Any]], into: Looks | None = None
) -> Looks:
    """What the widgets of these nodes need to show these records, added to what is known already."""
    looks = into or Looks()
    for node in nodes:
        target = str(node.info.target)
        if node.widget.name in {"stage", "path"} and target not in looks.stages:
            looks.stages[target] = {choice.id: choice for choice in stages(env, target)}
        elif node.widget.name == "tags":
            _fill_links(env, node, records)
            wanted = {id_ for record in records for id_ in record[node.path] or ()}
            known = looks.tagged.setdefault(target, {})
            known.update({choice.id: choice for choice in _tags(env, target, sorted(wanted - known.keys()))})
        elif node.widget.name == "properties":
            _prefix, owner, info = walk(env.registry, node.model, node.path)
            looks.properties[info.definitions] = definitions(env, owner, info.name).by_name
        elif node.widget.name == "reference":
            _name(env, looks, {record[node.path] for record in records if record.get(node.path)})
    return looks


def _name(env: Environment, looks: Looks, texts: Iterable[str]) -> None:
    """Find the labels of records of any model, one query for each model."""
    by_model: dict[str, list[int]] = {}
    for text in texts:
        model, id_ = referred(text)
        by_model.setdefault(model, []).append(id_)
    for model, ids in by_model.items():
        labels = env[model].label(ids) if model in env.registry.schema else {}
        looks.references.update({reference_to(model, id_): (model, id_, label) for id_, label in labels.items()})


def _fill_links(env: Environment, node: FieldNode, records: Sequence[dict[str, Any]]) -> None:
    """Put the linked ids into the records that were read without them."""
    without = [record["id"] for record in records if node.path not in record]
    linked = stored_links(env, node.model, node.path, without) if without else {}
    for record in records:
        record.setdefault(node.path, linked.get(record["id"], []))


def load_choices(env: Environment, looks: Looks, nodes: Iterable[FieldNode]) -> None:
    """Add what selects and tag fields offer when they are edited. Pickers ask while somebody types in them."""
    for node in nodes:
        target = str(node.info.target)
        if node.edit in {"select", "tags"} and target not in looks.choices and env[target].may("read"):
            looks.choices[target] = _choices(env, target, MOST_CHOICES)


def blank(nodes: Sequence[FieldNode]) -> dict[str, Any]:
    """A record without values, for inputs that create one."""
    names = (name for node in nodes for name in (node.path, node.label_path) if name)
    return dict.fromkeys(names)


def stages(env: Environment, model: str) -> list[Choice]:
    """The records of a small model in their order, each with the glyph and tone of its place.

    `is_won`, `color` and `fold` are used where the model has them: the last of several open stages is three quarters
    full, a won one has a glyph of its own.
    """
    info = env.registry.schema[model]
    extra = [name for name in ("is_won", "color", "fold") if name in info.fields]
    records = env[model].read("", ["id", info.label_field, *extra], limit=MOST_STAGES)
    still_open = [record["id"] for record in records if not record.get("is_won")]
    places = {id_: place for place, id_ in enumerate(still_open)}
    return [_stage(record, places, len(still_open), info.label_field) for record in records]


def _stage(record: Mapping[str, Any], places: Mapping[int, int], count: int, label: str) -> Choice:
    won, color, place = bool(record.get("is_won")), record.get("color"), places.get(record["id"], 0)
    tone = "sage" if won else _TONES_BY_PLACE[place % len(_TONES_BY_PLACE)]
    if color and 1 <= color <= len(TONES):
        tone = TONES[color - 1]
    icon = "stage-won" if won else f"stage-{place * _STEPS // max(count, 1)}"
    return Choice(record["id"], str(record[label] or f"#{record['id']}"), tone, icon, bool(record.get("fold")), won)


def _tags(env: Environment, model: str, ids: Sequence[int]) -> list[Choice]:
    info = env.registry.schema[model]
    extra = ["color"] if "color" in info.fields and info.fields["color"].kind is Kind.INTEGER else []
    found = env[model].read_ids(ids, [info.label_field, *extra])
    return [_tag(id_, record, info.label_field) for id_, record in found.items()]


def _tag(id_: int, record: Mapping[str, Any], label: str) -> Choice:
    color = record.get("color") or 0
    return Choice(id_, str(record[label] or f"#{id_}"), TONES[color - 1] if 1 <= color <= len(TONES) else TONES[0])


def _choices(env: Environment, model: str, limit: int) -> list[Choice]:
    info = env.registry.schema[model]
    records = env[model].read("", ["id", info.label_field], limit=limit)
    return [Choice(record["id"], str(record[info.label_field] or f"#{record['id']}")) for record in records]
