"""Events of records: chosen at first, told to those who may see, and nothing where nobody hears."""

import pytest
from markupsafe import Markup

from addons.mail.events import Event, tell
from core import reference_to


@pytest.fixture
def kinds(env):
    """Two kinds of events of contacts, one of which new followers hear of."""
    values = [
        {"code": "x.moved", "name": "Moved", "model": "res.partner", "default": True},
        {"code": "x.closed", "name": "Closed", "model": "res.partner", "parent_field": "parent"},
    ]
    return env["mail.message.subtype"].create_many(values)


def told(env):
    return [
        (row.user.login, row.message.kind, row.message.body)
        for row in env.sudo()["mail.notification"].search("", order="id")
    ]


def test_new_followers_hear_of_what_is_chosen_at_first(env, kinds, halden, tomas):
    message = tomas["res.partner"].get(halden.id).post("Hello")
    (row,) = env["mail.followers"].search("")
    assert row.partner_id == message.author_id
    assert [kind.code for kind in row.subtypes] == ["x.moved"]


def test_an_event_is_told_to_those_who_chose_it(env, kinds, halden, instance):
    for login in ("tomas", "mira"):
        env["mail.followers"].create(
            record=halden.reference, partner=env["res.users"].get(instance.user_id(login)).partner_id
        )
    env["res.users"].archive(instance.user_id("mira"))
    tell(
        env,
        "res.partner",
        [
            Event("x.moved", halden.id, lambda: Markup("<p>Oslo</p>")),
            Event("x.closed", halden.id, lambda: Markup("<p>Closed</p>")),
        ],
        {halden.id: {"parent": None}},
    )
    assert told(env) == [("tomas", "event", "<p>Oslo</p>")]
    assert env["mail.mail"].count() == 0


def test_followers_of_the_record_above_hear_of_it_by_the_parent(env, kinds, halden, instance):
    moved, closed = kinds
    env["mail.message.subtype"].write(closed, parent=moved.id)
    child = env["res.partner"].create(name="Port", parent=halden.id)
    partner = env["res.users"].get(instance.user_id("tomas")).partner_id
    env["mail.followers"].create(record=halden.reference, partner=partner)
    tell(
        env,
        "res.partner",
        [Event("x.closed", child.id, lambda: Markup("<p>Closed</p>"))],
        {child.id: {"parent": halden.id}},
    )
    tell(
        env, "res.partner", [Event("x.closed", halden.id, lambda: Markup("<p>Also</p>"))], {halden.id: {"parent": None}}
    )
    assert told(env) == [("tomas", "event", "<p>Closed</p>")]
    assert [row.record for row in env["mail.message"].search("")] == [reference_to("res.partner", child.id)]


def test_a_note_stands_there_though_nobody_hears_of_it(env, kinds, halden):
    tell(
        env,
        "res.partner",
        [Event("x.moved", halden.id, lambda: Markup("<p>Oslo</p>"), note=True)],
        {halden.id: {"parent": None}},
    )
    (message,) = env["mail.message"].search("")
    assert (message.kind, message.subtype.code, message.author.name) == ("note", "x.moved", "Administrator")
    assert told(env) == [] and env["mail.followers"].count() == 0


def test_an_unknown_kind_is_a_mistake_of_the_addon(env, halden):
    with pytest.raises(KeyError):
        tell(env, "res.partner", [Event("x.nothing", halden.id, lambda: Markup())], {})
    tell(env, "res.partner", [], {})
