"""A mail to whoever is given an activity by somebody else: when there is one, what it says, when there is none."""

from email import message_from_bytes, policy

import pytest

from addons.mail.assignment import GRACE

from .conftest import add_people


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mail"


@pytest.fixture
def instance(make_instance, folder):
    settings = {"mail_url": f"file://{folder}", "base_url": "https://crm.ours.example/"}
    return make_instance("mail", prepare=add_people, settings=settings)


@pytest.fixture
def user(instance):
    """The id of a user by login."""
    return instance.user_id


@pytest.fixture
def give(instance):
    """Plan something as a user, in a transaction of its own; gives the id of the activity and of the change set."""

    def run(by="ines", **values):
        with instance.environment(by) as env:
            (halden,) = env["res.partner"].search("name == 'Halden Marine'")
            return env["mail.activity"].create(record=halden, **values).id, env.change_set

    return run


@pytest.fixture
def mails(instance):
    """Recipient, state and error of each mail, the oldest first."""

    def read():
        with instance.environment(superuser=True) as env:
            rows = env["mail.mail"].read("", ["email_to", "state", "error"], order="id")
        return [(row["email_to"], row["state"], row["error"]) for row in rows]

    return read


@pytest.fixture
def sent(folder, work_off, clock):
    """The mails that have gone out once the time to take things back is over."""

    def run():
        clock.instant += GRACE
        work_off()
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]

    return run


def test_who_is_given_an_activity_gets_a_mail(instance, give, user, sent):
    with instance.environment() as env:
        env["res.users"].write(user("tomas"), tz="Pacific/Auckland")
        call = env.ref("mail.activity_call").id
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
    give(
        user=user("tomas"),
        type=call,
        summary="Ask <her>",
        date_deadline="2026-03-05",
        note="<p>On the <b>quote</b></p>",
    )
    (message,) = sent()
    assert message["To"] == "tomas@ours.example" and message["Reply-To"] == "ines@ours.example"
    assert message["From"].startswith("Ines Varga <") and message["Subject"] == "For you: Ask <her>"
    plain = message.get_body(("plain",)).get_content()
    for text in ("Hello Tomas Okafor,", "Ines Varga has an activity for you (Call):", "Ask <her>", "Due: 5 Mar 2026"):
        assert text in plain
    html = message.get_body(("html",)).get_content()
    assert f'href="https://crm.ours.example/app/res.partner/{halden.id}"' in html and ">Halden Marine</a>" in html
    assert "<b>Ask &lt;her&gt;</b>" in html and "On the <b>quote</b>" in html


def test_nothing_goes_out_while_it_can_be_taken_back(give, user, work_off, mails):
    give(user=user("tomas"))
    work_off()
    assert mails() == [("tomas@ours.example", "waiting", None)]


def test_a_message_does_not_wait_for_it(instance, give, user, work_off, mails):
    give(user=user("tomas"))
    with instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        halden.post("Hello", kind="message", partners=[halden.id])
    work_off()
    assert mails() == [("tomas@ours.example", "waiting", None), ("office@halden.example", "sent", None)]


def test_whoever_gets_it_later_is_told_then(instance, give, user, mails, sent):
    id_, _planned = give(summary="Visit")
    assert mails() == []
    with instance.environment("ines") as env:
        env["mail.activity"].write([id_], user=user("tomas"))
        env["mail.activity"].write([id_], summary="Visit them")
    assert [message["To"] for message in sent()] == ["tomas@ours.example"]


@pytest.mark.parametrize("values", [{"email": None}, {"activity_mails": False}, {"email": "no address"}])
def test_who_gets_no_mail_has_the_bell(instance, give, user, mails, values):
    with instance.environment() as env:
        env["res.users"].write(user("tomas"), **values)
        if not values.get("email", "x"):
            env["res.partner"].write(env["res.users"].get(user("tomas")).partner_id, email=None)
    give(user=user("tomas"))
    assert mails() == []
    with instance.environment("tomas") as env:
        assert env["mail.activity"].count("user == me") == 1


def test_an_address_of_the_contact_will_do(instance, give, user, mails):
    with instance.environment() as env:
        env["res.users"].write(user("tomas"), email=None)
        env["res.partner"].write(env["res.users"].get(user("tomas")).partner_id, email="t@home.example")
    give(user=user("tomas"))
    assert [to for to, _state, _error in mails()] == ["t@home.example"]


def test_nobody_writes_to_oneself(give, user, mails):
    give("tomas", user=user("tomas"))
    give("tomas")
    assert mails() == []


def test_what_no_user_plans_is_told_by_the_bell_alone(instance, user, mails):
    with instance.environment(superuser=True) as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        env["mail.activity"].create(record=halden, user=user("tomas"))
    assert mails() == []


def test_demo_data_writes_to_nobody(make_instance):
    with make_instance("crm", demo=True).environment(superuser=True) as env:
        assert env["mail.activity"].count() > 0 and env["mail.mail"].count("from_activity") == 0


def test_planning_that_is_rolled_back_sends_nothing(instance, user, mails, sent):
    class Failure(Exception):
        pass

    with pytest.raises(Failure), instance.environment("ines") as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        env["mail.activity"].create(record=halden, user=user("tomas"))
        raise Failure
    with instance.environment("ines") as env:
        with pytest.raises(Failure), env.savepoint():
            env["mail.activity"].create(record=halden, user=user("tomas"))
            raise Failure
    assert mails() == [] and sent() == []


def test_planning_that_is_undone_sends_nothing(give, user, undoing, mails, sent):
    _id, planned = give(user=user("tomas"))
    assert undoing(planned).conflicts == []
    assert sent() == []
    assert mails() == [("tomas@ours.example", "cancelled", "The activity was taken back.")]


def test_handing_on_that_is_undone_sends_nothing(instance, give, user, undoing, mails, sent):
    id_, _planned = give()
    with instance.environment("ines") as env:
        env["mail.activity"].write([id_], user=user("tomas"))
        given = env.change_set
    assert undoing(given).conflicts == []
    assert sent() == []
    assert [state for _to, state, _error in mails()] == ["cancelled"]


def test_what_is_done_before_it_is_told_needs_no_mail(instance, give, user, sent):
    id_, _planned = give(user=user("tomas"))
    with instance.environment("ines") as env:
        env["mail.activity"].call([id_], "mark_done")
    assert sent() == []


def test_hook_account_parts_offers_the_choice(browser_of, instance, user):
    browser = browser_of("tomas")
    text = browser.get("/account").text
    assert "Mail me when an activity is assigned to me" in text and 'name="activity_mails" value="1" checked' in text
    for form, kept in (({}, False), ({"activity_mails": "1"}, True)):
        assert browser.post("/mail/account", form).location == "/account"
        with instance.environment() as env:
            assert env["res.users"].get(user("tomas")).activity_mails is kept
            assert env["res.users"].get(user("ines")).activity_mails is True
        assert ('value="1" checked' in browser.get("/account").text) is kept
    with instance.environment() as env:
        env["res.users"].write(user("tomas"), email=None)
        env["res.partner"].write(env["res.users"].get(user("tomas")).partner_id, email=None)
    assert "You have no e-mail address" in browser.get("/account").text
