"""Conversations: who may write and read, who is told, what goes with a record and comes back."""

import threading
import time

import pytest

from core import AccessDenied, Invalid, NotFound, Refusal


def post(env, record, text, **more):
    """Write on a contact, as the user of an environment."""
    with env:
        return env["res.partner"].get(record).post(text, **more)


def told(env):
    """What a user was told: author and text, by right of the user."""
    found = env["mail.notification"].search("not read", order="id")
    return [(row.message.author.name, row.message.body, row.mention) for row in found]


def test_a_note_is_written_by_the_user(ines, halden):
    message = post(ines, halden.id, "They <b>like</b> it")
    assert message.author.name == "Ines Varga"
    assert (message.kind, message.body) == ("note", "<p>They &lt;b&gt;like&lt;/b&gt; it</p>")
    assert message.record == f"res.partner,{halden.id}"
    assert [row.id for row in ines["res.partner"].get(halden.id).messages] == [message.id]


def test_nobody_writes_in_anothers_name(ines, tomas, halden):
    other = tomas.sudo()["res.users"].get(tomas.user).partner_id
    message = ines["mail.message"].create(record=halden, body="x", author=other)
    assert message.author.name == "Ines Varga"
    with pytest.raises(Invalid, match="The author of a message stays"):
        ines["mail.message"].write(message, author=other)


def test_the_system_writes_without_an_author(ines, halden):
    message = ines.sudo()["mail.message"].create(record=halden, body="<p>Noted</p>", author=None)
    assert (message.author, list(ines["res.partner"].get(halden.id).followers)) == (None, [])


def test_whoever_may_not_change_a_record_may_not_write_on_it(tomas, ines, halden):
    with pytest.raises(AccessDenied), tomas.savepoint():
        post(tomas, halden.id, "no")
    post(ines, halden.id, "yes")
    (message,) = tomas["mail.message"].search()
    with pytest.raises((AccessDenied, NotFound)):
        tomas["mail.message"].write(message, body="changed")
    with pytest.raises((AccessDenied, NotFound)):
        tomas["mail.message"].delete(message)


def test_a_message_is_as_hidden_as_its_record(env, ines, tomas):
    other = env["res.company"].create(name="Other", currency=env["res.currency"].search("name == 'EUR'")[0])
    secret = env.sudo()["res.partner"].create(name="Secret", company=other.id)
    env.sudo()["mail.message"].create(record=secret, body="psst", kind="note")
    assert tomas["mail.message"].count() == 0
    assert tomas["res.partner"].count("any(messages, kind == 'note')") == 0
    assert env.sudo()["res.partner"].count("any(messages, kind == 'note')") == 1


def test_authors_and_followers_hear_of_what_is_written(env, ines, tomas, halden):
    tomas["mail.followers"].create(record=halden, partner=tomas["res.users"].get(tomas.user).partner_id)
    post(ines, halden.id, "first")
    assert told(tomas) == [("Ines Varga", "<p>first</p>", False)]
    assert told(ines) == []
    post(env, halden.id, "second")
    assert [text for _name, text, _mention in told(ines)] == ["<p>second</p>"]
    tomas["mail.notification"].call([row.id for row in tomas["mail.notification"].search()], "mark_read")
    assert told(tomas) == []


def test_who_is_mentioned_is_told(ines, tomas, as_user, halden):
    message = post(ines, halden.id, "@tomas, please call. cc @MIRA")
    assert '<a href="/app/res.users/' in message.body
    assert told(tomas) == [("Ines Varga", message.body, True)]
    assert [mention for _name, _text, mention in told(as_user("mira"))] == [True]
    assert {user.login for user in message.mentions} == {"tomas", "mira"}


def test_who_may_not_see_a_record_cannot_be_mentioned(env, ines):
    other = env["res.company"].create(name="Other", currency=env["res.currency"].search("name == 'EUR'")[0])
    env.sudo()["res.users"].write(ines.user, companies=[env.company, other.id])
    ines = env.as_user(ines.user)
    secret = env.sudo()["res.partner"].create(name="Secret", company=other.id)
    with pytest.raises(Invalid, match="Tomas Okafor may not see this record"):
        post(ines, secret.id, "@tomas look")
    assert ines["mail.message"].count() == 0


def test_the_responsible_hears_without_following(env, ines, tomas, halden):
    env["res.partner"].write(halden, user=tomas.user)
    post(ines, halden.id, "for whom it concerns")
    assert [text for _name, text, _mention in told(tomas)] == ["<p>for whom it concerns</p>"]
    assert [row.partner.name for row in ines["res.partner"].get(halden.id).followers] == ["Ines Varga"]


