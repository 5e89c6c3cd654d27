"""Saved filters: saving, choosing, replacing, deleting and undoing, defaults, one's own and everybody's."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from core.errors import AccessDenied

STATE = "where=expected_revenue+%3E+500&group=stage"


def save(browser, name, query=STATE, **values):
    return browser.post("/app/crm.lead/filters", {"name": name, "query": query, **values})


def choices(browser, path="/app/crm.lead?saved=none"):
    text = browser.get(path).text
    menu = text[text.index('id="saved"') : text.index("saved-name")]
    return {
        re.sub(r"<[^>]+>", "", label).removesuffix("for everybody"): html.unescape(address)
        for address, label in re.findall(r'<a href="([^"]+)"[^>]*>(.+?)</a>', menu)
    }


def filter_ids(instance):
    with instance.environment() as env:
        return {row["name"]: row["id"] for row in env.sudo()["core.filter"].read("", ["id", "name"])}


@pytest.fixture
def action(instance):
    with instance.environment() as env:
        return str(env.ref("crm.pipeline_action").id)


def test_a_state_is_saved_chosen_and_known_again(browser_of, instance):
    browser = browser_of("own")
    answer = save(browser, "Large", f"{STATE}&after=x&open=1&totals=1&saved=7")
    assert answer.status_code == 303
    asked = parse_qs(urlsplit(answer.location).query)
    assert asked == {
        "where": ["expected_revenue > 500"],
        "group": ["stage"],
        "saved": [str(filter_ids(instance)["Large"])],
    }
    page = browser.get(answer.location).text
    assert "Saved the filter Large" in page and "Fleet renewal" in page and ">changed<" not in page
    assert choices(browser)["Large"] == answer.location
    assert ">changed<" in browser.get(f"{answer.location}&order=name").text


def test_saving_under_the_same_name_replaces_and_is_undone(browser_of, instance):
    browser = browser_of("own")
    save(browser, "Large")
    first = filter_ids(instance)
    page = browser.get(save(browser, "Large", "where=expected_revenue+%3E+900").location).text
    assert filter_ids(instance) == first and "Replaced the filter Large" in page
    assert "900" in choices(browser)["Large"]
    browser.post(re.search(r'action="(/undo/\d+)"', page)[1], {"next": "/"})
    assert "500" in choices(browser)["Large"]


def test_a_deleted_filter_comes_back_with_its_default(browser_of, instance, action):
    browser = browser_of("own")
    save(browser, "Large", action=action, default="1")
    id_ = filter_ids(instance)["Large"]
    answer = browser.post(f"/app/crm.lead/filters/{id_}/delete", {"action": action})
    page = browser.get(answer.location).text
    assert "Large" not in choices(browser, f"/app/crm.lead?action={action}&saved=none")
    browser.post(re.search(r'action="(/undo/\d+)"', page)[1], {"next": "/"})
    assert browser.get(f"/app/crm.lead?action={action}").status_code == 302


def test_an_action_begins_with_ones_default(browser_of, instance, action):
    browser, other = browser_of("own"), browser_of("all")
    save(browser, "Large", action=action, default="1")
    save(browser, "Small", "where=expected_revenue+%3C+500", action=action)
    beginning = browser.get(f"/app/crm.lead?action={action}")
    assert beginning.status_code == 302 and "where=expected_revenue+%3E+500" in beginning.location
    assert browser.get(f"/app/crm.lead?action={action}&q=x").status_code == 200
    assert other.get(f"/app/crm.lead?action={action}").status_code == 200
    ids = filter_ids(instance)
    browser.post(f"/app/crm.lead/filters/{ids['Small']}/default", {"action": action})
    assert f"saved={ids['Small']}" in browser.get(f"/app/crm.lead?action={action}").location
    assert "No longer my default" in browser.get(browser.get(f"/app/crm.lead?action={action}").location).text
    browser.post(f"/app/crm.lead/filters/{ids['Small']}/default", {"action": action, "off": "1"})
    assert browser.get(f"/app/crm.lead?action={action}").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    ["group=gone", "order=gone", "group=name:zzz", "group=create_date:moon"]
    + [f"view=graph&{each}" for each in ("measure=gone:sum", "stack=gone", "stack=tags", "group=create_date:moon")],
)
def test_a_default_that_fits_no_longer_leaves_the_list_usable(browser_of, instance, action, wrong):
    browser = browser_of("own")
    save(browser, "Old", f"view=list&{wrong}", action=action, default="1")
    answer = browser.get(browser.get(f"/app/crm.lead?action={action}").location)
    assert answer.status_code == 400 and "Records cannot be grouped or ordered so" in answer.text
    assert "Old" in choices(browser, f"/app/crm.lead?action={action}&saved=none")
    without = html.unescape(re.search(r'<a class="btn btn-sm" href="([^"]+)">Leave it out', answer.text)[1])
    assert browser.get(without).status_code == 200


def test_a_filter_belongs_to_its_action(browser_of, action):
    browser = browser_of("own")
    save(browser, "Large", action=action)
    assert "Large" in choices(browser, f"/app/crm.lead?action={action}&saved=none")
    with_other = browser.get("/app/res.partner").text
    assert "Large" not in with_other


def test_administrators_save_for_everybody(browser_of, instance):
    admin, own = browser_of("admin"), browser_of("own")
    save(admin, "Team", shared="1")
    save(admin, "Mine")
    id_ = filter_ids(instance)["Team"]
    assert list(choices(own)) == ["Team", "No saved filter"]
    page = own.get(choices(own)["Team"]).text
    assert "Delete this filter" not in page and "For everybody" not in page
    assert own.post(f"/app/crm.lead/filters/{id_}/delete", {}).status_code == 403
    assert save(own, "Also for all", shared="1").status_code == 403
    own.post(f"/app/crm.lead/filters/{id_}/default", {})
    assert own.get("/app/crm.lead").status_code == 302
    assert admin.get("/app/crm.lead").status_code == 200
    assert admin.post(f"/app/crm.lead/filters/{id_}/delete", {}).status_code == 303


def test_what_is_saved_is_kept_by_rules(browser_of, instance):
    save(browser_of("own"), "Large")
    ids = filter_ids(instance)
    with instance.environment("all") as env:
        assert env["core.filter"].browse(list(ids.values())) == []
    with pytest.raises(AccessDenied), instance.environment("all") as env:
        env["core.filter"].create(name="Another's", model="crm.lead", user=instance.user_id("own"))
    with instance.environment("own") as env:
        assert [row.name for row in env["core.filter"].search("")] == ["Large"]


def test_a_filter_without_a_name_and_one_that_is_gone(browser_of):
    browser = browser_of("own")
    assert save(browser, " ").status_code == 422
    assert browser.post("/app/crm.lead/filters/999/delete", {}).status_code == 404
    assert browser.get("/app/crm.lead?saved=999").status_code == 200


def test_a_page_without_saved_filters_costs_nothing_more(browser_of, instance):
    save(browser_of("own"), "Large")
    browser = browser_of("own")
    for path, most in (("/app/crm.tag", 0), ("/app/crm.lead", 1)):
        browser.get(path)
        with instance.database.counting() as counter:
            assert browser.get(path).status_code == 200
        asked = [statement for statement in counter.statements if "core_filter" in statement]
        assert len(asked) == most
