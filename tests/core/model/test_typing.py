"""Declarations are typed: a row gives values, a class gives declarations, and mypy refuses what would fail."""

import re
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parent / "typing_sample.py"


def expected() -> tuple[dict[int, str], set[int]]:
    """By line: the type that must be revealed; the lines with an error."""
    lines = enumerate(SAMPLE.read_text(encoding="utf-8").splitlines(), 1)
    gives, refused = {}, set()
    for number, line in lines:
        if found := re.search(r"# gives (.+)$", line):
            gives[number] = found.group(1)
        if line.endswith("# refused"):
            refused.add(number)
    return gives, refused


@pytest.mark.slow
def test_what_mypy_knows_of_rows(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mypy = pytest.importorskip("mypy.api", reason="mypy is part of the extra 'check'")
    monkeypatch.chdir(root)
    options = ["--strict", "--no-error-summary", "--hide-error-context", "--enable-error-code=possibly-undefined"]
    output, trouble, _status = mypy.run([*options, "-m", "tests.core.model.typing_sample"])
    assert trouble == ""
    gives, refused = expected()
    found: dict[int, str] = {}
    errors: dict[int, str] = {}
    for line in output.splitlines():
        place = re.match(r"(.+?):(\d+): (note|error): (.*)", line)
        if place is None or not place.group(1).endswith("typing_sample.py"):
            continue
        number, kind, text = int(place.group(2)), place.group(3), place.group(4)
        if revealed := re.match(r'Revealed type is "(.+)"', text):
            found[number] = revealed.group(1).replace("builtins.", "")
        elif kind == "error":
            errors[number] = text
    assert {number: text for number, text in errors.items() if number not in refused} == {}
    assert refused - errors.keys() == set()
    assert found == gives
