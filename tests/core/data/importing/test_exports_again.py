"""What is exported can be imported: the same records come out of it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.data.exporting import export_csv
from core.data.importing.run import run_import
from core.errors import Refusal

PATHS = ["ref", "name", "firm", "firm.code", "stage", "amount", "share", "day", "closed", "words", "active"]


def test_there_and_back(env, tmp_path):
    acme = env["i.firm"].create(name="Acme", code="C1")
    words = [row.id for row in env["i.word"].create_many([{"name": "a"}, {"name": "=b"}])]
    moment = datetime(2017, 3, 1, 12, 30, tzinfo=UTC)
    sale = {"name": "=A", "ref": "r1", "firm": acme, "amount": Decimal("1234.5"), "share": 12.5, "words": words}
    env["i.sale"].create_many(
        [sale | {"day": date(2017, 3, 1), "closed": moment, "stage": "won"}, {"name": "B", "ref": "r2"}]
    )
    before = env["i.sale"].read("", PATHS)
    path = tmp_path / "out.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        assert export_csv(env, "i.sale", PATHS, file, "ref != none") == 2
    header, first, _second = path.read_text().splitlines()
    assert header == "Reference,Name,Customer,firm.code,Deal,Expected revenue".replace("Deal", "Stage") + (
        ",Probability,Closing day,Closed on,Tags,Active"
    )
    assert first == 'r1,\'=A,Acme,C1,Won,1234.5,12.5,2017-03-01,2017-03-01T12:30:00Z,"a, =b",yes'
    assert run_import(env, model="i.sale", file=path, key="ref").skipped == {"i.sale": 2}
    env["i.sale"].write(env["i.sale"].search(""), name="changed", words=[], amount=None)
    assert run_import(env, model="i.sale", file=path, key="ref").changed == {"i.sale": 2}
    assert env["i.sale"].read("", PATHS) == before


def test_pages_follow_each_other(env, tmp_path, monkeypatch):
    monkeypatch.setattr("core.data.exporting.PAGE", 3)
    env["i.sale"].create_many([{"name": f"Deal {number}"} for number in range(8)])
    path = tmp_path / "out.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        assert export_csv(env, "i.sale", ["name"], file, order="-name") == 8
    assert path.read_text().splitlines()[1:3] == ["Deal 7", "Deal 6"]


@pytest.mark.parametrize(
    ("path", "told"), [("nme", "Did you mean 'name'"), ("firm.nme", "is not a field"), ("name.x", "is not")]
)
def test_paths_that_lead_nowhere(env, tmp_path, path, told):
    with (tmp_path / "out.csv").open("w") as file, pytest.raises(Refusal, match=told):
        export_csv(env, "i.sale", [path], file)
