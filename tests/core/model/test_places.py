"""Places of definitions, and what is said where the source cannot be found."""

import sys
from types import ModuleType

import pytest

from core import Model, fields
from core.model.places import find_place


class Here(Model):
    """A class whose place is known."""

    first = fields.Char()
    second: object = fields.Char()

    def third(self) -> None:
        """A method has a place as well."""


@pytest.fixture(autouse=True)
def in_the_root(root, monkeypatch):
    """Files are named relative to the working folder."""
    monkeypatch.chdir(root)


def test_the_place_of_a_class_and_of_its_names():
    whole = find_place(Here)
    assert whole.file == "tests/core/model/test_places.py"
    assert str(whole) == f"{whole.file}:{whole.line}:1"
    lines = [find_place(Here, name).line - whole.line for name in ("first", "second", "third")]
    assert lines == [3, 4, 6]
    assert find_place(Here, "first").column == 5
    assert find_place(Here, "nothing") == whole


def test_a_class_without_source(monkeypatch, tmp_path):
    made = type("Made", (Model,), {})
    assert str(find_place(made)) == "tests/core/model/test_places.py"
    made.__module__ = "nowhere"
    assert str(find_place(made)) == "nowhere"
    module = ModuleType("broken")
    module.__file__ = str(tmp_path / "broken.py")
    monkeypatch.setitem(sys.modules, "broken", module)
    made.__module__ = "broken"
    assert find_place(made).file == module.__file__
    (tmp_path / "broken.py").write_text("class (")
    assert find_place(made).line == 0


def test_a_problem_carries_its_place():
    problem = find_place(Here).problem("R999", "text", "meant", ("note",))
    assert str(problem).startswith("tests/core/model/test_places.py:")
    assert str(problem).endswith("R999 text; did you mean 'meant'?\n    note")
