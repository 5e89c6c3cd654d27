"""What `build` refuses: one test for each id, with the place and both addons named, and all mistakes at once."""

import pytest

from core import Model, constraint, fields
from core.errors import ConfigurationError
from core.lang.kinds import Kind
from core.model.composition import Contribution


class Partner(Model, name="res.partner"):
    """Most mistakes below are made with partners."""

    name = fields.Char(required=True)


class Thread(Model):
    """A mixin."""

    topic = fields.Char()


@pytest.fixture
def problems(compose):
    """The problems of a build that is refused."""

    def find(*contributions: Contribution):
        with pytest.raises(ConfigurationError) as caught:
            compose(*contributions)
        return caught.value.problems

    return find


@pytest.fixture
def problem(problems):
    """The only problem of a build that is refused."""

    def find(*contributions: Contribution):
        (found,) = problems(*contributions)
        return found

    return find


def test_r001_addons_that_cannot_be_ordered(problems, give):
    texts = [str(one) for one in problems(give("a", depends="b"), give("b", depends="a c"), give("d"), give("d"))]
    assert any("circle: a, b" in text for text in texts)
    assert any("'b' depends on 'c', not installed" in text for text in texts)
    assert any("same name" in text for text in texts)
    assert all("R001" in text for text in texts)


def test_r002_what_is_no_definition_or_comes_twice(problems, give):
    found = problems(give("a", Partner, int), give("b", Partner))
    assert [one.code for one in found] == ["R002", "R002"]
    assert any("<class 'int'>, which is not a definition" in one.text for one in found)
    assert any("twice, by 'a' and 'b'" in one.text for one in found)


def test_r003_a_model_defined_twice(problem, give):
    class Other(Model, name="res.partner"):
        name = fields.Char()

    found = problem(give("a", Partner), give("b", Other))
    assert found.code == "R003"
    assert "'res.partner' of addon 'b' is defined by addon 'a' already" in found.text
    assert found.file.endswith("test_refusals.py") and "test_refusals.py" in found.notes[0]
    assert found.line and found.column


def test_r004_a_base_that_nobody_contributes(problem, give):
    class Lead(Thread, Model, name="crm.lead"):
        name = fields.Char()

    found = problem(give("a", Lead))
    assert found.code == "R004"
    assert "'Lead' of addon 'a' builds on 'Thread', given by no installed addon" in found.text


def test_r004_an_extension_of_nothing(problem, give):
    class Nothing(Model, extends=True):
        pass

    assert "R004 'Nothing' extends nothing" in str(problem(give("a", Nothing)))


def test_r005_an_extension_outside_the_depends(problem, give):
    class PartnerMore(Partner, extends=True):
        pass

    found = problem(give("base", Partner), give("b", PartnerMore))
    assert found.code == "R005"
    assert "'b' builds on 'Partner' of addon 'base' without depending on it" in found.text
    assert "test_refusals.py" in found.notes[0]


def test_r006_a_model_that_derives_from_a_model(problem, give):
    class Employee(Partner, name="hr.employee"):
        pass

    found = problem(give("a", Partner, Employee))
    assert (found.code, "derives from model 'res.partner'" in found.text) == ("R006", True)


def test_r007_bases_that_contradict_each_other(problem, give):
    class One(Model):
        pass

    class Two(Model):
        pass

    class TwoFirst(Two, One, extends=True):
        pass

    class Lead(One, Two, Model, name="crm.lead"):
        name = fields.Char()

    found = problem(give("a", One, Two, TwoFirst, Lead))
    assert found.code == "R007"
    assert "bases of model 'crm.lead' contradict each other: Lead, One, Two" in found.text
    assert any(note.startswith("TwoFirst at ") for note in found.notes)


def test_r008_keywords_that_do_not_belong_there(problems, give):
    class PartnerMore(Partner, extends=True, table="x", history=False):
        pass

    class Mixed(Model, order="id"):
        pass

    found = problems(give("a", Partner, PartnerMore, Mixed))
    assert [one.code for one in found] == ["R008", "R008"]
    assert any("'PartnerMore' is an extension and cannot say table, history" in one.text for one in found)
    assert any("'Mixed' is a mixin and cannot say order" in one.text for one in found)


@pytest.mark.parametrize("name", ["lead", "Crm.lead", "crm.lead-x", "crm..lead", "crm.lead "])
def test_r009_a_name_that_is_none(problem, give, name):
    wrong = type("Wrong", (Model,), {"name": fields.Char()}, name=name)
    assert problem(give("a", wrong)).code == "R009"


