"""A small world for the language: seven models, random rows in SQLite, in PostgreSQL and as Python values."""

import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import psycopg
import pytest

from core.lang.accessor import Accessor, Values
from core.lang.kinds import Engine, Kind, decoder, encoder
from core.lang.parser import parse
from core.lang.python import predicate
from core.lang.schema import FieldInfo, LinkTable, ModelInfo, Schema
from core.lang.sql import SqlCompiler, bind, list_size, render
from core.lang.tree import Expression
from core.sqlite_functions import SQLITE_FUNCTIONS
from core.text import fold

B, W, F, M, T, D, N, R, RR, J = (
    Kind.BOOLEAN,
    Kind.INTEGER,
    Kind.FLOAT,
    Kind.MONEY,
    Kind.TEXT,
    Kind.DATE,
    Kind.INSTANT,
    Kind.REFERENCE,
    Kind.REFERENCES,
    Kind.JSON,
)
SQL_TYPES = {
    "sqlite": {B: "INTEGER NOT NULL", F: "REAL", T: "TEXT", D: "TEXT", J: "TEXT"},
    "postgresql": {B: "boolean NOT NULL", F: "double precision", T: "text", D: "date", N: "timestamptz", J: "text"},
}


def stored(name: str, kind: Kind, **more: object) -> FieldInfo:
    return FieldInfo(name, kind, name, **more)


def to(name: str, target: str) -> FieldInfo:
    return FieldInfo(name, R, f"{name}_id", target=target)


def computed(name: str, kind: Kind, expression: str, **more: object) -> FieldInfo:
    return FieldInfo(name, kind, expression=expression, **more)


def model(name: str, *fields: FieldInfo, **more: object) -> ModelInfo:
    every = {field.name: field for field in (stored("id", W), *fields)}
    by_column = {field.column: field.name for field in fields if field.column and field.column != field.name}
    return ModelInfo(name, name.replace(".", "_"), every, by_column=by_column, **more)


def searchable(name: str) -> FieldInfo:
    return stored(name, T, fold=f"{name}_fold")


def links(table: str, own: str, other: str) -> LinkTable:
    return LinkTable(table, own, other)


STATES = (("draft", "Quotation"), ("sale", "Sold"), ("it's 100%?", "Odd"))
TYPES = (("lead", "Lead"), ("opportunity", "Opportunity"))
MODELS = (
    model("res.company", stored("name", T)),
    model("res.users", stored("name", T)),
    model("crm.stage", stored("name", T), stored("is_won", B), stored("delay", W)),
    model(
        "res.category",
        searchable("name"),
        to("parent", "res.category"),
        FieldInfo("partners", RR, target="res.partner", link=links("res_partner_categories", "target_id", "owner_id")),
        parent="parent",
    ),
    model(
        "res.partner",
        searchable("name"),
        stored("email", T),
        stored("secret", T),
        stored("credit", M),
        stored("extra", J),
        stored("active", B),
        to("parent", "res.partner"),
        to("user", "res.users"),
        FieldInfo(
            "categories", RR, target="res.category", link=links("res_partner_categories", "owner_id", "target_id")
        ),
        FieldInfo("leads", RR, target="crm.lead", inverse="partner"),
        computed("rich", B, "credit > 1000"),
        computed("caption", T, "name + ' <' + email + '>'"),
        parent="parent",
    ),
    model(
        "crm.lead",
        searchable("name"),
        stored("note", T),
        stored("type", T, options=TYPES),
        stored("active", B),
        stored("priority", W),
        stored("big", W),
        stored("probability", F),
        stored("revenue", M),
        stored("deadline", D),
        stored("opened", N),
        stored("extra", J),
        to("partner", "res.partner"),
        to("stage", "crm.stage"),
        to("user", "res.users"),
        to("company", "res.company"),
        FieldInfo("tags", RR, target="res.category", link=links("crm_lead_tags", "owner_id", "target_id")),
        FieldInfo("orders", RR, target="sale.order", inverse="lead"),
        FieldInfo("notes", RR, target="mail.note", inverse="about"),
        computed("weighted", M, "revenue * probability / 100"),
        computed("late", B, "deadline < today()"),
        computed("score", W, "priority * 2 + 0.5"),
        computed("ordered", M, "sum(orders, amount)"),
        computed("share", F, "revenue"),
        computed("rough", M, "probability"),
        computed("customer", T, "partner.name"),
        computed("nothing", D, "none"),
        computed("twice", M, "weighted + weighted"),
        computed("won", B, "stage.is_won"),
    ),
    model(
        "sale.order",
        stored("name", T),
        stored("state", T, options=STATES),
        stored("amount", M),
        stored("quantity", W),
        stored("weight", F),
        stored("placed", D),
        to("lead", "crm.lead"),
        to("partner", "res.partner"),
        label_field="missing",
    ),
    model(
        "mail.note",
        stored("name", T),
        stored("about", T, models=("res.company", "res.partner", "crm.lead")),
        to("author", "res.users"),
    ),
)
SCHEMA: Schema = {info.name: info for info in MODELS}
LINKS = {"crm.lead": "tags", "res.partner": "categories"}
WORDS = (
    "Fleet",
    "fleet",
    "Éclair",
    "eclair",
    "STRASSE",
    "straße",
    "İzmir",
    "100%",
    "a_b",
    "ﬁne",
    "Ωmega",
    "ωMEGA",
    "o'neil",
    "",
)
PARTS = [
    *(
        0,
        1,
        -3,
        0.1,
        2.5,
        1 / 3,
        True,
        True,
        False,
        None,
        "",
        "x",
        "x",
        '"a":1',
        "Éclair",
        "fleet 100%",
        ["x"],
        {"a": 1},
    ),
    *("2026-03-10", "2024-02-29", "2023-02-29", "2026-13-01", "0000-01-01", "0001-01-01", "9999-12-31", "2026-04-31"),
    *("2026-3-1", "2026-03-10\n", "\u0662\u0660\u0662\u0666-03-10"),
]
TODAY, NOW = date(2026, 3, 10), datetime(2026, 3, 10, 8, 30, tzinfo=UTC)
NAMES: Mapping[str, object] = {
    "me": 2,
    "company": 1,
    "companies": [1, 3],
    "today": TODAY,
    "now": NOW,
    "tz": "Europe/Paris",
    "groups": frozenset({"crm.manager"}),
    "permits": lambda _operation, _named: True,
}
Rows = dict[str, dict[int, dict[str, object]]]


