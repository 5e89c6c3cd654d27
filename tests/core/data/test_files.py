"""Reading data files: what they say, exactly where, and everything that is wrong with their form at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.data import xml
from core.data.elements import GRAMMAR_FILE
from core.data.entries import DeleteEntry, RecordEntry, complete, references
from core.data.files import DataFiles, read_addon
from core.data.grammar import Grammar
from core.data.xml import Place

Read = Callable[..., DataFiles]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read({"a.xml": "..."})`: the entries of files of the addon `shop`."""

    def run(files: dict[str, str | bytes]) -> DataFiles:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_addon("shop", tmp_path, files)

    return run


def printed(found: DataFiles) -> list[str]:
    return [str(problem).removeprefix("addons/shop/") for problem in found.problems]


def wrapped(body: str) -> str:
    return f"<tessera>\n{body}\n</tessera>"


def record(found: DataFiles, external_id: str) -> RecordEntry:
    (entry,) = [each for each in found.entries if each.external_id == external_id]
    assert isinstance(entry, RecordEntry)
    return entry


def test_a_record_with_its_places(read: Read) -> None:
    found = read(
        {
            "data/stages.xml": wrapped(
                '  <record id="new" model="shop.stage">\n'
                '    <field name="name">  New &amp; open </field>\n'
                '    <field name="tags" ref="a, base.b"/>\n'
                '    <field name="since" expr="today() - days(3)"/>\n'
                '    <field name="empty"/>\n  </record>'
            )
        }
    )
    assert found.problems == ()
    entry = record(found, "shop.new")
    assert (entry.model, entry.tag, entry.addon) == ("shop.stage", "record", "shop")
    assert str(entry.place) == "addons/shop/data/stages.xml:2:3"
    assert [(name, source.kind, source.text) for name, source in entry.fields.items()] == [
        ("name", "text", "New & open"),
        ("tags", "ref", "a, base.b"),
        ("since", "expr", "today() - days(3)"),
        ("empty", "text", ""),
    ]
    assert str(entry.fields["tags"].place) == "addons/shop/data/stages.xml:4:5"
    assert references(entry.fields["tags"], "shop") == ["shop.a", "base.b"]
    assert complete("x", "shop") == "shop.x"


def test_short_elements_are_records_of_their_models(read: Read) -> None:
    found = read(
        {
            "menus.xml": wrapped(
                '<menu id="root" name="Sales" sequence="5" icon="deal" groups="own, base.internal"/>\n'
                '<menu id="leads" name="Leads" parent="root" action="lead_action"/>\n'
                '<action id="lead_action" name="Leads" model="shop.deal" views="list,form" filters="mine"/>\n'
                '<rule id="own_deals" model="shop.deal" groups="own" condition="owner == me" on_delete="0"/>\n'
                '<access id="deal_all" model="shop.deal" group="own" can_read="1"/>\n'
                '<delete id="gone" model="shop.stage"/>'
            )
        }
    )
    assert found.problems == ()
    assert [(entry.external_id, entry.model) for entry in found.entries] == [
        ("shop.root", "core.menu"),
        ("shop.leads", "core.menu"),
        ("shop.lead_action", "core.action"),
        ("shop.own_deals", "core.rule"),
        ("shop.deal_all", "core.access"),
        ("shop.gone", "shop.stage"),
    ]
    assert isinstance(found.entries[-1], DeleteEntry)
    menu, rule = record(found, "shop.leads"), record(found, "shop.own_deals")
    assert {name: source.kind for name, source in menu.fields.items()} == {
        "name": "text",
        "parent": "ref",
        "action": "ref",
    }
    assert rule.text("name") == "own deals"
    assert rule.text("on_delete") == "0"
    assert rule.text("nothing") == ""


def test_a_view_keeps_its_exact_source_and_where_it_begins(read: Read) -> None:
    arch = '<form>\n      <!-- a note -->\n      <field name="é"\n             label="&lt;x&gt;"/>\n    </form>'
    body = f'  <view id="deal_form" model="shop.deal" type="form">\n    <!-- before -->\n    {arch}\n  </view>'
    view = record(read({"views/deal.xml": wrapped(body)}), "shop.deal_form")
    assert view.text("arch") == arch
    assert (view.text("file"), view.text("line"), view.text("column")) == ("addons/shop/views/deal.xml", "4", "5")
    assert (view.text("name"), view.text("addon"), view.text("priority")) == ("shop.deal_form", "shop", "16")
    assert "extends" not in view.fields


