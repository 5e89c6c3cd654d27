"""The arguments of actions: values of JSON against annotated types, and what the refusal says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from core.errors import NotFound
from core.web.arguments import check_arguments, fits
from core.web.problems import BadRequest

HUGE = 2**63


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [
        (int, [0, -1, HUGE - 1], [True, "1", 1.0, None, HUGE, 10**30, [1]]),
        (float, [1, 1.5], [float("inf"), float("nan"), "1", True]),
        (str, [""], [1, None, []]),
        (bool, [True, False], [0, 1, "true", None]),
        (int | None, [1, None], ["x", [1]]),
        (Sequence[int], [[], [1]], [1, "12", {"1": 1}, [None], [HUGE], [[1]], ["1"]]),
        (Mapping[str, int] | None, [None, {}, {"a": 1}], [[], {"a": "1"}, {"a": [1]}, 5]),
        (date | str, ["2026-01-01"], []),
        (Any, [object(), None], []),
    ],
)
def test_values_fit_their_type(wanted, good, bad):
    assert all(fits(value, wanted) for value in good)
    assert not any(fits(value, wanted) for value in bad)


@pytest.fixture
def leads(make_instance):
    with make_instance("crm").environment() as env:
        yield env["crm.lead"]


def test_a_wrong_type_is_said_in_words(leads):
    check_arguments(leads, "convert", {"users": [1], "partner": None, "deduplicate": True})
    with pytest.raises(BadRequest, match="'convert' takes a list, each a whole number as 'users'"):
        check_arguments(leads, "convert", {"users": "12"})
    with pytest.raises(BadRequest, match="takes true or false as 'deduplicate'"):
        check_arguments(leads, "convert", {"deduplicate": 1})
    with pytest.raises(BadRequest, match="takes a whole number or nothing as 'partner'"):
        check_arguments(leads, "convert", {"partner": 10**30})
    with pytest.raises(BadRequest, match="an object, its values each a whole number or nothing as 'choices'"):
        check_arguments(leads, "merge", {"choices": []})


def test_unknown_ones_are_named(leads):
    with pytest.raises(BadRequest, match="takes no argument 'partnr'"):
        check_arguments(leads, "convert", {"partnr": 1})
    with pytest.raises(NotFound):
        leads.call([1], "convert")
