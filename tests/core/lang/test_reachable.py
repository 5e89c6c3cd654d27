"""`readable` and `writable`: the reader's rights on the record that a text names; relations that such a text makes."""

import pytest

from core.errors import ExpressionError
from core.lang.python import predicate

from .conftest import NAMES, SCHEMA, World
from .test_guard import Reader

READERS = {
    "everything": Reader(),
    "a rule": Reader(rules={"crm.lead": "active"}),
    "a rule that follows paths": Reader(rules={"crm.lead": "user == me or stage.is_won", "res.partner": "id > 5"}),
    "a closed model": Reader(closed=frozenset({"res.partner"}), rules={"crm.lead": "active"}),
    "nothing": Reader(closed=frozenset({"res.partner", "crm.lead", "res.company"})),
    "nothing to change": Reader(fixed=frozenset({"crm.lead"}), rules={"res.partner": "active"}),
}


def permits(world: World, reader: Reader):
    """What the reader may do, worked out record by record."""

    def may(operation: str, named: str) -> bool:
        model, _comma, number = named.partition(",")
        rule = reader.rule(model)
        if not reader.may(model, operation):
            return False
        return rule is None or bool(predicate(rule, SCHEMA)(world.record(model, int(number)), NAMES))

    return may


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    "source",
    [
        "readable(about)",
        "writable(about)",
        "not readable(about)",
        "readable(about) or author == me",
        "not writable(about)",
    ],
)
def test_both_engines_and_python_agree(world, reader, source):
    expression = world.parse(source, "mail.note")
    names = {**NAMES, "permits": permits(world, reader)}
    holds = predicate(expression, SCHEMA)
    expected = [number for number in world.rows["mail.note"] if holds(world.record("mail.note", number), names)]
    assert world.ids("sqlite", expression, guard=reader) == expected
    assert world.ids("postgresql", expression, guard=reader) == expected
    assert reader is not READERS["a rule"] or 0 < len(expected) < 90


def test_without_a_reader_all_is_open(world):
    named = [number for number, note in world.rows["mail.note"].items() if note["about"]]
    assert world.three("readable(about)", "mail.note") == named
    assert world.three("not writable(about)", "mail.note") == sorted(world.rows["mail.note"].keys() - set(named))


def test_a_relation_may_lead_back_by_text(world):
    found = world.three("any(notes, name != none)")
    expected = [
        number
        for number, lead in world.rows["crm.lead"].items()
        if any(world.rows["mail.note"][note]["name"] for note in lead["notes"])
    ]
    assert found == expected
    assert 0 < len(found) < 70
    assert world.three("count(notes) == 0")
    text = "".join(str(part) for part in world.compiler("postgresql").condition(world.parse("count(notes) == 0")))
    assert '"about" COLLATE "C" = \'crm.lead,\' || t."id"' in text


@pytest.mark.parametrize("source", ["readable(name)", "readable(author)", "writable('crm.lead,1')", "readable(none)"])
def test_only_fields_that_name_records_are_asked(world, source):
    with pytest.raises(ExpressionError, match="a field that names a record of any model is expected here"):
        world.parse(source, "mail.note")
