"""What a write must satisfy: rights, required fields, constraints, references that exist, record rules on the
result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from core.errors import AccessDenied, FieldError, Invalid
from core.i18n import _
from core.lang.schema import FieldInfo
from core.lang.tree import Expression
from core.model.change import Change, Link
from core.model.context import EnvironmentProtocol
from core.model.record import Record
from core.model.reference import referred as parse_reference
from core.records.images import permitted, permitted_of
from core.records.links import Links
from core.records.rules import own_rule
from core.records.traits import traits
from core.security.policy import Operation

if TYPE_CHECKING:
    from core.records.environment import Environment

_VERBS = {"create": "create", "read": "read", "update": "change", "delete": "delete"}


def require_right(env: Environment, model: str, operation: Operation) -> None:
    """Refuse when no group of the user grants the operation on the model, or core alone writes it.

    :raises AccessDenied: naming operation and model.
    """
    if env.policy is None:
        return
    system = operation != "read" and env.registry.options[model].system
    if env.policy.may(model, operation) and not system:
        return
    label = _(env.registry.schema[model].label or model)
    if system:
        raise AccessDenied(_("Records of '{model}' are kept by the system and cannot be written.", model=label))
    text = _("You may not {verb} records of '{model}'.", verb=_(_VERBS[operation]), model=label)
    raise AccessDenied(text, hint=_("Ask an administrator for the right."))


def check_new(env: Environment, model: str, changes: Sequence[Change], records: Sequence[Record]) -> None:
    """Required fields and constraints of new records.

    :raises Invalid: all errors of all records; `row` is the position in the batch.
    """
    errors: list[FieldError] = []
    required = traits(env, model).required
    single = len(changes) == 1
    for row, (change, record) in enumerate(zip(changes, records, strict=True)):
        place = None if single else row
        missing = [name for name in required if _is_blank(change.values.get(name))]
        errors.extend(_missing(env, model, name, place) for name in missing)
        if not missing:
            errors.extend(_broken(env, model, record, None, place))
    if errors:
        raise Invalid(errors, model=model)


def check_changed(
    env: Environment, model: str, changes: Sequence[Change], records: Sequence[Record], names: Set[str]
) -> None:
    """Required fields and the constraints that name a changed field.

    :raises Invalid: all errors of all records.
    """
    errors: list[FieldError] = []
    required = traits(env, model).required
    single = len(changes) == 1
    for row, (change, record) in enumerate(zip(changes, records, strict=True)):
        place = None if single else row
        cleared = [name for name in required if name in change.values and _is_blank(change.values[name])]
        errors.extend(_missing(env, model, name, place) for name in cleared)
        if not cleared:
            errors.extend(_broken(env, model, record, names, place))
    if errors:
        raise Invalid(errors, model=model)


def _is_blank(value: object) -> bool:
    """Whether a required value is missing: text that is only blanks says nothing."""
    return value is None or (isinstance(value, str) and value.isspace())


def _missing(env: Environment, model: str, name: str, row: int | None) -> FieldError:
    label = _(env.registry.schema[model].fields[name].label or name)
    return FieldError(name, _("'{field}' must be filled in.", field=label), row=row)


def _broken(env: Environment, model: str, record: Record, names: Set[str] | None, row: int | None) -> list[FieldError]:
    errors = []
    for constraint in env.registry.constraints[model]:
        if constraint.queries or (names is not None and names.isdisjoint(constraint.fields)):
            continue
        if not getattr(record, constraint.name)():
            errors.append(FieldError(constraint.fields[0], _(constraint.text), row=row))
    return errors


def check_by_query(env: Environment, model: str, records: Sequence[Record], names: Set[str] | None) -> None:
    """The constraints that look at other records, after the SQL.

    :raises Invalid: all errors of all records.
    """
    errors = []
    for constraint in env.registry.constraints[model]:
        if not constraint.queries or (names is not None and names.isdisjoint(constraint.fields)):
            continue
        for row, record in enumerate(records):
            if not getattr(record, constraint.name)():
                place = None if len(records) == 1 else row
                errors.append(FieldError(constraint.fields[0], _(constraint.text), row=place))
    if errors:
        raise Invalid(errors, model=model)


def check_references(
    env: Environment, model: str, changes: Sequence[Change], links: Sequence[Mapping[str, Links]]
) -> None:
    """Every record that is newly referred to or linked exists, and the user may read it.

    :raises Invalid: naming field and id.
    """
    referred = [
        (row, *each)
        for row, (change, linked) in enumerate(zip(changes, links, strict=True))
        for each in _newly_referred(env, model, change, linked)
    ]
    own = {change.id for change in changes}
    referred = [found for found in referred if found[2] != model or found[3] not in own]
    if not referred:
        return
    wanted: dict[str, set[int]] = {}
    for _row, _name, target, id_ in referred:
        wanted.setdefault(target, set()).add(id_)
    found = permitted_of(env, {target: sorted(ids) for target, ids in wanted.items()})
    errors = [
        _no_record(env, name, target, id_, None if len(changes) == 1 else row)
        for row, name, target, id_ in referred
        if id_ not in found[target]
    ]
    if errors:
        raise Invalid(errors, model=model)


def _newly_referred(
    env: Environment, model: str, change: Change, linked: Mapping[str, Links]
) -> Iterator[tuple[str, str, int]]:
    """Field, model and id of each record that a change refers to and did not before, as far as that takes a query."""
    relations, fields = traits(env, model).relations, env.registry.schema[model].fields
    for name in traits(env, model).naming:
        named = change.values.get(name)
        if isinstance(named, str) and named != change.before.get(name):
            yield name, *_named(env, fields[name], named)
    for name, id_ in change.values.items():
        target = relations.get(name)
        if target is None or not isinstance(id_, int) or id_ == change.before.get(name):
            continue
        if not _known(env, target, id_):
            yield name, target, id_
    for name, given in linked.items():
        added = given.add if isinstance(given, Link) else given
        target = str(fields[name].target)
        yield from ((name, target, id_) for id_ in added if not _known(env, target, id_))


def _named(env: Environment, info: FieldInfo, text: str) -> tuple[str, int]:
    """The record that a text names.

    :raises Invalid: of a model whose records cannot be named here.
    """
    model, id_ = parse_reference(text)
    if model not in info.models:
        label = _(env.registry.schema[model].label) if model in env.registry.schema else model
        raise Invalid([FieldError(info.name, _("Records of '{model}' cannot be named here.", model=label), text)])
    return model, id_


def _known(env: Environment, target: str, id_: int) -> bool:
    """Whether it takes no query to tell that the user may read the record."""
    if target in env.runtime.cached_models:
        policy = env.policy
        open_to_all = policy is None or (policy.may(target, "read") and policy.rule(target) is None)
        return open_to_all and id_ in env.cached(_ids_of_cached)[target]
    return (target == "res.users" and id_ == env.user) or (target == "res.company" and id_ == env.company)


def _ids_of_cached(env: EnvironmentProtocol) -> Mapping[str, frozenset[int]]:
    """The ids of all records of cached models, archived ones included, by model."""
    return {
        model: frozenset(id_ for (id_,) in env.database.fetch(f"SELECT id FROM {info.table}"))
        for model, info in env.registry.schema.items()
        if env.registry.options[model].cached
    }


def _no_record(env: Environment, name: str, target: str, id_: int, row: int | None) -> FieldError:
    label = _(env.registry.schema[target].label or target)
    return FieldError(name, _("There is no {model} {id}, or you may not see it.", model=label, id=id_), id_, row)


def _reads(env: Environment, model: str, rule: Expression, names: Set[str]) -> bool:
    """Whether a rule depends on one of the fields, or on something this cannot tell."""
    fields = env.registry.schema[model].fields
    first = {path.partition(".")[0] for path in rule.paths}
    return any(name in names or name not in fields or fields[name].expression is not None for name in first)


def check_result(
    env: Environment, model: str, records: Sequence[Record], operation: Operation, names: Set[str] | None = None
) -> None:
    """The written records still meet the operation's record rules.

    `names` are the changed fields of records that met the rules before: those that a rule does not read cannot break
    it. A rule over the record's own values is answered from them, any other by one query.

    :raises AccessDenied: without telling any value.
    """
    rule = env.policy.required_rule(model, operation) if env.policy else None
    if rule is None or (names is not None and not _reads(env, model, rule, names)):
        return
    own = own_rule(env, model, operation)
    met = own.meeting(env, [record.__data__ for record in records]) if own else None
    if met is None:
        ids = sorted({record.id for record in records})
        met = [len(permitted(env, model, ids, operation)) == len(ids)]
    if not all(met):
        label = _(env.registry.schema[model].label or model)
        text = _("These values would put the record of '{model}' out of your reach.", model=label)
        raise AccessDenied(text, hint=_("A record rule of your groups does not allow it."))