def test_one_follows_for_oneself_alone(ines, tomas, as_user, halden):
    mira = as_user("mira")["res.users"].get(as_user("mira").user).partner_id
    with pytest.raises(AccessDenied), tomas.savepoint():
        tomas["mail.followers"].create(record=halden, partner=mira)
    ines["mail.followers"].create(record=halden, partner=mira)
    with pytest.raises(Invalid, match="already has this value of Record, Contact"), ines.savepoint():
        ines["mail.followers"].create(record=halden, partner=mira)
    (own,) = as_user("mira")["mail.followers"].search()
    as_user("mira")["mail.followers"].call([own.id], "unfollow")
    assert ines["mail.followers"].count() == 0


def test_there_must_be_something_to_say(ines, halden):
    with pytest.raises(Refusal, match="There is nothing to send"):
        post(ines, halden.id, "  \n ")
    message = post(ines, halden.id, "", files=[("plan.txt", b"plan")])
    assert [(file.name, file.record) for file in message.attachments] == [("plan.txt", f"res.partner,{halden.id}")]


def test_a_conversation_goes_and_comes_back_with_its_record(instance, undoing):
    with instance.environment("ines") as env:
        partner = env["res.partner"].create(name="Brightwater").id
        post(env, partner, "@tomas hello", files=[("a.txt", b"a")])
    with instance.environment("ines") as env:
        env["res.partner"].delete(partner)
        gone = env.change_set
        assert env["mail.message"].count() == env["core.attachment"].count() == env["mail.followers"].count() == 0
    undoing(gone)
    with instance.environment("ines") as env:
        (message,) = env["res.partner"].get(partner).messages
        assert [file.name for file in message.attachments] == ["a.txt"]
        assert [user.login for user in message.mentions] == ["tomas"]
        assert len(env["res.partner"].get(partner).followers) == 1


def test_posting_can_be_undone(instance, undoing):
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        post(env, halden.id, "a slip", files=[("a.txt", b"a")])
        written = env.change_set
    assert undoing(written).conflicts == []
    with instance.environment("tomas") as env:
        assert env["mail.message"].count() == env["core.attachment"].count() == 0


def test_actions_write_from_programs(ines, halden):
    id_ = ines["res.partner"].call([halden.id], "log_note", text="by a program")
    assert ines["mail.message"].get(id_).kind == "note"
    id_ = ines["res.partner"].call([halden.id], "write_message", text="Dear all", partners=[halden.id])
    message = ines["mail.message"].get(id_)
    assert (message.kind, [partner.id for partner in message.partners]) == ("message", [halden.id])


def test_two_first_messages_of_an_author_at_once_both_stay(instance):
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
    failures = []

    def second() -> None:
        try:
            with instance.environment("ines") as env:
                post(env, halden.id, "second")
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=second)
    with instance.environment("ines") as env:
        post(env, halden.id, "first")
        thread.start()
        waits = time.monotonic() + 5
        while env.database.engine == "postgresql" and time.monotonic() < waits:
            if env.database.fetch("SELECT 1 FROM pg_locks WHERE NOT granted"):
                break
            time.sleep(0.02)
    thread.join(10)
    assert failures == []
    with instance.environment("ines") as env:
        assert (env["mail.message"].count(), env["mail.followers"].count()) == (2, 1)


def test_statements_do_not_grow_with_the_followers(instance):
    counts = []
    for number in (2, 14):
        with instance.environment() as env:
            record = env["res.partner"].create(name=f"With {number}")
            group = env.ref("base.internal").id
            users = [
                env["res.users"].create(login=f"u{number}.{each}", name="U", groups=[group]) for each in range(number)
            ]
            env["mail.followers"].create_many([{"record": record, "partner": user.partner} for user in users])
        with instance.environment("ines") as env, instance.database.counting() as counter:
            post(env, record.id, "hello")
        counts.append(len(counter))
        with instance.environment() as env:
            assert env.sudo()["mail.notification"].count("message.record == r", r=f"res.partner,{record.id}") == number
    assert counts[1] <= counts[0] <= 30, counts


def test_followers_who_may_not_see_the_record_any_more_hear_nothing(env, ines, tomas, halden):
    tomas["mail.followers"].create(record=halden, partner=tomas["res.users"].get(tomas.user).partner_id)
    other = env["res.company"].create(name="Other", currency=env["res.currency"].search("name == 'EUR'")[0])
    env.sudo()["res.users"].write(ines.user, companies=[env.company, other.id])
    env.sudo()["res.partner"].write(halden.id, company=other.id)
    post(env.as_user(ines.user), halden.id, "between us")
    assert env.sudo()["mail.notification"].count("user == u", u=tomas.user) == 0
