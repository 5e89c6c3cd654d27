"""Rows: values, relations loaded for all rows of a search, saving through the environment, and what rows refuse."""

import copy
import gc
import pickle
import weakref
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from core import Model, fields
from core.errors import AccessDenied, Invalid, NotFound
from core.model.change import Link
from core.model.context import current_environment
from core.model.record import Record
from core.model.registry import Registry, build
from core.model.schema import create_all


class Country(Model, name="t.country"):
    name = fields.Char(required=True)


class Partner(Model, name="t.partner"):
    name = fields.Char(required=True)
    country = fields.Many2one(Country)
    deals = fields.One2many["Deal"]("t.deal", inverse="partner")


class Tag(Model, name="t.tag"):
    name = fields.Char()


class Deal(Model, name="t.deal"):
    name = fields.Char(required=True)
    partner = fields.Many2one(Partner)
    tags = fields.Many2many(Tag)
    amount = fields.Monetary()
    rate = fields.Float()
    share = fields.Computed(fields.Monetary, "amount * rate / 100")
    country = fields.Computed(fields.Char, "partner.country.name")
    day = fields.Datetime()

    def double(self) -> Decimal:
        return (self.amount or 0) * 2

    @classmethod
    def known(cls) -> list[int]:
        return sorted(cls.env.stored["t.deal"])


class Records:
    """Stands in for the records of an environment: values in dicts, every reading noted."""

    def __init__(self, env: "Env", model: str) -> None:
        self.env, self.model, self.rows = env, model, env.stored[model]

    def note(self, what: str, ids: Sequence[int]) -> None:
        self.env.log.append((what, self.model, sorted(ids)))

    def readable(self, ids: Sequence[int]) -> list[int]:
        return [id_ for id_ in ids if id_ in self.rows and (self.model, id_) not in self.env.hidden]

    def read_ids(self, ids: Sequence[int], names: Sequence[str]) -> dict[int, dict[str, object]]:
        self.note(f"read {','.join(names)}", ids)
        return {id_: {name: self.rows[id_].get(name) for name in names} for id_ in self.readable(ids)}

    def browse(self, ids: Sequence[int]) -> list[Record]:
        self.note("browse", ids)
        stored = self.env.registry.models[self.model]._meta.fields
        found = [{name: self.rows[id_].get(name) for name in stored} for id_ in self.readable(ids)]
        return self.env.registry.models[self.model].adopt_all(found)

    def create(self, **values: object) -> Record:
        id_ = max(self.rows, default=0) + 1
        self.rows[id_] = {"id": id_, "version": 1, **values}
        self.note(f"create {sorted(values)}", [id_])
        return self.browse([id_])[0]

    def write(self, rows: Sequence[Record], **values: object) -> None:
        self.note(f"write {sorted(values)}", [row.id for row in rows])
        for row in rows:
            self.rows[row.id].update(values)
            row.refresh(dict(self.rows[row.id]))

    def delete(self, rows: Sequence[Record]) -> None:
        self.note("delete", [row.id for row in rows])


class Env:
    def __init__(self, registry: Registry, stored: Mapping[str, dict[int, dict[str, object]]]) -> None:
        self.registry, self.stored = registry, stored
        self.hidden: set[tuple[str, int]] = set()
        self.log: list[tuple[str, str, list[int]]] = []

    def __getitem__(self, model: str) -> Records:
        return Records(self, model)

    def implicit(self) -> dict[str, object]:
        return {}


@pytest.fixture
def registry(compose, give) -> Registry:
    return compose(give("a", Country, Partner, Tag, Deal))


@pytest.fixture
def env(registry) -> Iterator[Env]:
    stored = {
        "t.country": {1: {"id": 1, "name": "Norway"}},
        "t.partner": {
            1: {"id": 1, "name": "Fjord", "country": 1, "deals": [1, 2]},
            2: {"id": 2, "name": "Ås", "country": None, "deals": [3]},
        },
        "t.tag": {1: {"id": 1, "name": "vip"}, 2: {"id": 2, "name": "cold"}},
        "t.deal": {
            1: {"id": 1, "version": 1, "name": "a", "partner": 1, "tags": [2, 1], "amount": Decimal(10), "rate": 50.0},
            2: {"id": 2, "version": 1, "name": "b", "partner": 1, "tags": []},
            3: {"id": 3, "version": 1, "name": "c", "partner": 2, "tags": [1]},
            4: {"id": 4, "version": 1, "name": "d", "partner": None, "tags": []},
        },
    }
    found = Env(registry, stored)
    token = current_environment.set(found)
    yield found
    current_environment.reset(token)


@pytest.fixture
def deals(env) -> list[Record]:
    rows = env["t.deal"].browse([1, 2, 3, 4])
    env.log.clear()
    return rows


