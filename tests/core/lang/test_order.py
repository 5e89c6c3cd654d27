"""Orders: typed terms that always end in id."""

import pytest

from core.errors import ExpressionError
from core.lang.kinds import Kind
from core.lang.order import OrderTerm, parse_order

from .conftest import SCHEMA

ID = OrderTerm("id", False, Kind.INTEGER)


def order(source):
    return parse_order(source, "crm.lead", SCHEMA)


@pytest.mark.parametrize(
    ("source", "terms"),
    [
        ("", []),
        ("  ", []),
        ("name", [OrderTerm("name", False, Kind.TEXT)]),
        (
            "-revenue,partner.name",
            [OrderTerm("revenue", True, Kind.MONEY), OrderTerm("partner.name", False, Kind.TEXT)],
        ),
        (" - revenue , priority", [OrderTerm("revenue", True, Kind.MONEY), OrderTerm("priority", False, Kind.INTEGER)]),
        ("partner_id", [OrderTerm("partner", False, Kind.TEXT)]),
        ("-weighted", [OrderTerm("weighted", True, Kind.MONEY)]),
        ("-extra.number.seats", [OrderTerm("extra.number.seats", True, Kind.FLOAT)]),
        ("partner.extra.text.plan", [OrderTerm("partner.extra.text.plan", False, Kind.TEXT)]),
        ("partner.id", [OrderTerm("partner.id", False, Kind.INTEGER)]),
    ],
)
def test_terms(source, terms):
    assert order(source) == (*terms, ID)


def test_id_ends_an_order():
    assert order("name, -id, revenue") == (OrderTerm("name", False, Kind.TEXT), OrderTerm("id", True, Kind.INTEGER))


def test_terms_are_written_as_they_are_read():
    assert ",".join(term.text for term in order("-revenue, name, id")) == "-revenue,name,id"


@pytest.mark.parametrize(
    ("source", "column", "text", "suggestion"),
    [
        ("nmae", 1, "'nmae' is not a field", "name"),
        ("name, -partner.nmae", 16, "'nmae' is not a field of res.partner", "name"),
        ("name,, revenue", 6, "'' is not a field", ""),
        ("-", 2, "'' is not a field", ""),
        ("name desc", 1, "'name desc' is not a field", "name"),
        ("name, tags", 7, "many records have no order", ""),
        ("name, partner, -name", 17, "'name' comes twice", ""),
        ("name, revenue, priority, big, note, type, active, deadline", 1, "at most 8 terms", ""),
        ("name," * 1000, 4001, "too long", ""),
    ],
)
def test_refused_with_its_place(source, column, text, suggestion):
    with pytest.raises(ExpressionError) as caught:
        order(source)
    assert (caught.value.column, caught.value.suggestion, caught.value.source) == (column, suggestion, source)
    assert text in str(caught.value)


def test_what_is_sorted_by_has_the_kind_of_the_term(world, engine):
    for term in order("partner, -revenue, deadline, stage, won"):
        compiler = world.compiler(engine)
        rows = world.select(engine, compiler.order_key(term.path), compiler=compiler)
        kinds = {type(value) for _id, value in rows if value is not None}
        assert len(kinds) == 1
        assert (kinds == {str}) == (term.kind is Kind.TEXT or (engine == "sqlite" and term.kind is Kind.DATE))


def test_both_engines_sort_alike(world):
    for source in ("name", "-note", "partner", "revenue", "-opened", "deadline"):
        found = []
        for on in ("sqlite", "postgresql"):
            compiler = world.compiler(on)
            keys = [(compiler.order_key(term.path), term.descending) for term in order(source)]
            text = ", ".join(f"{''.join(map(str, key))} {'DESC' if down else 'ASC'} NULLS LAST" for key, down in keys)
            joins = "".join(map(str, compiler.joins()))
            found.append(world.fetch(on, f"SELECT t.id FROM crm_lead AS t {joins} ORDER BY {text}", ()))
        assert found[0] == found[1]
