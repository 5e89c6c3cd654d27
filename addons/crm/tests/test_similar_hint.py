"""The hint that there are similar leads: what it says, to whom, where it leads, and what it costs."""

import re
from html import unescape

import pytest

ACME = {"email_from": "office@acme.example", "phone": "+33 6 12 34 56 78"}


@pytest.fixture
def leads(instance):
    """Three leads of Acme by name: of the owner, of nobody and won, of the colleague and lost."""
    with instance.environment() as env:
        mine, nobodys, theirs = env["crm.lead"].create_many(
            [
                {"name": "Mine", "type": "lead", "user": instance.user_id("owner"), **ACME},
                {"name": "Nobody", "type": "opportunity", "user": None, **ACME},
                {"name": "Secret", "type": "opportunity", "user": instance.user_id("colleague"), **ACME},
            ]
        )
        env["crm.lead"].call([nobodys.id], "mark_won")
        env["crm.lead"].call([theirs.id], "mark_lost")
        return {"Mine": mine.id, "Nobody": nobodys.id, "Secret": theirs.id}


def hint(text):
    """The line of the hint in a page, and what it opens; None where there is none."""
    found = re.search(r'<details data-hint="crm.similar">.*?<span>([^<]+)</span></summary>(.*?)</details>', text, re.S)
    return (found[1], unescape(found[2])) if found else None


def words(body):
    """What each similar lead is told of."""
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in re.findall(r"<li.*?</li>", body, re.S)]


def test_a_lead_that_is_read_tells_of_others(browser_of, leads):
    line, body = hint(browser_of("admin").get(f"/app/crm.lead/{leads['Mine']}").text)
    assert line == "2 similar leads"
    assert words(body) == [
        "Nobody Opportunity · won · nobody's same e-mail address, same telephone number Not the same",
        "Secret Opportunity · New · lost · Colleague same e-mail address, same telephone number Merge… Not the same",
    ]
    mine, secret = leads["Mine"], leads["Secret"]
    assert f'href="/app/crm.lead/{secret}"' in body
    assert f'href="/crm/merge?ids={mine}&ids={secret}&next=%2Fapp%2Fcrm.lead%2F{mine}"' in body
    assert "Merge all" not in body  # there is but one
    assert hint(browser_of("admin").get(f"/app/crm.lead/{secret}").text)[0] == "2 similar leads"


def test_what_one_may_not_open_is_not_shown(browser_of, leads):
    browser = browser_of("owner")
    page = browser.get(f"/app/crm.lead/{leads['Mine']}").text
    line, body = hint(page)
    assert line == "2 similar leads" and "Secret" not in page
    assert words(body)[1:] == ["One of Colleague, which you may not open"]
    assert str(leads["Secret"]) not in re.findall(r"crm\.lead/(\d+)", body)
    address = re.search(r'href="(/app/crm\.lead\?[^"]+)"', body)[1]
    shown = browser.get(address).text
    assert f"/app/crm.lead/{leads['Nobody']}" in shown and "Secret" not in shown


def test_several_are_merged_at_once(browser_of, instance, leads):
    with instance.environment() as env:
        more = env["crm.lead"].create(name="One more", user=None, **ACME).id
    _line, body = hint(browser_of("admin").get(f"/app/crm.lead/{leads['Mine']}").text)
    everyone = f"ids={leads['Mine']}&ids={leads['Secret']}&ids={more}"
    assert f'href="/crm/merge?{everyone}&next=' in body and "Merge all…" in body
    _line, body = hint(browser_of("owner").get(f"/app/crm.lead/{leads['Mine']}").text)
    assert body.count("/crm/merge?") == 1  # the colleague's is not there to be merged
    line, body = hint(browser_of("admin").get(f"/app/crm.lead/{leads['Nobody']}").text)
    assert line == "3 similar leads" and "/crm/merge?" not in body  # it is won


