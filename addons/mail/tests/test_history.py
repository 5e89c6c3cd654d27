"""The history of a customer: what all addons tell, planned above, done below."""

import re
from datetime import timedelta

from core import HistoryEntry


def test_hook_history_entries_and_panels_make_the_page(browser_of, instance, as_user, env):
    day = env.today()
    with env:
        company = env["res.partner"].create(name="Brightwater", is_company=True)
        person = env["res.partner"].create(name="Owen", parent=company)
        stranger = env["res.partner"].create(name="Elsewhere")
        person.post("He <likes> it", kind="note")
        stranger.post("not about them", kind="note")
        for name, days in (("Call Owen", 3), ("Send papers", -2)):
            env["mail.activity"].create(record=person, summary=name, date_deadline=day + timedelta(days=days))
        done = env["mail.activity"].create(record=company, summary="Visit")
        done.mark_done(feedback="Showed the depot")
    entries = instance.plugins.collect("history_entries", env=env, partners=[company.id, person.id])
    told = [entry for _addon, entry in entries]
    assert all(isinstance(entry, HistoryEntry) for entry in told)
    assert [(entry.title, entry.late) for entry in told if entry.planned] == [
        ("Call Owen", False),
        ("Send papers", True),
    ]
    finished = [(entry.title, entry.note) for entry in told if not entry.planned]
    assert finished == [("Visit", "Showed the depot"), ("Written", "He <likes> it")]


def test_the_page_shows_planned_ones_first(browser_of, instance):
    with instance.environment("ines") as env:
        company = env["res.partner"].create(name="Brightwater", is_company=True).id
        env["res.partner"].get(company).post("A <b>note</b>", kind="note")
        env["mail.activity"].create(record=f"res.partner,{company}", summary="Call")
    browser = browser_of("tomas")
    text = browser.get(f"/app/res.partner/{company}?page=history").text
    address = re.search(r'hx-get="(/app/res.partner/\d+/panel/mail.history)"', text)[1]
    part = browser.get(address, HX_Request="true").text
    assert part.index("Planned") < part.index("Call") < part.index("Done") < part.index("A &lt;b&gt;note&lt;/b&gt;")
    assert "<html" not in part and "<html" in browser.get(address).text
    empty = browser.get("/app/res.partner/1/panel/mail.history", HX_Request="true").text
    assert "Nothing is planned." in empty and "Nothing has happened yet." in empty


def test_what_is_not_there_is_not_found(browser_of):
    browser = browser_of("tomas")
    assert browser.get("/app/res.partner/99999/panel/mail.history").status_code == 404
    assert browser.get("/app/res.partner/1/panel/mail.nothing").status_code == 404
