"""Rendering and binding: placeholders, padded lists, checked names."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from core.errors import Refusal
from core.lang.kinds import Kind
from core.lang.statement import Slot, bind, list_size, render


def one(slot, engine="sqlite", literals=(), sizes=None, **names):
    statement = render(("x = ", slot), engine, sizes)
    return statement.text, bind(statement, literals, names, engine)


def test_percent_signs_are_doubled_for_postgresql_only():
    assert render(("a % b",), "postgresql").text == "a %% b"
    assert render(("a % b",), "sqlite").text == "a % b"


def test_sizes_are_powers_of_two_up_to_64():
    assert [list_size(count) for count in (0, 1, 2, 3, 9, 33, 64, 65)] == [1, 1, 2, 4, 16, 64, 64, 0]


def test_values_are_encoded_by_kind_and_engine():
    moment = datetime(2026, 1, 31, tzinfo=UTC)
    values = {
        Kind.MONEY: (Decimal("1.5"), 15000, 15000),
        Kind.DATE: (date(2026, 1, 31), "2026-01-31", date(2026, 1, 31)),
        Kind.INSTANT: (moment, 1769817600000000, moment),
        Kind.BOOLEAN: (True, 1, True),
        Kind.TEXT: ("é", "é", "é"),
        Kind.FLOAT: (2, 2.0, 2.0),
        Kind.NONE: (None, None, None),
    }
    for kind, (value, sqlite, postgresql) in values.items():
        for source in ("constant", "name"):
            if source == "name" and value is None:
                continue
            slot = Slot(source, value if source == "constant" else "v", kind)
            assert one(slot, v=value)[1] == [sqlite]
            assert one(slot, "postgresql", v=value)[1] == [postgresql]


def test_literals_are_bound_by_index():
    assert one(Slot("literal", 1, Kind.TEXT), literals=("a", "b"))[1] == ["b"]


def test_fixed_parts_are_worked_out():
    slot = Slot("fixed", lambda literals, names: literals[0] + names["n"], Kind.INTEGER)
    assert one(slot, literals=(1,), n=2)[1] == [3]


def test_lists():
    literal = Slot("literal", 0, Kind.MONEY, True, 4)
    assert one(literal, literals=((1, 2, 3),)) == ("x = ?, ?, ?, ?", [10000, 20000, 30000, 30000])
    assert one(literal, "postgresql", literals=((1, 2, 3),)) == ("x = %s", [[10000, 20000, 30000]])
    named = Slot("name", "v", Kind.REFERENCE, True)
    assert one(named, v=[1, 2]) == ("x = SELECT value FROM json_each(?)", ["[1,2]"])
    assert one(named, sizes={"v": 2}, v=[1]) == ("x = ?, ?", [1, 1])
    assert one(named, sizes={"v": 1}, v=[]) == ("x = ?", [None])
    assert one(named, sizes={"w": 1}, v=[5]) == ("x = SELECT value FROM json_each(?)", ["[5]"])
    with pytest.raises(ValueError, match="3 values do not fit into 2 places"):
        one(named, sizes={"v": 2}, v=[1, 2, 3])


def test_records_are_bound_by_their_id():
    assert one(Slot("name", "v", Kind.REFERENCE), v=SimpleNamespace(id=7))[1] == [7]
    assert one(Slot("name", "v", Kind.REFERENCE), v=7)[1] == [7]


def test_nobody_is_an_id_that_no_record_has():
    assert one(Slot("name", "me", Kind.REFERENCE), me=None)[1] == [0]


def test_a_name_that_is_not_bound():
    with pytest.raises(KeyError):
        one(Slot("name", "v", Kind.TEXT))


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.TEXT, None, "'v' is none here"),
        (Kind.TEXT, "a\0", "cannot hold this character"),
        (Kind.TEXT, "é\ud800", "cannot hold this character"),
        (Kind.INTEGER, 2**63, "64 bits"),
        (Kind.INTEGER, "5", "64 bits"),
        (Kind.REFERENCE, -(2**63) - 1, "64 bits"),
        (Kind.FLOAT, float("nan"), "too large"),
        (Kind.FLOAT, float("-inf"), "too large"),
    ],
)
def test_values_no_database_holds_are_refused(kind, value, text):
    with pytest.raises(Refusal, match=text):
        one(Slot("name", "v", kind), v=value)
    if value is not None:
        with pytest.raises(Refusal, match=text):
            one(Slot("name", "v", kind, True), v=[value])
