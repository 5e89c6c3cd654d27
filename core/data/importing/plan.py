"""A file bound to a model: which column fills which field, what a recipe adds, what identifies a record.

What is wrong with the file as a whole or with the recipe is refused here, before any row is read as a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from core.data.importing.convert import Format
from core.data.importing.formats import Asked, describe, find_formats
from core.data.importing.mapping import Candidate, Match, guess, words_of
from core.data.importing.numbers import Sign
from core.data.importing.problems import CellError, ImportRefused
from core.data.importing.reading import Source
from core.data.importing.recipe import ColumnRule, Condition, Step, Value
from core.data.importing.targets import ID, Fields, Lookup, Target
from core.data.importing.templates import Template
from core.errors import closest, did_you_mean
from core.i18n import _
from core.lang.kinds import Kind
from core.lang.schema import FieldInfo

if TYPE_CHECKING:
    from core.records.environment import Environment

# The columns that a file of refused rows ends in; they are no data.
RETURNED = ("row", "column", "value", "reason", "suggestion")
KEY_KINDS = frozenset({Kind.TEXT, Kind.INTEGER, Kind.REFERENCE, Kind.DATE})


@dataclass(frozen=True, slots=True)
class Column:
    """A column that fills a field; `how` says why: by recipe, name, label or synonym. `sign` is its decimal sign."""

    place: int
    name: str
    target: Target
    how: str
    format: str = ""
    sign: Sign = "."


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the recipe gives: a plain one, texts to look up, or ids."""

    target: Target
    value: object = None
    texts: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything needed to make records of the rows of one file."""

    number: int
    step: Step
    source: Source
    model: str
    columns: tuple[Column, ...]
    constants: tuple[Given, ...]
    templates: tuple[tuple[Target, tuple[Template, ...]], ...]
    whens: tuple[tuple[Condition, tuple[Given, ...]], ...]
    mends: tuple[tuple[int, Mapping[str, str]], ...]
    named: tuple[tuple[str, int], ...]
    key: tuple[FieldInfo, ...] = ()
    id_place: int | None = None

    @property
    def targets(self) -> Iterator[Target]:
        """Every field that rows may get a value for."""
        yield from (column.target for column in self.columns)
        yield from (target for target, _templates in self.templates)
        yield from (given.target for given in self.constants)
        yield from (given.target for _condition, givens in self.whens for given in givens)

    def column_of(self, field: str) -> str:
        """The first column that fills the field; the field's own name where none does."""
        return next((column.name for column in self.columns if column.target.name == field), field)

    @property
    def ignored(self) -> list[str]:
        """The columns that nothing uses."""
        used = {column.name for column in self.columns} | {name for name, _place in self.named}
        return [name for place, name in enumerate(self.source.header) if name not in used and place != self.id_place]


@dataclass(frozen=True, slots=True)
class _Mapped:
    place: int
    name: str
    rule: ColumnRule
    how: str


def bind(
    env: Environment,
    step: Step,
    source: Source,
    number: int,
    lookups: list[Lookup],
) -> Plan:
    """Bind a file to its model.

    :raises ImportRefused: unknown model, field or column, a field filled twice, a key without column, nothing fits.
    """
    if step.model not in env.registry.models:
        hint = did_you_mean(closest(step.model, env.registry.models))
        raise ImportRefused(_("There is no model '{model}'.", model=step.model), hint=hint)
    fields = Fields(env, step.model, lookups)
    _known_columns(step, source)
    mapped = _mapped(step, source, fields)
    infos = [fields.find(entry.rule.field) for entry in mapped]
    asked = [
        Asked(entry.place, entry.name, info.kind, entry.rule.writing, step.mend.get(entry.name, {}))
        for entry, info in zip(mapped, infos, strict=True)
    ]
    formats = find_formats(source, asked, step.writing, ZoneInfo(env.tz))
    columns = tuple(_column(fields, step, entry, form) for entry, form in zip(mapped, formats, strict=True))
    plan = _with_values(fields, step, source, number, columns)
    _filled_once(plan)
    return _with_key(plan, fields)


def _known_columns(step: Step, source: Source) -> None:
    """Refuse a recipe that speaks of columns the file does not have."""
    asked = [*step.columns, *step.ignored, *step.mend, *(name for name, _place in _named(step, source, strict=False))]
    for name in asked:
        if name not in source.header:
            raise ImportRefused(
                _("{file} has no column '{column}'.", file=source.path.name, column=name),
                hint=did_you_mean(closest(name, source.header))
                or _("It has: {header}.", header=", ".join(source.header)),
            )


def _named(step: Step, source: Source, *, strict: bool = True) -> list[tuple[str, int]]:
    """The columns that templates and conditions name, with their places."""
    names = [name for made in step.templates.values() for one in made for name in one.columns]
    names += [when.condition.column for when in step.when]
    names += [condition.column for condition in step.skip]
    places = {name: place for place, name in enumerate(source.header)}
    return [(name, places[name] if strict else places.get(name, -1)) for name in dict.fromkeys(names)]


def _mapped(step: Step, source: Source, fields: Fields) -> list[_Mapped]:
    """What each column fills: by the recipe, and for the others as far as headers tell."""
    guessed = _guessed(step, source, fields) if step.guess else {}
    mapped = []
    for place, name in enumerate(source.header):
        if name in step.columns:
            mapped += [_Mapped(place, name, rule, "recipe") for rule in step.columns[name]]
        elif name in guessed:
            match = guessed[name]
            mapped.append(_Mapped(place, name, ColumnRule(match.field, match.lookup), match.how))
    if not mapped and not step.templates:
        raise ImportRefused(
            _("No column of {file} fits a field of {model}.", file=source.path.name, model=step.model),
            hint=_("Columns: {header}. Say in a recipe what they mean.", header=", ".join(source.header[:20])),
        )
    return mapped


