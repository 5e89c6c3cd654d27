"""How companies and contacts belong together: names, commercial partners, addresses, trees without cycles."""

import pytest

from core import Invalid


@pytest.fixture
def acme(partners, env):
    return partners.create(
        name="Acme", is_company=True, street="1 Main Street", city="Lyon", country=env.ref("base.country_fr"), vat="FR1"
    )


def stored(partners, row, *fields):
    values = partners.read_ids([row.id], fields)[row.id]
    return tuple(values[name] for name in fields)


def test_a_contact_is_named_with_its_company(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    assert joe.complete_name == "Acme, Joe"
    assert partners.label([acme.id, joe.id]) == {acme.id: "Acme", joe.id: "Acme, Joe"}


def test_a_person_is_named_with_the_name_of_a_company(partners):
    assert partners.create(name="Joe", company_name="Acme").complete_name == "Acme, Joe"


def test_an_address_without_name_is_named_by_its_type(partners, acme):
    assert partners.create(type="invoice", parent=acme).complete_name == "Acme, Invoice address"


def test_a_contact_of_a_contact_is_named_with_the_company(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    assert partners.create(name="Ann", parent=joe).complete_name == "Acme, Ann"


def test_a_new_name_of_the_company_reaches_its_contacts(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    ann = partners.create(name="Ann", parent=joe)
    partners.archive(ann)
    partners.write(acme, name="Apex")
    assert stored(partners, joe, "complete_name") == ("Apex, Joe",)
    assert stored(partners, ann, "complete_name") == ("Apex, Ann",)


def test_a_created_partner_has_version_one(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    assert stored(partners, joe, "version") == (1,)
    assert stored(partners, acme, "version") == (1,)


def test_the_commercial_partner_is_the_nearest_company(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    ann = partners.create(name="Ann", parent=joe)
    branch = partners.create(name="Branch", parent=acme, is_company=True)
    assert [row.commercial_partner.id for row in (acme, joe, ann, branch)] == [acme.id, acme.id, acme.id, branch.id]


def test_the_commercial_partner_follows_a_move(partners, acme):
    other = partners.create(name="Other", is_company=True)
    joe = partners.create(name="Joe", parent=acme)
    ann = partners.create(name="Ann", parent=joe)
    partners.write(joe, parent=other)
    assert stored(partners, ann, "commercial_partner", "complete_name") == (other.id, "Other, Ann")
    partners.write(joe, parent=None)
    assert stored(partners, ann, "commercial_partner", "complete_name") == (joe.id, "Joe, Ann")


def test_a_contact_that_becomes_a_company_is_its_own_commercial_partner(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    partners.write(joe, is_company=True)
    assert stored(partners, joe, "commercial_partner", "complete_name") == (joe.id, "Joe")


def test_a_partner_cannot_be_above_itself(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    ann = partners.create(name="Ann", parent=joe)
    for parent in (ann, acme):
        with pytest.raises(Invalid, match="own parent"):
            partners.write(acme, parent=parent)


def test_a_contact_needs_a_name(partners, acme):
    with pytest.raises(Invalid, match="needs a name"):
        partners.create(parent=acme)


def test_a_contact_lives_where_its_company_lives(partners, acme, env):
    joe = partners.create(name="Joe", parent=acme)
    assert (joe.street, joe.city, joe.country.code) == ("1 Main Street", "Lyon", "FR")


def test_an_address_given_for_a_contact_stays(partners, acme):
    assert partners.create(name="Joe", parent=acme, city="Nice").street is None


def test_an_address_of_another_kind_is_not_filled(partners, acme):
    assert partners.create(type="delivery", parent=acme).street is None


def test_a_company_that_moves_takes_its_contacts_along(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    away = partners.create(name="Ann", parent=acme, street="Elsewhere", city="Nice")
    delivery = partners.create(type="delivery", parent=acme, street="Gate 2")
    partners.write(acme, street="2 New Street", city="Paris")
    assert stored(partners, joe, "street", "city") == ("2 New Street", "Paris")
    assert stored(partners, away, "street", "city") == ("Elsewhere", "Nice")
    assert stored(partners, delivery, "street", "city") == ("Gate 2", None)


def test_the_first_contact_gives_its_address_to_an_empty_company(partners):
    company = partners.create(name="Bare", is_company=True)
    partners.create(name="Joe", parent=company, street="1 Hill", city="Rome")
    assert stored(partners, company, "street", "city") == ("1 Hill", "Rome")


def test_the_second_contact_does_not(partners):
    company = partners.create(name="Bare", is_company=True)
    partners.create(name="Joe", parent=company)
    partners.create(name="Ann", parent=company, street="1 Hill")
    assert stored(partners, company, "street") == (None,)


def test_commercial_fields_come_from_the_company(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    ann = partners.create(name="Ann", parent=joe)
    assert joe.vat == "FR1"
    partners.write(acme, vat="FR2")
    assert stored(partners, joe, "vat") == ("FR2",)
    assert stored(partners, ann, "vat") == ("FR2",)


def test_a_company_below_keeps_its_own(partners, acme):
    branch = partners.create(name="Branch", parent=acme, is_company=True)
    partners.write(acme, vat="FR2")
    assert stored(partners, branch, "vat") == (None,)


def test_a_deleted_company_leaves_its_contacts(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    ann = partners.create(name="Ann", parent=joe)
    partners.delete(acme)
    assert stored(partners, joe, "parent", "commercial_partner", "complete_name") == (None, joe.id, "Joe")
    assert stored(partners, ann, "commercial_partner", "complete_name") == (joe.id, "Joe, Ann")


def test_the_address_to_use_is_looked_for_below_and_above(partners, acme):
    joe = partners.create(name="Joe", parent=acme)
    invoice = partners.create(type="invoice", parent=acme, city="Nantes")
    branch = partners.create(name="Branch", parent=acme, is_company=True)
    partners.create(type="delivery", parent=branch)
    assert acme.address_get(["invoice", "delivery"]) == {"contact": acme.id, "delivery": acme.id, "invoice": invoice.id}
    assert joe.address_get(["invoice"]) == {"contact": joe.id, "invoice": invoice.id}
    assert branch.address_get(["invoice"]) == {"contact": branch.id, "invoice": branch.id}


def test_a_person_is_given_a_company(partners, env):
    joe = partners.create(name="Joe", company_name="Acme", street="1 Main Street", vat="FR9")
    company = partners.get(partners.call(joe, "create_company"))
    assert (company.name, company.is_company, company.street, company.vat) == ("Acme", True, "1 Main Street", "FR9")
    assert stored(partners, joe, "parent", "company_name", "complete_name") == (company.id, None, "Acme, Joe")


def test_a_contact_of_a_company_is_not_given_another(partners, acme):
    joe = partners.create(name="Joe", parent=acme, company_name="Other")
    with pytest.raises(Exception, match="Only a person"):
        partners.call(joe, "create_company")