# Values


def test_a_row_holds_values(deals):
    assert (deals[0].id, deals[0].name, deals[0].partner_id, deals[0].amount) == (1, "a", 1, Decimal(10))
    assert deals[3].partner is None and deals[3].partner_id is None
    assert deals[0].double() == 20
    assert repr(deals[0]) == "<t.deal 1>"


def test_a_field_that_was_not_read_is_read_for_all_rows_at_once(env, registry):
    rows = registry.models["t.deal"].adopt_all([{"id": 1}, {"id": 2}, {"id": 3, "name": "known"}])
    assert [row.name for row in rows] == ["a", "b", "known"]
    assert rows[1].partner_id == 1
    assert env.log == [("read name", "t.deal", [1, 2]), ("read partner", "t.deal", [1, 2, 3])]


def test_a_field_of_a_record_that_is_gone(env, registry):
    with pytest.raises(NotFound):
        registry.models["t.deal"].adopt({"id": 99}).name  # noqa: B018


def test_rows_of_one_record_are_equal(deals, env):
    (again,) = env["t.deal"].browse([1])
    assert again == deals[0] and again != deals[1]
    assert len({again, deals[0], deals[1]}) == 2


# Relations


def test_relations_are_loaded_for_all_rows_together(env, deals):
    assert [row.partner.name if row.partner else None for row in deals] == ["Fjord", "Fjord", "Ås", None]
    assert deals[0].partner is deals[1].partner
    assert deals[0].partner.country.name == "Norway"
    assert env.log == [("browse", "t.partner", [1, 2]), ("browse", "t.country", [1])]


def test_rows_do_not_keep_each_other(registry):
    rows = registry.models["t.deal"].adopt_all([{"id": 1}, {"id": 2}])
    first, second = weakref.ref(rows[0]), rows[1]
    gc.disable()
    try:
        del rows
        assert first() is None
        assert list(second._together()) == [second]
    finally:
        gc.enable()


def test_to_many_relations_are_tuples_loaded_together(env, deals):
    assert [[tag.name for tag in row.tags] for row in deals] == [["cold", "vip"], [], ["vip"], []]
    assert isinstance(deals[0].tags, tuple)
    assert env.log == [("read tags", "t.deal", [1, 2, 3, 4]), ("browse", "t.tag", [1, 2])]
    assert [deal.name for deal in deals[0].partner.deals] == ["a", "b"]
    assert [deal.name for deal in deals[2].partner.deals] == ["c"]
    assert [entry[0] for entry in env.log[2:]] == ["browse", "read deals", "browse"]


def test_what_may_not_be_read_is_refused_or_left_out(env, deals):
    env.hidden = {("t.partner", 1), ("t.tag", 2)}
    with pytest.raises(AccessDenied, match="'partner'"):
        deals[0].partner  # noqa: B018
    assert deals[2].partner.name == "Ås"
    assert [tag.name for tag in deals[0].tags] == ["vip"]


def test_a_row_without_company_loads_its_own(env, registry):
    row = registry.models["t.deal"].adopt({"id": 1, "partner": 1})
    assert row.partner.name == "Fjord"
    assert [tag.id for tag in row.tags] == [2, 1]


# Setting and saving


def test_setting_checks_the_value_and_names_the_field(deals):
    with pytest.raises(Invalid) as caught:
        deals[0].amount = "much"
    assert (caught.value.errors[0].field, caught.value.model) == ("amount", "t.deal")
    deals[0].amount = "12.5"
    deals[0].day = "2026-01-31T10:00:00+01:00"
    assert deals[0].amount == Decimal("12.5")
    assert deals[0].day == datetime(2026, 1, 31, 9, tzinfo=UTC)


def test_a_relation_takes_a_row_or_an_id(env, deals):
    other = deals[2].partner
    deals[0].partner = other
    assert (deals[0].partner_id, deals[0].partner) == (2, other)
    deals[0].partner = 1
    assert deals[0].partner.name == "Fjord"
    deals[0].partner_id = 2
    assert deals[0].partner.name == "Ås"
    deals[0].partner = None
    assert deals[0].partner is None
    with pytest.raises(Invalid, match=r"t\.partner, not of t\.tag"):
        deals[0].partner = env["t.tag"].browse([1])[0]
    with pytest.raises(Invalid, match="must be saved"):
        deals[0].partner = env.registry.models["t.partner"](name="new")


def test_save_writes_what_was_set_and_refreshes(env, deals):
    deals[0].save()
    assert env.log == []
    deals[0].name = "z"
    deals[0].tags = [1]
    assert [tag.name for tag in deals[0].tags] == ["vip"]
    env.log.clear()
    deals[0].save()
    assert env.log[0] == ("write ['name', 'tags']", "t.deal", [1])
    assert env.stored["t.deal"][1]["tags"] == (1,)
    assert not deals[0].is_dirty()
    assert [tag.name for tag in deals[0].tags] == ["vip"]