@pytest.mark.parametrize("name", ["filter", "index", "copy", "save", "delete", "env", "adopt", "_name", "get"])
def test_r010_names_of_every_row(problem, give, name):
    wrong = type("Wrong", (Model,), {"name": fields.Char(), name: fields.Char()}, name="t.wrong")
    found = problem(give("a", wrong))
    assert (found.code, f"'{name}' is a name of every row" in found.text) == ("R010", True)


def test_r010_methods_too_but_not_hooks(problem, give):
    class Wrong(Model, name="t.wrong"):
        name = fields.Char()

        def save(self) -> None:
            """Would go past the checks."""

        @classmethod
        def before_write(cls, changes) -> None:
            """A hook may be given."""

    assert "'save' is a name of every row" in problem(give("a", Wrong)).text


@pytest.mark.parametrize(
    ("name", "field", "said"),
    [
        ("version", fields.Integer(), "has this field already"),
        ("create_uid", fields.Integer(), "has this field already"),
        ("none", fields.Char(), "a word of the language"),
        ("class", fields.Char(), "a word of the language"),
        ("Name", fields.Char(), "lower-case"),
        ("naïve", fields.Char(), "lower-case"),
        ("_hidden", fields.Char(), "lower-case"),
        ("x" * 60, fields.Char(), "too long"),
        ("partner_id", fields.Many2one("res.partner"), "call the field 'partner'"),
    ],
)
def test_r011_names_for_fields(problem, give, name, field, said):
    wrong = type("Wrong", (Model,), {name: field}, name="t.wrong")
    found = problem(give("a", Partner, wrong))
    assert found.code == "R011"
    assert said in found.text


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (fields.Integer(search=True), "only text"),
        (fields.One2many("res.partner", inverse="x", index=True), "no column to index"),
        (fields.Computed(fields.Integer, "1", unique=True), "no column to index"),
        (fields.Many2one("res.partner", on_delete="vanish"), "not 'vanish'"),
        (fields.Many2one("res.partner", required=True, on_delete="set null"), "cannot become empty"),
        (fields.Integer(default="5"), "its default does not fit: Expected a whole number"),
        (fields.Selection({"a": "A"}, default="b"), "is not one of a"),
    ],
)
def test_r012_declarations_that_make_no_sense(problems, give, field, said):
    wrong = type("Wrong", (Model,), {"odd": field}, name="t.wrong")
    found = problems(give("a", Partner, wrong))[0]
    assert found.code == "R012"
    assert said in found.text


def test_r013_two_models_in_one_table(problems, give):
    class One(Model, name="a.b_c"):
        name = fields.Char()

    class Two(Model, name="a_x.b", table="a_b_c"):
        tags = fields.Many2many(Partner)

    class Three(Model, name="a.x", table="a_b_c_tags"):
        name = fields.Char()

    class Long(Model, name=f"a.{'x' * 62}"):
        name = fields.Char()

    found = problems(give("a", Partner, One, Two, Three, Long))
    assert [one.code for one in found if "table" in one.text] == ["R013"] * len(found)
    assert any("'a_b_c' of 'a_x.b' is the table of 'a.b_c' already" in one.text for one in found)
    assert any("longer than 63" in one.text for one in found)


def test_r014_the_same_field_from_two_strangers(problem, give):
    class PartnerA(Partner, extends=True):
        score = fields.Integer()

    class PartnerB(Partner, extends=True):
        score = fields.Integer()

    found = problem(give("base", Partner), give("a", PartnerA, depends="base"), give("b", PartnerB, depends="base"))
    assert found.code == "R014"
    assert "field 'score' of 'res.partner' is declared by the addons 'a' and 'b'" in found.text
    assert "addon 'a' declares it at " in found.notes[0] and "test_refusals.py:" in found.notes[0]
    assert "score = " in line_of(found)


def test_r014_also_through_mixins(problem, give):
    class Other(Model):
        topic = fields.Char()

    class Lead(Thread, Other, Model, name="crm.lead"):
        name = fields.Char()

    found = problem(give("a", Thread), give("b", Other), give("crm", Lead, depends="a b"))
    assert (found.code, "'topic' of 'crm.lead'" in found.text) == ("R014", True)


def test_r015_a_field_whose_column_cannot_hold_it(problems, give):
    class PartnerA(Partner, extends=True):
        name = fields.Integer(required=True)

    class PartnerB(Partner, extends=True):
        name = fields.Char()

    for wrong in (PartnerA, PartnerB):
        (found,) = problems(give("base", Partner), give("a", wrong, depends="base"))
        assert found.code == "R015"
        assert "by addon 'a' in a way that its column, made by addon 'base', cannot hold" in found.text


def test_r016_a_field_and_a_method_of_one_name(problem, give):
    class PartnerA(Partner, extends=True):
        def name(self) -> str:
            return ""

    found = problem(give("base", Partner), give("a", PartnerA, depends="base"))
    assert (found.code, "is a field of 'Partner'" in found.text) == ("R016", True)


