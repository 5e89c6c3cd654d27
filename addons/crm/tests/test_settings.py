"""The settings of sales: their page, what each kind accepts, and that features are groups."""

import re

import pytest

from addons.crm.setting_kinds import Choice, Domains, Fields, Number, Since, Switch, Text, WrongValue
from addons.crm.settings import LEADS, RECURRING, SECTIONS
from core import Link

PAGE = "/crm/settings"


def form_of(text):
    """What a browser would send of the page as it is."""
    form = {}
    for tag in re.findall(r"<input [^>]+>", text):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        typed = given.get("type", "text") in ("hidden", "text")
        if "name" in given and given["name"] != "csrf_token" and (typed or "checked" in tag):
            form.setdefault(given["name"], []).append(given.get("value", ""))
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', text):
        form.update((name, [chosen]) for chosen in re.findall(r'value="([^"]+)" selected', options))
    return {name: value[0] if len(value) == 1 else value for name, value in form.items()}


def save(browser, **changed):
    form = {**form_of(browser.get(PAGE).text), **changed}
    return browser.post(PAGE, {name: value for name, value in form.items() if value is not None})


def test_administrators_of_sales_find_the_page_in_the_menu(browser_of):
    browser = browser_of("boss")
    assert '<a href="/crm/settings"' in browser.get("/app/crm.stage").text
    text = browser.get(PAGE).text
    assert re.search(r'<a href="/crm/settings" aria-current="page"', text)
    assert re.findall(r'<h2 id="section-\d">([^<]+)', text) == [section.label for section in SECTIONS]
    assert 'aria-describedby="crm.leads_menu-hint"' in text


def test_others_see_neither_page_nor_menu(browser_of, instance):
    browser = browser_of("everybody")
    assert PAGE not in browser.get("/app/crm.lead").text
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, {"crm.leads_menu": "true"}).status_code == 403
    with instance.environment("everybody") as env:
        assert not env.has_group("crm.leads_menu")


@pytest.mark.parametrize("feature", [LEADS, RECURRING])
def test_a_feature_is_a_group_of_all_salespeople_while_it_is_on(browser_of, instance, feature):
    with instance.environment() as env:
        env["res.users"].write(instance.user_id("colleague"), groups=Link(add=[env.ref(feature.key).id]))
    browser = browser_of("admin")
    answer = save(browser, **{feature.key: "true"})
    assert (answer.status_code, answer.location) == (303, PAGE)
    for login in ("owner", "colleague", "boss"):
        with instance.environment(login) as env:
            assert env.has_group(feature.key)
    assert save(browser, **{feature.key: None}).status_code == 303
    with instance.environment("owner") as env:
        assert not env.has_group(feature.key)
    with instance.environment("colleague") as env:
        assert env.has_group(feature.key)


def test_what_was_saved_together_is_undone_together(browser_of, instance, undoing):
    browser = browser_of("admin")
    values = {"crm.leads_menu": "true", "crm.multi_team": "true", "crm.merge_survivor": "most_advanced"}
    save(browser, **values)
    text = browser.get(PAGE).text
    assert "Settings saved" in text
    number = int(re.findall(r'action="/undo/(\d+)"', text)[0])
    with instance.environment() as env:
        kept = {each.key: each.value(env) for section in SECTIONS for each in section.settings}
        assert kept == {each.key: each.default for section in SECTIONS for each in section.settings} | values
    undoing(number)
    with instance.environment() as env:
        assert all(each.value(env) == each.default for section in SECTIONS for each in section.settings)
        assert env["core.setting"].count("startswith(key, 'crm.')") == 0


def test_who_may_not_change_groups_elsewhere_saves_here_without_an_undo(browser_of, instance):
    browser = browser_of("boss")
    assert save(browser, **{"crm.recurring": "true"}).status_code == 303
    text = browser.get(PAGE).text
    assert "Settings saved" in text and 'action="/undo/' not in text
    with instance.environment("owner") as env:
        assert env.has_group("crm.recurring")


def test_only_what_was_changed_on_the_page_is_written(browser_of, instance):
    browser = browser_of("admin")
    form = form_of(browser.get(PAGE).text)
    save(browser, **{"crm.leads_menu": "true"})
    browser.post(PAGE, {**form, "crm.multi_team": "true"})
    with instance.environment() as env:
        assert LEADS.value(env) == "true"
    browser.get(PAGE)
    save(browser)
    assert "Nothing was changed" in browser.get(PAGE).text


def test_a_bad_value_is_refused_beside_its_field_and_nothing_is_saved(browser_of, instance):
    browser = browser_of("admin")
    answer = save(browser, **{"crm.leads_menu": "true", "crm.merge_survivor": "richest"})
    assert answer.status_code == 422
    assert "Choose one of the values." in answer.text
    assert re.search(r'name="crm.merge_survivor" aria-invalid="true" aria-describedby="[^"]+-error"', answer.text)
    assert form_of(answer.text)["crm.leads_menu"] == "true"
    with instance.environment() as env:
        assert LEADS.value(env) == ""


def test_kinds_read_what_was_typed(env):
    number = Number("crm.x", "X", least=1, most=99)
    assert number.read(env, [" 07 "]) == "7"
    for wrong in ([], [""], ["0"], ["100"], ["1.5"], ["²"], ["9" * 40]):
        with pytest.raises(WrongValue, match="from 1 to 99"):
            number.read(env, wrong)
    assert Number("crm.x", "X", least=-5).read(env, ["-5"]) == "-5"
    assert Text("crm.x", "X", size=3).read(env, [" abc "]) == "abc"
    with pytest.raises(WrongValue, match="at most 3"):
        Text("crm.x", "X", size=3).read(env, ["abcd"])
    assert Switch("crm.x", "X").read(env, []) == "" and Switch("crm.x", "X").read(env, ["true"]) == "true"
    chosen = Choice("crm.x", "X", options={"a": "A"})
    assert chosen.read(env, ["a"]) == "a" and chosen.options_in(env) == {"a": "A"}
    some = Fields("crm.x", "X", model="crm.lead", offered=("tags", "city"))
    assert some.read(env, ["city", "tags"]) == "tags,city" and some.read(env, []) == ""
    assert some.options_in(env) == {"tags": "Tags", "city": "City"}
    with pytest.raises(WrongValue, match="fields"):
        some.read(env, ["user"])
    since = Since("crm.x", "X")
    assert [since.read(env, [text]) for text in ("", " 90 ", "2026-01-31")] == ["", "90", "2026-01-31"]
    with pytest.raises(WrongValue, match="number of days"):
        since.read(env, ["2026-02-30"])


def test_a_setting_has_its_default_until_it_is_set(env):
    number = Number("crm.x", "X", default="3")
    assert number.value(env) == "3"
    number.write(env, "5")
    number.write(env, "6")
    assert number.value(env) == "6"


def test_domains_are_domains(env):
    domains = Domains("crm.x", "X")
    assert domains.read(env, ["club.example, @other.example\tthird.co.uk"])
    assert domains.read(env, [""]) == ""
    for wrong in ("not a domain", "@@", "a@b.example", "club"):
        with pytest.raises(WrongValue, match="is no domain"):
            domains.read(env, [wrong])


def test_a_day_to_come_is_refused(env):
    since = Since("crm.x", "X")
    today = env.today()
    assert since.read(env, [today.isoformat()]) == today.isoformat()
    with pytest.raises(WrongValue, match="still to come"):
        since.read(env, [today.replace(year=today.year + 1, day=1).isoformat()])
