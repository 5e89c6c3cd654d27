"""Each request has its own environment and transaction, whatever happens to it, and leaves nothing behind."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Response, abort

from core.errors import DatabaseBusy
from core.model.context import current_environment, running_environment
from core.web.app import create_app
from core.web.current import environment


@pytest.fixture
def app(instance):
    """An application of the test's own, which may add to it."""
    return create_app(instance)


@pytest.fixture
def routes(app):
    """Addresses that do what real pages do, and what they should not."""

    def plain():
        return str(environment().user)

    def streamed():
        def rows():
            for _row in range(3):
                env = running_environment()
                assert not env.database.in_transaction
                yield f"{env.user},"

        return Response(rows())

    def raising():
        raise RuntimeError("a mistake of ours with a secret in it")

    def aborting():
        environment().sudo()["res.partner"].create(name="Half done")
        abort(409)

    def creating():
        environment().sudo()["res.partner"].create(name="Kept")
        return "done"

    for rule, view in (
        ("/test/plain", plain),
        ("/test/streamed", streamed),
        ("/test/raising", raising),
        ("/test/aborting", aborting),
        ("/test/creating", creating),
    ):
        app.add_url_rule(rule, rule, view, methods=["GET", "POST"])
    return app


def count(instance, name):
    with instance.environment(write=False) as env:
        return env["res.partner"].count("name == wanted", wanted=name)


def test_a_failure_rolls_back_and_success_commits(routes, browser_of, instance):
    browser = browser_of("admin")
    browser.get("/app/crm.lead")
    assert browser.post("/test/aborting").status_code == 409
    assert browser.post("/test/creating").text == "done"
    assert (count(instance, "Half done"), count(instance, "Kept")) == (0, 1)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_reading_methods_cannot_write(routes, browser_of, instance):
    browser = browser_of("admin")
    assert browser.get("/test/creating").status_code >= 400
    assert count(instance, "Kept") == 0


def test_a_mistake_of_ours_tells_a_reference_and_nothing_else(routes, browser_of, caplog):
    response = browser_of("admin").get("/test/raising")
    assert response.status_code == 500
    assert "RuntimeError" not in response.text and "secret" not in response.text and "Traceback" not in response.text
    assert "Something failed" in response.text
    failed = next(record for record in caplog.records if record.getMessage() == "failed")
    assert failed.exc_info


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_busy_database_is_told_as_such(routes, browser_of, instance, monkeypatch):
    browser = browser_of("admin")

    def busy(**_given):
        raise DatabaseBusy("The database is busy.")

    monkeypatch.setattr(type(instance.runtime), "open", lambda self, **given: busy(**given))
    response = browser.get("/app/crm.lead")
    assert response.status_code == 503 and "The database is busy." in response.text
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_200_mixed_requests_on_4_threads(routes, browser_of, instance):
    users = {login: instance.user_id(login) for login in ("own", "all", "boss", "admin")}
    seen: list[str] = []
    local = threading.local()

    def work(number):
        logins = list(users)
        if not hasattr(local, "browsers"):
            local.browsers = {login: browser_of(login) for login in logins}
        login = logins[number % 4]
        kind = ("plain", "streamed", "raising", "aborted")[number // 4 % 4]
        browser = local.browsers[login]
        if kind == "aborted":
            response = browser.client.get("/test/streamed")
            next(iter(response.response))
            response.close()
        else:
            response = browser.get(f"/test/{kind}")
            expected = {"plain": f"{users[login]}", "streamed": f"{users[login]}," * 3}.get(kind)
            if expected is not None and response.text != expected:
                seen.append(f"{kind}: {response.text} for {users[login]}")
        if current_environment.get(None) is not None or instance.database.in_transaction:
            seen.append(f"{kind} left something open")

    def run(numbers):
        for number in numbers:
            work(number)
        instance.database.release()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, [range(start, 200, 4) for start in range(4)]))
    assert seen == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_addon_installed_elsewhere_is_followed(app, browser_of, instance, monkeypatch):
    followed = []
    monkeypatch.setattr(instance, "follow", lambda *generations: followed.append(generations))
    browser_of("admin")
    assert followed and len(set(followed)) == 1