def test_links_are_added_and_removed(env, deals):
    deals[0].tags = Link(remove=[2])
    assert [tag.id for tag in deals[0].tags] == [1]
    deals[0].save()
    assert env.stored["t.deal"][1]["tags"] == Link(remove=[2])


def test_a_new_row_is_created(env, registry):
    row = registry.models["t.deal"](name="new", partner=2)
    assert row.id is None and row.amount is None and row.tags == ()
    assert row.partner.name == "Ås"
    row.tags = [1, 2]
    assert [tag.id for tag in row.tags] == [1, 2]
    row.save()
    assert row.id == 5
    assert env.stored["t.deal"][5] == {"id": 5, "version": 1, "name": "new", "partner": 2, "tags": (1, 2)}


def test_a_row_of_a_misspelt_field(registry):
    with pytest.raises(TypeError, match="has no field 'nam'"):
        registry.models["t.deal"](nam="x")


def test_delete_goes_through_the_environment(env, deals):
    deals[0].delete_instance()
    assert env.log == [("delete", "t.deal", [1])]


def test_what_cannot_be_set(deals, env):
    with pytest.raises(Invalid, match="computed"):
        deals[0].share = 5
    with pytest.raises(Invalid, match="they carry the link"):
        env["t.partner"].browse([1])[0].deals = ()
    with pytest.raises(AttributeError):
        deals[0].tags.append(1)


# Computed fields


def test_computed_fields_follow_the_values_of_the_row(deals):
    assert deals[0].share == Decimal(5)
    deals[0].rate = 10.0
    assert deals[0].share == Decimal(1)
    assert deals[1].share is None


def test_computed_fields_follow_relations_and_see_no_more_than_the_user(env, deals):
    assert [row.country for row in deals] == ["Norway", "Norway", None, None]
    env.hidden = {("t.partner", 1)}
    (again,) = env["t.deal"].browse([1])
    assert again.country is None


# The environment


def test_class_methods_reach_the_environment(env, registry):
    assert registry.models["t.deal"].known() == [1, 2, 3, 4]
    assert registry.models["t.deal"].env is env


def test_without_an_environment_nothing_is_read(registry):
    row = registry.models["t.deal"].adopt({"id": 1, "name": "x"})
    assert row.name == "x"
    with pytest.raises(LookupError, match="no environment is open"):
        row.partner  # noqa: B018


def test_a_row_is_not_used_with_another_database(env, compose, give):
    other = compose(give("a", Country, Partner, Tag, Deal))
    row = other.models["t.deal"].adopt({"id": 1})
    with pytest.raises(RuntimeError, match="another database"):
        row.env  # noqa: B018


# What rows refuse


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_rows_are_neither_pickled_nor_copied(deals, take):
    with pytest.raises(TypeError, match="pass the model's name and the id"):
        take(deals[0])


def test_rows_are_taken_over_without_copying(registry):
    values = {"id": 1, "name": "x"}
    row = registry.models["t.deal"].adopt(values)
    assert row.__data__ is values
    values["name"] = "y"
    assert row.name == "y"


def test_a_row_found_in_code_that_only_looks_like_one():
    looks = SimpleNamespace(_name="t.partner", id=3)
    assert fields.Many2one(Partner).check(looks) == 3


# What core and migrations may use of peewee


def test_classes_give_fields_of_peewee(registry):
    deal = registry.models["t.deal"]
    assert deal.amount.column_name == "amount"
    assert deal.partner.rel_model is registry.models["t.partner"]
    assert deal.partner_id is deal.partner
    assert deal.tags.target == "t.tag"
    assert deal.share.name == "share"
    assert deal._meta.table_name == "t_deal"
    assert [field.name for field in deal._meta.sorted_fields][:2] == ["id", "version"]
    assert not hasattr(registry.models["t.partner"], "deal_set")


def test_queries_of_peewee_convert_values(database, give):
    found = build(database, [give("a", Country, Partner, Tag, Deal)])
    deal = found.models["t.deal"]
    at = datetime(2026, 1, 31, 9, tzinfo=UTC)
    with database.transaction(write=True):
        create_all(found)
        values = {"id": 3, "version": 1, "name": "x", "amount": Decimal("1.5"), "day": at, "partner": None}
        deal.insert(values).execute()
        row = deal.select().where(deal.amount == Decimal("1.5")).dicts().get()
    assert (row["amount"], row["day"], row["rate"]) == (Decimal("1.5"), at, None)
