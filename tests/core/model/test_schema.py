"""Tables on both engines: what is created, that it goes away without a trace, and what the dump tells apart."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations

import pytest

from core import Model, fields
from core.database import Database
from core.errors import ForeignKeyViolation, UniqueViolation
from core.model import schema
from core.model.dump import dump
from core.model.registry import Registry, build


class Users(Model, name="res.users"):
    """Users and partners refer to each other, and all tables to users."""

    name = fields.Char(required=True, search=True, index=True)
    partner = fields.Many2one["Partner | None"]("res.partner")


class Partner(
    Model, name="res.partner", parent="parent", unique=[("name", "kind")], indexes=[("-parent", "name", "id")]
):
    """Every kind of column."""

    name = fields.Char(search=True)
    code = fields.Char(unique=True)
    kind = fields.Selection({"a": "A"})
    user = fields.Many2one(Users, required=True)
    parent = fields.Many2one["Partner | None"]("res.partner", index=True)
    rate = fields.Float()
    credit = fields.Monetary()
    vip = fields.Boolean(default=True)
    born = fields.Date()
    seen = fields.Datetime()
    size = fields.Integer(default=3)
    friends = fields.Many2many["Partner"]("res.partner")
    order = fields.Char()
    total = fields.Computed(fields.Integer, "size")


class PartnerA(Partner, extends=True, indexes=[("a_text", "id")]):
    """An extension whose columns have constant defaults."""

    a_text = fields.Char(default="it's 100 %", search=True)
    a_user = fields.Many2one(Users, index=True)
    a_money = fields.Monetary(default="12.34")
    a_day = fields.Date(default=date(2026, 1, 31))
    a_flag = fields.Boolean(required=True)
    a_rate = fields.Float(default=0.5)
    a_at = fields.Datetime(default=datetime(2026, 1, 31, 10, tzinfo=UTC))
    a_called = fields.Integer(default=lambda env: 5)
    a_users = fields.Many2many(Users)


class PartnerB(Partner, extends=True):
    """Another extension, with an index on a column of the definition."""

    b_number = fields.Integer(required=True, default=7, unique=True)
    kind = fields.Selection({"a": "A", "b": "B"}, index=True)


class Note(Model, name="b.note"):
    """A model of the second extension's addon."""

    partner = fields.Many2one(Partner, required=True)


PARTS = {"base": (Users, Partner), "a": (PartnerA,), "b": (PartnerB, Note)}


@pytest.fixture
def registry(database, give):
    def make(*addons: str) -> Registry:
        depends = {"base": "", "a": "base", "b": "base"}
        given = [give(addon, *PARTS[addon], depends=depends[addon]) for addon in ("base", *addons)]
        return build(database, given)

    return make


def run(database: Database, *statements: str) -> None:
    with database.transaction(write=True):
        for statement in statements:
            database.execute(statement)


def create(registry: Registry) -> None:
    with registry.database.transaction(write=True):
        schema.create_all(registry)


def by_name(registry: Registry) -> dict[str, schema.Table]:
    return {table.name: table for table in schema.tables(registry)}


def change(database: Database, old: Registry, new: Registry) -> None:
    """Bring the schema from one registry to another with the statements of install and uninstall alone."""
    before, after = by_name(old), by_name(new)
    statements = []
    indexes_before = {index.name: index for table in before.values() for index in table.indexes}
    indexes_after = {index.name: index for table in after.values() for index in table.indexes}
    statements += [schema.drop_index_sql(one) for name, one in indexes_before.items() if name not in indexes_after]
    statements += schema.drop_tables_sql((name for name in before if name not in after), database.engine)
    for name in before.keys() & after.keys():
        had = {column.name: column for column in before[name].columns}
        has = {column.name: column for column in after[name].columns}
        statements += [schema.drop_column_sql(name, one) for one in had if one not in has]
        statements += [
            schema.add_column_sql(name, column, database.engine) for one, column in has.items() if one not in had
        ]
    new_tables = [table for name, table in after.items() if name not in before]
    statements += [one for one in schema.create_sql(new_tables, database.engine) if "INDEX" not in one]
    statements += [
        schema.create_index_sql(one, database.engine)
        for name, one in indexes_after.items()
        if name not in indexes_before
    ]
    run(database, *statements)


