"""Learned probabilities against numbers worked out by hand."""

import pytest

from addons.crm.scoring.formula import STAGE, TAGS, best, frequencies, pairs_of, worst

NEW, PROPOSED = (STAGE, "1"), (STAGE, "2")
WEB, FAIR = ("source", "7"), ("source", "8")
# Four won and five lost; of the lost ones three came to the second stage. Every count begins with 0.1.
COUNTS = [
    (1, STAGE, "1", 4.1, 5.1),
    (1, STAGE, "2", 4.1, 3.1),
    (1, "source", "7", 3.1, 1.1),
    (1, "source", "8", 1.1, 4.1),
]


def totals(counts):
    """Sums over the values of each team and variable."""
    found = {}
    for team, variable, _value, won, lost in counts:
        sums = found.setdefault((team, variable), [0, 0])
        sums[0] += won
        sums[1] += lost
    return [(*key, *sums) for key, sums in found.items()]


def made(counts):
    return frequencies(counts, totals(counts), "1")


def test_two_variables_by_hand():
    # S_won  = 4.1 / 9.2 · 4.1 / 4.1 · 3.1 / 4.2 = 0.328934...
    # S_lost = 5.1 / 9.2 · 3.1 / 5.1 · 1.1 / 5.2 = 0.071279...
    assert made(COUNTS).table(1).probability([PROPOSED, WEB]) == 82.19
    # S_won = 4.1 / 9.2 · 1 · 1.1 / 4.2 = 0.116718..., S_lost = 5.1 / 9.2 · 1 · 4.1 / 5.2 = 0.437082...
    assert made(COUNTS).table(1).probability([NEW, FAIR]) == 21.08


def test_the_stage_alone_is_the_share_of_won_ones_among_those_who_came_so_far():
    # 4.1 / 9.2 against 5.1 / 9.2 · 3.1 / 5.1: 4.1 of 7.2
    assert made(COUNTS).table(1).probability([PROPOSED]) == 56.94
    assert made(COUNTS).table(1).probability([NEW]) == 44.57


def test_what_was_never_seen_says_nothing():
    table = made(COUNTS).table(1)
    assert table.probability([NEW, ("source", "99"), ("country", "3")]) == table.probability([NEW])


def test_without_closed_leads_there_is_no_result():
    assert frequencies([], [], "1").table(1).probability([NEW]) is None
    assert frequencies(COUNTS, totals(COUNTS), "5").table(1).probability([NEW]) is None
    only_won = [(None, STAGE, "1", 3.0, 0.0)]
    assert made(only_won).table(None).probability([NEW]) is None


def test_a_variable_without_won_or_lost_ones_is_skipped():
    counts = [*COUNTS, (1, "country", "3", 2.0, 0.0)]
    assert made(counts).table(1).probability([NEW, ("country", "3")]) == 44.57


def test_a_count_is_never_less_than_what_it_began_with():
    counts = [*COUNTS, (1, "source", "9", 1.1, 0.0)]
    table = made(counts).table(1)
    # 4.1 · 1.1 / 5.3 against 5.1 · 0.1 / 5.2
    assert table.probability([NEW, ("source", "9")]) == 89.67


def test_it_is_never_certain():
    counts = [*COUNTS, (1, "country", "3", 9000.1, 0.1), (1, "country", "4", 0.1, 9000.1)]
    table = made(counts).table(1)
    assert table.probability([NEW, ("country", "3")]) == 99.99
    assert table.probability([NEW, ("country", "4")]) == 0.01


def test_many_tags_do_not_end_at_nothing_by_nothing():
    tags = [(TAGS, str(number)) for number in range(400)]
    counts = [*COUNTS, *((1, TAGS, value, 0.1, 9000.1) for _tags, value in tags), (1, TAGS, "won", 9000.1, 0.1)]
    assert made(counts).table(1).probability([NEW, *tags]) == 0.01
    won = [(1, variable, value, lost, won) for _team, variable, value, won, lost in counts if variable == TAGS]
    assert made([*COUNTS, *won]).table(1).probability([NEW, *tags]) == 99.99


def test_a_rare_tag_is_ignored():
    counts = [*COUNTS, (1, TAGS, "5", 30.1, 19.8), (1, TAGS, "6", 30.1, 19.9)]
    table = made(counts).table(1)
    assert table.probability([NEW, (TAGS, "5")]) == table.probability([NEW])
    # 4.1 · 30.1 / 60.2 against 5.1 · 19.9 / 39.7: the sums are over all tags, rare ones too
    assert table.probability([NEW, (TAGS, "6")]) == 44.5


def test_a_team_without_counts_uses_those_of_everybody():
    counts = [*COUNTS, (2, STAGE, "1", 9.1, 1.1), (None, STAGE, "1", 0.1, 2.1)]
    found = made(counts)
    assert found.table(1).probability([NEW]) == 44.57
    assert found.table(2).probability([NEW]) == 89.22
    # 4.1 + 9.1 + 0.1 of 13.3 + 8.3
    assert found.table(3).probability([NEW]) == found.table(None).probability([NEW]) == 61.57


def test_one_team_says_nothing_about_the_next():
    counts = [*COUNTS, (2, "source", "7", 1.1, 0.1)]
    found = made(counts)
    assert found.table(1).probability([NEW, WEB]) is not None
    assert found.table(2).probability([NEW, WEB]) is None


def test_reasons_are_the_three_best_and_the_three_worst():
    values = [("country", str(number)) for number in range(8)]
    counts = [*COUNTS, *((1, "country", value, int(value) + 0.1, 7.1 - int(value)) for _name, value in values)]
    reasons = made(counts).table(1).reasons([NEW, WEB, FAIR, *values])
    assert [each.value for each in best(reasons)] == ["7", "6", "7"]
    assert [each.variable for each in best(reasons)] == ["country", "country", "source"]
    assert [(each.variable, each.value) for each in worst(reasons)] == [NEW, ("country", "0"), ("country", "1")]
    assert [round(each.score, 4) for each in reasons[:3]] == [0, 0.7772, 0.2493]


def test_the_score_of_a_stage_is_how_many_lost_ones_did_not_come_so_far():
    (reason,) = made(COUNTS).table(1).reasons([PROPOSED])
    assert reason.score == pytest.approx(1 - 3.1 / 5.1)


def test_values_are_what_is_known():
    row = {"stage": 3, "country": None, "email_state": "correct", "tags": [4, 2], "lang": None, "checked": False}
    pairs = pairs_of(row, ["country", "email_state", "tags", "lang", "checked"])
    assert pairs == [("stage", "3"), ("email_state", "correct"), ("tags", "4"), ("tags", "2")]