def test_an_extension_keeps_all_its_operations(read: Read) -> None:
    operations = '<xpath expr="/form" position="inside"/>\n    <xpath expr="//x" position="replace"/>'
    body = f'<view id="v" model="m" type="form" extends="base.f" priority="3">{operations}</view>'
    view = record(read({"v.xml": wrapped(body)}), "shop.v")
    assert (view.text("arch"), view.text("extends"), view.text("priority")) == (operations, "base.f", "3")


def test_rights_in_csv(read: Read) -> None:
    found = read(
        {
            "access.csv": "id,model,group,can_read,can_delete\r\ndeal_own,shop.deal,own,1,\n\n"
            'stage_all,shop.stage,"base.internal",1,0\n',
            "shop.stage.csv": "\ufeffid,name\nnew,New\n",
        }
    )
    assert found.problems == ()
    own, every, stage = found.entries
    assert isinstance(own, RecordEntry)
    assert own.model == "core.access"
    assert {name: (source.kind, source.text) for name, source in own.fields.items()} == {
        "model": ("cell", "shop.deal"),
        "group": ("cell", "own"),
        "can_read": ("cell", "1"),
        "name": ("cell", "deal own"),
    }
    assert str(every.place) == "addons/shop/access.csv:4:1"
    assert (stage.model, stage.external_id) == ("shop.stage", "shop.new")