def test_tables_are_owned_by_addons(registry):
    found = by_name(registry("a", "b"))
    partner = found["res_partner"]
    owners = {column.name: column.owner for column in partner.columns}
    assert (partner.owner, owners["name"], owners["name_fold"], owners["a_text_fold"], owners["b_number"]) == (
        "base",
        "base",
        "base",
        "a",
        "b",
    )
    assert {index.name: index.owner for index in partner.indexes} == {
        "res_partner_code_unique": "base",
        "res_partner_parent_id_index": "base",
        "res_partner_name_kind_unique": "base",
        "res_partner_parent_id_name_fold_id_index": "base",
        "res_partner_a_user_id_index": "a",
        "res_partner_a_text_fold_id_index": "a",
        "res_partner_b_number_unique": "b",
        "res_partner_kind_index": "b",
    }
    assert (found["res_partner_friends"].owner, found["res_partner_a_users"].owner) == ("base", "a")
    assert found["res_partner_friends"].model is None
    assert partner.column("credit").references is None


def test_text_is_compared_by_code_point_on_postgresql(registry):
    index = next(one for one in by_name(registry())["res_partner"].indexes if one.name.endswith("_fold_id_index"))
    assert schema.create_index_sql(index, "postgresql") == (
        'CREATE INDEX "res_partner_parent_id_name_fold_id_index" ON "res_partner" '
        '("parent_id" DESC, "name_fold" COLLATE "C", "id")'
    )
    assert "COLLATE" not in schema.create_index_sql(index, "sqlite")


def test_searched_text_has_an_index_for_equality_and_one_for_order(registry):
    names = [index.name for index in by_name(registry())["res_users"].indexes]
    assert names == ["res_users_name_index", "res_users_name_fold_index"]


def test_long_names_are_cut_and_stay_different(unused, give):
    class Long(Model, name="t.long", indexes=[("x" * 50, "y" * 40), ("x" * 50, "y" * 39 + "z")]):
        pass

    for name in ("x" * 50, "y" * 40, "y" * 39 + "z"):
        field = fields.Integer()
        field.__set_name__(Long, name)
        setattr(Long, name, field)
    (table,) = schema.tables(build(unused, [give("a", Long)]))
    names = {index.name for index in table.indexes}
    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)


def test_extensions_come_and_go_without_a_trace(registry, database):
    base = registry()
    create(base)
    dumps = {frozenset(): dump(database)}
    current = base
    for addons in [("a",), (), ("b",), ("a", "b"), ("a",), ("a", "b"), ("b",), ()]:
        wanted = registry(*addons)
        change(database, current, wanted)
        found = dump(database)
        assert dumps.setdefault(frozenset(addons), found) == found, addons
        current = wanted
    assert len(set(dumps.values())) == 4


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_added_and_dropped_columns_leave_the_same_bytes(registry, database):
    def master() -> list[tuple[str, str]]:
        return database.fetch("SELECT name, sql FROM sqlite_master ORDER BY name")

    base, full = registry(), by_name(registry("a", "b"))["res_partner"]
    create(base)
    before = master()
    mine = [column for column in full.columns if column.owner == "a"]
    other = full.column("b_number")
    for order in [mine, list(reversed(mine)), *list(permutations(mine, 2))[:10]]:
        run(database, *(schema.add_column_sql("res_partner", column, "sqlite") for column in mine))
        run(database, schema.add_column_sql("res_partner", other, "sqlite"))
        rest = [column for column in mine if column not in order]
        run(database, *(schema.drop_column_sql("res_partner", column.name) for column in (*order, *rest)))
        run(database, schema.drop_column_sql("res_partner", other.name))
        assert master() == before


def test_a_fresh_database_equals_one_that_grew(registry, database, databases, engine):
    create(registry())
    change(database, registry(), registry("a", "b"))
    grown = dump(database)
    run(database, *schema.drop_tables_sql((table.name for table in schema.tables(registry("a", "b"))), engine))
    assert dump(database) == "\n"
    create(registry("a", "b"))
    assert dump(database) == grown