class Chance:
    """Random values with the corners in them; none more often than not wanted."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.apart = random.Random(seed)

    def maybe(self, value: object, share: float = 0.25) -> object:
        return None if self.random.random() < share else value

    def text(self) -> object:
        words = [self.random.choice(WORDS) for _count in range(self.random.randint(1, 2))]
        return self.maybe(" ".join(words).strip() or None)

    def integer(self) -> object:
        return self.maybe(self.random.choice([0, 1, 2, 3, -1, -7, 2**40, -(2**40), self.random.randint(-5, 9)]))

    def float(self) -> object:
        return self.maybe(
            self.random.choice([0.0, 0.5, 1.5, 2.5, -0.5, -2.5, 33.25, 100.0, self.random.randint(0, 400) / 4])
        )

    def money(self) -> object:
        cents = self.random.choice([0, 1, 5, 15, 99, -100, 10**6, 10**12, self.random.randint(-5000, 50000)])
        return self.maybe(Decimal(cents) / 10000 * self.random.choice([1, 100, 10000]))

    def date(self) -> object:
        near = TODAY + timedelta(days=self.random.randint(-40, 40))
        return self.maybe(self.random.choice([near, near, TODAY, date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)]))

    def instant(self) -> object:
        near = NOW + timedelta(minutes=self.random.randint(-90000, 90000), microseconds=self.random.randint(0, 999))
        edges = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), NOW]
        return self.maybe(self.random.choice([near, near, near, *edges]))

    def json(self) -> object:
        """An object with a value of any kind under the names a to c, an extreme number under d; now and then something
        else. From a sequence of its own, so that all other values stay what they are."""
        chance = self.apart
        whole = {name: chance.choice(PARTS) for name in "abc" if chance.random() < 0.8}
        whole["d"] = chance.choice([2**53 + 1, -(2**63), 2**63 - 1, 1e300, -1.7976931348623157e308, 5e-324, 1.1, 4.35])
        return chance.choice([None, *[whole] * 12, {}, [1, "a"], "a", 5, True])

    def value(self, field: FieldInfo, ids: Mapping[str, Sequence[int]]) -> object:
        if field.kind is R:
            return self.maybe(self.random.choice(ids[field.target or ""]))
        if field.kind is B:
            return self.random.random() < 0.5
        if field.models:
            model = self.random.choice(field.models)
            return self.maybe(f"{model},{self.random.choice(ids[model])}")
        if field.options:
            return self.maybe(self.random.choice(field.options)[0])
        make = {
            W: self.integer,
            F: self.float,
            M: self.money,
            T: self.text,
            D: self.date,
            N: self.instant,
            J: self.json,
        }[field.kind]
        return make()


def make_rows(seed: int) -> Rows:
    """Random rows of all models. Hierarchies hold cycles, of two and of one."""
    chance = Chance(seed)
    counts = {"res.company": 4, "res.users": 4, "crm.stage": 5, "res.category": 12, "res.partner": 15}
    counts |= {"crm.lead": 70, "sale.order": 60, "mail.note": 90}
    ids = {name: list(range(1, count + 1)) for name, count in counts.items()}
    rows: Rows = {
        info.name: {
            number: {"id": number}
            | {f.name: chance.value(f, ids) for f in info.fields.values() if f.column and f.name != "id"}
            for number in ids[info.name]
        }
        for info in MODELS
    }
    categories = rows["res.category"]
    categories[1]["parent"], categories[2]["parent"], categories[3]["parent"] = 2, 1, 3
    categories[2]["name"], categories[5]["name"], categories[5]["parent"] = "Fleet", "Éclair", 4
    for name, field in LINKS.items():
        target = SCHEMA[name].fields[field].target or ""
        for values in rows[name].values():
            values[field] = tuple(sorted(chance.random.sample(ids[target], chance.random.choice([0, 1, 2, 3]))))
    for partner in rows["res.partner"].values():
        partner["leads"] = tuple(n for n, lead in rows["crm.lead"].items() if lead["partner"] == partner["id"])
    for lead in rows["crm.lead"].values():
        lead["orders"] = tuple(n for n, order in rows["sale.order"].items() if order["lead"] == lead["id"])
        about = f"crm.lead,{lead['id']}"
        lead["notes"] = tuple(n for n, note in rows["mail.note"].items() if note["about"] == about)
    for category in categories.values():
        owners = rows["res.partner"].items()
        category["partners"] = tuple(n for n, partner in owners if category["id"] in partner["categories"])
    return rows


def statements(engine: Engine, rows: Rows) -> Iterator[tuple[str, list[list[object]]]]:
    """CREATE TABLE and INSERT with their values."""
    mark = "?" if engine == "sqlite" else "%s"
    for info in MODELS:
        fields = [field for field in info.fields.values() if field.column]
        kinds = SQL_TYPES[engine]
        columns = [f'"{f.column}" {kinds.get(f.kind, "INTEGER" if engine == "sqlite" else "bigint")}' for f in fields]
        twins = [field for field in fields if field.fold]
        columns += [f'"{field.fold}" text' for field in twins]
        yield f'CREATE TABLE "{info.table}" ({", ".join(columns)}, PRIMARY KEY ("id"))', []
        values = [[coded(row[f.name], f.kind, engine) for f in fields] for row in rows[info.name].values()]
        for row, coded_row in zip(rows[info.name].values(), values, strict=True):
            coded_row += [None if row[f.name] is None else fold(str(row[f.name])) for f in twins]
        yield f'INSERT INTO "{info.table}" VALUES ({", ".join([mark] * len(columns))})', values
    for name, field in LINKS.items():
        table = f"{SCHEMA[name].table}_{field}"
        yield f'CREATE TABLE "{table}" (owner_id bigint, target_id bigint, PRIMARY KEY (owner_id, target_id))', []
        pairs = [[n, other] for n, row in rows[name].items() for other in row[field]]  # type: ignore[attr-defined]
        yield f'INSERT INTO "{table}" VALUES ({mark}, {mark})', pairs


def coded(value: object, kind: Kind, engine: Engine) -> object:
    encode = encoder(kind, engine)
    return value if value is None or encode is None else encode(value)


class World:
    """The rows three times over, and how to ask each."""

    def __init__(self, rows: Rows, sqlite: sqlite3.Connection, postgresql: psycopg.Connection) -> None:
        self.rows = rows
        self.sqlite = sqlite
        self.postgresql = postgresql
        self.schema = SCHEMA

    def parse(self, source: str, model: str = "crm.lead", **names: object) -> Expression:
        return parse(source, model, SCHEMA, names=names)  # type: ignore[arg-type]

    def compiler(self, engine: Engine, model: str = "crm.lead", **more: object) -> SqlCompiler:
        return SqlCompiler(SCHEMA, model, engine, **more)  # type: ignore[arg-type]

    def fetch(self, engine: Engine, text: str, values: Sequence[object]) -> list[tuple]:
        connection = self.sqlite if engine == "sqlite" else self.postgresql
        return connection.execute(text, values).fetchall()  # type: ignore[arg-type]

    def select(self, engine: Engine, what, where=(), *, compiler, literals=(), names=NAMES) -> list[tuple]:
        """Run SELECT id, what with the compiler's joins; `what` and `where` are fragments."""
        info = SCHEMA[compiler.model]
        condition = (" WHERE ", *where) if where else ()
        source = (f' FROM "{info.table}" AS t', *compiler.joins())
        sizes = {name: list_size(len(value)) for name, value in names.items() if isinstance(value, list)}
        statement = render(("SELECT t.id, ", *what, *source, *condition, " ORDER BY t.id"), engine, sizes)
        return self.fetch(engine, statement.text, bind(statement, literals, names, engine))

    def ids(self, engine: Engine, expression: Expression, *, guard=None, names=NAMES) -> list[int]:
        """The ids of the rows that meet a condition, by SQL."""
        compiler = self.compiler(engine, expression.model, guard=guard)
        where = compiler.condition(expression)
        rows = self.select(engine, ("1",), where, compiler=compiler, literals=expression.literals, names=names)
        return [row[0] for row in rows]

    def values(self, engine: Engine, expression: Expression, *, names=NAMES, guard=None) -> list[object]:
        """The value of an expression on every row, by SQL, decoded."""
        compiler = self.compiler(engine, expression.model, guard=guard)
        what = compiler.expression(expression)
        decode = decoder(expression.kind, engine) or (lambda value: value)
        rows = self.select(engine, what, compiler=compiler, literals=expression.literals, names=names)
        return [None if value is None else decode(value) for _id, value in rows]

    def record(self, model: str, number: int) -> Accessor:
        return Values(self.rows[model][number], model, SCHEMA, self.load)

    def load(self, model: str, ids: Sequence[int]) -> list[Mapping[str, object]]:
        return [self.rows[model][number] for number in ids]

    def by_python(self, expression: Expression, *, names=NAMES) -> list[object]:
        """The value of an expression on every row, in Python."""
        run = predicate(expression, SCHEMA)
        return [run(self.record(expression.model, number), names) for number in self.rows[expression.model]]

    def three(self, source: str, model: str = "crm.lead", *, names=None, **kinds: object) -> list[int]:
        """The ids that meet a condition; SQLite, PostgreSQL and Python must agree."""
        expression = self.parse(source, model, **kinds)
        bound = {**NAMES, **(names or {})}
        found = [n for n, holds in zip(self.rows[model], self.by_python(expression, names=bound), strict=True) if holds]
        assert self.ids("sqlite", expression, names=bound) == found, source
        assert self.ids("postgresql", expression, names=bound) == found, source
        return found


@pytest.fixture(scope="session")
def world(databases) -> Iterator[World]:
    rows = make_rows(20260310)
    sqlite = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    for name, arity, function in SQLITE_FUNCTIONS:
        sqlite.create_function(name, arity, function, deterministic=True)
    postgresql = psycopg.connect(databases.fresh("postgresql"), autocommit=True)
    postgresql.execute("SET timezone TO 'UTC'")
    for text, values in statements("sqlite", rows):
        sqlite.executemany(text, values) if values else sqlite.execute(text)
    for text, values in statements("postgresql", rows):
        if values:
            with postgresql.cursor() as cursor:
                cursor.executemany(text, values)  # type: ignore[arg-type]
        elif text.startswith("CREATE"):
            postgresql.execute(text)  # type: ignore[arg-type]
    yield World(rows, sqlite, postgresql)
    sqlite.close()
    postgresql.close()


@pytest.fixture(scope="session")
def schema() -> Schema:
    return SCHEMA


@pytest.fixture(scope="session")
def names() -> Mapping[str, object]:
    return NAMES


@pytest.fixture
def thing() -> SimpleNamespace:
    return SimpleNamespace(id=2)
