"""What a reader may not see never changes an answer: not through a path, a relation, an order or a bucket."""

import sqlite3
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lang.parser import parse
from core.lang.python import predicate
from core.lang.tree import Expression
from core.sqlite_functions import SQLITE_FUNCTIONS

from .conftest import NAMES, SCHEMA, Chance, World, statements
from .test_property import RELAXED, Writer, numbers

pytestmark = pytest.mark.slow


@dataclass
class Reader:
    """A guard: models and fields that are closed, and rules."""

    closed: frozenset[str] = frozenset()
    hidden: frozenset[tuple[str, str]] = frozenset()
    rules: dict[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def may_read(self, model: str) -> bool:
        return model not in self.closed

    def may(self, model: str, operation: str) -> bool:
        return model not in self.closed and (operation == "read" or model not in self.fixed)

    def may_read_field(self, model: str, name: str) -> bool:
        return (model, name) not in self.hidden

    def rule(self, model: str, operation: str = "read") -> Expression | None:
        source = self.rules.get(model)
        return parse(source, model, SCHEMA) if source else None


RULES = {
    "res.partner": ["active", "user == me or user.id == none", "active and user.name != 'x'", "id > 5"],
    "res.category": ["id > 4", "id in [1, 3, 5, 7]"],
    "crm.lead": ["active", "user == me or stage.is_won"],
    "sale.order": ["quantity != none", "id > 20 and partner.active"],
    "crm.stage": ["id > 2"],
}
HIDDEN = [
    ("crm.lead", "revenue"),
    ("crm.lead", "deadline"),
    ("crm.lead", "note"),
    ("crm.lead", "tags"),
    ("crm.lead", "partner"),
    ("crm.lead", "probability"),
    ("crm.lead", "extra"),
    ("res.partner", "credit"),
    ("res.partner", "extra"),
    ("res.partner", "email"),
    ("res.partner", "categories"),
    ("res.partner", "parent"),
    ("res.category", "parent"),
    ("sale.order", "amount"),
    ("sale.order", "lead"),
    ("crm.stage", "delay"),
]
IN_RULES = {"active", "user", "id", "stage", "quantity", "partner", "is_won"}
CLOSABLE = ["res.partner", "res.category", "sale.order", "crm.stage", "res.users"]


@st.composite
def readers(draw) -> Reader:
    closed = draw(st.frozensets(st.sampled_from(CLOSABLE), max_size=2))
    hidden = draw(st.frozensets(st.sampled_from(HIDDEN), max_size=4))
    rules = {model: draw(st.sampled_from(sources)) for model, sources in RULES.items() if draw(st.booleans())}
    return Reader(closed, hidden, rules)


@st.composite
def conditions(draw):
    return Writer(draw).condition("crm.lead", 2)


@st.composite
def keys(draw):
    return draw(
        st.sampled_from(
            ["partner", "partner.credit", "partner.email", "stage", "stage.delay", "partner.parent.rich", "weighted"]
        )
    )


def scrambled(world: World, reader: Reader) -> World:
    """The same world, but with other values wherever the reader may not look. Labels, links and what rules use stay."""
    chance = Chance(99)
    ids = {model: list(rows) for model, rows in world.rows.items()}
    rows = {model: {number: dict(values) for number, values in found.items()} for model, found in world.rows.items()}
    for model, found in rows.items():
        rule = reader.rule(model)
        holds = predicate(rule, SCHEMA) if rule else None
        for number, values in found.items():
            record = world.record(model, number)
            unseen = not reader.may_read(model) or (holds is not None and not holds(record, NAMES))
            for info in SCHEMA[model].fields.values():
                loose = info.column and info.name not in ("id", SCHEMA[model].label_field)
                if loose and ((unseen and info.name not in IN_RULES) or not reader.may_read_field(model, info.name)):
                    if info.name not in IN_RULES or not reader.rules:
                        values[info.name] = chance.value(info, ids)
    sqlite = sqlite3.connect(":memory:", isolation_level=None)
    for name, arity, function in SQLITE_FUNCTIONS:
        sqlite.create_function(name, arity, function, deterministic=True)
    for text, parameters in statements("sqlite", rows):
        sqlite.executemany(text, parameters) if parameters else sqlite.execute(text)
    return World(rows, sqlite, world.postgresql)


def answer(world: World, expression: Expression, reader: Reader, engine="sqlite") -> list:
    """The ids under the condition and the reader's rule on the leads themselves."""
    compiler = world.compiler(engine, guard=reader)
    where = compiler.condition(expression)
    rule = reader.rule("crm.lead")
    if rule:
        where = (*where, " AND ", *compiler.condition(rule, constants=True))
    return world.select(engine, ("1",), where, compiler=compiler, literals=expression.literals)


@settings(RELAXED, max_examples=120)
@given(readers(), conditions())
def test_no_condition_is_an_oracle(world, reader, source):
    expression = world.parse(source)
    seen = answer(world, expression, reader)
    other = scrambled(world, reader)
    assert answer(other, expression, reader) == seen
    other.sqlite.close()


@settings(RELAXED, max_examples=60)
@given(readers(), numbers(), keys())
def test_no_value_or_order_is_an_oracle(world, reader, source, key):
    expression = world.parse(source)

    def values(where: World):
        compiler = where.compiler("sqlite", guard=reader)
        what = (
            *compiler.expression(expression),
            ", ",
            *compiler.order_key(key),
            ", ",
            *compiler.bucket("deadline", "month"),
        )
        rule = reader.rule("crm.lead")
        condition = compiler.condition(rule, constants=True) if rule else ()
        return where.select("sqlite", what, condition, compiler=compiler, literals=expression.literals)

    other = scrambled(world, reader)
    assert values(other) == values(world)
    other.sqlite.close()


@settings(RELAXED, max_examples=80)
@given(readers(), conditions())
def test_both_engines_guard_alike(world, reader, source):
    expression = world.parse(source)
    assert answer(world, expression, reader, "postgresql") == answer(world, expression, reader)


@settings(RELAXED, max_examples=40)
@given(conditions())
def test_a_reader_of_everything_sees_everything(world, source):
    expression = world.parse(source)
    assert world.ids("sqlite", expression, guard=Reader()) == world.ids("sqlite", expression)


CLOSED = Reader(closed=frozenset({"res.partner", "res.category", "sale.order", "crm.stage"}))
RULED = Reader(rules={"res.partner": "id > 5", "res.category": "id > 5", "sale.order": "id > 20"})


def expected(world: World, holds) -> list[int]:
    return [number for number, lead in world.rows["crm.lead"].items() if holds(lead)]


@pytest.mark.parametrize("reader", [CLOSED, RULED], ids=["closed", "ruled"])
class TestWhatStaysVisible:
    def ids(self, world, engine, reader, source):
        return world.ids(engine, world.parse(source), guard=reader)

    def test_the_label_of_a_record_next_to_a_visible_one(self, world, engine, reader):
        for source in ("partner.name != none", "partner == 'Fleet' or not contains(partner, 'fleet')"):
            seen = self.ids(world, engine, reader, source)
            assert seen == world.ids(engine, world.parse(source))

    def test_the_ids_a_record_holds(self, world, engine, reader):
        for source in ("partner in [1, 2, 7]", "partner.id == 2", "tags in [1, 2]", "tags == none", "3 in tags"):
            assert self.ids(world, engine, reader, source) == world.ids(engine, world.parse(source))

    def test_the_labels_of_linked_records(self, world, engine, reader):
        found = self.ids(world, engine, reader, "tags in ['Fleet', 'Éclair']")
        assert found == world.ids(engine, world.parse("tags in [2, 5]"))
        assert found

    def test_the_direct_record_of_within_but_no_way_up_through_hidden_ones(self, world, engine, reader):
        assert self.ids(world, engine, reader, "within(tags, 'Fleet')") == expected(
            world, lambda lead: 2 in lead["tags"]
        )


@pytest.mark.parametrize(
    "source",
    [
        "partner.email != none",
        "partner.credit > -100000",
        "partner.active",
        "partner.rich == false",
        "partner.parent.name != none",
        "partner.parent != none",
        "partner.user.name != none",
        "partner.categories != none",
        "any(partner.categories)",
        "any(partner.leads)",
        "within(partner.parent, 1)",
        "stage.is_won == false",
        "any(tags)",
        "count(tags) > 0",
        "any(orders)",
        "orders != none",
        "1 in orders or orders in [2, 3]",
        "count(orders) > 0",
        "sum(orders, amount) > 0",
        "ordered > 0",
        "any(tags, name != none)",
    ],
)
def test_nothing_else_is_there(world, engine, source):
    assert world.ids(engine, world.parse(source), guard=CLOSED) == []
    assert world.ids(engine, world.parse(f"not ({source})"), guard=CLOSED) == list(world.rows["crm.lead"])
    assert world.ids(engine, world.parse(source)) != []


def test_a_hidden_field_is_none_wherever_it_stands(world):
    reader = Reader(hidden=frozenset({("crm.lead", "revenue"), ("crm.lead", "tags"), ("crm.lead", "partner")}))
    reader = Reader(hidden=reader.hidden | {("sale.order", "lead"), ("res.partner", "credit"), ("crm.lead", "active")})
    reader = Reader(hidden=reader.hidden | {("crm.lead", "extra")})
    for source in (
        "revenue != none",
        "weighted != none",
        "tags != none",
        "any(tags)",
        "within(tags, 1)",
        "within(partner, 1)",
        "'Fleet' in tags",
        "partner.name != none",
        "any(partner.leads)",
        "any(orders)",
        "active",
        "extra.number.d != none",
        "extra.yes.a",
        "extra.yes.a == false",
    ):
        assert world.ids("sqlite", world.parse(source), guard=reader) == []
    assert world.ids("sqlite", world.parse("active != true"), guard=reader) == list(world.rows["crm.lead"])


def test_a_rule_is_compiled_unguarded_and_keeps_its_literals(world):
    compiler = world.compiler("sqlite", guard=CLOSED)
    rule = compiler.condition(world.parse("partner.credit > 10 or user == me"), constants=True)
    assert [part.source for part in rule if not isinstance(part, str)] == ["constant", "name"]
    rows = world.select("sqlite", ("1",), rule, compiler=compiler)
    assert [row[0] for row in rows] == world.ids("sqlite", world.parse("partner.credit > 10 or user == me"))


def test_a_rule_may_be_guarded_on_request(world):
    compiler = world.compiler("sqlite", guard=CLOSED)
    rule = compiler.condition(world.parse("partner.credit > -1000"), constants=True, guarded=True)
    assert world.select("sqlite", ("1",), rule, compiler=compiler) == []


def test_random_worlds_differ_where_the_reader_may_not_look(world):
    other = scrambled(world, CLOSED)
    assert other.rows["res.partner"][1]["name"] == world.rows["res.partner"][1]["name"]
    assert other.rows["res.partner"] != world.rows["res.partner"]
