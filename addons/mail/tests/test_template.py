"""Templates of messages: what they may name, what they give, and what they can never do."""

import pytest

from core import Invalid, Refusal


def make(env, body="Hello", subject=None, model="res.partner"):
    return env["mail.template"].create(name="T", model=model, subject=subject, body=body)


def test_fields_of_the_record_and_of_the_user(env, halden):
    child = env["res.partner"].create(name="Signe <b>", parent=halden, email="signe@halden.example")
    lines = [
        "<p>Dear {{ object.name }} of {{ object.parent.name }}</p>{% if object.phone %}x{% endif %}",
        "<p>{{ user.name }}</p>",
        "<ul>{% for each in object.parent.children %}<li>{{ each.email }}</li>{% endfor %}</ul>",
    ]
    template = make(env, "".join(lines), "Offer for\n{{ object.name }}")
    with env:
        subject, body = template.filled(child.id)
    assert subject == "Offer for Signe <b>"
    assert body == (
        "<p>Dear Signe &lt;b&gt; of Halden Marine</p><p>Administrator</p><ul><li>signe@halden.example</li></ul>"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a\n{{ object.nme }}", "Line 2: field 'nme' is not on res.partner. Did you mean 'name'"),
        ("{{ object.parent.nothing }}", "Line 1: field 'nothing' is not on res.partner"),
        ("{{ objct.name }}", "Line 1: there is no 'objct'. Did you mean 'object'"),
        ("{% if %}", "Line 1: "),
        ("{{ unclosed", "Line 1: "),
        ("{% for x in object.children %}", "Line 1: "),
    ],
)
def test_mistakes_are_refused_with_their_line(env, body, text):
    with pytest.raises(Invalid, match=text.replace(".", "[.]").replace("?", "[?]").split(" Did")[0]):
        make(env, body)


@pytest.mark.parametrize(
    "body",
    [
        "{{ object.__class__ }}",
        "{{ object._env }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ object.name.__class__ }}",
        "{% set x = object %}{{ x._env.sudo() }}",
        "{{ object.delete_instance() }}",
        "{% for row in [].__class__.__base__.__subclasses__() %}{{ row }}{% endfor %}",
        "{{ range(10000000) | list }}",
        "{{ 1 / 0 }}",
    ],
)
def test_nothing_but_fields_is_reached(env, halden, body):
    try:
        template = make(env, body)
    except Invalid:
        return
    with env, pytest.raises(Refusal, match="The template cannot be filled in"):
        template.filled(halden.id)


def test_secrets_and_what_may_not_be_seen_stay_away(env, as_user, halden):
    with pytest.raises((Invalid, Refusal)), env:
        make(env, "{{ user.password }}").filled(halden.id)
    other = env["res.company"].create(name="Other", currency=env["res.currency"].search("name == 'EUR'")[0])
    hidden = env.sudo()["res.partner"].create(name="Hidden parent", company=other.id, email="secret@x.example")
    env.sudo()["res.partner"].write(halden.id, parent=hidden.id)
    template = make(env, "[{{ object.parent.email }}]")
    tomas = as_user("tomas")
    with tomas:
        assert tomas["mail.template"].get(template.id).filled(halden.id)[1] == "[]"


def test_only_for_records_with_conversations(env):
    with pytest.raises(Invalid, match="There are no conversations on"):
        make(env, model="res.country")


def test_a_template_outlives_the_addon_of_its_model(browser_of, instance):
    with instance.environment() as env:
        id_ = make(env, "<p>Hello</p>").id
        statement = "UPDATE mail_template SET model = 'gone.model' WHERE id = "
        env.database.execute(f"{statement}{id_}")
    browser = browser_of("ines")
    page = browser.get(f"/app/mail.template/{id_}")
    assert page.status_code == 200 and "The model &#39;gone.model&#39; is not installed." in page.text
    with instance.environment() as env:
        env["mail.template"].archive(id_)
        with pytest.raises(Invalid, match=r"There are no conversations on 'gone[.]model'"), env.savepoint():
            env["mail.template"].write(id_, body="other")
        with env, pytest.raises(Refusal, match="is not installed"):
            env["mail.template"].get(id_).filled(1)


def test_a_message_from_a_template(browser_of, instance):
    with instance.environment() as env:
        (halden,) = env["res.partner"].search("name == 'Halden Marine'")
        id_ = make(env, "<p>Dear {{ object.name }},</p><p>thank you.</p>", "For {{ object.name }}").id
        wrong = make(env, model="res.partner", body="{{ 1 / 0 }}").id
    browser, page = browser_of("ines"), f"/app/res.partner/{halden.id}"
    assert f'<option value="{id_}">T</option>' in browser.get(page).text
    filled = browser.get(f"/mail/res.partner/{halden.id}/fill/{id_}")
    assert (filled.mimetype, filled.text) == ("text/plain", "Dear Halden Marine,\n\nthank you.\n")
    assert browser.get(f"/mail/res.partner/{halden.id}/fill/{wrong}").status_code == 422
    browser.get(page)
    browser.post(f"/mail/res.partner/{halden.id}/post", {"kind": "message", "text": "", "template": str(id_)})
    with instance.environment() as env:
        (message,) = env["mail.message"].search()
        assert (message.subject, message.body) == ("For Halden Marine", "<p>Dear Halden Marine,</p><p>thank you.</p>")
    preview = browser.get(f"/app/mail.template/{id_}").text
    assert "Preview" in preview and "thank you." in preview
    assert "cannot be filled in" in browser.get(f"/app/mail.template/{wrong}").text
