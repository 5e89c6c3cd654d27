"""Imports from end to end: creating, updating, references, formats, what wins, and what is left alone."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.data.importing.problems import ImportRefused
from core.data.importing.run import run_import
from core.records.undo import undo

FULL = """Name;Reference;Customer;Stage;Expected revenue;Probability;count;Closing day;Closed on;Notes;text;Tags
A;r1;Acme;Won;1.234,50 €;50;7;25.12.2016;01.03.2017;<b>x</b>;a;x, y
B;r2;;;;;;;;;;
"""


def test_every_kind_of_field(load, env):
    result = load(FULL, create_missing=True)
    assert result.to_json() == {
        "change_set": env.change_set,
        "created": {"i.firm": 1, "i.sale": 2, "i.word": 2},
        "changed": {},
        "skipped": {},
        "refused": 0,
        "refused_file": None,
    }
    first, second = env["i.sale"].search("")
    assert (first.name, first.ref, first.firm.name, first.stage) == ("A", "r1", "Acme", "won")
    assert (first.amount, first.share, first.count) == (Decimal("1234.50"), 50.0, 7)
    assert (first.day, first.closed) == (date(2016, 12, 25), datetime(2017, 2, 28, 23, tzinfo=UTC))
    assert (first.note, first.text, [word.name for word in first.words]) == ("<b>x</b>", "a", ["x", "y"])
    assert (second.stage, second.firm, second.amount, second.closed, second.words) == ("new", None, None, None, ())


def test_the_mapping_is_shown(load):
    (file,) = load("Deal;name;amount;colour\nx;A;1,5;red\n").files
    assert file.shown == "utf-8, semicolon"
    assert file.mapping == (("name", "name", "name", ""), ("amount", "amount", "name", "decimal ','"))
    assert file.ignored == ("Deal", "colour")


def test_dates_in_two_forms_keep_their_year(load, env):
    load("name,day\nA,2026-04-10\nB,2026-04-11\nC,2026-04-12\nD,13/04/26\n")
    assert [row["day"].isoformat() for row in env["i.sale"].read("", ["day"], order="id")] == [
        "2026-04-10",
        "2026-04-11",
        "2026-04-12",
        "2026-04-13",
    ]
    with pytest.raises(ImportRefused, match="'03/04/26': DD/MM/YYYY or MM/DD/YYYY"):
        load("name,day\nA,2026-04-10\nB,03/04/26\n")
    load("name,day\nE,13/04/26\n", recipe='date = "YY-MM-DD"')
    assert env["i.sale"].read("name == 'E'", ["day"])[0]["day"] == date(2013, 4, 26)


def test_a_given_value_wins_over_automatic_ones(load, env):
    load("name,stage,share,closed\nA,won,30,2017-03-01 10:00\nB,won,,\n")
    first, second = env["i.sale"].search("")
    assert (first.share, first.closed) == (30.0, datetime(2017, 3, 1, 9, tzinfo=UTC))
    assert (second.share, second.closed) == (None, None)
    load("name,stage\nC,won\n")
    assert env["i.sale"].search("name == 'C'")[0].share == 100.0


def test_it_is_one_change_set_and_one_undo(open_env, runtime, write, tmp_path):
    with open_env() as env:
        env["i.sale"].create(name="Old", ref="r1", amount=1)
    with open_env() as env:
        result = run_import(env, model="i.sale", file=write(FULL), key="ref", create_missing=True)
    assert (result.created["i.sale"], result.changed) == (1, {"i.sale": 1})
    with open_env() as env:
        sets = env["core.change"].read("change_set == s", ["id"], s=result.change_set)
        assert len(sets) == 5
        undo(env, result.change_set)
    with open_env() as env:
        assert [(row.name, row.amount) for row in env["i.sale"].search("")] == [("Old", Decimal(1))]
        assert env["i.firm"].count() == env["i.word"].count() == 0


# Keys


def test_a_key_updates_in_place_of_duplicating(load, env):
    text = "ref,name,amount\nr1,A,1\nr2,B,2\n"
    assert load(text, key="ref").created == {"i.sale": 2}
    again = load(text, key="ref")
    assert (again.created, again.changed, again.skipped, again.change_set) == ({}, {}, {"i.sale": 2}, env.change_set)
    third = load("ref,name,amount\nr1,A,1\nr2,B,3\nr3,C,4\n", key="ref")
    assert (third.created, third.changed, third.skipped) == ({"i.sale": 1}, {"i.sale": 1}, {"i.sale": 1})
    assert [row.amount for row in env["i.sale"].search("")] == [1, 3, 4]


def test_an_empty_cell_leaves_a_record_alone_unless_the_recipe_says_null(load, env):
    env["i.sale"].create(name="A", ref="r1", amount=5)
    text = "ref,name,amount\nr1,A,\n"
    assert load(text, key="ref").skipped == {"i.sale": 1}
    assert load(text, key="ref", recipe='empty = "null"').changed == {"i.sale": 1}
    assert env["i.sale"].search("")[0].amount is None


def test_archived_records_are_found_by_their_key(load, env):
    env["i.sale"].create(name="A", ref="r1", active=False)
    assert load("ref,name\nr1,A\n", key="ref").skipped == {"i.sale": 1}


def test_new_links_are_added_or_replace_the_old_ones(load, env):
    word = env["i.word"].create(name="old")
    sale = env["i.sale"].create(name="A", ref="r1", words=[word.id])
    load("ref,words\nr1,new\n", key="ref", create_missing=True)
    assert [word.name for word in env["i.sale"].get(sale.id).words] == ["old", "new"]
    assert load("ref,words\nr1,new\n", key="ref").skipped == {"i.sale": 1}
    recipe = '[columns]\nwords = { field = "words", links = "replace" }'
    load("ref,words\nr1,new\n", key="ref", recipe=recipe)
    assert [word.name for word in env["i.sale"].get(sale.id).words] == ["new"]


def test_rows_with_one_key(load, env):
    result = load("ref,name\nr1,A\nr1,A\nr1,B\nr2,C\n,D\n", key="ref")
    assert (result.created, result.skipped, result.refused) == ({"i.sale": 2}, {"i.sale": 1}, 2)
    clash, empty = result.files[0].refusals
    assert (clash.row, clash.column, clash.value) == (4, "ref", "r1")
    assert "row 2 has the same key" in clash.reason
    assert (empty.row, empty.column, empty.reason) == (6, "ref", "the key is empty")
    distinct = load("ref,name\nr8,A\nr8,B\n", key="ref", recipe="distinct = true")
    assert (distinct.created, distinct.skipped, distinct.refused) == ({"i.sale": 1}, {}, 0)


def test_a_key_that_fits_two_records(load, env):
    env["i.sale"].create_many([{"name": "A", "ref": "r1"}, {"name": "B", "ref": "r1"}])
    (refusal,) = load("ref,name\nr1,A\n", key="ref").files[0].refusals
    assert "fits 2 records" in refusal.reason


def test_ids_as_key(load, env):
    sale = env["i.sale"].create(name="A")
    result = load(f"id,name\n{sale.id},B\n{sale.id + 50},C\nx,D\n", key="id")
    assert (result.changed, result.created, result.refused) == ({"i.sale": 1}, {}, 2)
    assert env["i.sale"].get(sale.id).name == "B"
    with pytest.raises(ImportRefused, match="no such column"):
        load("name\nA\n", key="id")


def test_a_key_of_two_relations(load, env):
    text = "firm,word\nAcme,x\nAcme,y\nAcme,x\n"
    assert load(text, "i.member", key=["firm", "word"], create_missing=True).created == {
        "i.firm": 1,
        "i.member": 2,
        "i.word": 2,
    }
    assert load(text, "i.member", key=["firm", "word"]).skipped == {"i.member": 3}


def test_existing_records_may_be_passed_over(load, env):
    env["i.sale"].create(name="A", ref="r1")
    result = load("ref,name\nr1,B\nr2,C\n", key="ref", recipe='existing = "skip"')
    assert (result.created, result.skipped) == ({"i.sale": 1}, {"i.sale": 1})
    assert env["i.sale"].search("ref == 'r1'")[0].name == "A"


def test_keys_that_cannot_be(load):
    with pytest.raises(ImportRefused, match="filled by no column"):
        load("name\nA\n", key="ref")
    with pytest.raises(ImportRefused, match="cannot be a key"):
        load("name,amount\nA,1\n", key="amount")
    with pytest.raises(ImportRefused, match="not a field of"):
        load("name,amount\nA,1\n", key="reff")


# Relations


def test_relations_by_any_unique_key_and_label(load, env):
    acme = env["i.firm"].create(name="Acme Ltd", code="C1")
    load("name,firm\nA,C1\nB,Acme Ltd\nC,acme ltd\n")
    assert [row.firm_id for row in env["i.sale"].search("")] == [acme.id] * 3
    env["i.firm"].write(acme, email="a@b.c")
    result = load("name,firm.email\nD,a@b.c\nE,x@y.z\n")
    assert result.created == {"i.sale": 1}
    assert result.files[0].mapping[1] == ("firm.email", "firm.email", "name", "")
    (refusal,) = result.files[0].refusals
    assert (refusal.column, refusal.value, refusal.reason) == ("firm.email", "x@y.z", "there is no such Company")


def test_a_missing_relation_suggests_the_nearest(load, env):
    env["i.firm"].create(name="Umbrella Corporation")
    (refusal,) = load("name,firm\nA,umbrela corporation\n").files[0].refusals
    assert refusal.suggestion == "Umbrella Corporation"


def test_a_name_of_two_records(load, env):
    one, _other = env["i.firm"].create_many([{"name": "Acme"}, {"name": "Acme", "active": False}])
    assert load("name,firm\nA,Acme\n").created == {"i.sale": 1}
    assert env["i.sale"].search("")[0].firm_id == one.id
    env["i.firm"].create(name="Acme")
    (refusal,) = load("name,firm\nA,Acme\n").files[0].refusals
    assert "names 2 records of 'Company'" in refusal.reason


def test_missing_records_are_created_once_and_only_for_rows_that_are_in_order(load, env):
    result = load("name,firm,share\nA,New,5\nB,new,5\nC,Other,500\n", create_missing=True)
    assert result.created == {"i.firm": 1, "i.sale": 2}
    assert [firm.name for firm in env["i.firm"].search("")] == ["New"]


def test_a_record_that_cannot_be_created_refuses_its_rows(load, env):
    long = "x" * 31
    result = load(f"name,sector\nA,{long}\nB,tin\n", "i.firm", create_missing=True)
    assert result.created == {"i.firm": 1, "i.sector": 1}
    (refusal,) = result.files[0].refusals
    assert "cannot be created" in refusal.reason


def test_parents_may_come_later_in_the_file(load, env):
    result = load('name,parent,friends\nA,C,"B, C"\nB,A,\nC,,A\n', "i.firm", key="name")
    assert result.created == {"i.firm": 3}
    tree = {
        row.name: (row.parent and row.parent.name, [f.name for f in row.friends]) for row in env["i.firm"].search("")
    }
    assert tree == {"A": ("C", ["B", "C"]), "B": ("A", []), "C": (None, ["A"])}
    assert load("name,parent\nA,C\nB,A\nC,\n", "i.firm", key="name").skipped == {"i.firm": 3}


def test_rows_that_refer_to_refused_rows_are_refused_too(load, env):
    text = "name,parent,sector\nA,B,\nB,C,\nC,,nonsense\nD,,\n"
    result = load(text, "i.firm")
    assert (result.created, result.refused) == ({"i.firm": 1}, 3)
    assert [refusal.row for refusal in result.files[0].refusals] == [2, 3, 4]
    assert "in the file or in the database" in result.files[0].refusals[0].reason


def test_a_parent_that_nobody_has_is_created_on_request(load, env):
    result = load("name,parent\nA,Z\nB,Z\n", "i.firm", create_missing=True)
    assert result.created == {"i.firm": 3}
    assert {row.name: row.parent and row.parent.name for row in env["i.firm"].search("")} == {
        "A": "Z",
        "B": "Z",
        "Z": None,
    }


def test_two_rows_of_one_name_are_no_parent(load):
    result = load("name,parent\nA,\nA,\nB,A\n", "i.firm")
    assert (result.created, result.refused) == ({"i.firm": 2}, 1)
    assert "rows 2 and 3 both create it" in result.files[0].refusals[0].reason


def test_unique_values(load, env):
    env["i.firm"].create(name="Old", code="C1")
    result = load("name,code\nA,C1\nB,C2\nC,C2\nD,\nE,\n", "i.firm")
    assert (result.created, result.refused) == ({"i.firm": 3}, 2)
    taken, twice = result.files[0].refusals
    assert (taken.row, taken.column, taken.value) == (2, "code", "C1")
    assert "--key code" in taken.suggestion
    assert (twice.row, twice.reason) == (4, "row 3 has the same value")


# Refusals


def test_reasons_of_every_kind(load, env):
    text = """name,stage,amount,share,day,count