@pytest.mark.parametrize(
    "attributes",
    [
        {"partner": fields.Many2one(Partner), "partner_id": fields.Integer()},
        {"word": fields.Char(search=True), "word_fold": fields.Char()},
    ],
)
def test_r017_columns_that_collide(problem, give, attributes):
    wrong = type("Wrong", (Model,), attributes, name="t.wrong")
    found = problem(give("a", Partner, wrong))
    assert found.code == "R017"


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"label_field": "titel"}, "label_field of 't.wrong' names 'titel'"),
        ({"parent": "above"}, "parent of 't.wrong' names 'above'"),
        ({"parent": "title"}, "must be a Many2one to 't.wrong' itself"),
        ({"indexes": [("-titel", "id")]}, "indexes of 't.wrong' names 'titel'"),
        ({"unique": [("title", "nothing")]}, "names 'nothing'"),
        ({"order": "titel"}, "order of 't.wrong': column 1"),
    ],
)
def test_r018_keywords_that_name_no_field(problem, give, keywords, said):
    wrong = type("Wrong", (Model,), {"title": fields.Char()}, name="t.wrong", **keywords)
    found = problem(give("a", wrong))
    assert found.code == "R018"
    assert said in found.text
    assert (found.suggestion == "title") == ("titel" in str(keywords))


def test_r018_the_currency_of_an_amount(problem, give):
    class Wrong(Model, name="t.wrong"):
        amount = fields.Monetary(currency="curency")
        currency = fields.Char()

    found = problem(give("a", Wrong))
    assert (found.code, found.suggestion) == ("R018", "currency")


def test_r018_the_zone_of_a_day(problem, give):
    class Wrong(Model, name="t.wrong"):
        due = fields.Date(zone="zon")
        zone = fields.Char()

    found = problem(give("a", Wrong))
    assert (found.code, found.suggestion) == ("R018", "zone")


def test_r018_the_quality_of_a_text(problem, give):
    class Wrong(Model, name="t.wrong"):
        email = fields.Char(quality="email_stat")
        email_state = fields.Char()

    found = problem(give("a", Wrong))
    assert (found.code, found.suggestion) == ("R018", "email_state")


def test_r019_constraints_on_nothing(problems, give):
    class Wrong(Model, name="t.wrong"):
        amount = fields.Integer()

        @constraint("amout", "positive")
        def _check_amount(self) -> bool:
            return True

        @constraint("only words")
        def _check_words(self) -> bool:
            return True

    found = problems(give("a", Wrong))
    assert [one.code for one in found] == ["R019", "R019"]
    assert found[0].suggestion == "amount"
    assert "'_check_words' names a field or more" in found[1].text


def test_r020_a_relation_to_no_model(problem, give):
    class Wrong(Model, name="t.wrong"):
        partner = fields.Many2one("res.partnr")

    found = problem(give("base", Partner), give("a", Wrong, depends="base"))
    assert (found.code, found.suggestion) == ("R020", "res.partner")
    assert "partner = " in line_of(found)


def test_r021_a_relation_outside_the_depends(problem, give):
    class Wrong(Model, name="t.wrong"):
        partner = fields.Many2one("res.partner")

    found = problem(give("base", Partner), give("a", Wrong))
    assert found.code == "R021"
    assert "leads to 'res.partner' of addon 'base', on which 'a' does not depend" in found.text
    assert "'res.partner' is defined at " in found.notes[0] and "(addon 'base')" in found.notes[0]


def test_r022_inverses_that_do_not_fit(problems, give):
    class Lead(Model, name="crm.lead"):
        partner = fields.Many2one(Partner)
        tags = fields.Many2many("crm.tag")

    class Tag(Model, name="crm.tag"):
        partners = fields.One2many(Partner, inverse="name")
        leads = fields.One2many(Lead, inverse="partner")
        others = fields.Many2many(Lead, inverse="version")
        seconds = fields.Many2many(Lead, inverse="nothing")

    found = problems(give("a", Partner, Lead, Tag))
    assert [one.code for one in found] == ["R022"] * 4
    assert "'partner' is no Many2one of 'crm.lead' to 'crm.tag'" in found[1].text


def test_r023_two_reverses_of_one_relation(problem, give):
    class Lead(Model, name="crm.lead"):
        partner = fields.Many2one(Partner)

    class PartnerLeads(Partner, extends=True):
        leads = fields.One2many(Lead, inverse="partner")

    class PartnerDeals(Partner, extends=True):
        deals = fields.One2many(Lead, inverse="partner")

    found = problem(
        give("base", Partner), give("crm", Lead, PartnerLeads, depends="base"), give("b", PartnerDeals, depends="crm")
    )
    assert found.code == "R023"
    assert "(addons b and crm)" in found.text or "(addons crm and b)" in found.text
    assert "is declared at" in found.notes[0]


