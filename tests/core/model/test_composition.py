"""How definitions, mixins and extensions of several addons become one class, whatever the order they are given in."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from core import Model, action, constraint, fields
from core.database import connect
from core.lang.kinds import Kind
from core.model.record import Record
from core.model.registry import build

# base: partners. mail: two mixins. crm: leads. calls, visits: two extensions that do not know each other.
# thread_x: an extension of a mixin.


class Thread(Model):
    """A mixin."""

    followers = fields.Integer(default=0)

    def chain(self) -> list[str]:
        return ["Thread"]


class Activities(Model):
    """Another mixin."""

    activity = fields.Char()

    def chain(self) -> list[str]:
        return ["Activities", *super().chain()] if hasattr(super(), "chain") else ["Activities"]


class Partner(Model, name="res.partner", order="name"):
    """A person."""

    name = fields.Char(required=True)


class Lead(Activities, Thread, Model, name="crm.lead", label="Opportunity", order="-priority, id"):
    """A definition with two mixins."""

    name = fields.Char(required=True, search=True)
    priority = fields.Integer()
    partner = fields.Many2one(Partner)
    tags = fields.Many2many["Tag"]("crm.tag")

    def chain(self) -> list[str]:
        return ["Lead", *super().chain()]

    @classmethod
    def merge(cls, rows: list[str]) -> list[str]:
        return [*rows, "Lead"]

    @constraint("priority", "not negative")
    def _check_priority(self) -> bool:
        return (self.priority or 0) >= 0

    @action(label="Win", groups="crm.all, crm.manager")
    def win(self) -> str:
        return "won"

    @action(label="Lose all")
    @classmethod
    def lose(cls, rows: list[object]) -> int:
        return len(rows)


class PartnerLeads(Partner, extends=True):
    """An extension by the addon that the reverse relation belongs to."""

    leads = fields.One2many(Lead, inverse="partner")


class Tag(Model, name="crm.tag"):
    """The other side of a many2many."""

    name = fields.Char(required=True)
    leads = fields.Many2many(Lead, inverse="tags")


class LeadCalls(Lead, extends=True):
    """An extension."""

    calls = fields.Integer(default=3)

    def chain(self) -> list[str]:
        return ["LeadCalls", *super().chain()]

    @classmethod
    def merge(cls, rows: list[str]) -> list[str]:
        return super().merge([*rows, "LeadCalls"])


class LeadVisits(Lead, extends=True, label="Deal", indexes=[("visits",)]):
    """Another one, which does not know the first."""

    visits = fields.Many2one("res.partner")

    def chain(self) -> list[str]:
        return ["LeadVisits", *super().chain()]

    @classmethod
    def merge(cls, rows: list[str]) -> list[str]:
        return super().merge([*rows, "LeadVisits"])

    def win(self) -> str:
        return f"{super().win()} with a visit"

    def _check_priority(self) -> bool:
        return self.priority != 13 and super()._check_priority()


class ThreadX(Thread, extends=True):
    """An extension of a mixin reaches every model that uses it."""

    muted = fields.Boolean()

    def chain(self) -> list[str]:
        return ["ThreadX", *super().chain()]


class PartnerThread(Partner, Thread, extends=True):
    """An extension that brings a mixin."""


BASE = {"base": [Partner], "mail": [Thread, Activities, PartnerThread], "crm": [Lead, PartnerLeads, Tag]}
MORE = {"calls": [LeadCalls], "visits": [LeadVisits], "thread_x": [ThreadX]}
DEPENDS = {"base": "", "mail": "base", "crm": "mail", "calls": "crm", "visits": "crm", "thread_x": "mail"}


@pytest.fixture
def contributions(give):
    return [give(addon, *found, depends=DEPENDS[addon]) for addon, found in {**BASE, **MORE}.items()]


def mro(model: type) -> list[str]:
    names = [part.__name__ for part in model.__mro__]
    return names[1 : names.index("Model")]


def test_parts_stand_in_the_order_of_addons(compose, contributions):
    registry = compose(*contributions)
    expected = ["LeadVisits", "LeadCalls", "Lead", "Activities", "ThreadX", "Thread"]
    assert mro(registry.models["crm.lead"]) == expected
    assert mro(registry.models["res.partner"]) == ["PartnerLeads", "PartnerThread", "Partner", "ThreadX", "Thread"]


def test_super_goes_from_addon_to_addon(compose, contributions):
    lead = compose(*contributions).models["crm.lead"]
    assert lead.adopt({"id": 1}).chain() == ["LeadVisits", "LeadCalls", "Lead", "Activities", "ThreadX", "Thread"]
    assert lead.merge([]) == ["LeadVisits", "LeadCalls", "Lead"]


def test_the_order_given_does_not_matter(compose, contributions):
    seen = set()
    for order in permutations(contributions):
        registry = compose(*order)
        seen.add((tuple(mro(registry.models["crm.lead"])), tuple(registry.schema["crm.lead"].fields), registry.addons))
    assert len(seen) == 1


def test_an_addon_that_is_not_installed_leaves_no_trace(compose, give):
    registry = compose(*(give(addon, *found, depends=DEPENDS[addon]) for addon, found in BASE.items()))
    lead = registry.models["crm.lead"]
    assert mro(lead) == ["Lead", "Activities", "Thread"]
    assert "calls" not in registry.schema["crm.lead"].fields
    assert not hasattr(lead, "visits")
    assert registry.schema["crm.lead"].label == "Opportunity"


def test_rows_are_instances_of_their_definitions(compose, contributions):
    registry = compose(*contributions)
    row = registry.models["crm.lead"].adopt({"id": 1})
    assert isinstance(row, Lead) and isinstance(row, Thread) and isinstance(row, LeadCalls)
    assert isinstance(row, Record)
    assert issubclass(registry.models["res.partner"], Thread)


def test_mixins_that_share_a_mixin_compose(compose, give):
    class Ground(Model):
        def chain(self) -> list[str]:
            return ["Ground"]

    class Left(Ground, Model):
        def chain(self) -> list[str]:
            return ["Left", *super().chain()]

    class Right(Ground, Model):
        def chain(self) -> list[str]:
            return ["Right", *super().chain()]

    class House(Left, Right, Model, name="t.house"):
        name = fields.Char()

    class HouseMore(House, Right, extends=True):
        pass

    registry = compose(give("a", Ground, Left, Right, House, HouseMore))
    assert registry.models["t.house"].adopt({}).chain() == ["Left", "Right", "Ground"]


def test_an_extension_of_an_extension_comes_before_it(compose, give):
    class Thing(Model, name="t.thing"):
        name = fields.Char()

        def chain(self) -> str:
            return "Thing"

    class First(Thing, extends=True):
        def chain(self) -> str:
            return f"First {super().chain()}"

    class Second(First, extends=True):
        def chain(self) -> str:
            return f"Second {super().chain()}"

    registry = compose(give("z", Thing, First), give("a", Second, depends="z"))
    assert registry.models["t.thing"].adopt({}).chain() == "Second First Thing"


def test_options_are_those_of_the_definition_unless_an_extension_says_otherwise(compose, contributions):
    registry = compose(*contributions)
    options = registry.options["crm.lead"]
    assert (options.label, options.order, options.label_field, options.table) == (
        "Deal",
        "-priority, id",
        "name",
        "crm_lead",
    )
    assert (options.history, options.system) == (True, False)
    assert [(index.fields, index.addon) for index in options.indexes] == [(("visits",), "visits")]


def test_owners_of_models_and_fields(compose, contributions):
    registry = compose(*contributions)
    owners = {name: registry.owner_of_field["crm.lead", name] for name in registry.schema["crm.lead"].fields}
    assert registry.owner_of_model == {"res.partner": "base", "crm.lead": "crm", "crm.tag": "crm"}
    assert {owners[name] for name in ("id", "version", "name", "followers", "activity")} == {"crm"}
    assert (owners["calls"], owners["visits"], owners["muted"]) == ("calls", "visits", "thread_x")
    assert registry.owner_of_field["res.partner", "followers"] == "mail"


def test_marked_methods_are_known_by_name_and_overrides_keep_the_mark(compose, contributions):
    registry = compose(*contributions)
    row = registry.models["crm.lead"].adopt({"id": 1, "priority": 13})
    (found,) = registry.constraints["crm.lead"]
    assert (found.fields, found.text, found.queries) == (("priority",), "not negative", False)
    assert found.concerns({"priority", "name"}) and not found.concerns({"name"})
    assert not found.holds(row)
    assert found.holds(registry.models["crm.lead"].adopt({"priority": 1}))
    actions = registry.actions["crm.lead"]
    assert {name: (one.batch, one.groups) for name, one in actions.items()} == {
        "win": (False, {"crm.all", "crm.manager"}),
        "lose": (True, frozenset()),
    }
    assert row.win() == "won with a visit"


def test_infos_for_the_language(compose, contributions):
    registry = compose(*contributions)
    lead = registry.schema["crm.lead"]
    assert lead.fields["name"].fold == "name_fold"
    assert (lead.fields["partner"].kind, lead.fields["partner"].column) == (Kind.REFERENCE, "partner_id")
    assert lead.find("partner_id") is lead.fields["partner"]
    own, other = lead.fields["tags"].link, registry.schema["crm.tag"].fields["leads"].link
    assert (own.table, own.own, own.other) == ("crm_lead_tags", "owner_id", "target_id")
    assert (other.table, other.own, other.other) == ("crm_lead_tags", "target_id", "owner_id")
    assert registry.schema["res.partner"].fields["leads"].inverse == "partner"
    assert list(lead.fields)[:6] == ["id", "version", "create_date", "create_uid", "write_date", "write_uid"]
    assert registry.references_to("res.partner") == (("crm.lead", "partner"), ("crm.lead", "visits"))
    assert registry.references_to("nothing") == ()


def test_stamps_lead_to_users_where_there_are_users(compose, give):
    class Users(Model, name="res.users"):
        name = fields.Char()

    registry = compose(give("base", Users))
    assert registry.schema["res.users"].fields["create_uid"].target == "res.users"
    assert registry.schema["res.users"].fields["create_uid"].column == "create_uid"


def test_an_extension_may_sharpen_a_field_of_an_addon_it_depends_on(compose, contributions, give):
    class LeadStrict(Lead, extends=True):
        priority = fields.Integer(required=True, default=1, index=True, label="Stars")

    registry = compose(*contributions, give("strict", LeadStrict, depends="crm"))
    assert registry.declarations["crm.lead"]["priority"].required
    assert registry.schema["crm.lead"].fields["priority"].label == "Stars"
    assert registry.owner_of_field["crm.lead", "priority"] == "crm"
    assert not registry.schema["crm.lead"].fields["priority"].required  # older rows may lack it
    assert [index.addon for index in registry.options["crm.lead"].indexes] == ["strict", "visits"]


def test_importing_and_building_leave_definitions_alone(compose, contributions):
    before = dict(vars(Lead))
    compose(*contributions)
    compose(*contributions)
    assert dict(vars(Lead)) == before
    assert not hasattr(Lead, "_meta")


def test_model_is_empty_at_run_time():
    assert {name for name in vars(Model) if not name.startswith("__")} == set()


def test_parsed_expressions_are_kept_and_bounded(compose, contributions):
    registry = compose(*contributions)
    first = registry.parse("name == 'x'", "crm.lead")
    assert registry.parse("name == 'x'", "crm.lead") is first
    for number in range(2_100):
        registry.parse(f"priority == {number}", "crm.lead")
    assert registry.parse("name == 'x'", "crm.lead") is not first
    registry.close()


# Several databases in one process


def test_registries_built_in_threads_do_not_mix(tmp_path, give):
    databases = [connect(f"sqlite:///{tmp_path}/{number}.db", create=True) for number in range(2)]
    sets = [(), ("calls",), ("visits",), ("thread_x",), ("calls", "visits"), ("calls", "visits", "thread_x")]

    def work(number: int) -> str | None:
        chosen = {**BASE, **{addon: MORE[addon] for addon in sets[number % len(sets)]}}
        given = [give(addon, *found, depends=DEPENDS[addon]) for addon, found in chosen.items()]
        registry = build(databases[number % 2], given)
        lead = registry.models["crm.lead"]
        for model in registry.models.values():
            for field in model._meta.refs:
                if field.rel_model is not registry.models[field.rel_model._name]:
                    return f"{model._name}.{field.name} leads into another registry"
            if model._meta.database is not databases[number % 2].peewee:
                return f"{model._name} is bound to another database"
        query = lead.select(lead.id).join(registry.models["res.partner"]).where(registry.models["res.partner"].id == 1)
        if "res_partner" not in query.sql()[0]:
            return f"a query of {number} does not reach its own partner"
        wanted = {"LeadCalls": "calls", "LeadVisits": "visits", "ThreadX": "thread_x"}
        present = {addon for name, addon in wanted.items() if name in mro(lead)}
        return None if present == set(sets[number % len(sets)]) else f"{present} in {number}"

    with ThreadPoolExecutor(8) as pool:
        assert [found for found in pool.map(work, range(500)) if found] == []
    for database in databases:
        database.close()


def test_a_registry_that_nobody_holds_is_freed(compose, contributions):
    registries = [compose(*contributions) for _ in range(20)]
    kept = [weakref.ref(model) for registry in registries for model in registry.models.values()]
    kept += [weakref.ref(registry) for registry in registries]
    rows = [registries[0].models["crm.lead"].adopt_all([{"id": 1}, {"id": 2}])]
    del registries, rows
    gc.collect()
    assert [reference for reference in kept if reference() is not None] == []
