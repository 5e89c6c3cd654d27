"""The broken addons of tests/addons/broken: each is refused with the place, and nothing is touched."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon.install import plan_install
from core.addon.instance import Instance
from core.errors import ConfigurationError

BROKEN = Path(__file__).resolve().parents[2] / "addons" / "broken"


def told(instance: Instance, *names: str) -> list[str]:
    with instance.database.counting() as counter, pytest.raises(ConfigurationError) as caught:
        plan_install(instance, names)
    assert [text for text in counter.statements if not text.lstrip().startswith("SELECT")] == []
    return [str(problem).removeprefix("addons/").splitlines()[0] for problem in caught.value.problems]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["missing_dependency"],
            [
                "missing_dependency/addon.toml:3:19 A009 the addon 'missing_dependency' depends on 'crm_phonecals', "
                "which was not found"
            ],
        ),
        (
            ["ring_two"],
            ["ring_one/addon.toml:3:12 A010 addons depend on each other in a ring: ring_one -> ring_two -> ring_one"],
        ),
        (
            ["wrong_job"],
            [
                "wrong_job/hooks.py A018 the hook 'jobs' must list core.Job, nothing else",
                "wrong_job/hooks.py A018 the job 'crm.count' must be called 'wrong_job.<what>'",
                "wrong_job/hooks.py A018 the job 'wrong_job.count' is listed twice",
            ],
        ),
        (
            ["wrong_panel"],
            ["wrong_panel/hooks.py A022 the hook 'panels' must list core.Panel called 'wrong_panel.<what>'"],
        ),
        (
            ["wrong_hint"],
            [
                "wrong_hint/hooks.py A029 the hint 'wrong_hint.field' depends on 'emial', which is no field of ",
                "wrong_hint/hooks.py A029 the hint 'wrong_hint.model' is about 'res.partnr', which is no model",
                "wrong_hint/hooks.py A029 the hook 'hints' must list core.Hint called 'wrong_hint.<what>'",
            ],
        ),
        (
            ["failing_import"],
            [
                "failing_import/hooks.py:3:1 A011 the addon cannot be imported: "
                "ImportError: cannot import name 'Modle' from 'core'"
            ],
        ),
        (["misspelt_hook"], ["misspelt_hook/hooks.py:6:1 A012 there is no hook 'modles'; did you mean 'models'?"]),
        (
            ["misspelt_key"],
            [
                "misspelt_key/addon.toml:2:1 A005 the key 'version' must be three numbers like '1.4.0'",
                "misspelt_key/addon.toml:3:1 A002 'depend' is not a key of a manifest; did you mean 'depends'?",
            ],
        ),
    ],
)
def test_an_addon_is_refused_with_every_mistake(
    make_instance: Callable[..., Instance], names: list[str], expected: list[str]
) -> None:
    found = told(make_instance("crm", addons_path=[BROKEN]), *names)
    assert [line[: len(text)] for line, text in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("names", "places"),
    [
        (["same_field_a", "same_field_b"], ["same_field_a/hooks.py:10:5 R", "same_field_b/hooks.py:10:5 R"]),
        (["foreign_model"], ["foreign_model/hooks.py:7:1 R"]),
        (["broken_xml"], ["broken_xml/views.xml:4:5 D"]),
        (["unknown_field"], ["unknown_field/records.xml:4:5 D", "unknown_field/views.xml:4:7 V"]),
        (["bad_xpath"], ["bad_xpath/views.xml:3:5 V", "bad_xpath/views.xml:8:5 V"]),
        (["entity_bomb"], ["entity_bomb/bomb.xml:1:1 D"]),
        (["external_entity"], ["external_entity/entity.xml:1:1 D"]),
    ],
)
def test_an_addon_is_refused_at_the_place_of_its_mistake(
    make_instance: Callable[..., Instance], names: list[str], places: list[str]
) -> None:
    found = told(make_instance("crm", addons_path=[BROKEN]), *names)
    assert {line.split(" ")[0] for line in found} <= {place.split(" ")[0] for place in places}
    assert [line for line in found if not any(line.startswith(place) for place in places)] == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_suggestions_are_the_words_that_were_meant(make_instance: Callable[..., Instance]) -> None:
    instance = make_instance("crm", addons_path=[BROKEN])
    assert [line.rpartition("; ")[2] for line in told(instance, "unknown_field")] == [
        "did you mean 'sequence'?",
        "did you mean 'phone'?",
    ]
    assert "did you mean" in told(instance, "bad_xpath")[0]
    both = "\n".join(told(instance, "same_field_a", "same_field_b"))
    assert "same_field_a" in both
    assert "same_field_b" in both