def test_r024_computed_fields_in_a_circle(problems, give):
    class Order(Model, name="t.order"):
        a = fields.Computed(fields.Integer, "b")
        b = fields.Computed(fields.Integer, "parent.c")
        c = fields.Computed(fields.Integer, "a")
        d = fields.Computed(fields.Integer, "d")
        e = fields.Computed(fields.Integer, "a")
        parent = fields.Many2one["Order | None"]("t.order")
        lines = fields.One2many("t.line", inverse="order")
        total = fields.Computed(fields.Integer, "count(lines, share == 1)")

    class Line(Model, name="t.line"):
        order = fields.Many2one(Order)
        share = fields.Computed(fields.Integer, "order.total")

    texts = [one.text for one in problems(give("a", Order, Line))]
    assert any("t.order.a -> t.order.b -> t.order.c -> t.order.a" in text for text in texts)
    assert any("t.order.d -> t.order.d" in text for text in texts)
    assert any("t.line.share -> t.order.total -> t.line.share" in text for text in texts)
    assert len(texts) == 3


@pytest.mark.parametrize(
    ("kind", "expression", "said"),
    [
        (fields.Integer, "amout + 1", "column 1"),
        (fields.Integer, "amount +", "column"),
        (fields.Integer, "partner.name", "declared integer, its expression gives text"),
        (fields.Monetary, "amount * 2.5", "declared money, its expression gives float"),
        (fields.Boolean, "amount", "declared boolean"),
    ],
)
def test_r025_expressions_of_computed_fields(problem, give, kind, expression, said):
    class Wrong(Model, name="t.wrong"):
        amount = fields.Integer()
        partner = fields.Many2one(Partner)
        found = fields.Computed(kind, expression)

    found = problem(give("a", Partner, Wrong))
    assert found.code == "R025"
    assert said in found.text
    assert found.suggestion == ("amount" if "amout" in expression else "")


def test_whole_numbers_are_numbers(compose, give):
    class Right(Model, name="t.right"):
        amount = fields.Integer()
        share = fields.Computed(fields.Float, "amount")

    assert compose(give("a", Right)).schema["t.right"].fields["share"].kind is Kind.FLOAT


def test_all_mistakes_are_told_at_once(problems, give):
    class Wrong(Model, name="t.wrong", label_field="nothing"):
        index = fields.Char()
        partner = fields.Many2one("res.partner")
        amount = fields.Integer(search=True)

    codes = [one.code for one in problems(give("a", Wrong))]
    assert sorted(codes) == ["R010", "R012", "R018", "R020"]


def line_of(problem) -> str:
    with open(problem.file, encoding="utf-8") as file:
        return file.read().splitlines()[problem.line - 1]


class Team(Model, name="t.team", cached=True):
    """What properties belong to below."""

    name = fields.Char()


class Definition(Model):
    """All that a model of definitions needs but the owner."""

    name = fields.Char()
    label = fields.Char()
    type = fields.Char()
    options = fields.Char()
    default = fields.Char()
    sequence = fields.Integer()
    on_card = fields.Boolean()
    active = fields.Boolean()


def properties(given, *, cached=True, target="t.team", by="team", mixin=Definition):
    class Given(mixin, Model, name="t.given", cached=cached):
        team = fields.Many2one(target)

    class Deal(Model, name="t.deal"):
        team = fields.Many2one(Team)
        name = fields.Char()
        properties = fields.Properties(given, by=by)

    return (Team, Thread, Definition, Given, Deal)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"given": "t.gone"}, "records of 't.gone', which is no installed model"),
        ({"given": "t.given", "by": "name"}, "'name' is no Many2one of 't.deal'"),
        ({"given": "t.given", "by": "gone"}, "'gone' is no Many2one of 't.deal'"),
        ({"given": "t.given", "target": "t.deal"}, "'team' is no Many2one of 't.given' to 't.team'"),
        ({"given": "t.given", "mixin": Thread}, "'t.given' has no field 'name'; use base's mixin Property"),
        ({"given": "t.given", "cached": False}, "'t.given' is not declared cached=True"),
    ],
)
def test_r026_properties_that_nobody_can_define(problem, give, arguments, said):
    found = problem(give("a", *properties(**arguments)))
    assert found.code == "R026"
    assert found.text == f"field 'properties' of 't.deal': {found.text.partition(': ')[2]}"
    assert said in found.text


def test_properties_that_fit(compose, give):
    info = compose(give("a", *properties("t.given"))).schema["t.deal"].fields["properties"]
    assert (info.kind, info.definitions, info.by) == (Kind.JSON, "t.given", "team")