,new,,,,
A,old,,,,
B,,much,,,
C,,,150,,
D,,,,soon,
E,,,,,1.5
unlucky,,,,,
late,,,,,
F,,,,,
G,x,y,z,,
"""
    result = load(text)
    assert (result.created, result.refused) == ({"i.sale": 1}, 9)
    reasons = {refusal.row: (refusal.column, refusal.value, refusal.reason) for refusal in result.files[0].refusals}
    assert reasons[2] == ("name", "", "'Name' must be filled in.")
    assert reasons[3] == ("stage", "old", "is not one of: New, Won, Lost")
    assert reasons[4] == ("amount", "much", "is not a number")
    assert reasons[5] == ("share", "150.0", "A probability lies between 0 and 100.")
    assert reasons[6][2].startswith("is not a date")
    assert reasons[7][2] == "is not a whole number"
    assert reasons[8] == ("name", "unlucky", "This name brings bad luck.")
    assert reasons[9][2] == "Found out only when stored."
    assert reasons[11] == ("stage | amount | share", "x | y | z", reasons[11][2])
    assert reasons[11][2].count(" | ") == 2


def test_the_whole_file_is_refused(load, env):
    cases = {
        "colour\nred\n": "No column of file.csv fits a field of i.sale",
        "name,name\nA,B\n": "two columns 'name'",
        "": "is empty",
        "name,day\nA,03/04/2017\n": "can be read in more than one way",
    }
    for text, told in cases.items():
        with pytest.raises(ImportRefused, match=told):
            load(text)
    with pytest.raises(ImportRefused, match="Did you mean"):
        load("name\nA\n", "i.sal")
    assert env.change_set is None


def test_formats_from_other_columns_and_recipes(load, env):
    load("name,day,closed\nA,03/04/2017,25/12/2016\n")
    assert env["i.sale"].search("")[0].day == date(2017, 4, 3)
    load("name,day\nB,03/04/2017\n", recipe='date = "MM/DD/YYYY"')
    assert env["i.sale"].search("name == 'B'")[0].day == date(2017, 3, 4)
    load("name,closed\nC,2017-03-01\n", recipe='[columns]\nclosed = { field = "closed", time = "12:00" }')
    assert env["i.sale"].search("name == 'C'")[0].closed == datetime(2017, 3, 1, 11, tzinfo=UTC)


def test_progress_is_told(load):
    heard = []
    load("name\nA\nB\n", progress=heard.append)
    assert [(one.phase, one.rows, one.total) for one in heard] == [("check", 2, None), ("write", 2, 2)]


def test_the_report_for_people(load):
    lines = "\n".join(load("name,share,x\nA,1,\nB,500,\n").lines())
    assert "file.csv → i.sale (utf-8, comma)" in lines
    assert "name → name (name)" in lines
    assert "not imported: x" in lines
    assert "2 rows: 1 created, 0 changed, 0 skipped, 1 refused" in lines
    assert "row 3, share: '500.0' A probability lies between 0 and 100." in lines
    assert "Undo with: tessera undo" in lines


# Large models and late refusals


def test_a_large_model_is_asked_in_batches(load, env, monkeypatch):
    monkeypatch.setattr("core.data.importing.references.SMALL", 2)
    monkeypatch.setattr("core.data.importing.references.KEPT", 1)
    firms = env["i.firm"].create_many([{"name": f"Firm {n}", "code": f"C{n}", "active": n != 3} for n in range(5)])
    result = load("name,firm\nA,Firm 1\nB,C2\nC,Firm 3\nD,firm 1\nE,Firm 9\n")
    assert [row.firm_id for row in env["i.sale"].search("")] == [firms[1].id, firms[2].id, firms[3].id]
    assert [(refusal.value, refusal.suggestion) for refusal in result.files[0].refusals] == [
        ("firm 1", ""),
        ("Firm 9", ""),
    ]
    again = load("name,firm\nF,Firm 9\nG,FIRM 9\n", create_missing=True)
    assert again.created == {"i.firm": 1, "i.sale": 2}


def test_relations_by_id_and_by_number(load, env):
    firm = env["i.firm"].create(name="Acme")
    sale = env["i.sale"].create(name="Old", count=7)
    result = load(f"name,firm/id\nA,{firm.id}\nB,{firm.id + 9}\nC,x\n")
    assert (result.created, result.refused) == ({"i.sale": 1}, 2)
    assert env["i.sale"].search("name == 'A'")[0].firm_id == firm.id
    assert sale.firm is None


def test_what_only_the_database_can_tell_refuses_single_rows(load, env):
    env["i.member"].create(firm=env["i.firm"].create(name="Acme"), word=env["i.word"].create(name="x"))
    result = load("firm,word\nAcme,x\nAcme,y\nAcme,z\nAcme,y\n", "i.member", create_missing=True)
    assert (result.created, result.refused) == ({"i.member": 2, "i.word": 2}, 2)
    assert [refusal.row for refusal in result.files[0].refusals] == [2, 5]
    assert "already" in result.files[0].refusals[0].reason


def test_empty_cells_by_recipe(load, env):
    columns = (
        'stage = { field = "stage", empty = "%s" }\nwords = { field = "words", empty = "%s", links = "replace" }\n'
    )
    recipe = f'[columns]\nname = "name"\n{columns}'
    result = load("name,stage,words\nA,,\n", recipe=recipe % ("default", "refuse"))
    assert [(one.column, one.reason) for one in result.files[0].refusals] == [("words", "is empty")]
    sale = env["i.sale"].create(name="B", words=[env["i.word"].create(name="x").id], stage="won")
    load("name,stage,words\nB,,\n", key="name", recipe=recipe % ("default", "null"))
    after = env["i.sale"].get(sale.id)
    assert (after.stage, after.words) == ("won", ())


def test_a_record_that_others_need_and_that_is_refused_when_written_ends_the_import(env, write):
    with pytest.raises(ImportRefused, match="'Late' was refused"), env.savepoint():
        run_import(env, model="i.firm", file=write("name,parent\nA,Late\nLate,\n"))
    assert env["i.firm"].count() == 0