def test_leads_are_told_apart_and_not_hinted_at_any_more(browser_of, instance, undoing, leads):
    browser, mine = browser_of("owner"), f"/app/crm.lead/{leads['Mine']}"
    form = dict(re.findall(r'name="(ids|next)" value="([^"]+)"', hint(browser.get(mine).text)[1]))
    assert form == {"ids": str(leads["Nobody"]), "next": mine}
    ids = [str(leads["Mine"]), str(leads["Nobody"])]
    answer = browser.post("/crm/apart", {"ids": ids, "next": mine})
    assert (answer.status_code, answer.location) == (303, mine)
    text = browser.get(mine).text
    assert "Remembered that they are not the same" in text
    assert hint(text)[0] == "1 similar lead"
    assert hint(browser_of("admin").get(f"/app/crm.lead/{leads['Nobody']}").text)[0] == "1 similar lead"
    assert hint(browser_of("admin").get(f"/app/crm.lead/{leads['Secret']}").text)[0] == "2 similar leads"
    undoing(int(re.findall(r'action="/undo/(\d+)"', text)[0]))
    assert hint(browser.get(mine).text)[0] == "2 similar leads"
    hidden = browser.post("/crm/apart", {"ids": [str(leads["Mine"]), str(leads["Secret"])]})
    assert hidden.status_code == 404
    alone = browser.post("/crm/apart", {"ids": ids[:1]})
    assert alone.status_code == 422 and "two records" in alone.text
    assert hint(browser.get(mine).text)[0] == "2 similar leads"


def test_what_is_typed_is_compared_and_nothing_is_merged_meanwhile(browser_of, leads):
    browser = browser_of("admin")
    browser.get("/app/crm.lead/new")
    line, body = hint(browser.post("/app/crm.lead/hints", {"email_from": "ann@acme.example"}).text)
    assert line == "3 similar leads" and 'target="_blank" rel="noopener"' in body
    assert words(body)[0].endswith("same e-mail domain acme.example")
    assert "/crm/merge" not in body and "Show as a list" not in body
    for nothing in ({"email_from": ""}, {"email_from": "ann@"}, {"country": "1"}, {"email_from": "a@none.example"}):
        assert browser.post("/app/crm.lead/hints", nothing).text == ""
    line, body = hint(browser.post(f"/app/crm.lead/{leads['Mine']}/hints", {"phone": "+33612345678"}).text)
    assert line == "2 similar leads" and "/crm/merge" not in body
    assert hint(browser.get(f"/app/crm.lead/{leads['Mine']}/edit").text)[0] == "2 similar leads"


def test_the_customer_of_a_new_lead_is_compared(browser_of, instance):
    with instance.environment() as env:
        acme = env["res.partner"].create(name="Acme", is_company=True)
        ann = env["res.partner"].create(name="Ann", parent=acme).id
        env["crm.lead"].create(name="First", type="opportunity", partner=acme)
    browser = browser_of("owner")
    assert hint(browser.get(f"/app/crm.lead/new?set.partner={ann}").text)[0] == "1 similar lead"
    typed = {"partner": str(ann), "partner:label": "Acme, Ann"}
    _line, body = hint(browser.post("/app/crm.lead/hints", typed).text)
    assert words(body) == ["One of Administrator, which you may not open"]
    browser = browser_of("everybody")
    browser.get("/app/crm.lead/new")
    _line, body = hint(browser.post("/app/crm.lead/hints", typed).text)
    assert words(body) == ["First (opens in a new tab) Opportunity · New · Administrator same customer: Acme"]


def test_a_board_asks_while_a_card_is_created(browser_of, leads):
    text = browser_of("admin").get("/app/crm.lead?view=board").text
    assert 'data-hints="/app/crm.lead/hints" data-hinted="email_from phone country partner"' in text
    assert '<div class="full hints"><p class="vh" role="status">' in text


@pytest.mark.parametrize("login", ["owner", "admin"])
def test_it_costs_four_statements(browser_of, instance, leads, login):
    with instance.environment() as env:
        alone = env["crm.lead"].create(name="Alone", type="lead", user=instance.user_id("owner")).id
    browser = browser_of(login)
    counts = []
    for id_ in (alone, leads["Mine"]):
        browser.get(f"/app/crm.lead/{id_}")
        with instance.database.counting() as counter:
            assert browser.get(f"/app/crm.lead/{id_}").status_code == 200
        counts.append(len(counter))
    assert counts[1] == counts[0] + 3  # of the lone one nothing but its own values was asked for
