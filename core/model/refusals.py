"""What `build` refuses in the fields of composed models; every problem is noted with its place.

The ids are documented in docs/errors. Mistakes in the bases of classes are found earlier, by `core.model.composition`.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from core.errors import closest
from core.model.automatic import automatic_fields
from core.model.composition import Blueprint, Composition, Provider
from core.model.declaration import Declaration
from core.model.decorators import CONSTRAINT, Constraint
from core.model.definition import Model, Options
from core.model.infos import ModelOptions, field_owner
from core.model.places import find_place
from core.model.properties import DEFINITION_FIELDS, Properties
from core.model.record import Record
from core.model.reference import Reference
from core.model.relations import Many2many, Many2one, One2many
from core.model.scalars import Char, Date, Monetary

IDENTIFIER_SIZE = 63  # of PostgreSQL, in bytes
HOOKS = frozenset({"before_write", "after_write", "derive", "before_copy", "before_delete", "after_delete"})
WORDS = frozenset({"true", "false", "none", "and", "or", "not", "in", "if", "else"})
RESERVED = frozenset(name for name in dir(Record) if not name.startswith("__")) | {"id", "DoesNotExist"}

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_MODEL_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)

Declarations = Mapping[str, Mapping[str, Declaration[Any]]]


def check_models(composition: Composition, options: Mapping[str, ModelOptions], declarations: Declarations) -> None:
    """All checks that need no expression to be read."""
    for definition in composition.addon_of:
        _check_options(composition, definition)
        _check_names(composition, definition)
    tables: dict[str, str] = {}
    for model, blueprint in composition.blueprints.items():
        _check_table(composition, blueprint, options[model].table, tables)
        _check_providers(composition, blueprint)
        _check_columns(composition, blueprint, declarations[model])
        _check_option_fields(composition, blueprint, options[model], declarations[model])
        _check_constraints(composition, blueprint, declarations[model])
        _check_relations(composition, blueprint, declarations)
        _check_properties(composition, blueprint, options, declarations)
        for name, declaration in declarations[model].items():
            if isinstance(declaration, Many2many) and declaration.inverse is None:
                _check_table(composition, blueprint, f"{options[model].table}_{name}", tables, name)
    _check_reverse_names(composition, declarations)


def _check_options(composition: Composition, definition: type[Model]) -> None:
    options = Options.of(definition)
    whole = ("name", "table", "history", "system", "cached")
    wrong = [word for word in whole if options.extends and getattr(options, word) is not None]
    if not options.extends and not options.name:
        wrong = [
            word
            for word in (*whole, "label", "plural", "order", "label_field", "parent")
            if getattr(options, word) is not None
        ]
    if wrong:
        kind = "an extension" if options.extends else "a mixin"
        composition.refuse(definition, "R008", f"'{definition.__name__}' is {kind} and cannot say {', '.join(wrong)}")
    if options.name and not options.extends and not _MODEL_NAME.fullmatch(options.name):
        text = f"'{options.name}' is not a name for a model: lower-case words with a dot between them, like 'crm.lead'"
        composition.refuse(definition, "R009", text)


def _check_names(composition: Composition, definition: type[Model]) -> None:
    for name, value in vars(definition).items():
        if name.startswith("__"):
            continue
        is_field = isinstance(value, Declaration)
        if name in RESERVED and not (name in HOOKS and not is_field):
            text = f"'{name}' is a name of every row and cannot be used by '{definition.__name__}'"
            composition.refuse(definition, "R010", text, name=name)
        elif is_field:
            _check_field_name(composition, definition, name, value)


def _check_field_name(
    composition: Composition, definition: type[Model], name: str, declaration: Declaration[Any]
) -> None:
    problem = ""
    if name in automatic_fields(users=True):
        problem = "every model has this field already"
    elif name in WORDS or keyword.iskeyword(name):
        problem = "it is a word of the language"
    elif not _FIELD_NAME.fullmatch(name):
        problem = "use lower-case letters, digits and underscores, a letter first"
    elif len(f"{name}_fold") > IDENTIFIER_SIZE:
        problem = "it is too long for PostgreSQL"
    elif isinstance(declaration, Many2one) and name.endswith("_id"):
        problem = f"the id of the record gets that name by itself; call the field '{name[:-3]}'"
    if problem:
        text = f"'{name}' of '{definition.__name__}' is not a name for a field: {problem}"
        composition.refuse(definition, "R011", text, name=name)
    else:
        _check_declaration(composition, definition, name, declaration)


def _check_declaration(
    composition: Composition, definition: type[Model], name: str, declaration: Declaration[Any]
) -> None:
    problem = ""
    if declaration.search and not declaration.searchable:
        problem = "only text can be declared search=True"
    elif (declaration.index or declaration.unique) and not declaration.stored:
        problem = "it has no column to index"
    elif isinstance(declaration, Many2one) and declaration.on_delete not in ("set null", "restrict", "cascade"):
        problem = f"on_delete is 'set null', 'restrict' or 'cascade', not {declaration.on_delete!r}"
    elif isinstance(declaration, Many2one) and declaration.required and declaration.on_delete == "set null":
        problem = "it is required and cannot become empty: on_delete is 'restrict' or 'cascade'"
    elif declaration.default is not None and not callable(declaration.default):
        problem = _bad_default(declaration)
    if problem:
        composition.refuse(definition, "R012", f"field '{name}' of '{definition.__name__}': {problem}", name=name)


def _bad_default(declaration: Declaration[Any]) -> str:
    try:
        declaration.check(declaration.default)
    except ValueError as error:
        return f"its default does not fit: {error}"
    return ""


def _check_table(
    composition: Composition, blueprint: Blueprint, table: str, tables: dict[str, str], name: str = ""
) -> None:
    what = f"{blueprint.name}.{name}" if name else blueprint.name
    if table in tables:
        text = f"table '{table}' of '{what}' is the table of '{tables[table]}' already"
        composition.refuse(blueprint.definition, "R013", text, name=name)
    elif len(table) > IDENTIFIER_SIZE:
        text = f"table '{table}' of '{what}' has a name longer than {IDENTIFIER_SIZE} characters"
        composition.refuse(blueprint.definition, "R013", text, name=name)
    tables.setdefault(table, what)


def _check_providers(composition: Composition, blueprint: Blueprint) -> None:
    for name, providers in blueprint.providers.items():
        for upper, lower in combinations(providers, 2):
            if not (composition.reaches(upper.addon, lower.addon) or composition.reaches(lower.addon, upper.addon)):
                _refuse_pair(
                    composition,
                    (upper, lower),
                    name,
                    "R014",
                    f"field '{name}' of '{blueprint.name}' is declared by the addons '{lower.addon}' and "
                    f"'{upper.addon}', neither of which depends on the other",
                )
            elif not upper.declaration.same_storage(lower.declaration) or (
                lower.declaration.required and not upper.declaration.required
            ):
                _refuse_pair(
                    composition,
                    (upper, lower),
                    name,
                    "R015",
                    f"field '{name}' of '{blueprint.name}' is declared by addon '{upper.addon}' in a way that its "
                    f"column, made by addon '{lower.addon}', cannot hold",
                )
        for part in blueprint.parts:
            if name in vars(part) and not isinstance(vars(part)[name], Declaration):
                text = f"'{name}' of '{blueprint.name}' is a field of '{providers[0].part.__name__}'; rename this"
                also = [f"field declared at {find_place(providers[0].part, name)}"]
                composition.refuse(part, "R016", text, name=name, also=also)


def _refuse_pair(composition: Composition, pair: tuple[Provider, Provider], name: str, code: str, text: str) -> None:
    upper, lower = pair
    also = [f"addon '{lower.addon}' declares it at {find_place(lower.part, name)}"]
    composition.refuse(upper.part, code, text, name=name, also=also)


def _check_columns(
    composition: Composition, blueprint: Blueprint, declarations: Mapping[str, Declaration[Any]]
) -> None:
    """Names must stay unambiguous, since a column's name is accepted wherever a field's is."""
    taken: dict[str, str] = {}
    for name, declaration in declarations.items():
        column = declaration.column(name)
        names = [name] if column in (None, name) else [name, column]
        if declaration.search:
            names.append(f"{column}_fold")
        for used in names:
            if used in taken:
                text = f"field '{name}' of '{blueprint.name}' needs the name '{used}', which '{taken[used]}' has"
                provider = blueprint.providers[name][0] if name in blueprint.providers else None
                part = provider.part if provider else blueprint.definition
                composition.refuse(part, "R017", text, name=name)
            taken.setdefault(str(used), name)


def _check_option_fields(
    composition: Composition,
    blueprint: Blueprint,
    options: ModelOptions,
    declarations: Mapping[str, Declaration[Any]],
) -> None:
    asked = [("label_field", options.label_field), ("parent", options.parent)]
    asked += [("indexes", name.lstrip("-")) for index in options.indexes for name in index.fields]
    asked += [
        ("currency", declaration.currency) for declaration in declarations.values() if isinstance(declaration, Monetary)
    ]
    asked += [("zone", declaration.zone) for declaration in declarations.values() if isinstance(declaration, Date)]
    asked += [
        ("quality", declaration.quality) for declaration in declarations.values() if isinstance(declaration, Char)
    ]
    for word, name in asked:
        if name is not None and name not in declarations:
            text = f"{word} of '{blueprint.name}' names '{name}', which is not a field of it"
            composition.refuse(blueprint.definition, "R018", text, suggestion=closest(name, declarations))
    parent = declarations.get(options.parent or "")
    if parent is not None and not (isinstance(parent, Many2one) and parent.target == blueprint.name):
        text = f"parent of '{blueprint.name}' must be a Many2one to '{blueprint.name}' itself"
        composition.refuse(blueprint.definition, "R018", text, name=options.parent or "")


def _check_constraints(
    composition: Composition, blueprint: Blueprint, declarations: Mapping[str, Declaration[Any]]
) -> None:
    for part in blueprint.parts:
        for value in vars(part).values():
            found: Constraint | None = getattr(value, CONSTRAINT, None)
            if found is None:
                continue
            if not found.fields or not found.text:
                text = f"constraint '{found.name}' names a field or more, then says in words what must hold"
                composition.refuse(part, "R019", text, name=found.name)
            for name in found.fields:
                if name not in declarations:
                    text = f"constraint '{found.name}' of '{blueprint.name}' names '{name}', which is not a field of it"
                    suggestion = closest(name, declarations)
                    composition.refuse(part, "R019", text, name=found.name, suggestion=suggestion)


def _check_relations(composition: Composition, blueprint: Blueprint, declarations: Declarations) -> None:
    for name, providers in blueprint.providers.items():
        first = providers[0]
        declaration = first.declaration
        if not isinstance(declaration, (Many2one, One2many, Many2many)):
            continue
        target = composition.blueprints.get(declaration.target)
        where = f"field '{name}' of '{blueprint.name}'"
        if target is None:
            text = f"{where} leads to '{declaration.target}', which is no installed model"
            suggestion = closest(declaration.target, composition.blueprints)
            composition.refuse(first.part, "R020", text, name=name, suggestion=suggestion)
            continue
        found = [("R022", problem) for problem in _inverse_problems(blueprint, declaration, declarations)]
        if not composition.reaches(first.addon, target.addon):
            text = f"leads to '{target.name}' of addon '{target.addon}', on which '{first.addon}' does not depend"
            found.append(("R021", text))
        for code, text in found:
            also = [f"'{target.name}' is defined at {find_place(target.definition)} (addon '{target.addon}')"]
            composition.refuse(first.part, code, f"{where} {text}", name=name, also=also)


def _inverse_problems(blueprint: Blueprint, declaration: Declaration[Any], declarations: Declarations) -> Iterator[str]:
    if isinstance(declaration, One2many):
        found = declarations[declaration.target].get(declaration.inverse)
        leads_here = isinstance(found, Many2one) and found.target == blueprint.name
        names_this = isinstance(found, Reference) and (found.of is None or found.of in blueprint.parts)
        if not leads_here and not names_this:
            inverse = f"'{declaration.inverse}' is no Many2one of '{declaration.target}'"
            yield f"has no inverse: {inverse} to '{blueprint.name}'"
    elif isinstance(declaration, Many2many) and declaration.inverse is not None:
        found = declarations[declaration.target].get(declaration.inverse)
        if not isinstance(found, Many2many) or found.target != blueprint.name or found.inverse is not None:
            yield (
                f"has no inverse: '{declaration.inverse}' is no Many2many of '{declaration.target}' to "
                f"'{blueprint.name}' that has links of its own"
            )


def _check_properties(
    composition: Composition, blueprint: Blueprint, options: Mapping[str, ModelOptions], declarations: Declarations
) -> None:
    for name, providers in blueprint.providers.items():
        first = providers[0]
        if isinstance(first.declaration, Properties):
            for problem in _definition_problems(blueprint, first.declaration, options, declarations):
                text = f"field '{name}' of '{blueprint.name}': {problem}"
                composition.refuse(first.part, "R026", text, name=name)


def _definition_problems(
    blueprint: Blueprint, declaration: Properties, options: Mapping[str, ModelOptions], declarations: Declarations
) -> Iterator[str]:
    defining, by = declaration.definitions, declaration.by
    owner = declarations[blueprint.name].get(by)
    if defining not in declarations:
        yield f"its definitions are records of '{defining}', which is no installed model"
    elif not isinstance(owner, Many2one):
        yield f"'{by}' is no Many2one of '{blueprint.name}'"
    else:
        back = declarations[defining].get(by)
        if not isinstance(back, Many2one) or back.target != owner.target:
            yield f"'{by}' is no Many2one of '{defining}' to '{owner.target}'"
        missing = [field for field in DEFINITION_FIELDS if field not in declarations[defining]]
        if missing:
            yield f"'{defining}' has no field '{missing[0]}'; use base's mixin Property"
        yield from (
            f"'{model}' is not declared cached=True" for model in (defining, owner.target) if not options[model].cached
        )


def _check_reverse_names(composition: Composition, declarations: Declarations) -> None:
    """One relation has one reverse: two would show the same links under two names."""
    for model, blueprint in composition.blueprints.items():
        known: dict[tuple[str, str], str] = {}
        for name, declaration in declarations[model].items():
            if not isinstance(declaration, (One2many, Many2many)) or declaration.inverse is None:
                continue
            key = (declaration.target, declaration.inverse)
            if key in known:
                addons = " and ".join(field_owner(composition, blueprint, each) for each in (known[key], name))
                text = (
                    f"'{known[key]}' and '{name}' of '{model}' (addons {addons}) are both the reverse of "
                    f"'{declaration.target}.{declaration.inverse}'"
                )
                first = blueprint.providers[known[key]][0].part
                also = [f"'{known[key]}' is declared at {find_place(first, known[key])}"]
                composition.refuse(blueprint.providers[name][0].part, "R023", text, name=name, also=also)
            known.setdefault(key, name)
