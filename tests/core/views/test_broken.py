"""Every mistake a view can have, each with the exact message it is answered by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.views.checks import UNREAD, Scope
from core.views.compose import compose

FORM = "<form>{}</form>"
GROUP = '<form><group name="main">{}</group></form>'
LIST = "<list>{}</list>"
SEARCH = "<search>{}</search>"
COUNTER = '<form><header><counter name="n" label="Lines" {}/></header></form>'
BOARD = '<board group="stage"{}><card><field name="name"/></card></board>'

# Type, arch, and what is printed after the file: line, column, id, text.
BROKEN = {
    "broken xml": ("form", "<form><group></form>", ["1:16 D001 not well-formed XML: mismatched tag"]),
    "entity": (
        "form",
        "<form>&lol;</form>",
        ["1:7 D001 not well-formed XML: undefined entity"],
    ),
    "unknown element": (
        "form",
        FORM.format('<grup name="a"/>'),
        ["1:7 V001 <grup> is not allowed inside <form>; did you mean 'group'?"],
    ),
    "element in the wrong place": (
        "list",
        LIST.format('<field name="name"/><page name="a" label="A"/>'),
        ["1:27 V001 <page> is not allowed inside <list>"],
    ),
    "unknown attribute": (
        "list",
        LIST.format('<field name="name" lable="Name"/>'),
        ["1:7 V002 <field> has no attribute 'lable'; did you mean 'label'?"],
    ),
    "private attribute": (
        "list",
        LIST.format('<field name="name" _src="x"/>'),
        ["1:7 V002 <field> has no attribute '_src'"],
    ),
    "missing attribute": ("form", GROUP.format("<field/>"), ["1:26 V003 <field> needs the attribute 'name'"]),
    "empty name": (
        "form",
        FORM.format('<group name=" "/>'),
        ["1:7 V003 <group> needs the attribute 'name'"],
    ),
    "bad value": (
        "list",
        LIST.format('<field name="amount" sum="summ"/>'),
        ["1:7 V004 <field sum> cannot be 'summ'; expected sum, avg, min, max; did you mean 'sum'?"],
    ),
    "not a number": (
        "list",
        '<list limit="many"><field name="name"/></list>',
        ["1:1 V004 <list limit> cannot be 'many'; expected a whole number"],
    ),
    "text": (
        "form",
        GROUP.format("Hello"),
        ["1:7 V005 <group> cannot contain text, but has 'Hello'"],
    ),
    "order of elements": (
        "form",
        '<form><group name="a"/><header><field name="stage"/></header></form>',
        ["1:24 V006 did not expect element header there"],
    ),
    "wrong root": (
        "form",
        '<list><field name="name"/></list>',
        ["1:1 V007 a view of type 'form' begins with <form>, not <list>"],
    ),
    "two roots": (
        "list",
        '<list><field name="name"/></list><list><field name="kind"/></list>',
        ["1:34 V006 a view has one outermost node, <list>"],
    ),
    "unknown field": (
        "form",
        GROUP.format('<field name="phne"/>'),
        ["1:26 V012 field 'phne' is not on shop.deal; did you mean 'phone'?"],
    ),
    "unknown field on a path": (
        "list",
        LIST.format('<field name="stage.nam"/>'),
        ["1:7 V012 field 'nam' is not on shop.stage; did you mean 'name'?"],
    ),
    "path through a value": (
        "list",
        LIST.format('<field name="name.length"/>'),
        ["1:7 V013 'name.length' goes through 'name', which leads to no single record"],
    ),
    "path through many records": (
        "list",
        LIST.format('<field name="tags.name"/>'),
        ["1:7 V013 'tags.name' goes through 'tags', which leads to no single record"],
    ),
    "modifier that cannot be read": (
        "form",
        GROUP.format('<field name="name" invisible="kind =="/>'),
        ["1:26 V014 invisible is no expression, column 8: "],
    ),
    "modifier with an unknown field": (
        "form",
        GROUP.format('<field name="name" readonly="knd == \'new\'"/>'),
        ["1:26 V014 readonly is no expression, column 1: "],
    ),
    "modifier that is a value": (
        "form",
        GROUP.format('<field name="name" required="amount"/>'),
        ["1:26 V015 required must be true or false, but is a money"],
    ),
    "filter that cannot be read": (
        "search",
        SEARCH.format('<filter name="a" label="A" condition="stage.is_wn"/>'),
        ["1:9 V014 condition is no expression, column 7: "],
    ),
    "unknown action": (
        "form",
        FORM.format('<header><button action="wim"/></header>'),
        ["1:15 V016 shop.deal has no action 'wim'; did you mean 'win'?"],
    ),
    "unknown widget": (
        "list",
        LIST.format('<field name="amount" widget="mony"/>'),
        ["1:7 V017 there is no widget 'mony'; did you mean 'money'?"],
    ),
    "widget that does not fit": (
        "list",
        LIST.format('<field name="name" widget="money"/>'),
        ["1:7 V018 widget 'money' cannot show field 'name', a text; fitting: text, textarea, html, email, phone, url"],
    ),
    "widget for other records": (
        "list",
        LIST.format('<field name="stage" widget="user"/>'),
        ["1:7 V018 widget 'user' cannot show field 'stage', a reference; fitting: link, select, partner, stage, path"],
    ),
    "unknown group": (
        "form",
        GROUP.format('<field name="name" groups="shop.bos"/>'),
        ["1:26 V019 there is no group 'shop.bos'; did you mean 'shop.boss'?"],
    ),
    "unknown group in a condition": (
        "form",
        GROUP.format('<field name="name" readonly="not has_group(\'shop.bos\')"/>'),
        ["1:26 V019 there is no group 'shop.bos'; did you mean 'shop.boss'?"],
    ),
    "sum of text": (
        "list",
        LIST.format('<field name="name" sum="sum"/>'),
        ["1:7 V020 field 'name' is a text; only numbers and money have a sum"],
    ),
    "sum of a board": (
        "board",
        BOARD.format(' sum="name"'),
        ["1:1 V020 field 'name' is a text; only numbers and money have a sum"],
    ),
    "two groups of one name": (
        "form",
        FORM.format('<group name="a"/><group name="a"/>'),
        [
            '1:24 V026 there is another <group name="a"> at addons/shop/views/form.xml:1:7',
        ],
    ),
    "graph by many records": (
        "graph",
        '<graph by="tags" stack="lines"><measure field="id" aggregate="count"/></graph>',
        [
            "1:1 V041 'lines' leads to many records; a record would be counted more than once",
            "1:1 V041 'tags' leads to many records; a record would be counted more than once",
        ],
    ),
    "graph by a date": (
        "graph",
        '<graph by="deadline"><measure field="id" aggregate="count"/></graph>',
        ["1:1 V030 grouping by 'deadline' needs a unit, as in 'date:month'"],
    ),
    "graph without a measure": ("graph", '<graph by="stage"/>', ["1:1 V006 <graph> needs something inside"]),
    "measure of a text": (
        "graph",
        '<graph by="stage"><measure field="name" aggregate="avg"/></graph>',
        ["1:19 V020 field 'name' is a text; only numbers and money have a avg"],
    ),
    "measure twice": (
        "graph",
        '<graph by="stage"><measure field="id" aggregate="count"/><measure field="id" aggregate="count"/></graph>',
        ["1:58 V042 count of 'id' is measured already"],
    ),
    "unknown measure": (
        "graph",
        '<graph by="stage"><measure field="amont" aggregate="sum" groups="shop.bos"/></graph>',
        [
            "1:19 V012 field 'amont' is not on shop.deal; did you mean 'amount'?",
            "1:19 V019 there is no group 'shop.bos'; did you mean 'shop.boss'?",
        ],
    ),
    "widget of a measure": (
        "graph",
        '<graph by="stage"><measure field="amount" aggregate="sum" widget="stage"/></graph>',
        ["1:19 V018 widget 'stage' cannot show field 'amount', a money; fitting: money"],
    ),
    "columns of a board": (
        "board",
        '<board group="amount"><card><field name="name"/></card></board>',
        ["1:1 V027 field 'amount' is a money; the columns of a board are records, options or spans of time"],
    ),
    "columns of dates without a unit": (
        "board",
        '<board group="deadline"><card><field name="name"/></card></board>',
        ["1:1 V030 grouping by 'deadline' needs a unit, as in 'date:month'"],
    ),
    "columns of an unknown unit": (
        "board",
        '<board group="deadline:moth"><card><field name="name"/></card></board>',
        ["1:1 V030 'moth' is no unit of time; did you mean 'month'?"],
    ),
    "quick creation at an instant": (
        "board",
        '<board group="seen:month" quick_create="name"><card><field name="name"/></card></board>',
        ["1:1 V028 field 'seen' is an instant; a card that is created in a column has none"],
    ),
    "cards that stay": (
        "board",
        BOARD.format(' readonly="amount"'),
        ["1:1 V015 readonly must be true or false, but is a money"],
    ),
    "quick creation": (
        "board",
        BOARD.format(' quick_create="name, weighted"'),
        ["1:1 V028 'weighted' cannot be filled in when a record is created"],
    ),
    "list of one record": (
        "form",
        GROUP.format('<field name="stage"><list><field name="name"/></list></field>'),
        ["1:46 V029 field 'stage' is a reference; only many records have a <list>"],
    ),
    "records without a list": (
        "form",
        GROUP.format('<field name="lines"/>'),
        ["1:26 V029 field 'lines' leads to records of shop.line; say how to <list> them"],
    ),
    "field of a related list": (
        "form",
        GROUP.format('<field name="lines"><list><field name="deadline"/></list></field>'),
        ["1:52 V012 field 'deadline' is not on shop.line; did you mean 'deal'?"],
    ),
    "order by many records": (
        "list",
        '<list order="-tags"><field name="name"/></list>',
        ["1:1 V030 'tags' leads to many records; a list cannot be ordered by it"],
    ),
    "grouping without a unit": (
        "search",
        SEARCH.format('<group_by name="d" label="D" field="deadline"/>'),
        ["1:9 V030 grouping by 'deadline' needs a unit, as in 'date:month'"],
    ),
    "grouping by an unknown unit": (
        "list",
        '<list group="deadline:moth"><field name="name"/></list>',
        ["1:1 V030 'moth' is no unit of time; did you mean 'month'?"],
    ),
    "unit for text": (
        "list",
        '<list group="kind:month"><field name="name"/></list>',
        ["1:1 V030 grouping by 'kind' takes no unit, unlike 'date:month'"],
    ),
    "two paths": (
        "form",
        FORM.format('<header><field name="stage" widget="path"/><field name="category" widget="path"/></header>'),
        ["1:50 V031 the form has a path already, 'stage'"],
    ),
    "search in a number": (
        "search",
        SEARCH.format('<field name="amount"/>'),
        ["1:9 V033 'amount' is a money; it cannot be searched by contains"],
    ),
    "search within what has no levels": (
        "search",
        SEARCH.format('<field name="stage" operator="within"/>'),
        ["1:9 V033 'stage' is a reference; it cannot be searched by within"],
    ),
    "two titles": (
        "list",
        LIST.format('<field name="name" card="title"/><field name="kind" card="title"/>'),
        ["1:40 V034 'name' is the card's title already"],
    ),
    "secret": (
        "form",
        GROUP.format('<field name="password"/>'),
        ["1:26 V036 field 'password' is secret and never shown"],
    ),
    "settled without being due": (
        "list",
        LIST.format('<field name="deadline" settled="urgent"/>'),
        ["1:7 V039 only widget 'due' knows days that are settled"],
    ),
    "a panel that nobody gives": (
        "form",
        FORM.format('<notebook name="n"><page name="p" label="P" panel="mail.histroy"/></notebook>'),
        ["1:26 V040 there is no panel 'mail.histroy'"],
    ),
    "a counter of no model": (
        "form",
        COUNTER.format('model="shop.lien" condition="deal == this"'),
        ["1:15 V008 there is no model 'shop.lien'; did you mean 'shop.line'?"],
    ),
    "a counter of a stranger's model": (
        "form",
        COUNTER.format('model="other.note" condition="true"'),
        ["1:15 V032 model other.note belongs to addon 'other', which 'shop' does not depend on"],
    ),
    "a counter without a condition on its records": (
        "form",
        COUNTER.format('model="shop.line" condition="within(deal, this)"'),
        ["1:15 V014 condition is no expression, column 8: shop.deal has no hierarchy"],
    ),
    "a counter of something else": (
        "form",
        COUNTER.format('model="shop.line" condition="amount"'),
        ["1:15 V015 condition must be true or false, but is a money"],
    ),
    "a counter whose field leads elsewhere": (
        "form",
        COUNTER.format('model="shop.line" condition="deal == this" field="name"'),
        ["1:15 V043 'name' of shop.line does not lead to a record of shop.deal"],
    ),
    "two counters of one name": (
        "form",
        "<form><header>{0}{0}</header></form>".format(
            '<counter name="a" label="A" model="shop.tag" condition="true"/>'
        ),
        ['1:78 V026 there is another <counter name="a"> at addons/shop/views/form.xml:1:15'],
    ),
    "a reason that nobody gives": (
        "form",
        '<form><key><field name="name" why="mail.hisstory"/></key></form>',
        ["1:12 V040 there is no panel 'mail.hisstory'"],
    ),
    "several at once": (
        "list",
        '<list order="nam"><field name="a"/><field name="kind" widget="x"/></list>',
        [
            "1:1 V012 field 'nam' is not on shop.deal; did you mean 'name'?",
            "1:19 V012 field 'a' is not on shop.deal",
            "1:36 V017 there is no widget 'x'",
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_message_of_a_broken_view(name: str, write: Any, problems: Callable[..., list[str]]) -> None:
    kind, arch, expected = BROKEN[name]
    found = problems(write("shop", arch, type=kind))
    wanted = [f"addons/shop/views/{kind}.xml:{message}" for message in expected]
    # What the language says of an expression belongs to its own tests; here the beginning counts.
    shown = [line[: len(start)] if "V014" in start else line for line, start in zip(found, wanted, strict=True)]
    assert shown == wanted


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("shop.lines", []),
        ("shop.old", []),  # there already; what it opens is not read
        ("shop.lnies", ["V043 there is no action 'shop.lnies' that opens shop.line; did you mean 'shop.lines'?"]),
        ("shop.deals", ["V043 there is no action 'shop.deals' that opens shop.line; did you mean 'shop.lines'?"]),
    ],
)
def test_the_action_of_a_counter_opens_what_it_counts(
    action: str, expected: list[str], scope: Scope, write: Any
) -> None:
    known = replace(scope, actions={"shop.lines": "shop.line", "shop.old": UNREAD, "shop.deals": "shop.deal"})
    source = write("shop", COUNTER.format(f'model="shop.line" condition="deal == this" field="deal" action="{action}"'))
    found = [str(problem).partition(" ")[2] for problem in compose([source], known).problems]
    assert found == expected
    assert not compose([source], scope).problems


def test_a_modifier_names_the_nearest_field(write: Any, problems: Callable[..., list[str]]) -> None:
    (found,) = problems(write("shop", GROUP.format('<field name="name" readonly="urgnt"/>')))
    assert "column 1" in found
    assert found.endswith("did you mean 'urgent'?")


def test_unknown_model_type_and_twins(write: Any, problems: Callable[..., list[str]]) -> None:
    found = problems(
        write("shop", "<form/>", model="shop.del"),
        write("shop", "<calendar/>", type="calendar", name="c"),
        write("shop", '<list><field name="name"/></list>', type="list"),
        write("shop", '<list><field name="name"/></list>', type="list"),
    )
    assert found == [
        "addons/shop/views/c.xml:1:1 V007 there is no view type 'calendar'",
        "addons/shop/views/form.xml:1:1 V008 there is no model 'shop.del'; did you mean 'shop.deal'?",
        "addons/shop/views/list.xml:1:1 V035 view 'shop.deal_list' is there already, at addons/shop/views/list.xml:1:1",
    ]


def test_fields_and_models_of_addons_one_does_not_need(write: Any, problems: Callable[..., list[str]]) -> None:
    found = problems(
        write("more", GROUP.format('<field name="extra"/><field name="note"/>'), name="mine"),
        write("more", '<list><field name="name"/></list>', type="list", model="other.note"),
    )
    assert found == [
        "addons/more/views/list.xml:1:1 V032 model other.note belongs to addon 'other', "
        "which 'more' does not depend on",
        "addons/more/views/mine.xml:1:47 V032 field 'note' of shop.deal belongs to addon 'other', "
        "which 'more' does not depend on",
    ]


def test_problems_of_all_views_come_together_and_sorted(write: Any, problems: Callable[..., list[str]]) -> None:
    sources = [
        write("shop", GROUP.format('<field name="b"/>'), name="b"),
        write("shop", GROUP.format('<field name="a"/>'), name="a"),
        write("shop", "<form><oops/></form>", name="c"),
    ]
    found = problems(*sources)
    assert [line.split(":")[0] for line in found] == [f"addons/shop/views/{name}.xml" for name in "abc"]
    assert problems(*reversed(sources)) == found