BROKEN = {
    "tags that do not match": (
        "a.xml",
        "<tessera>\n  <record>\n</tessera>",
        ["a.xml:3:3 D001 not well-formed XML: mismatched tag"],
    ),
    "nothing": ("a.xml", "", ["a.xml:1:1 D001 not well-formed XML: no element found"]),
    "unknown prefix": (
        "a.xml",
        "<tessera><x:record/></tessera>",
        ["a.xml:1:19 D001 not well-formed XML: Namespace prefix x on record is not defined"],
    ),
    "entity bomb": (
        "a.xml",
        '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><tessera>&b;</tessera>',
        ["a.xml:1:1 D002 a document type is not allowed: data files have no entities"],
    ),
    "external entity": (
        "a.xml",
        '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<tessera>&x;</tessera>',
        ["a.xml:1:1 D002 a document type is not allowed: data files have no entities"],
    ),
    "external document type": (
        "a.xml",
        '<?xml version="1.0"?>\n<!DOCTYPE tessera SYSTEM "http://example.com/x.dtd">\n<tessera/>',
        ["a.xml:2:1 D002 a document type is not allowed: data files have no entities"],
    ),
    "nested too deep": (
        "a.xml",
        "<a>" * 101 + "</a>" * 101,
        ["a.xml:1:301 D003 elements are nested more than 100 deep"],
    ),
    "not UTF-8": ("a.xml", "<tessera>\n  é".encode("latin-1"), ["a.xml:2:3 D004 the file is not UTF-8"]),
    "another encoding": (
        "a.xml",
        '<?xml version="1.0" encoding="iso-8859-1"?><tessera/>',
        ["a.xml:1:1 D004 the file declares the encoding iso-8859-1; data files are UTF-8"],
    ),
    "another root": (
        "a.xml",
        "<odoo/>",
        ["a.xml:1:1 D005 <odoo> cannot be the outermost element; expected <tessera>"],
    ),
    "unknown element": (
        "a.xml",
        wrapped("<menuitem/>"),
        ["a.xml:2:1 D005 <menuitem> is not allowed inside <tessera>; did you mean 'menu'?"],
    ),
    "unknown attribute": (
        "a.xml",
        wrapped('<menu id="a" name="A" sequense="3"/>'),
        ["a.xml:2:1 D006 <menu> has no attribute 'sequense'; did you mean 'sequence'?"],
    ),
    "missing attribute": (
        "a.xml",
        wrapped('<rule id="a" model="m"/>'),
        ["a.xml:2:1 D007 <rule> needs the attribute 'condition'"],
    ),
    "bad flag": (
        "a.xml",
        wrapped('<access id="a" model="m" can_read="yes"/>'),
        ["a.xml:2:1 D008 <access can_read> cannot be 'yes'; expected 1, 0, true, false"],
    ),
    "unknown view type": (
        "a.xml",
        wrapped('<view id="a" model="m" type="lists"><list/></view>'),
        [
            "a.xml:2:1 D008 <view type> cannot be 'lists'; expected form, list, board, graph, search; "
            "did you mean 'list'?"
        ],
    ),
    "text between": (
        "a.xml",
        wrapped('<record id="a" model="m">hello</record>'),
        ["a.xml:2:1 D009 <record> cannot contain text, but has 'hello'"],
    ),
    "empty view": (
        "a.xml",
        wrapped('<view id="a" model="m" type="list"> </view>'),
        ["a.xml:2:1 D010 <view> needs something inside"],
    ),
    "field twice": (
        "a.xml",
        wrapped('<record id="a" model="m">\n<field name="x">1</field><field name="x">2</field></record>'),
        ["a.xml:3:26 D011 field 'x' is given twice, first at addons/shop/a.xml:3:1"],
    ),
    "two values": (
        "a.xml",
        wrapped('<record id="a" model="m"><field name="x" ref="b" expr="1">c</field></record>'),
        ["a.xml:2:26 D012 field 'x' has more than one value: ref= and expr= and text"],
    ),
    "ragged rows": (
        "shop.stage.csv",
        "id,name\na,A,more\nb\n,C\n",
        [
            "shop.stage.csv:2:1 D013 the row has 3 cells, the header 2",
            "shop.stage.csv:3:1 D013 the row has 1 cells, the header 2",
            "shop.stage.csv:4:1 D007 the row needs a value for 'id'",
        ],
    ),
    "open quotation mark": (
        "shop.stage.csv",
        'id,name\na,"A\n',
        ["shop.stage.csv:2:1 D013 not well-formed CSV: unexpected end of data"],
    ),
    "no column for the id": (
        "shop.stage.csv",
        "name\nA\n",
        ["shop.stage.csv:1:1 D007 the header needs the column 'id'"],
    ),
    "column twice": (
        "shop.stage.csv",
        "id,name,name\n",
        ["shop.stage.csv:1:3 D011 column 'name' is given twice"],
    ),
    "unknown right": (
        "access.csv",
        "id,model,can_reed\n",
        ["access.csv:1:3 D006 access.csv has no column 'can_reed'; did you mean 'can_read'?"],
    ),
    "rights without a model": ("access.csv", "id\n", ["access.csv:1:1 D007 the header needs the column 'model'"]),
    "CSV that is not UTF-8": (
        "shop.stage.csv",
        "id,name\na,Zoë\n".encode("latin-1"),
        ["shop.stage.csv:2:1 D004 the file is not UTF-8"],
    ),
    "another kind of file": ("a.yaml", "a: b", ["a.yaml D014 a data file is .xml or .csv, not '.yaml'"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_message_of_a_broken_file(name: str, read: Read) -> None:
    file, content, expected = BROKEN[name]
    assert printed(read({file: content})) == expected


def test_all_mistakes_of_all_files_come_at_once(read: Read) -> None:
    found = read(
        {
            "a.xml": wrapped('<menu id="a"/>\n<record id="b" model="m"><feld/></record>\n<menu id="c" name="C"/>'),
            "b.xml": "<tessera>",
            "access.csv": "id\n",
        }
    )
    assert printed(found) == [
        "a.xml:2:1 D007 <menu> needs the attribute 'name'",
        "a.xml:3:26 D005 <feld> is not allowed inside <record>; did you mean 'field'?",
        "b.xml:1:10 D001 not well-formed XML: no element found",
        "access.csv:1:1 D007 the header needs the column 'model'",
    ]
    assert [entry.external_id for entry in found.entries] == ["shop.c"]
    assert found.broken == {"shop.a", "shop.b"}


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    found = read_addon("shop", tmp_path, ["views/gone.xml"], shown="elsewhere/shop")
    assert [str(problem) for problem in found.problems] == [
        "elsewhere/shop/views/gone.xml D015 the file cannot be read: No such file or directory"
    ]


def test_a_huge_file_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_BYTES", 20)
    assert printed(read({"a.xml": wrapped("<!-- long -->")})) == [
        "a.xml:1:1 D003 the file has 34 bytes, more than the 20 allowed"
    ]


def test_places_count_characters_whatever_their_bytes() -> None:
    document = xml.parse("<a>é\U0001f600<b\n  x='1'/><c/></a>".encode(), "f.xml")
    places = {xml.tag(node): str(document.place(node)) for node in document.root.iter("*")}
    assert places == {"a": "f.xml:1:1", "b": "f.xml:1:6", "c": "f.xml:2:10"}


def test_fragments_are_placed_in_their_file() -> None:
    document = xml.parse_fragment("<b/>\n  <c/>", Place("f.xml", 7, 5), "arch")
    assert [str(document.place(node)) for node in document.root.iterchildren("*")] == ["f.xml:7:5", "f.xml:8:3"]


def test_the_grammar_of_data_files_is_one() -> None:
    grammar = Grammar(GRAMMAR_FILE)
    assert list(grammar.roots) == ["tessera"]
    assert set(grammar.rules["tessera"].children) == {"record", "view", "menu", "action", "rule", "access", "delete"}
    assert grammar.rules["record"].attributes["model"].required
    assert not grammar.rules["menu"].attributes["icon"].required