def _guessed(step: Step, source: Source, fields: Fields) -> Mapping[str, Match]:
    returned = set(RETURNED) if source.header[-len(RETURNED) :] == RETURNED else set()
    header = [name for name in source.header if name not in {*step.columns, *step.ignored, *returned}]
    taken = {rule.field for rules in step.columns.values() for rule in rules} | {*step.constants, *step.templates}
    return guess(header, [candidate for candidate in _candidates(fields) if candidate.name not in taken])


def _candidates(fields: Fields, *, nested: bool = True) -> list[Candidate]:
    """The fields that headers may mean, those of related models included."""
    found = []
    for info in fields.info.fields.values():
        if not fields.open(info):
            continue
        inner: tuple[Candidate, ...] = ()
        if nested and info.target is not None:
            related = Fields(fields.env, info.target, [])
            inner = tuple(
                candidate
                for candidate in _candidates(related, nested=False)
                if related.info.fields[candidate.name].kind in (Kind.TEXT, Kind.INTEGER)
            )
            inner += (Candidate(ID, ID),)
        labels = tuple(dict.fromkeys(label for label in (info.label, _(info.label)) if label))
        found.append(Candidate(info.name, info.column, labels, inner))
    return found


def _column(fields: Fields, step: Step, entry: _Mapped, form: Format) -> Column:
    target = fields.target(entry.rule, form, empty=step.empty, create=_creates(step, entry.rule.field))
    return Column(entry.place, entry.name, target, entry.how, describe(target.info.kind, form), form.decimal)


def _creates(step: Step, field: str) -> bool:
    wanted = step.create_missing
    return wanted if isinstance(wanted, bool) else field in wanted


def _with_values(fields: Fields, step: Step, source: Source, number: int, columns: tuple[Column, ...]) -> Plan:
    form = Format(zone=ZoneInfo(fields.env.tz))
    places = {name: place for place, name in enumerate(source.header)}
    return Plan(
        number=number,
        step=step,
        source=source,
        model=step.model,
        columns=columns,
        constants=_givens(fields, step, step.constants, form),
        templates=tuple(
            (fields.target(ColumnRule(name, separator=""), form, create=_creates(step, name)), made)
            for name, made in step.templates.items()
        ),
        whens=tuple((when.condition, _givens(fields, step, when.values, form)) for when in step.when),
        mends=tuple((places[name], mend) for name, mend in step.mend.items()),
        named=tuple(_named(step, source)),
    )


def _givens(fields: Fields, step: Step, values: Mapping[str, Value], form: Format) -> tuple[Given, ...]:
    return tuple(_given(fields, step, name, value, form) for name, value in values.items())


def _given(fields: Fields, step: Step, name: str, value: Value, form: Format) -> Given:
    """A value of the recipe, converted at once; texts of relations are looked up with those of the rows."""
    rule = ColumnRule(name, value.lookup, value.create, separator="")
    target = fields.target(rule, form, create=_creates(step, name))
    if value.null:
        return Given(target)
    if value.refs:
        return Given(target, ids=_referred(fields.env, target, value.refs))
    if target.lookup is not None:
        return Given(target, texts=value.texts if target.many else _only(name, value.texts))
    (text,) = _only(name, value.texts)
    assert target.convert is not None
    try:
        return Given(target, target.convert(text))
    except CellError as error:
        hint = did_you_mean(error.suggestion)
        raise ImportRefused(
            _("'{field}': '{text}' {reason}.", field=name, text=text, reason=error.reason), hint=hint
        ) from error


def _only(name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    if len(texts) != 1:
        raise ImportRefused(_("'{field}' takes one value.", field=name))
    return texts


def _referred(env: Environment, target: Target, refs: Iterable[str]) -> tuple[int, ...]:
    """The ids behind external ids."""
    ids = []
    for ref in refs:
        row = env.ref(ref)
        if target.info.target != row._name:
            raise ImportRefused(_("'{ref}' is no record of {model}.", ref=ref, model=target.info.target))
        ids.append(row.id)
    return tuple(ids)


def _filled_once(plan: Plan) -> None:
    """Refuse a field that holds one value and would get two."""
    filled: dict[str, str] = {}
    sources = [(column.target, _("the column '{name}'", name=column.name)) for column in plan.columns]
    sources += [(target, _("a template")) for target, _made in plan.templates]
    sources += [(given.target, _("a constant")) for given in plan.constants]
    for target, source in sources:
        if target.name in filled and not target.many:
            raise ImportRefused(
                _(
                    "'{field}' is filled by {one} and by {other}.",
                    field=target.name,
                    one=filled[target.name],
                    other=source,
                )
            )
        filled[target.name] = source


def _with_key(plan: Plan, fields: Fields) -> Plan:
    """Find the fields that identify a record, and the column of ids if they are those."""
    names: Sequence[str] = plan.step.key
    if not names:
        return plan
    if tuple(names) == (ID,):
        place = next((place for place, name in enumerate(plan.source.header) if words_of(name) == ID), None)
        if place is None:
            raise ImportRefused(_("The key is 'id', but {file} has no such column.", file=plan.source.path.name))
        return replace(plan, id_place=place, key=(fields.info.fields[ID],) if ID in fields.info.fields else ())
    infos = tuple(fields.find(name) for name in names)
    given = {target.name for target in plan.targets}
    for info in infos:
        if info.kind not in KEY_KINDS:
            raise ImportRefused(_("'{field}' cannot be a key.", field=info.name))
        if info.name not in given:
            raise ImportRefused(
                _("The key '{field}' is filled by no column of {file}.", field=info.name, file=plan.source.path.name)
            )
    return replace(plan, key=infos)
