"""Rows on their way to records: cells mended and converted, related records still named by their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from core.data.importing.plan import Given, Plan
from core.data.importing.problems import CellError
from core.data.importing.reading import Row
from core.data.importing.store import Fault
from core.data.importing.targets import Lookup, Target
from core.i18n import _

BATCH = 1_000
# What a spreadsheet shows in place of a value: to import it, or to take it for an empty cell, would be a mistake.
ERRORS = frozenset(
    "#BLOCKED! #BUSY! #CALC! #CONNECT! #DIV/0! #FIELD! #GETTING_DATA #N/A #NAME? #NULL! #NUM! #REF! #SPILL! #UNKNOWN!"
    " #VALUE!".split()
)


@dataclass(frozen=True, slots=True)
class Want:
    """A related record that a row names: for which field, by which text, in which column."""

    target: Target
    lookup: Lookup
    text: str
    column: str


@dataclass(slots=True)
class Draft:
    """One row: values by field, wanted records, and faults.

    `blank` holds fields whose cell is empty: null on create (or the default, where True), left alone on update.
    `loose` are fields whose related record is still to be created. `record` is the id of the record to update.
    """

    row: int
    values: dict[str, object] = field(default_factory=dict)
    wants: list[Want] = field(default_factory=list)
    blank: dict[str, bool] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    loose: dict[str, list[Want]] = field(default_factory=dict)
    passed: bool = False
    record: int | None = None

    def refuse(self, column: str, value: str, reason: str, suggestion: str = "") -> None:
        """Note why the row is refused."""
        self.faults.append(Fault(column, value, reason, suggestion))

    def creation(self) -> dict[str, object]:
        """The values of a new record."""
        nulls: dict[str, object] = {name: None for name, defaulted in self.blank.items() if not defaulted}
        return nulls | self.values

    def clear(self, name: str) -> None:
        """Drop what was said about a field."""
        self.values.pop(name, None)
        self.blank.pop(name, None)
        self.wants = [want for want in self.wants if want.target.name != name]


def batches(plan: Plan) -> Iterator[list[Draft]]:
    """The rows of the file as drafts, a batch at a time."""
    rows = enumerate(plan.source.rows(), start=1)
    while batch := [_draft(plan, row, position) for position, row in islice(rows, BATCH)]:
        yield batch


def _draft(plan: Plan, row: Row, position: int) -> Draft:
    draft = Draft(row.number)
    if row.problem:
        draft.refuse("", row.raw, row.problem)
        return draft
    cells = row.cells
    for place, mend in plan.mends:
        cells[place] = mend.get(cells[place], cells[place])
    named = {name: cells[place] for name, place in plan.named}
    if any(condition.holds(named) for condition in plan.step.skip):
        draft.passed = True
        return draft
    _fill(plan, draft, cells, named, position)
    return draft


def _fill(plan: Plan, draft: Draft, cells: list[str], named: Mapping[str, str], position: int) -> None:
    """Give every field what the recipe and the cells say; conditional values win."""
    decided = {
        given.target.name: given for condition, givens in plan.whens if condition.holds(named) for given in givens
    }
    for given in plan.constants:
        if given.target.name not in decided:
            _give(draft, given)
    for column in plan.columns:
        if column.target.name not in decided:
            _take(draft, column.target, cells[column.place], column.name)
    for target, alternatives in plan.templates:
        if target.name not in decided:
            texts = (alternative.fill(named, position) for alternative in alternatives)
            _take(draft, target, next((text for text in texts if text), ""), "")
    for given in decided.values():
        _give(draft, given)
    if plan.id_place is not None:
        _identify(draft, cells[plan.id_place], plan.source.header[plan.id_place])


def _give(draft: Draft, given: Given) -> None:
    """Take over a value of the recipe."""
    target = given.target
    if given.texts and target.lookup is not None:
        draft.wants += [Want(target, target.lookup, text, "") for text in given.texts]
    elif given.ids:
        place(draft, target, given.ids)
    else:
        draft.values[target.name] = [] if target.many and given.value is None else given.value


def place(draft: Draft, target: Target, ids: tuple[int, ...]) -> None:
    """Refer to records: several where the field takes links."""
    if not target.many:
        draft.values[target.name] = ids[0]
        return
    present = draft.values.setdefault(target.name, [])
    assert isinstance(present, list)
    present.extend(id_ for id_ in ids if id_ not in present)


def _take(draft: Draft, target: Target, cell: str, column: str) -> None:
    """Take over a cell."""
    if cell in ERRORS and cell not in target.map:
        draft.refuse(column or target.name, cell, _("is an error in the spreadsheet"))
        return
    texts = target.texts(cell) if cell or target.map else []
    if not texts:
        _leave(draft, target, column)
    elif target.lookup is not None:
        draft.wants += [Want(target, target.lookup, text, column) for text in texts]
    elif target.convert is not None:
        try:
            draft.values[target.name] = target.convert(texts[0])
        except CellError as error:
            draft.refuse(column or target.name, cell, error.reason, error.suggestion)


def _leave(draft: Draft, target: Target, column: str) -> None:
    """Say nothing, nothing at all, or no: what an empty cell means for the field."""
    if target.empty == "refuse":
        draft.refuse(column or target.name, "", _("is empty"))
    elif target.empty == "null":
        draft.values[target.name] = [] if target.many else None
    elif target.empty is None and not target.many:
        draft.blank[target.name] = target.defaulted


def _identify(draft: Draft, cell: str, column: str) -> None:
    """Take the id of the record to update from its column."""
    if cell.isascii() and cell.isdigit():
        draft.record = int(cell)
    else:
        draft.refuse(column, cell, _("is not the id of a record"))
