"""Reading sources: what is accepted, what is refused and where, what is suggested."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.errors import ExpressionError
from core.lang.bound import Bound
from core.lang.joining import conjunction, disjunction
from core.lang.kinds import Kind
from core.lang.parser import ExpressionCache, parse
from core.lang.schema import FieldInfo
from core.lang.tree import And, Compare, Constant, In, Literal, Name, Not, Or, Path, written_out

from .conftest import SCHEMA

LEAD = "crm.lead"


def read(source, **names):
    return parse(source, LEAD, SCHEMA, names=names)


def refusal(source, model=LEAD, **names):
    with pytest.raises(ExpressionError) as caught:
        parse(source, model, SCHEMA, names=names)
    return caught.value


class TestAccepted:
    def test_an_empty_source_always_holds(self):
        for source in ("", "  \n "):
            assert read(source).tree == Constant(Kind.BOOLEAN, (0, 0), True)

    def test_groups_are_known(self):
        found = read("has_group('crm.a') or not (active and has_group('crm.b'))")
        assert found.groups == {"crm.a", "crm.b"}
        assert read("active").groups == frozenset()

    def test_lines_are_joined(self):
        found = read("  active and\n\tnot stage.is_won\r\n or active")
        assert isinstance(found.tree, Or)
        assert found.paths == {"active", "stage.is_won"}

    def test_a_column_stands_for_its_field(self):
        assert read("partner_id.user_id == me").paths == {"partner.user"}
        assert read("partner_id == 1").shape == read("partner == 1").shape

    def test_identifiers_are_normalised_as_python_does(self):
        assert read("\uff4eame == 'x'").paths == {"name"}

    def test_paths_inside_a_relation_carry_it_in_front(self):
        assert read("any(partner.leads, any(orders, state == 'sale') and active)").paths == {
            "partner.leads",
            "partner.leads.orders",
            "partner.leads.orders.state",
            "partner.leads.active",
        }

    def test_literals_take_the_kind_of_what_they_meet(self):
        found = read(
            "revenue > 1.5 and deadline == '2026-01-31' and opened > '2026-01-31T10:00:00+02:00' and probability == 3"
        )
        assert found.literals == (Decimal("1.5"), date(2026, 1, 31), datetime(2026, 1, 31, 8, tzinfo=UTC), 3.0)
        assert [type(value) for value in found.literals] == [Decimal, date, datetime, float]

    def test_money_has_four_decimals(self):
        assert read("revenue == 0.00005").literals == (Decimal("0.0001"),)

    def test_not_equal_is_the_complement_of_equal(self):
        tree = read("priority != 1").tree
        assert isinstance(tree, Not)
        assert tree.operand == read("priority == 1").tree

    def test_chains_are_conjunctions(self):
        tree = read("0 < priority <= 3 != big").tree
        assert isinstance(tree, And)
        assert len(tree.parts) == 3

    def test_pythons_own_words(self):
        assert read("partner == None or active == True").tree == read("partner == none or active == true").tree

    def test_none_may_stand_first(self):
        assert read("none == partner").tree == read("partner == none").tree

    def test_the_smallest_integer(self):
        assert read("big == -9223372036854775808").literals == (-(2**63),)

    def test_spans_count_characters(self):
        tree = read("  name == 'é' and active").tree
        assert isinstance(tree, And)
        assert [part.span for part in tree.parts] == [(2, 13), (18, 24)]

    def test_constants_stay_in_the_tree(self):
        found = read("type in ['opportunity', 'lead'] and active == true")
        assert found.literals == ()
        assert isinstance(found.tree, And)
        assert isinstance(found.tree.parts[0], In)
        assert found.tree.parts[0].choices == Constant(Kind.TEXT, (0, 0), ("lead", "opportunity"))

    def test_a_bound_name_wins_over_a_field(self):
        tree = read("partner == name", name=Kind.REFERENCE).tree
        assert isinstance(tree, Compare)
        assert isinstance(tree.right, Name)

    def test_a_field_wins_over_a_name_of_the_environment(self):
        tree = read("company == my_company").tree
        assert isinstance(tree, Compare)
        assert isinstance(tree.left, Path)
        assert isinstance(tree.right, Name)
        assert tree.right.name == "company"

    def test_a_name_bound_to_none_is_none(self):
        assert read("partner == customer", customer=Kind.NONE).tree == read("partner == none").tree

    def test_names_take_the_kind_of_what_they_meet(self):
        tree = read("revenue > floor", floor=Kind.INTEGER).tree
        assert isinstance(tree, Compare)
        assert tree.right == Name(Kind.MONEY, (0, 0), "floor")

    def test_lists_bound_by_name(self):
        assert read("partner in some", some=Kind.REFERENCES).kind is Kind.BOOLEAN
        assert read("partner in some", some=Bound(Kind.TEXT, many=True)).kind is Kind.BOOLEAN
        assert read("tags in some and revenue in sums", some=Kind.REFERENCES, sums=Bound(Kind.INTEGER, many=True))

    def test_the_kind_of_values(self):
        kinds = {
            "priority + 1": Kind.FLOAT,
            "revenue * 2": Kind.MONEY,
            "revenue / revenue": Kind.FLOAT,
            "2 * revenue": Kind.MONEY,
            "-revenue": Kind.MONEY,
            "-5": Kind.INTEGER,
            "deadline + days(1)": Kind.DATE,
            "opened - now()": Kind.FLOAT,
            "name + 'x'": Kind.TEXT,
            "coalesce(none, 1)": Kind.INTEGER,
            "count(orders)": Kind.INTEGER,
            "partner": Kind.REFERENCE,
            "none": Kind.NONE,
            "partner if active else none": Kind.REFERENCE,
        }
        assert {source: read(source).kind for source in kinds} == kinds

    def test_a_kind_may_be_demanded(self):
        assert parse("active", LEAD, SCHEMA, kind=Kind.BOOLEAN).kind is Kind.BOOLEAN
        with pytest.raises(ExpressionError, match="a condition is expected, this gives text"):
            parse("name", LEAD, SCHEMA, kind=Kind.BOOLEAN)


class TestShape:
    def test_literals_do_not_count(self):
        assert read("priority == 1 and name == 'x'").shape == read("priority  ==  7 and name == 'why'").shape

    def test_everything_else_does(self):
        sources = [
            "priority == 1",
            "priority == 1.5",
            "big == 1",
            "priority < 1",
            "priority != 1",
            "active",
            "active == true",
            "active == false",
            "type == 'lead'",
            "type == 'opportunity'",
            "priority in [1]",
            "priority in [1, 2]",
            "contains(name, 'x')",
            "startswith(name, 'x')",
            "name == customer",
            "0 < priority < 5",
            "0 < priority or priority < 5",
            "round(revenue) == 0",
            "round(revenue, 1) == 0",
            "deadline < today() - days(1)",
            "deadline < today() - weeks(1)",
            "deadline < today() + days(1)",
        ]
        shapes = {read(source, customer=Kind.TEXT).shape for source in sources}
        assert len(shapes) == len(sources)

    def test_lists_share_a_shape_up_to_the_next_power_of_two(self):
        def shape(count):
            return read(f"priority in {list(range(count))}").shape

        assert shape(5) == shape(8) != shape(9)
        assert shape(70) == shape(90) != shape(64)

    def test_the_model_counts(self):
        assert parse("active", LEAD, SCHEMA).shape != parse("active", "res.partner", SCHEMA).shape


class TestJoined:
    def test_literals_move_on(self):
        joined = conjunction([read("priority == 1"), read("name == 'x'"), read("active")])
        assert joined.literals == (1, "x")
        assert joined.source == "(priority == 1) and (name == 'x') and (active)"
        assert joined.paths == {"priority", "name", "active"}
        assert isinstance(joined.tree, And)
        second = joined.tree.parts[1]
        assert isinstance(second, Compare)
        assert second.right == Literal(Kind.TEXT, (0, 0), 1)
        assert joined.source[slice(*second.span)] == "name == 'x'"

    def test_one_stays_itself(self):
        one = read("active")
        assert conjunction([one]) is one

    def test_or(self):
        assert isinstance(disjunction([read("active"), read("coalesce(priority, 1) in [1, 2]")]).tree, Or)

    def test_of_one_model_only(self):
        with pytest.raises(ValueError, match="one model"):
            conjunction([])
        with pytest.raises(ValueError, match="one model"):
            disjunction([read("active"), parse("active", "res.partner", SCHEMA)])


REFUSED = [
    # source, column, part of the text, suggestion
    ("nmae == 'x'", 1, "'nmae' is neither a field of crm.lead nor a bound name", "name"),
    ("partner.nmae == 'x'", 9, "'nmae' is not a field of res.partner", "name"),
    ("active and partner.parent.usr == me", 27, "'usr' is not a field of res.partner", "user"),
    ("é == fo", 1, "'é' is neither", ""),
    ("name == 'é' and fo", 17, "'fo' is neither", ""),
    ("contians(name, 'x')", 1, "there is no function 'contians'", "contains"),
    ("name.contains('x')", 1, "only functions of the language can be called", ""),
    ("me.name == 'x'", 1, "'me' is a bound name and has no fields", ""),
    ("name.x == 1", 1, "'name' is not a relation", ""),
    ("extra.a == 'x'", 7, "'extra' holds JSON; say what is taken, like extra.number.seats", ""),
    ("extra.texts.a == 'x'", 7, "'extra' holds JSON", "text"),
    ("active and partner.extra.text == 'x'", 26, "the name of one value is expected here, like extra.text.seats", ""),
    ("extra.text.a.b == 'x'", 7, "the name of one value is expected here", ""),
    ("extra.text.é == 'x'", 7, "the name of one value is expected here", ""),
    ("extra.number.a == 'x'", 19, "text cannot stand for a number", ""),
    ("extra.yes.a == 1", 16, "a number is neither true nor false", ""),
    ("tags.name == 'x'", 1, "ask any(tags, ...)", ""),
    ("tags == 1", 1, "leads to many records", ""),
    ("(1).real == 1", 2, "a path starts with the name of a field", ""),
    ("active == 1", 11, "a number is neither true nor false", ""),
    ("priority == true", 13, "a condition cannot stand for a whole number", ""),
    ("priority and active", 1, "a condition is expected here, not a whole number", ""),
    ("not name", 5, "a condition is expected here, not text", ""),
    ("name > 5", 8, "a whole number cannot stand for text", ""),
    ("priority == 'x'", 13, "text cannot stand for a whole number", ""),
    ("deadline < now()", 12, "a date and an instant cannot be compared", ""),
    ("deadline == '2026-02-30'", 13, "'2026-02-30' is not a date like 2026-01-31", ""),
    ("deadline == '20260201'", 13, "is not a date", ""),
    ("opened > '2026-01-31'", 10, "start_of_day('2026-01-31')", ""),
    ("opened > '2026-01-31T25:00:00Z'", 10, "is not an instant", ""),
    ("opened > '0001-01-01T00:00:00+10:00'", 10, "is not an instant", ""),
    ("type == 'leed'", 9, "'leed' is not a choice of type", "lead"),
    ("type in ['lead', 'opportunty']", 18, "is not a choice", "opportunity"),
    ("name < none", 8, "none has no order", ""),
    ("active < true", 1, "a condition has no order", ""),
    ("partner > 5", 1, "a record has no order", ""),
    ("partner == user", 12, "a record of res.partner is never one of res.users", ""),
    ("tags in [me]", 10, "a record of res.category is never one of res.users", ""),
    ("partner == 1.5", 12, "a number cannot stand for a record", ""),
    ("me == 'x'", 7, "text cannot stand for a record", ""),
    ("tags in [none]", 10, "not by none", ""),
    ("tags in [1.5]", 10, "a number cannot stand for a record", ""),
    ("orders in ['x']", 1, "the records of 'orders' have no label", ""),
    ("priority in 5", 13, "after 'in' stands a list", ""),
    ("'x' in name", 8, "after 'in' stands a list", "contains(text, part)"),
    ("priority in [1, 'x']", 17, "text cannot stand for a whole number", ""),
    ("[1] == priority", 1, "a list may only stand after 'in'", ""),
    ("companies == 1", 1, "'companies' is a list and may only stand after 'in'", ""),
    ("days(3) == 1", 1, "an interval can only be added", ""),
    ("priority + days(1) > 2", 1, "an interval can only be added", ""),
    ("days(1) + days(1) == 1", 1, "an interval can only be added", ""),
    ("deadline + hours(1) == none", 12, "a date moves by days or weeks", ""),
    ("deadline * 2 == 1", 1, "a number is expected here, not a date", ""),
    ("name - 'x' == 1", 1, "a number is expected here, not text", ""),
    ("name + 5 == 'x'", 8, "a whole number cannot stand for text", ""),
    ("none + name == 'x'", 1, "none cannot stand for text", ""),
    ("deadline - 5 == 1", 12, "a whole number cannot stand for a date", ""),
    ("deadline - opened == 1", 1, "a date and an instant cannot be compared", ""),
    ("revenue * revenue == 1", 1, "money cannot be multiplied by money", ""),
    ("1 / revenue == 1", 1, "a number cannot be divided by money", ""),
    ("revenue + name == 1", 1, "an amount of money cannot stand for text", ""),
    ("revenue + deadline == 1", 11, "a date cannot stand for an amount of money", ""),
    ("revenue > 1000000000000000", 11, "too large for money", ""),
    ("priority % 2 == 1", 1, "this operator is not part of the language", ""),
    ("priority ** 2 == 1", 1, "this operator is not part of the language", ""),
    ("priority // 2 == 1", 1, "this operator is not part of the language", ""),
    ("+priority == 1", 1, "this has no meaning here", ""),
    ("~priority == 1", 1, "this has no meaning here", ""),
    ("user is none", 1, "this has no meaning here", "=="),
    ("user is not none", 1, "this has no meaning here", "!="),
    ("big == 9223372036854775808", 8, "whole numbers have 64 bits", ""),
    ("big == -9223372036854775809", 8, "whole numbers have 64 bits", ""),
    ("partner == 9223372036854775808", 12, "whole numbers have 64 bits", ""),
    ("probability == 1e999", 16, "this number is too large", ""),
    (f"probability == {10**400}", 16, "this number is too large", ""),
    ("name == b'x'", 9, "this has no meaning here", ""),
    ("name == ...", 9, "this has no meaning here", ""),
    ("name == f'x'", 9, "this has no meaning here", ""),
    ("name == '\\x00'", 9, "text cannot hold this character", ""),
    ("name == '\\ud800'", 9, "text cannot hold this character", ""),
    ("any(name, active)", 5, "a relation to many records is expected here", ""),
    ("any(partner, active)", 5, "a relation to many records is expected here", ""),
    ("any(orders, nmae == 'x')", 13, "'nmae' is neither a field of sale.order", "name"),
    ("any(orders, revenue > 1)", 13, "'revenue' is neither a field of sale.order", ""),
    ("any(orders, amount)", 13, "a condition is expected here", ""),
    ("sum(orders, name) > 1", 13, "a number is expected here, not text", ""),
    ("any() == true", 1, "it is written any(relation, condition)", ""),
    ("contains(name)", 1, "it is written contains(text, part)", ""),
    ("contains(*name, 'x')", 1, "it is written contains(text, part)", ""),
    ("contains(text=name, part='x')", 1, "it is written", ""),
    ("today(1) == none", 1, "it is written today()", ""),
    ("contains(priority, 'x')", 10, "a whole number cannot stand for text", ""),
    ("contains(orders, 'x')", 10, "leads to many records", ""),
    ("within(stage, 1)", 8, "crm.stage has no hierarchy", ""),
    ("within(name, 1)", 8, "a relation, or id, is expected here", ""),
    ("within(1, 1)", 8, "a relation, or id, is expected here", ""),
    ("within(tags, 1.5)", 14, "the label or the id of a record is expected here", ""),
    ("within(tags, me)", 14, "is never one of res.users", ""),
    ("days('x') == 1", 6, "text cannot stand for a whole number", ""),
    ("deadline > today() - days(1000001)", 27, "at most 1000000 are possible", ""),
    ("round(revenue, 7) == 1", 16, "the number of decimals, 0 to 6", ""),
    ("round(revenue, priority) == 1", 16, "the number of decimals, 0 to 6", ""),
    ("has_group(name)", 11, "the external id of a group is expected", ""),
    ("has_group(5)", 11, "the external id of a group is expected", ""),
    ("start_of_day(opened) == now()", 14, "a date and an instant cannot be compared", ""),
    ("length(priority) == 1", 8, "a whole number cannot stand for text", ""),
    ("abs(name) == 1", 5, "a number is expected here", ""),
    ("coalesce(name, 1) == 'x'", 16, "a whole number cannot stand for text", ""),
    ("1 if active else 'x'", 18, "text cannot stand for a whole number", ""),
    ("[x for x in tags]", 1, "this has no meaning here", "any(relation, condition)"),
    ("any(x for x in tags)", 4, "this has no meaning here", "any(relation, condition)"),
    ("lambda: 1", 1, "this has no meaning here", ""),
    ("tags[0] == 1", 1, "this has no meaning here", ""),
    ("{1: 2} == 1", 1, "this has no meaning here", ""),
    ("(x := 5) == 1", 2, "this has no meaning here", ""),
    ("name ==", 8, "this is not an expression", ""),
    ("name == 'x", 9, "this is not an expression", ""),
    ("active; active", 7, "this is not an expression", ""),
    ("name = 'x'", 6, "this is not an expression", ""),
    ("  name ==", 10, "this is not an expression", ""),
    ("import os", 1, "this is not an expression", ""),
    ("active # and more", 8, "comments are not allowed", ""),
    ("name == '#' # x", 13, "comments are not allowed", ""),
    ("active\n# x\nand active", 8, "comments are not allowed", ""),
    ("name == '\\d'", 10, "unknown escape", ""),
    ("priority == 1or active", 14, "a blank is missing after the number", ""),
    ("priority == 0x10", 14, "a blank is missing after the number", ""),
    ("priority == 5j", 14, "a blank is missing after the number", ""),
    ("a\0b", 2, "this character is not allowed", ""),
    ("name == '\ud800'", 10, "this character is not allowed", ""),
    (".".join(["partner.parent", *["parent"] * 20]), 1, "a path has at most 10 steps", ""),
]


@pytest.mark.parametrize(("source", "column", "text", "suggestion"), REFUSED, ids=[case[0][:40] for case in REFUSED])
def test_refused_with_its_place(source, column, text, suggestion):
    error = refusal(source)
    assert (error.column, error.suggestion) == (column, suggestion), error
    assert text in str(error)
    assert error.source == source
    assert error.status == 400


HOSTILE = {
    "many nots": "not " * 900 + "active",
    "deep parentheses": "(" * 300 + "active" + ")" * 300,
    "many minuses": "-" * 3900 + "1 == 1",
    "long attribute chain": "partner" + ".parent" * 500,
    "long sum": "priority" + "+1" * 1900 + " == 1",
    "long disjunction": " or ".join(["active"] * 501),
    "long list": f"priority in {[1] * 600}",
    "too long": "active and " * 400 + "active",
    "much too long": "x" * 1_000_000,
    "deep calls": "abs(" * 100 + "priority" + ")" * 100 + " == 1",
    "deep lists": "priority in " + "[" * 150 + "]" * 150,
    "deep choices": "active if " * 80 + "active" + " else active" * 80,
    "relations in relations": "any(partner.leads, " * 5 + "active" + ")" * 5,
    "deep relations": "any(partner.leads, " * 70 + "active" + ")" * 70,
    "2^70": f"big == {2**70}",
    "a number of 3,000 digits": "big == " + "9" * 3000,
    "infinity": "probability == 1e99999",
    "NUL": "name == '\0'",
    "half a surrogate pair": "name == '\udfff'",
    "only a blank and NUL": " \0 ",
    "a call of a call": "today()()",
    "dunder": "name.__class__ == 1",
    "import": "__import__('os').system('true')",
    "format": "'{0.__class__}'.format(name) == 'x'",
    "unbalanced": "((((",
    "null bytes in a name": "na\0me == 1",
    "only operators": "and and or not",
    "exec": "exec('x') == 1",
    "vertical tab": "\x0bactive\x0b and",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sources_are_refused(source):
    error = refusal(source)
    assert error.column >= 1
    assert len(str(error)) < 300


def test_words_of_the_language_cannot_be_bound():
    for word in ("me", "company", "today", "tz", "true", "none"):
        assert f"'{word}' is a word of the language" in str(refusal("active", **{word: Kind.INTEGER}))


@pytest.mark.parametrize("source", ["'x' in orders", "lead.orders in ['x']", "within(id, 'x')"])
def test_records_without_label_cannot_be_named(source):
    orders = replace(SCHEMA["sale.order"], parent="partner")
    with pytest.raises(ExpressionError, match="label"):
        parse(source, "crm.lead" if source.startswith("'") else "sale.order", {**SCHEMA, "sale.order": orders})


@pytest.mark.parametrize("source", ["sale == 'x'", "contains(sale, 'x')"])
def test_a_many2one_without_label_cannot_be_text(source):
    sale = FieldInfo("sale", Kind.REFERENCE, "sale_id", target="sale.order")
    lead = replace(SCHEMA[LEAD], fields={**SCHEMA[LEAD].fields, "sale": sale})
    with pytest.raises(ExpressionError, match="the record of 'sale' has no label"):
        parse(source, LEAD, {**SCHEMA, LEAD: lead})


class TestCache:
    def test_it_gives_the_same_object(self):
        cache = ExpressionCache(SCHEMA)
        assert cache.parse("active", LEAD) is cache.parse("active", LEAD)

    def test_model_and_names_are_part_of_the_key(self):
        cache = ExpressionCache(SCHEMA)
        assert cache.parse("active", LEAD) is not cache.parse("active", "res.partner")
        one, other = (cache.parse("name == x", LEAD, {"x": kind}) for kind in (Kind.TEXT, Kind.NONE))
        assert one.tree != other.tree

    def test_it_forgets_the_oldest(self):
        cache = ExpressionCache(SCHEMA, limit=2)
        first = cache.parse("active", LEAD)
        cache.parse("not active", LEAD)
        cache.parse("true", LEAD)
        assert cache.parse("active", LEAD) is not first

    def test_errors_are_not_kept(self):
        cache = ExpressionCache(SCHEMA, limit=1)
        kept = cache.parse("active", LEAD)
        with pytest.raises(ExpressionError):
            cache.parse("nmae", LEAD)
        assert cache.parse("active", LEAD) is kept

    def test_threads_share_it(self):
        cache = ExpressionCache(SCHEMA, limit=8)
        errors = []

        def work():
            try:
                for number in range(300):
                    assert cache.parse(f"priority == {number % 20}", LEAD).literals == (number % 20,)
            except Exception as error:  # shown below
                errors.append(error)

        threads = [threading.Thread(target=work) for _each in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("partner == this", "partner == 42"),
        ("within(partner, this) and (active or not active)", "within(partner, 42) and (active or not active)"),
        ("name == 'this' or partner == this", "name == 'this' or partner == 42"),
        (" name == 'Zoë'\n or this == partner or partner in [this, none]", None),
        ("active", "active"),
    ],
)
def test_a_bound_name_is_written_out(source, written):
    this = Bound(Kind.REFERENCE, target="res.partner")
    expected = written or " name == 'Zoë'\n or 42 == partner or partner in [42, none]"
    assert written_out(read(source, this=this), "this", "42") == expected
