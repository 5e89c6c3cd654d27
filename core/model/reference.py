"""The declaration of a link to one record of any model, kept as text: `crm.lead,42`."""

from __future__ import annotations

import re
from typing import Literal, TypeVar, Unpack, overload

from core.i18n import _
from core.lang.kinds import INTEGER_MAX, Kind
from core.model.declaration import BadValue, Common, Declaration
from core.model.definition import Model
from core.model.relations import OnDelete, record_id

T = TypeVar("T")

_REFERENCE = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*),([1-9][0-9]{0,18})", re.ASCII)


def reference_to(model: str, id_: int) -> str:
    """The text that names a record."""
    return f"{model},{id_}"


def referred(text: str) -> tuple[str, int]:
    """The model and the id of the record that a text names.

    :raises ValueError: it is no such text.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None or int(found[2]) > INTEGER_MAX:
        raise ValueError(_("Expected a record such as 'crm.lead,42'."))
    return found[1], int(found[2])


class Reference(Declaration[T]):
    """A link to one record of any model, as text: the name of the model, a comma, the id.

    `of` is a mixin: only records of models that use it may be named. `on_delete` is that of a Many2one. A model that
    has such a field itself cannot be named, so that no chain of references comes back to where it began.
    """

    kind = Kind.TEXT

    @overload
    def __init__(
        self: Reference[str],
        *,
        required: Literal[True],
        of: type[Model] | None = None,
        on_delete: OnDelete | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: Reference[str | None],
        *,
        required: Literal[False] = False,
        of: type[Model] | None = None,
        on_delete: OnDelete | None = None,
        **keywords: Unpack[Common],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = False,
        of: type[Model] | None = None,
        on_delete: OnDelete | None = None,
        **keywords: Unpack[Common],
    ) -> None:
        super().__init__(required=required, **keywords)
        self.of = of
        self.on_delete: OnDelete = on_delete or ("restrict" if self.required else "set null")

    def same_storage(self, other: Declaration[object]) -> bool:
        return super().same_storage(other) and isinstance(other, Reference) and self.of is other.of

    def check(self, value: object) -> str | None:
        if value is None or value == "":
            return None
        model = getattr(value, "_name", None)
        if model is not None:
            return reference_to(model, record_id(self, value, model))
        if not isinstance(value, str):
            raise self.wrong_type(value, _("a record such as 'crm.lead,42'"))
        try:
            return reference_to(*referred(value))
        except ValueError as error:
            raise BadValue(str(error)) from error
