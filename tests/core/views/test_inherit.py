"""Extending views: each operation, the order of extensions, who put what where, and what is said when it fails."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from core.views import arch
from core.views.compose import Composition

BASE = (
    '<form>\n  <group name="main" label="Main">\n    <field name="name"/>\n    <field name="kind"/>\n  </group>\n'
    '  <notebook name="pages">\n    <page name="notes" label="Notes">\n      <field name="notes"/>\n    </page>\n'
    "  </notebook>\n</form>"
)
Compose = Callable[..., Composition]


def change(expr: str, position: str, content: str = "") -> str:
    return f'<xpath expr="{expr}" position="{position}">{content}</xpath>'


def names(composition: Composition, view: str = "shop.deal_form") -> list[str]:
    return [str(node.get("name")) for node in composition.views[view].root.iter("field")]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (change("//field[@name='kind']", "before", '<field name="count"/>'), ["name", "count", "kind", "notes"]),
        (
            change("//field[@name='name']", "after", '<field name="count"/><field name="urgent"/>'),
            ["name", "count", "urgent", "kind", "notes"],
        ),
        (change("//group[@name='main']", "inside", '<field name="count"/>'), ["name", "kind", "count", "notes"]),
        (change("//field[@name='kind']", "replace", '<field name="count"/>'), ["name", "count", "notes"]),
        (change("//field[@name='kind']", "replace"), ["name", "notes"]),
        (
            change("/form", "inside", '<group name="more"><field name="count"/></group>'),
            ["name", "kind", "notes", "count"],
        ),
    ],
)
def test_operations(operation: str, expected: list[str], write: Any, composed: Compose) -> None:
    found = composed(write("shop", BASE), write("more", operation, extends="shop.deal_form", name="x")).require()
    assert names(found) == expected


def test_attributes_are_set_and_taken_away(write: Any, composed: Compose) -> None:
    operation = change(
        "//group[@name='main']",
        "attributes",
        '<attribute name="label"/><attribute name="columns">1</attribute>',
    )
    found = composed(write("shop", BASE), write("more", operation, extends="shop.deal_form", name="x")).require()
    assert arch.dump(found.views["shop.deal_form"].root).splitlines()[1] == '  <group name="main" columns="1">'


def test_a_composed_view_is_dumped_one_element_a_line(write: Any, composed: Compose) -> None:
    assert arch.dump(composed(write("shop", BASE)).views["shop.deal_form"].root) == BASE


def test_who_put_and_changed_a_node_is_known(write: Any, composed: Compose) -> None:
    change_label = change("//field[@name='name']", "attributes", '<attribute name="label">Title</attribute>')
    add = "\n  " + change("//field[@name='name']", "after", '\n    <field name="extra"/>')
    found = composed(
        write("shop", BASE),
        write("more", change_label + add, extends="shop.deal_form", name="x"),
    ).require()
    name, extra = list(found.views["shop.deal_form"].root.iter("field"))[:2]
    assert str(arch.place(name)) == "addons/shop/views/form.xml:3:5"
    assert str(arch.place(name, "label")) == "addons/more/views/x.xml:1:1"
    assert [stamp.addon for stamp in arch.stamps(name)] == ["shop", "more"]
    assert str(arch.place(extra)) == "addons/more/views/x.xml:3:5"
    assert arch.owner(extra) == "more"


def test_a_mistake_in_an_attribute_is_that_of_who_set_it(write: Any, problems: Callable[..., list[str]]) -> None:
    operation = change("//field[@name='name']", "attributes", '<attribute name="widget">nope</attribute>')
    (found,) = problems(write("shop", BASE), write("more", operation, extends="shop.deal_form", name="x"))
    assert found == "addons/more/views/x.xml:1:1 V017 there is no widget 'nope'"


def test_the_grammar_holds_after_extension_too(write: Any, problems: Callable[..., list[str]]) -> None:
    operation = change("//page[@name='notes']", "after", '<field name="count"/>')
    (found,) = problems(write("shop", BASE), write("more", operation, extends="shop.deal_form", name="x"))
    assert found.startswith("addons/more/views/x.xml:1:54 V001 <field> is not allowed inside <notebook>")


def test_siblings_compose_alike_in_every_order(write: Any, composed: Compose) -> None:
    base = write("shop", BASE)
    siblings = [
        write(
            "more",
            change("//field[@name='name']", "after", '<field name="extra"/>'),
            extends="shop.deal_form",
            name="a",
        ),
        write(
            "other",
            change("//field[@name='name']", "after", '<field name="note"/>'),
            extends="shop.deal_form",
            name="b",
        ),
        write(
            "shop",
            change("//field[@name='name']", "after", '<field name="count"/>'),
            extends="shop.deal_form",
            name="c",
        ),
        write(
            "shop",
            change("//field[@name='name']", "after", '<field name="urgent"/>'),
            extends="shop.deal_form",
            name="d",
            priority=1,
        ),
    ]
    seen = {
        arch.dump(composed(base, *order).require().views["shop.deal_form"].root)
        for order in itertools.permutations(siblings)
    }
    assert len(seen) == 1
    # What an addon needs applies before it, then by addon and priority; the last one stands next to its anchor.
    assert names(composed(base, *siblings)) == ["name", "note", "extra", "count", "urgent", "kind", "notes"]


def test_nothing_found_names_what_is_near(write: Any, problems: Callable[..., list[str]]) -> None:
    (found,) = problems(
        write("shop", BASE),
        write(
            "more",
            change("//group[@name='main']", "inside", '<field name="extra"/>'),
            extends="shop.deal_form",
            name="a",
        ),
        write("other", change("//notebook/page[@name='note']", "inside"), extends="shop.deal_form", name="b"),
    )
    assert found.splitlines() == [
        "addons/other/views/b.xml:1:1 V022 //notebook/page[@name='note'] finds nothing; "
        "did you mean '//page[@name='notes']'?",
        '    nearest: <page name="notes"> at addons/shop/views/form.xml:7:5',
        '    in: <notebook name="pages">',
        '    in:   <page name="notes">',
        "    applied before: more.a (addons/more/views/a.xml:1:1)",
    ]


def test_nothing_found_names_who_removed_it(write: Any, problems: Callable[..., list[str]]) -> None:
    (found,) = problems(
        write("shop", BASE),
        write("shop", change("//page[@name='notes']", "replace"), extends="shop.deal_form", name="a"),
        write("more", change("//page[@name='notes']", "after"), extends="shop.deal_form", name="b"),
    )
    assert "    removed by: shop.a at addons/shop/views/a.xml:1:1" in found.splitlines()


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (change("//field[", "inside"), "V021 the XPath //field[ cannot be read: Invalid expression"),
        (change("//*[@_src]", "inside"), "V022 //*[@_src] finds nothing"),
        (change("count(//field)", "inside"), "V022 count(//field) finds nothing"),
        (change("//field", "replace"), "V023 //field finds 3 nodes; an operation needs exactly one"),
        ('<xpath expr="/form"/>', "V003 <xpath> needs the attribute 'position'"),
        ('<xpath expr="/form" position="behind"/>', "V004 <xpath position> cannot be 'behind'; expected before,"),
        ('<field name="x"/>', "V001 <field> is not allowed inside <arch>"),
        (change("/form", "replace", '<list><field name="name"/></list>'), "V025 position 'replace' cannot be used on"),
        (change("/form", "after", '<group name="x"/>'), "V025 position 'after' cannot be used on the outermost node"),
        (change("//field[@name='name']", "after"), "V025 position 'after' needs something to put in"),
        (
            change("//field[@name='name']", "attributes", '<field name="x"/>'),
            "V025 position 'attributes' takes <attribute> elements",
        ),
        (
            change("//field[@name='name']", "inside", '<attribute name="label">x</attribute>'),
            "V025 position 'inside' takes nodes to put in, no <attribute>",
        ),
        (
            change("//field[@name='name']", "attributes", '<attribute name="_src">x</attribute>'),
            "V025 no attribute is called '_src'",
        ),
    ],
)
def test_operations_that_cannot_be(
    operation: str, message: str, write: Any, problems: Callable[..., list[str]]
) -> None:
    (found,) = problems(write("shop", BASE), write("more", operation, extends="shop.deal_form", name="x"))
    assert found.startswith("addons/more/views/x.xml:1:1") or message.startswith(("V001", "V025"))
    assert message in found.splitlines()[0]


@pytest.mark.parametrize("position", ["after", "replace", "attributes"])
def test_nodes_of_strangers_stay_as_they_are(position: str, write: Any, problems: Callable[..., list[str]]) -> None:
    content = {"after": '<field name="note"/>', "replace": "", "attributes": '<attribute name="label">N</attribute>'}
    (found,) = problems(
        write("shop", BASE),
        write(
            "more",
            change("//field[@name='kind']", "after", '<field name="extra"/>'),
            extends="shop.deal_form",
            name="a",
        ),
        write(
            "other", change("//field[@name='extra']", position, content[position]), extends="shop.deal_form", name="b"
        ),
    )
    assert found == (
        "addons/other/views/b.xml:1:1 V024 <field name=\"extra\"> was put there by addon 'more' "
        "(addons/more/views/a.xml:1:54), which 'other' does not depend on"
    )


def test_removing_what_holds_a_strangers_node_is_refused(write: Any, problems: Callable[..., list[str]]) -> None:
    (found,) = problems(
        write("shop", BASE),
        write(
            "more",
            change("//group[@name='main']", "inside", '<field name="extra"/>'),
            extends="shop.deal_form",
            name="a",
        ),
        write("other", change("//group[@name='main']", "replace"), extends="shop.deal_form", name="b"),
    )
    assert "V024 <field name=\"extra\"> was put there by addon 'more'" in found


def test_what_is_extended_must_be_there_and_fit(write: Any, problems: Callable[..., list[str]]) -> None:
    found = problems(
        write("shop", BASE),
        write("more", change("/form", "inside"), extends="shop.deal_from", name="a"),
        write("more", change("/form", "inside", "<group/>"), extends="shop.deal_form", name="b", type="list"),
        write("more", change("/form", "inside", "<group/>"), extends="shop.deal_form", name="c", model="shop.line"),
        write(
            "more",
            change("//field[@name='kind']", "after", '<field name="extra"/>'),
            extends="shop.deal_form",
            name="d",
        ),
        write("more", change("/form", "inside"), extends="more.d", name="e"),
    )
    assert [line.partition(".xml:1:1 ")[2] for line in found] == [
        "V009 there is no view 'shop.deal_from' to extend; did you mean 'shop.deal_form'?",
        "V010 the view says type 'list', but 'shop.deal_form' has 'form'",
        "V010 the view says model 'shop.line', but 'shop.deal_form' has 'shop.deal'",
        "V011 'more.d' is itself an extension; extend the view it changes; did you mean 'shop.deal_form'?",
    ]


def test_a_view_of_an_addon_one_does_not_need_cannot_be_extended(
    write: Any, problems: Callable[..., list[str]]
) -> None:
    (found,) = problems(
        write("other", BASE, name="theirs"),
        write("more", change("/form", "inside"), extends="other.theirs", name="x"),
    )
    assert found == (
        "addons/more/views/x.xml:1:1 V032 view 'other.theirs' belongs to addon 'other', which 'more' does not depend on"
    )


def test_a_version_changes_with_any_text(write: Any, composed: Compose) -> None:
    base = write("shop", BASE)
    extension = write("more", change("/form", "inside", '<group name="x"/>'), extends="shop.deal_form", name="x")
    versions = {
        composed(base).views["shop.deal_form"].version,
        composed(base, extension).views["shop.deal_form"].version,
        composed(write("shop", BASE.replace("Main", "Most"))).views["shop.deal_form"].version,
    }
    assert len(versions) == 3
