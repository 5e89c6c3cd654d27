"""Three-way updates: what the addon changed arrives, what users changed stays, what both changed is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.addon.instance import Instance
from core.data.files import read_addon
from core.data.loading import load
from core.data.threeway import Finding, Merged, Shipped, merge
from core.records.environment import Environment

OLD = Shipped("a", "A")


@pytest.mark.parametrize(
    ("old", "new", "stored", "expected"),
    [
        (None, Shipped("a", "A"), "", Merged(write="A")),
        (None, Shipped("a", "A"), "A", Merged()),
        (OLD, Shipped("a", "A"), "A", Merged()),
        (OLD, Shipped("a", "A"), "mine", Merged(told="edited")),
        (OLD, Shipped("b", "B"), "A", Merged(write="B")),
        (OLD, Shipped("b", "B"), "mine", Merged(told="conflict")),
        (OLD, Shipped("b", "B"), "B", Merged()),
        (Shipped("today()", "1"), Shipped("today()", "2"), "1", Merged()),
        (OLD, Shipped("b", "A"), "A", Merged()),
    ],
)
def test_a_value(old: Shipped | None, new: Shipped, stored: str, expected: Merged) -> None:
    assert merge(old, new, stored, many=False) == expected


@pytest.mark.parametrize(
    ("old", "new", "stored", "expected"),
    [
        ("[1, 2]", "[1, 2, 3]", "[1, 2]", "[1, 2, 3]"),
        ("[1, 2]", "[1, 2, 3]", "[1, 9]", "[1, 3, 9]"),
        ("[1, 2]", "[2]", "[1, 2, 9]", "[2, 9]"),
        ("[1, 2]", "[1, 2]", "[9]", None),
        ("[1]", "[1, 2]", "[1, 2]", None),
    ],
)
def test_a_list(old: str, new: str, stored: str, expected: str | None) -> None:
    assert merge(Shipped("x", old), Shipped("y", new), stored, many=True) == Merged(write=expected)


RECORD = """<tessera><record id="one" model="res.partner.category">
<field name="name">{name}</field><field name="color">{color}</field></record></tessera>"""


@pytest.fixture
def env(make_instance: Callable[..., Instance]) -> Iterator[Environment]:
    instance = make_instance()
    with instance.environment(superuser=True) as opened:
        yield opened


def ship(env: Environment, folder: Path, **values: str) -> list[Finding]:
    (folder / "data.xml").write_text(RECORD.format(**values))
    files = read_addon("t", folder, ["data.xml"])
    assert files.problems == ()
    return load(env, files.entries).findings


def test_a_record_is_brought_up_to_date(env: Environment, tmp_path: Path) -> None:
    assert ship(env, tmp_path, name="Old", color="1") == []
    one = env.ref("t.one").id
    env["res.partner.category"].write(one, color=5)
    assert [(f.kind, f.field) for f in ship(env, tmp_path, name="New", color="1")] == [("edited", "color")]
    assert env["res.partner.category"].read("", ["name", "color"]) == [{"name": "New", "color": 5}]
    (conflict,) = ship(env, tmp_path, name="New", color="2")
    assert (conflict.kind, conflict.external_id, conflict.field) == ("conflict", "t.one", "color")
    assert (conflict.stored, conflict.shipped) == ('{"value":5}', '{"value":2}')
    env["res.partner.category"].write(one, color=2)
    assert ship(env, tmp_path, name="New", color="3") == []
    assert env["res.partner.category"].read("", ["color"]) == [{"color": 3}]


def test_a_record_that_a_user_deleted_is_not_made_again(env: Environment, tmp_path: Path) -> None:
    ship(env, tmp_path, name="Old", color="1")
    env["res.partner.category"].delete(env.ref("t.one"))
    (deleted,) = ship(env, tmp_path, name="New", color="1")
    assert (deleted.kind, deleted.external_id) == ("deleted", "t.one")
    assert env["res.partner.category"].count() == 0


def test_a_record_may_be_older_than_its_file(env: Environment, tmp_path: Path) -> None:
    def dated(date: str) -> None:
        fields = f'<field name="name">Old</field><field name="create_date">{date}</field>'
        body = f'<record id="one" model="res.partner.category">{fields}</record>'
        (tmp_path / "data.xml").write_text(f"<tessera>{body}</tessera>")
        files = read_addon("t", tmp_path, ["data.xml"])
        assert load(env, files.entries).findings == []
        (row,) = env["res.partner.category"].read("", ["create_date", "create_uid"])
        assert row == {"create_date": datetime(2020, 5, 1, 8, tzinfo=UTC), "create_uid": env.user}

    dated("2020-05-01T08:00:00Z")
    dated("2021-01-01T08:00:00Z")  # it is there since when it is there


def test_loading_the_same_again_writes_nothing(env: Environment, tmp_path: Path) -> None:
    ship(env, tmp_path, name="Old", color="1")
    with env.database.counting() as counter:
        assert ship(env, tmp_path, name="Old", color="1") == []
    assert [text for text in counter.statements if not text.startswith("SELECT")] == []
