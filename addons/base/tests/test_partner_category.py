"""Categories: a tree whose full names are kept up."""

import pytest

from core import Invalid


@pytest.fixture
def categories(env):
    return env["res.partner.category"]


def test_a_category_is_shown_with_what_stands_above(categories):
    top = categories.create(name="Customers")
    middle = categories.create(name="Wholesale", parent=top)
    low = categories.create(name="Food", parent=middle)
    assert low.complete_name == "Customers / Wholesale / Food"
    categories.write(top, name="Clients")
    assert categories.get(low.id).complete_name == "Clients / Wholesale / Food"
    categories.write(middle, parent=None)
    assert categories.get(low.id).complete_name == "Wholesale / Food"


def test_a_category_cannot_stand_below_itself(categories):
    top = categories.create(name="Customers")
    low = categories.create(name="Wholesale", parent=top)
    with pytest.raises(Invalid, match="below itself"):
        categories.write(top, parent=low)


def test_the_names_given_by_hand_do_not_stay(categories):
    top = categories.create(name="Customers", complete_name="Anything")
    categories.write(top, complete_name="Something")
    assert categories.get(top.id).complete_name == "Customers"


def test_full_names_follow_an_undo(instance, undoing):
    with instance.environment() as env:
        top = env["res.partner.category"].create(name="Customers")
        low = env["res.partner.category"].create(name="Wholesale", parent=top)
    with instance.environment() as env:
        env["res.partner.category"].write(top.id, name="Clients")
        renamed = env.change_set
    undoing(renamed)
    with instance.environment() as env:
        assert env["res.partner.category"].get(low.id).complete_name == "Customers / Wholesale"
