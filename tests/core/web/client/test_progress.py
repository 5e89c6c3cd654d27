"""The page of work in the background: what it says in each state, who sees it, and how it is cancelled."""

from __future__ import annotations

import re

import pytest

from core.errors import Refusal
from core.job import Job, Step
from core.jobs.queue import enqueue
from core.jobs.worker import Worker


@pytest.fixture
def state():
    """What the job below does next, by the number of its step."""
    return {}


@pytest.fixture
def job(instance, state):
    """Enqueues a job of three steps; its id."""

    def run(env, marker):
        number = (marker or 0) + 1
        if number in state:
            raise state[number]
        if number > 3:
            return None
        env["crm.tag"].create(name=f"Step {number}")
        return Step(number, done=number, total=3, told=f"{number} tags\nnone left out")

    instance.runtime.jobs = {**instance.runtime.jobs, "t.tag": Job("t.tag", run, label="Make <tags>", stepwise=True)}

    def put(login="boss"):
        with instance.environment(login) as env:
            return enqueue(env, "t.tag")

    return put


def test_it_says_what_it_did_and_leads_back(browser_of, instance, job):
    browser, id_ = browser_of("boss"), job()
    browser.get("/app/crm.lead")
    address = f"/app/progress/{id_}?next=%2Fapp%2Fcrm.tag"
    text = browser.get(address).text
    assert "It begins" in text and "Make &lt;tags&gt;" in text and "<progress" in text
    assert f'hx-get="/app/progress/{id_}?next=%2Fapp%2Fcrm.tag&amp;part=1"' in text
    Worker(instance).work_off()
    part = browser.get(f"{address}&part=1").text
    assert "<!doctype" not in part.lower() and "hx-get" not in part and "<progress" not in part
    assert re.search(r'role="status">Done<.*3 tags.*none left out', part, re.DOTALL)
    assert 'href="/app/crm.tag">Back to the records' in part
    change_set = re.search(r'action="/undo/(\d+)"', part).group(1)
    assert browser.post(f"/undo/{change_set}", {"next": "/app/crm.tag"}).location == "/app/crm.tag"
    with instance.environment() as env:
        assert not env["crm.tag"].count()


def test_what_failed_says_why_and_when_it_is_tried_again(browser_of, instance, job, state):
    state[2] = Refusal("No more tags.")
    browser, id_ = browser_of("boss"), job()
    browser.get("/app/crm.lead")
    Worker(instance).work_off()
    text = browser.get(f"/app/progress/{id_}").text
    assert "1 of 3" in text and "No more tags." in text and "It is tried again" in text
    with instance.environment(superuser=True) as env:
        env["core.job"].write(id_, state="failed", run_at=None)
    failed = browser.get(f"/app/progress/{id_}").text
    assert "It failed" in failed and "No more tags." in failed and "every 1s" not in failed


def test_what_waits_or_runs_can_be_cancelled_once(browser_of, instance, job, state):
    state[3] = Refusal("Not now.")
    browser, id_ = browser_of("boss"), job()
    browser.get("/app/crm.lead")
    Worker(instance).work_off()
    address = browser.post(f"/app/progress/{id_}/cancel", {"next": "/app/crm.tag"}).location
    assert address == f"/app/progress/{id_}?next=%2Fapp%2Fcrm.tag"
    text = browser.get(address).text
    assert "Cancelled: Make &lt;tags&gt;" in text and "Cancelled after 2 of 3" in text
    assert browser.post(f"/app/progress/{id_}/cancel").status_code == 303
    with instance.environment() as env:
        assert env["core.job"].read("id == job", ["state"], job=id_) == [{"state": "cancelled"}]


def test_it_is_the_users_own(browser_of, instance, job):
    id_ = job("own")
    for login, status in (("own", 200), ("boss", 404), ("admin", 200)):
        browser = browser_of(login)
        browser.get("/app/crm.lead")
        assert browser.get(f"/app/progress/{id_}").status_code == status
        assert browser.post(f"/app/progress/{id_}/cancel").status_code == (303 if status == 200 else 404)