def test_tables_with_rows_that_refer_to_each_other_can_go(registry, database, engine):
    found = registry("a", "b")
    create(found)
    with database.transaction(write=True):
        database.execute("INSERT INTO res_users (id, name, create_uid, partner_id) VALUES (1, 'x', 1, 2)")
        database.execute("INSERT INTO res_partner (id, user_id, parent_id) VALUES (2, 1, 2)")
        database.execute("INSERT INTO res_partner_friends (owner_id, target_id) VALUES (2, 2)")
        database.execute("INSERT INTO b_note (partner_id) VALUES (2)")
    run(database, *schema.drop_tables_sql((table.name for table in schema.tables(found)), engine))
    assert dump(database) == "\n"


def test_columns_that_an_extension_adds_fill_older_rows(registry, database):
    create(registry())
    with database.transaction(write=True):
        database.execute("INSERT INTO res_users (id, name) VALUES (1, 'x')")
        database.execute("INSERT INTO res_partner (id, user_id) VALUES (1, 1)")
    found = registry("a", "b")
    change(database, registry(), found)
    partner = found.models["res.partner"]
    names = ("a_text", "a_user", "a_money", "a_day", "a_flag", "a_rate", "a_at", "a_called", "b_number", "vip", "size")
    row = partner.raw(f"SELECT * FROM res_partner WHERE id = {1}").dicts()[0]
    assert {name: row[name] for name in names} == {
        "a_text": "it's 100 %",
        "a_user": None,
        "a_money": Decimal("12.34"),
        "a_day": date(2026, 1, 31),
        "a_flag": False,
        "a_rate": 0.5,
        "a_at": datetime(2026, 1, 31, 10, tzinfo=UTC),
        "a_called": None,
        "b_number": 7,
        "vip": True,
        "size": None,
    }
    database.release()


def test_the_database_keeps_what_must_be_kept(registry, database):
    create(registry())
    insert = "INSERT INTO res_users (id, name) VALUES (1, 'x')"
    run(database, insert)
    assert database.fetch("SELECT version, create_date FROM res_users") == [(1, None)]
    with pytest.raises(UniqueViolation):
        run(database, insert)
    with pytest.raises(ForeignKeyViolation):
        run(database, "INSERT INTO res_partner (user_id) VALUES (9)")
    with pytest.raises(Exception, match=r"(?i)not.null"):
        run(database, "INSERT INTO res_partner (code) VALUES ('x')")
    run(database, "INSERT INTO res_partner (id, user_id, name, kind) VALUES (1, 1, 'n', 'a')")
    with pytest.raises(UniqueViolation) as caught:
        run(database, "INSERT INTO res_partner (id, user_id, name, kind) VALUES (2, 1, 'n', 'a')")
    assert caught.value.names == ("name", "kind")
    with pytest.raises(ForeignKeyViolation):
        run(database, "DELETE FROM res_users")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_keeps_types_strictly(registry, database):
    create(registry())
    with pytest.raises(Exception, match="cannot store TEXT"):
        run(database, "INSERT INTO res_users (name, version) VALUES ('x', 'abc')")


def test_nothing_is_executed_by_the_database_itself(registry, database):
    create(registry("a", "b"))
    text = dump(database).lower()
    assert "cascade" not in text and "set null" not in text
    references = [line for line in text.splitlines() if " reference" in line]
    assert all("deferrable initially deferred" in line for line in references if "constraint" in line)
    assert any("res_partner" in line and "parent_id" in line for line in references)


def test_a_dump_tells_schemas_apart(registry, database):
    create(registry())
    before = dump(database)
    seen = {before}
    for statement in (
        "CREATE INDEX extra ON res_users (name)",
        "ALTER TABLE res_users ADD COLUMN extra text",
        "CREATE TABLE kept (id integer)",
    ):
        run(database, statement)
        seen.add(dump(database))
    assert len(seen) == 4
