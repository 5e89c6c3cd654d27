"""Values of JSON: their canonical text, what is refused, and that nobody changes them in place."""

import copy
import json
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExpressionError
from core.lang.jsons import JsonList, JsonObject, canonical, decoded, frozen, thawed
from core.lang.kinds import Kind, decoder, encoder
from core.lang.order import parse_order
from core.lang.parser import parse

from .conftest import SCHEMA, model, stored

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_goes_in_comes_out(value):
    found = frozen(value)
    assert canonical(decoded(canonical(found))) == canonical(found)
    assert thawed(found) == value and json.loads(json.dumps(found)) == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (math.nan, "must be finite"),
        ([math.inf], "must be finite"),
        ({"a": 2**63}, "out of range"),
        ({1: 2}, "keys of an object are texts"),
        ({"a\0": 1}, "NUL"),
        (["\ud800"], "half of a character"),
        ({"a": {1, 2}}, "no value of the type set"),
        (object(), "no value of the type object"),
    ],
)
def test_what_json_cannot_hold_is_refused(value, reason):
    with pytest.raises(ValueError, match=reason):
        frozen(value)


def nested(levels):
    value: object = 1
    for _level in range(levels):
        value = [value]
    return value


def test_depth_has_an_end():
    assert frozen(nested(32)) == nested(32)
    circle: list[object] = []
    circle.append(circle)
    for value in (nested(33), circle):
        with pytest.raises(ValueError, match="At most 32 levels"):
            frozen(value)


def test_nothing_is_changed_in_place():
    value = frozen({"a": [1, {"b": 2}]})
    changes = [
        lambda: value.update(a=1),
        lambda: value.__setitem__("a", 1),
        lambda: value.pop("a"),
        lambda: value.__ior__({"c": 1}),
        lambda: value["a"].append(2),
        lambda: value["a"].sort(),
        lambda: value["a"].__iadd__([3]),
        lambda: value["a"][1].clear(),
    ]
    for change in changes:
        with pytest.raises(TypeError, match="changed in place"):
            change()
    free = thawed(value)
    free["a"][1]["b"] = 3
    assert value == {"a": [1, {"b": 2}]} and free == {"a": [1, {"b": 3}]}


def test_true_is_not_one():
    assert frozen({"a": 1}) == frozen({"a": 1}) and hash(frozen([1])) == hash(frozen([1]))
    assert frozen({"a": 1}) != frozen({"a": True}) and frozen([1]) != [True]
    assert frozen([]) != frozen({}) and frozen([]) != "[]" and frozen([1]) != [object()]


def test_copies_are_the_value_itself():
    value = frozen({"a": [1]})
    assert copy.copy(value) is value and copy.deepcopy(value) is value
    again = pickle.loads(pickle.dumps(value))
    assert again == value and isinstance(again, JsonObject) and isinstance(again["a"], JsonList)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_both_engines_keep_the_canonical_text(engine):
    assert encoder(Kind.JSON, engine)(frozen({"b": 1, "a": "é"})) == '{"a":"é","b":1}'
    assert decoder(Kind.JSON, engine)('{"a":[1.5,null]}') == {"a": [1.5, None]}


def test_the_language_asks_only_whether_there_is_a_value():
    schema = {**SCHEMA, "t.json": model("t.json", stored("extra", Kind.JSON), stored("name", Kind.TEXT))}
    assert parse("extra == none", "t.json", schema).kind is Kind.BOOLEAN
    for source in ("extra == 'a'", "extra < extra", "contains(extra, 'a')", "extra in ['a']"):
        with pytest.raises(ExpressionError):
            parse(source, "t.json", schema)
    with pytest.raises(ExpressionError, match="a value of JSON has no order"):
        parse_order("extra", "t.json", schema)
