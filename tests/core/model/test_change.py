"""Changes as hooks of definitions see them."""

from core.model.change import Change


def test_a_new_value_hides_the_stored_one():
    change = Change("write", 7, {"name": "old", "stage": 1}, {"name": "new"}, frozenset({"name"}))
    assert (change["name"], change["stage"], change["other"]) == ("new", 1, None)
    assert change.changed("name")
    assert not change.changed("stage")


def test_a_value_given_again_is_no_change():
    assert not Change("write", 7, {"name": "x"}, {"name": "x"}).changed("name")


def test_on_create_only_something_is_a_change():
    change = Change("create", None, {}, {"name": "x", "note": None})
    assert change.changed("name")
    assert not change.changed("note")


def test_what_people_state_wins_over_what_is_derived():
    change = Change("write", 7, {"a": 1, "b": 1}, {"a": None}, frozenset({"a"}))
    change.suggest("a", 2)
    change.suggest("b", 2)
    assert change.values == {"a": None, "b": 2}


def test_a_change_shows_what_it_is_about():
    assert repr(Change("create", 3, {}, {"b": 1, "a": 2})) == "<Change create 3 ['a', 'b']>"
