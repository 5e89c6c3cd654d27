"""What refers to records comes to refer to another one; undoing it brings back what was."""

from __future__ import annotations

import pytest

from core.addon.canonical import canonical
from core.errors import AccessDenied
from core.records.undo import undo


@pytest.fixture
def deals(env):
    return [deal.id for deal in env["t.deal"].create_many([{"name": name} for name in ("Kept", "First", "Second")])]


def test_fields_of_every_kind_are_found(env, deals):
    kept, *losers = deals
    lines = env["t.line"].create_many([{"deal": id_, "name": f"Line of {id_}"} for id_ in deals])
    remarks = env["t.remark"].create_many([{"name": "x", "about": f"t.deal,{id_}"} for id_ in losers])
    north = env["t.team"].create(name="North").id
    other = env["t.remark"].create(name="y", about=f"t.team,{north}")
    loose = env["t.remark"].create(name="z", about=other.about, also=f"t.deal,{losers[0]}")
    env["t.deal"].redirect(losers, kept)
    assert {row["deal"] for row in env["t.line"].read("", ["deal"])} == {kept}
    assert env["t.deal"].get(kept).line_count == len(lines), "what is derived is worked out again"
    found = env["t.remark"].read_ids([*(row.id for row in remarks), loose.id, other.id], ["about", "also"])
    assert [found[row.id]["about"] for row in remarks] == [f"t.deal,{kept}"] * 2
    assert found[loose.id] == {"id": loose.id, "about": found[other.id]["about"], "also": f"t.deal,{kept}"}


def test_links_of_others_are_there_once(env, deals):
    tags = [tag.id for tag in env["t.tag"].create_many([{"name": name} for name in "abc"])]
    env["t.deal"].write(deals[0], tags=tags)
    env["t.deal"].write(deals[1], tags=[tags[1]])
    env["t.deal"].write(deals[2], tags=[])
    env["t.tag"].redirect(tags[1:], tags[0])
    found = env["t.deal"].read_ids(deals, ["tags"])
    assert [found[id_]["tags"] for id_ in deals] == [[tags[0]], [tags[0]], []]


def test_what_may_be_there_once_stays_with_its_record(env, deals):
    kept, first, second = deals
    north, south = (env["t.team"].create(name=name).id for name in ("North", "South"))
    watches = env["t.watch"].create_many(
        [
            {"deal": kept, "team": north},
            {"deal": first, "team": north},
            {"deal": first, "team": south, "first_of": first},
            {"deal": second, "team": south, "first_of": second},
            {"deal": first},
            {"deal": second},
        ]
    )
    env["t.deal"].redirect([first, second], kept)
    found = env["t.watch"].read_ids([watch.id for watch in watches], ["deal", "first_of"])
    assert [found[watch.id]["deal"] for watch in watches] == [kept, first, kept, second, kept, kept]
    assert [found[watch.id]["first_of"] for watch in watches] == [None, None, kept, second, None, None]


def test_nothing_comes_to_refer_to_itself(env):
    north, south, city = (env["t.team"].create(name=name).id for name in ("North", "South", "City"))
    env["t.team"].write(north, parent=south)
    env["t.team"].write(city, parent=south)
    env["t.team"].redirect(south, north)
    found = env["t.team"].read_ids([north, city], ["parent"])
    assert (found[north]["parent"], found[city]["parent"]) == (south, north)
    env["t.team"].delete(south)
    assert env["t.team"].get(north).parent is None


def test_undo_brings_everything_back(open_env, database):
    with open_env() as env:
        kept, *losers = deals = [deal.id for deal in env["t.deal"].create_many([{"name": name} for name in "abc"])]
        team = env["t.team"].create(name="North").id
        env["t.line"].create_many([{"deal": id_, "name": "x"} for id_ in deals])
        env["t.remark"].create(name="x", about=f"t.deal,{losers[0]}")
        env["t.watch"].create_many([{"deal": id_, "team": team} for id_ in deals])
    before = canonical(database)
    with open_env() as env:
        env["t.deal"].redirect(losers, kept)
        env["t.deal"].delete(losers)
        made = env.change_set
    assert canonical(database) != before
    with open_env() as env:
        undo(env, made)
    assert canonical(database) == before


def test_who_may_not_change_a_record_redirects_nothing(env, deals):
    stranger = env["res.users"].create(login="eve", name="Eve", company=env.company).id
    env["t.line"].create(deal=deals[1], name="x")
    with pytest.raises(AccessDenied):
        env.as_user(stranger)["t.deal"].redirect(deals[1:], deals[0])
    assert [row["deal"] for row in env["t.line"].read("", ["deal"])] == [deals[1]]
