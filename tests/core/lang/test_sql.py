"""SQL as text: what each engine is sent. Values never stand in it, and on PostgreSQL every text comparison carries its
collation."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from core.errors import ExpressionError
from core.lang.kinds import Kind
from core.lang.parser import parse
from core.lang.schema import FieldInfo
from core.lang.sql import SqlCompiler, bind, render
from core.lang.trace import trace

from .conftest import NAMES, SCHEMA
from .test_property import RELAXED, conditions

LEAD = "crm.lead"


def text(world, source, engine="sqlite", *, constants=False, **names):
    compiler = world.compiler(engine)
    condition = compiler.condition(world.parse(source, **names), constants=constants)
    return render((*compiler.joins(), " WHERE ", *condition), engine).text.strip()


GOLDEN = [
    ("", "WHERE 1", "WHERE true"),
    ("user == me", 'WHERE t."user_id" = ?', 'WHERE t."user_id" = %s'),
    ("user != me", 'WHERE t."user_id" IS NOT ?', 'WHERE t."user_id" IS DISTINCT FROM %s'),
    ("user == none", 'WHERE t."user_id" IS NULL', 'WHERE t."user_id" IS NULL'),
    ("active", 'WHERE t."active" = 1', 'WHERE t."active" = true'),
    ("not active", 'WHERE t."active" = 0', 'WHERE t."active" = false'),
    ("active != true", 'WHERE t."active" <> 1', 'WHERE t."active" <> true'),
    ("id == 5 and id != 6", 'WHERE t."id" = ? AND t."id" <> ?', 'WHERE t."id" = %s AND t."id" <> %s'),
    ("type == 'lead'", "WHERE t.\"type\" = 'lead'", 'WHERE t."type" COLLATE "C" = \'lead\''),
    ("type in ['lead', 'opportunity']", "WHERE t.\"type\" IN ('lead', 'opportunity')", None),
    ("name == 'x'", 'WHERE t."name" = ?', 'WHERE t."name" COLLATE "C" = %s'),
    ("'x' < name", 'WHERE ? < t."name"', 'WHERE cast(%s as text) COLLATE "C" < t."name"'),
    ("name == note", 'WHERE t."name" IS t."note"', 'WHERE t."name" COLLATE "C" IS NOT DISTINCT FROM t."note"'),
    ("not name < 'x'", 'WHERE (t."name" < ?) IS NOT TRUE', 'WHERE (t."name" COLLATE "C" < %s) IS NOT TRUE'),
    (
        "name in ['a', 'b', 'c']",
        'WHERE t."name" IN (?, ?, ?, ?)',
        'WHERE t."name" COLLATE "C" = ANY(cast(%s as text[]))',
    ),
    ("company in companies", 'WHERE t."company_id" IN (SELECT value FROM json_each(?))', None),
    ("contains(name, 'x')", 'WHERE instr(t."name_fold", ?) > 0', 'WHERE strpos(t."name_fold" COLLATE "C", %s) > 0'),
    ("startswith(name, 'x')", 'WHERE instr(t."name_fold", ?) = 1', 'WHERE starts_with(t."name_fold" COLLATE "C", %s)'),
    ("revenue > 1000", 'WHERE t."revenue" > ?', 'WHERE t."revenue" > %s'),
    ("deadline < today() - days(7)", 'WHERE t."deadline" < ?', 'WHERE t."deadline" < %s'),
    ("has_group('x')", "WHERE ? = 1", "WHERE %s = true"),
    (
        "active or user == me and not (stage.is_won or active)",
        'LEFT JOIN "crm_stage" AS j1 ON j1."id" = t."stage_id" WHERE (t."active" = 1 OR t."user_id" = ? AND '
        'j1."is_won" IS NOT 1 AND t."active" = 0)',
        None,
    ),
    (
        "partner.name == 'x' and partner.active and partner.parent.active",
        'LEFT JOIN "res_partner" AS j1 ON j1."id" = t."partner_id" '
        'LEFT JOIN "res_partner" AS j2 ON j2."id" = j1."parent_id" '
        'WHERE j1."name" = ? AND j1."active" = 1 AND j2."active" = 1',
        None,
    ),
    (
        'any(orders, state == "it\'s 100%?" and amount > 5)',
        'WHERE EXISTS (SELECT 1 FROM "sale_order" AS j1 WHERE j1."lead_id" = t."id" AND '
        "j1.\"state\" = 'it''s 100%?' AND j1.\"amount\" > ?)",
        'WHERE EXISTS (SELECT 1 FROM "sale_order" AS j1 WHERE j1."lead_id" = t."id" AND '
        'j1."state" COLLATE "C" = \'it\'\'s 100%%?\' AND j1."amount" > %s)',
    ),
    (
        "tags not in [3]",
        'WHERE NOT EXISTS (SELECT 1 FROM "crm_lead_tags" AS j1 WHERE j1."owner_id" = t."id" AND j1."target_id" IN (?))',
        None,
    ),
    (
        "weighted > 5",
        'WHERE cast(round(((cast(t."revenue" as real) * t."probability") / nullif(?, 0))) as integer) > ?'.replace(
            "nullif(?, 0)", "nullif(cast(? as real), 0)"
        ),
        None,
    ),
]


@pytest.mark.parametrize(("source", "sqlite", "postgresql"), GOLDEN, ids=[case[0] for case in GOLDEN])
def test_golden(world, source, sqlite, postgresql):
    assert text(world, source) == sqlite
    if postgresql is not None:
        assert text(world, source, "postgresql") == postgresql


TEXT_COLUMN = r'"(?:name|note|email|state|type|name_fold)"'
BARE_COMPARISON = re.compile(rf"{TEXT_COLUMN} (?:=|<|>|<=|>=|<>|IN|IS NOT DISTINCT|IS DISTINCT)(?: |\b)")


@settings(RELAXED, max_examples=150)
@given(conditions())
def test_no_text_comparison_is_without_its_collation(world, source):
    statement = text(world, source, "postgresql")
    for found in BARE_COMPARISON.finditer(statement):
        before = statement[: found.start()]
        assert before.rstrip('tj0123456789."').endswith(("< ", "= ", "FROM ")), statement


@settings(RELAXED, max_examples=60)
@given(conditions())
def test_the_text_depends_on_the_shape_alone(world, source):
    first = world.parse(source)
    for engine in ("sqlite", "postgresql"):
        statements = {render(world.compiler(engine).condition(first), engine).text for _again in range(2)}
        assert len(statements) == 1


def test_values_are_never_in_the_text(world):
    secret = "Robert'); DROP TABLE lead;--"
    sources = [f"name == {secret!r}", f"contains(note, {secret!r})", f"tags in [{secret!r}]", f"has_group({secret!r})"]
    for source in sources:
        for engine in ("sqlite", "postgresql"):
            for constants in (False, True):
                assert "DROP" not in text(world, source, engine, constants=constants)
        assert world.three(source) == []


class TestValues:
    def test_paths_share_their_joins_with_the_condition(self, world):
        compiler = world.compiler("sqlite")
        compiler.condition(world.parse("partner.active"))
        assert compiler.value("partner.name") == (('j1."name"',), Kind.TEXT)
        assert compiler.value("partner.parent.name") == (('j2."name"',), Kind.TEXT)
        assert compiler.value("partner") == (('t."partner_id"',), Kind.REFERENCE)
        assert compiler.value("partner.id") == (('t."partner_id"',), Kind.INTEGER)
        assert render(compiler.joins(), "sqlite").text.count("JOIN") == 2

    def test_another_alias(self):
        compiler = SqlCompiler(SCHEMA, LEAD, "sqlite", alias="lead")
        assert compiler.value("name") == (('lead."name"',), Kind.TEXT)

    @pytest.mark.parametrize(
        ("path", "on", "key"),
        [
            ("name", "sqlite", 't."name_fold"'),
            ("name", "postgresql", 't."name_fold" COLLATE "C"'),
            ("note", "postgresql", 't."note" COLLATE "C"'),
            ("partner", "postgresql", 'j1."name_fold" COLLATE "C"'),
            ("stage", "sqlite", 'j1."name"'),
            ("revenue", "postgresql", 't."revenue"'),
            ("partner.name", "sqlite", 'j1."name_fold"'),
        ],
    )
    def test_order_keys(self, world, path, on, key):
        assert render(world.compiler(on).order_key(path), on).text == key

    def test_what_has_no_label_sorts_by_its_id(self):
        sale = FieldInfo("sale", Kind.REFERENCE, "sale_id", target="sale.order")
        lead = replace(SCHEMA[LEAD], fields={**SCHEMA[LEAD].fields, "sale": sale})
        compiler = SqlCompiler({**SCHEMA, LEAD: lead}, LEAD, "sqlite")
        assert compiler.order_key("sale") == ('t."sale_id"',)

    @pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
    @pytest.mark.parametrize("path", ["deadline", "opened"])
    def test_buckets(self, world, path, unit):
        found = {}
        for engine in ("sqlite", "postgresql"):
            compiler = world.compiler(engine)
            rows = world.select(engine, compiler.bucket(path, unit), compiler=compiler)
            found[engine] = [value if value is None else str(value) for _id, value in rows]
        assert found["sqlite"] == found["postgresql"]
        assert None in found["sqlite"]

    @pytest.mark.parametrize(("path", "unit"), [("deadline", "hour"), ("name", "month")])
    def test_what_has_no_buckets(self, world, path, unit):
        with pytest.raises(ExpressionError, match=f"'{path}' cannot be grouped by '{unit}'") as caught:
            world.compiler("sqlite").bucket(path, unit)
        assert caught.value.column == len(path) + 2

    def test_many_values_are_no_value(self, world):
        with pytest.raises(ExpressionError, match="'tags' holds no single value"):
            world.compiler("sqlite").value("tags")

    def test_an_unknown_path(self, world):
        with pytest.raises(ExpressionError) as caught:
            world.compiler("sqlite").value("partner.nmae")
        assert (caught.value.column, caught.value.suggestion) == (9, "name")


class TestLimits:
    def test_a_condition_is_demanded(self, world):
        with pytest.raises(ExpressionError, match="a condition is expected, this gives text"):
            world.compiler("sqlite").condition(world.parse("name"))

    def test_another_model(self, world):
        with pytest.raises(ValueError, match=r"about res\.partner in"):
            world.compiler("sqlite").condition(world.parse("active", "res.partner"))

    def test_computed_fields_in_a_circle(self, world):
        circle = FieldInfo("circle", Kind.FLOAT, expression="circle + 1")
        schema = {**SCHEMA, LEAD: replace(SCHEMA[LEAD], fields={**SCHEMA[LEAD].fields, "circle": circle})}
        with pytest.raises(ExpressionError, match=r"computed fields of crm\.lead form a cycle"):
            SqlCompiler(schema, LEAD, "sqlite").value("circle")

    def test_a_computed_field_of_another_kind(self, world):
        odd = FieldInfo("odd", Kind.DATE, expression="name")
        schema = {**SCHEMA, LEAD: replace(SCHEMA[LEAD], fields={**SCHEMA[LEAD].fields, "odd": odd})}
        with pytest.raises(ExpressionError, match="the expression of 'odd' gives another kind of value"):
            SqlCompiler(schema, LEAD, "sqlite").value("odd")

    def test_text_that_doubles_at_each_level(self, world):
        source = "round(" * 20 + "probability" + ")" * 20 + " > 1"
        with pytest.raises(ExpressionError, match="too complex"):
            world.compiler("postgresql").condition(world.parse(source))
        assert world.compiler("sqlite").condition(world.parse(source))

    def test_too_many_relations(self, world):
        fields = {f"p{n}": FieldInfo(f"p{n}", Kind.REFERENCE, f"p{n}_id", target="res.partner") for n in range(50)}
        schema = {**SCHEMA, LEAD: replace(SCHEMA[LEAD], fields={**SCHEMA[LEAD].fields, **fields})}
        compiler = SqlCompiler(schema, LEAD, "sqlite")
        with pytest.raises(ExpressionError, match="more than 48 relations"):
            for name in fields:
                compiler.value(f"{name}.email")

    def test_the_parser_of_the_caller_reads_computed_fields(self, world):
        asked = []

        def reading(source, model):
            asked.append((source, model))
            return world.parse(source, model)

        world.compiler("sqlite", parse=reading).value("weighted")
        assert asked == [("revenue * probability / 100", LEAD)]


class TestConstants:
    def test_literals_become_constants(self, world):
        expression = world.parse("priority in [1, 2, 3] and probability > 2.5 or deadline == today() - days(5)")
        compiler = world.compiler("sqlite")
        condition = compiler.condition(expression, constants=True)
        statement = render(condition, "sqlite")
        assert [slot.source for slot in statement.slots] == ["constant", "constant", "fixed"]
        assert bind(statement, (), NAMES, "sqlite") == [1, 2, 3, 3, 2.5, "2026-03-05"]
        rows = world.select("sqlite", ("1",), condition, compiler=compiler)
        assert [row[0] for row in rows] == world.ids("sqlite", expression)


def test_a_label_that_is_no_text_is_no_name(world):
    users = replace(SCHEMA["res.users"], label_field="id")
    schema = {**SCHEMA, "res.users": users}
    with pytest.raises(ExpressionError, match="the record of 'user' has no label"):
        parse("user == 'Ada'", LEAD, schema)
    assert SqlCompiler(schema, LEAD, "sqlite").order_key("user") == ('t."user_id"',)


def test_a_column_that_is_always_filled_is_compared_plainly(world):
    stage = replace(SCHEMA[LEAD].fields["stage"], required=True)
    schema = {**SCHEMA, LEAD: replace(SCHEMA[LEAD], fields={**SCHEMA[LEAD].fields, "stage": stage})}
    condition = SqlCompiler(schema, LEAD, "sqlite").condition(parse("stage != 3", LEAD, schema))
    assert render(condition, "sqlite").text == 't."stage_id" <> ?'


@pytest.mark.parametrize(
    "source",
    [
        "not " * 62 + "active",
        "abs(" * 60 + "priority" + ")" * 60 + " > 1",
        "any(orders, " + "not " * 58 + "id == 1)",
        "coalesce(" * 60 + "priority" + ", 1)" * 60 + " > 1",
        "(" * 60 + "priority" + " + 1)" * 60 + " > 1",
        "(" * 60 + "active" + " == true)" * 60,
    ],
)
def test_the_deepest_sources_leave_room_on_the_stack(world, source):
    """A web request stands on some hundred frames already."""

    def descend(frames):
        if frames:
            return descend(frames - 1)
        expression = world.parse(source)
        trace(expression, SCHEMA, world.record(LEAD, 1), NAMES)
        world.compiler("sqlite").condition(expression)
        return world.compiler("postgresql").condition(expression)

    assert descend(300)
