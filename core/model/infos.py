"""What everybody above knows of composed models: facts as data, worked out once per registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.lang.kinds import Kind
from core.lang.schema import FieldInfo, LinkTable, ModelInfo
from core.model.automatic import automatic_fields
from core.model.composition import Blueprint, Composition
from core.model.declaration import Declaration
from core.model.definition import Options
from core.model.properties import Properties
from core.model.reference import Reference
from core.model.relations import Computed, Many2many, Many2one, One2many
from core.model.scalars import Boolean, Html, Selection

NEVER_NULL = frozenset({"id", "version"})


@dataclass(frozen=True, slots=True)
class Index:
    """An index that a model asks for: field names, `-name` for descending; it belongs to the addon that asked."""

    fields: tuple[str, ...]
    unique: bool
    addon: str


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What holds of a composed model as a whole."""

    order: str
    label: str
    plural: str
    label_field: str
    parent: str | None
    table: str
    history: bool
    system: bool
    cached: bool
    indexes: tuple[Index, ...]


def model_options(composition: Composition, blueprint: Blueprint) -> ModelOptions:
    """The options of a model, those of its definition unless an extension says otherwise."""
    definition = Options.of(blueprint.definition)
    label_field = blueprint.option("label_field") or ("name" if "name" in blueprint.providers else "id")
    label = blueprint.option("label") or blueprint.name.rpartition(".")[2].replace("_", " ").capitalize()
    return ModelOptions(
        order=blueprint.option("order") or "id",
        label=label,
        plural=blueprint.option("plural") or label,
        label_field=label_field,
        parent=blueprint.option("parent"),
        table=definition.table or blueprint.name.replace(".", "_"),
        history=definition.history is not False,
        system=bool(definition.system),
        cached=bool(definition.cached),
        indexes=tuple(_indexes(composition, blueprint)),
    )


def _indexes(composition: Composition, blueprint: Blueprint) -> Iterator[Index]:
    """Those of single fields, then those of whole models."""
    for name, providers in blueprint.providers.items():
        owner = field_owner(composition, blueprint, name)
        for keyword in ("unique", "index"):
            asking = [provider for provider in providers if getattr(provider.declaration, keyword)]
            if asking:
                addon = owner if asking[-1] is providers[-1] else asking[-1].addon
                yield Index((name,), keyword == "unique", addon)
    for part in reversed(blueprint.parts):
        addon = composition.addon_of[part]
        yield from (Index(names, True, addon) for names in Options.of(part).unique)
        yield from (Index(names, False, addon) for names in Options.of(part).indexes)


def all_declarations(composition: Composition) -> dict[str, dict[str, Declaration[Any]]]:
    """Automatic and declared fields of every model, automatic ones first."""
    automatic = automatic_fields(users="res.users" in composition.blueprints)
    return {name: {**automatic, **found.declarations()} for name, found in composition.blueprints.items()}


def field_owner(composition: Composition, blueprint: Blueprint, name: str) -> str:
    """The addon a column belongs to: who declared it first or, for a mixin's field, who brought the mixin here."""
    providers = blueprint.providers.get(name)
    if not providers:
        return blueprint.addon
    first = providers[-1]
    bringers = [blueprint.definition, *blueprint.extensions]
    bringer = next((part for part in bringers if issubclass(part, first.part)), None)
    brought_by = blueprint.addon if bringer is None else composition.addon_of[bringer]
    return brought_by if composition.reaches(brought_by, first.addon) else first.addon


def never_null(composition: Composition, blueprint: Blueprint, name: str) -> bool:
    """Whether the database itself keeps a column filled; columns that extensions add may be empty in older rows."""
    if name in NEVER_NULL:
        return True
    providers = blueprint.providers.get(name)
    if not providers:
        return False
    first = providers[-1].declaration
    return isinstance(first, Boolean) or (
        first.required and field_owner(composition, blueprint, name) == blueprint.addon
    )


def build_schema(
    composition: Composition,
    options: Mapping[str, ModelOptions],
    declarations: Mapping[str, Mapping[str, Declaration[Any]]],
) -> dict[str, ModelInfo]:
    """The infos of all models by name."""
    schema = {}
    for model, blueprint in composition.blueprints.items():
        fields = {
            name: _field_info(composition, blueprint, options, name, declaration)
            for name, declaration in declarations[model].items()
        }
        own = options[model]
        by_column = {info.column: name for name, info in fields.items() if info.column and info.column != name}
        schema[model] = ModelInfo(
            model, own.table, fields, own.label, own.label_field, own.parent, own.order, by_column
        )
    return schema


def _field_info(
    composition: Composition,
    blueprint: Blueprint,
    options: Mapping[str, ModelOptions],
    name: str,
    declaration: Declaration[Any],
) -> FieldInfo:
    column = declaration.column(name)
    return FieldInfo(
        name=name,
        kind=declaration.kind,
        column=column,
        label=declaration.label,
        target=declaration.target if isinstance(declaration, (Many2one, One2many, Many2many)) else None,
        inverse=declaration.inverse if isinstance(declaration, One2many) else None,
        link=_link(blueprint.name, name, declaration, options) if isinstance(declaration, Many2many) else None,
        fold=f"{column}_fold" if column and declaration.search and declaration.kind is Kind.TEXT else None,
        options=tuple(declaration.options.items()) if isinstance(declaration, (Selection, Computed)) else (),
        expression=declaration.expression if isinstance(declaration, Computed) else None,
        groups=declaration.groups,
        required=never_null(composition, blueprint, name),
        html=isinstance(declaration, Html),
        models=_referable(composition, options, declaration) if isinstance(declaration, Reference) else (),
        definitions=declaration.definitions if isinstance(declaration, Properties) else "",
        by=declaration.by if isinstance(declaration, Properties) else "",
    )


def _referable(
    composition: Composition, options: Mapping[str, ModelOptions], declaration: Reference[Any]
) -> tuple[str, ...]:
    """The models whose records a reference may name: those that use its mixin, if it names one, and that refer to
    nothing themselves."""
    return tuple(
        name
        for name, blueprint in composition.blueprints.items()
        if not options[name].system
        and (declaration.of is None or declaration.of in blueprint.parts)
        and not any(isinstance(own, Reference) for own in blueprint.declarations().values())
    )


def _link(model: str, name: str, declaration: Many2many[Any], options: Mapping[str, ModelOptions]) -> LinkTable | None:
    if declaration.inverse is None:
        return LinkTable(f"{options[model].table}_{name}", "owner_id", "target_id")
    target = options.get(declaration.target)
    return LinkTable(f"{target.table}_{declaration.inverse}", "target_id", "owner_id") if target else None
