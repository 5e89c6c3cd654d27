"""Definitions: plain classes that say what a model is. Importing one touches nothing.

A class with `name=` defines a model, one with `extends=True` extends the class it derives from, one with neither is a
mixin. `Model` is empty at run time, because it stands before `Record` in every composed class and would shadow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from datetime import datetime

    from core.model.change import Change
    from core.model.context import EnvironmentProtocol

_KEY = "__tessera_options__"


@dataclass(frozen=True, slots=True)
class Options:
    """The keywords of a definition, as given; None where nothing was said."""

    name: str | None = None
    label: str | None = None
    plural: str | None = None
    order: str | None = None
    label_field: str | None = None
    parent: str | None = None
    table: str | None = None
    extends: bool = False
    history: bool | None = None
    system: bool | None = None
    cached: bool | None = None
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @staticmethod
    def of(definition: type) -> Options:
        """What was said in the class statement of a definition."""
        found: Options = vars(definition)[_KEY]
        return found

    @staticmethod
    def bases(definition: type) -> list[type[Model]]:
        """The direct bases that are definitions, mixins or extensions themselves."""
        return [base for base in definition.__bases__ if base is not Model and issubclass(base, Model)]

    @staticmethod
    def target(definition: type) -> type[Model] | None:
        """For an extension the model's definition or the mixin that it extends, at the end of the chain; None if there
        is none."""
        found: type | None = definition
        while found is not None and Options.of(found).extends:
            found = next(iter(Options.bases(found)), None)
        return found

    @staticmethod
    def root(definition: type) -> Options:
        """The options of the model or mixin that a definition defines or extends."""
        target = Options.target(definition)
        return Options() if target is None else Options.of(target)


class Model:
    """Base of all definitions.

    `name` of the model (`crm.lead`), `label` and `plural` for people, default `order`, `label_field` that names a
    record, `parent` field of a hierarchy, `table` where it differs, `history=False` for what is not logged,
    `system=True` for what core alone writes, `cached=True` for few records that nearly every write asks for
    (`env.cached`), `unique` and `indexes`: tuples of field names, `-name` for descending.
    """

    if TYPE_CHECKING:
        id: int
        version: int
        create_date: datetime
        create_uid: Any
        write_date: datetime
        write_uid: Any
        env: ClassVar[EnvironmentProtocol]

        def __init__(self, **values: object) -> None: ...
        def save(self) -> None: ...
        def delete_instance(self) -> None: ...
        @classmethod
        def before_write(cls, changes: list[Change]) -> None: ...
        @classmethod
        def after_write(cls, changes: list[Change]) -> None: ...
        @classmethod
        def derive(cls, changes: list[Change]) -> None: ...
        @classmethod
        def before_copy(cls, copies: list[dict[str, Any]]) -> None: ...
        @classmethod
        def before_delete(cls, rows: list[Any]) -> None: ...
        @classmethod
        def after_delete(cls, ids: list[int]) -> None: ...

    def __init_subclass__(
        cls,
        *,
        name: str | None = None,
        label: str | None = None,
        plural: str | None = None,
        order: str | None = None,
        label_field: str | None = None,
        parent: str | None = None,
        table: str | None = None,
        extends: bool = False,
        history: bool | None = None,
        system: bool | None = None,
        cached: bool | None = None,
        unique: Sequence[Sequence[str]] = (),
        indexes: Sequence[Sequence[str]] = (),
    ) -> None:
        super().__init_subclass__()
        if type(cls) is not type:
            return  # the composed class of a registry
        texts = {"name": name, "label": label, "plural": plural, "order": order, "label_field": label_field}
        for option, given in {**texts, "parent": parent, "table": table}.items():
            if given is not None and not isinstance(given, str):
                raise TypeError(f"{option} of a model is a text, got {given!r}")
        options = Options(
            name,
            label,
            plural,
            order,
            label_field,
            parent,
            table,
            extends,
            history,
            system,
            cached,
            tuple(tuple(names) for names in unique),
            tuple(tuple(names) for names in indexes),
        )
        setattr(cls, _KEY, options)
