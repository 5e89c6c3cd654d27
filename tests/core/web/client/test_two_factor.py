"""Two-factor sign-in through pages: setting it up, the second step, recovery, turning it off, demanding it."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from core.security import passwords, throttle
from core.testing import Browser
from core.web.client import pending, second_step, signin, two_factor
from core.web.identity import SESSION_COOKIE, VISITOR_COOKIE

from ..conftest import PASSWORD


class Moment:
    """A clock of these tests alone: codes of the same half minute are good once."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now

    def next_step(self):
        self.now += timedelta(seconds=30)


@pytest.fixture(autouse=True)
def moment(monkeypatch):
    clock = Moment()
    for module in (signin, second_step, two_factor):
        monkeypatch.setattr(module, "utc_now", clock)
    return clock


@pytest.fixture
def code(instance, moment):
    def shown(login="own"):
        sql = f"SELECT secret FROM core_two_factor WHERE user_id = {instance.user_id(login)}"
        moment.next_step()
        return pyotp.TOTP(instance.database.fetch(sql)[0][0]).at(moment.now)

    return shown


@pytest.fixture
def recovery(browser_of, code):
    """The recovery codes of 'own', who has set it up."""
    return set_up(browser_of("own"), code)


def set_up(browser, code, login="own"):
    browser.get("/account/two-factor")
    browser.post("/account/two-factor/begin", {"present": PASSWORD})
    browser.get("/account/two-factor")
    response = browser.post("/account/two-factor/confirm", {"code": code(login)})
    assert response.status_code == 200
    return re.findall(r"<li>((?:\w{4}-){3}\w{4})</li>", response.text)


def second(browser, login="own", **form):
    assert browser.sign_in(login, PASSWORD).location == "/sign-in/code"
    assert "Code of the app" in browser.get("/sign-in/code").text
    return browser.post("/sign-in/code", form)


def test_setting_it_up(browser_of, instance, code):
    browser = browser_of("own")
    assert "Set it up" in browser.get("/account/two-factor").text
    browser.post("/account/two-factor/begin", {"present": PASSWORD})
    text = browser.get("/account/two-factor").text
    secret = instance.database.fetch("SELECT secret FROM core_two_factor")[0][0]
    assert f"secret={secret}" in text and "otpauth://totp/" in text and "<svg viewBox" in text
    assert secret[:4] + " " + secret[4:8] in text and "style=" not in text
    assert browser.post("/account/two-factor/confirm", {"code": "000000"}).status_code == 422
    assert Browser(browser.client.application).sign_in("own", PASSWORD).location == "/"
    codes = re.findall(
        r"<li>((?:\w{4}-){3}\w{4})</li>", browser.post("/account/two-factor/confirm", {"code": code()}).text
    )
    assert len(codes) == 10
    after = browser.get("/account/two-factor").text
    assert codes[0] not in after and secret not in after and "10 left" in after
    assert browser.get("/account").text.count("two-factor-title") == 2


def test_setting_it_up_needs_the_password(browser_of, instance):
    browser = browser_of("own")
    assert "Present password" in browser.get("/account/two-factor").text
    response = browser.post("/account/two-factor/begin", {"present": "wrong"})
    assert response.status_code == 422 and "present password is wrong" in response.text
    assert instance.database.fetch("SELECT count(*) FROM core_two_factor") == [(0,)]


def test_another_browser_sees_and_confirms_nothing_of_it(browser_of, instance, code):
    browser, other = browser_of("own"), browser_of("own")
    browser.get("/account/two-factor")
    browser.post("/account/two-factor/begin", {"present": PASSWORD})
    text = other.get("/account/two-factor").text
    assert "otpauth://" not in text and "Present password" in text
    answer = other.post("/account/two-factor/confirm", {"code": code()})
    assert answer.status_code == 422 and "Set it up again" in answer.text
    assert "otpauth://" in browser.get("/account/two-factor").text
    assert browser.post("/account/two-factor/confirm", {"code": code()}).status_code == 200


def test_a_secret_is_shown_for_some_minutes(browser_of, moment):
    browser = browser_of("own")
    browser.get("/account/two-factor")
    browser.post("/account/two-factor/begin", {"present": PASSWORD})
    moment.now += timedelta(minutes=10)
    text = browser.get("/account/two-factor").text
    assert "otpauth://" not in text and "Present password" in text


def test_it_can_be_given_up_before_it_counts(browser_of, instance, recovery):
    browser = browser_of("boss")
    browser.get("/account/two-factor")
    browser.post("/account/two-factor/begin", {"present": PASSWORD})
    assert browser.post("/account/two-factor/cancel").location == "/account"
    assert instance.database.fetch("SELECT count(*) FROM core_two_factor") == [(1,)]


def test_the_password_alone_opens_nothing(stranger, recovery):
    response = stranger.sign_in("own", PASSWORD)
    assert (response.status_code, response.location) == (303, "/sign-in/code")
    assert not any(line.startswith(SESSION_COOKIE) for line in response.headers.getlist("Set-Cookie"))
    step = next(line for line in response.headers.getlist("Set-Cookie") if line.startswith(pending.COOKIE))
    assert "HttpOnly" in step and "Max-Age=300" in step
    assert stranger.get("/app/crm.lead").status_code == 303


def test_password_and_code_open_what_was_wanted(stranger, code, recovery):
    stranger.get("/sign-in?next=/app/crm.lead")
    stranger.post("/sign-in", {"login": "own", "password": PASSWORD, "next": "/app/crm.lead", "remember": "1"})
    stranger.get("/sign-in/code")
    response = stranger.post("/sign-in/code", {"code": code()})
    assert (response.status_code, response.location) == (303, "/app/crm.lead")
    assert "Max-Age=2592000" in str(response.headers.getlist("Set-Cookie"))
    assert stranger.get("/app/crm.lead").status_code == 200


def test_a_code_is_good_once(app, code, recovery):
    shown = code()
    assert second(Browser(app), code=shown).status_code == 303
    again = second(Browser(app), code=shown)
    assert again.status_code == 422 and "used already" in again.text and shown not in again.text


def test_a_recovery_code_is_good_once(app, recovery):
    assert second(Browser(app), recovery=recovery[0].lower()).status_code == 303
    assert second(Browser(app), recovery=recovery[0]).status_code == 422


def test_attempts_are_limited_and_the_password_does_not_forget_them(app, instance, code, recovery):
    for _attempt in range(throttle.PER_LOGIN):
        assert second(Browser(app), code="000000").status_code == 422
    response = second(Browser(app), code=code())
    assert response.status_code == 429 and int(response.headers["Retry-After"]) > 800
    with instance.environment(superuser=True) as env:
        entries = env["core.sign_in"].read("login == 'own'", ["outcome"], order="id")
    outcomes = [entry["outcome"] for entry in entries]
    assert outcomes[-11:] == ["wrong_code"] * 10 + ["blocked"]


def test_the_first_step_belongs_to_its_browser(app, code, recovery):
    first, other = Browser(app), Browser(app)
    first.sign_in("own", PASSWORD)
    other.get("/sign-in")
    other.client.set_cookie(pending.COOKIE, first.client.get_cookie(pending.COOKIE).value)
    response = other.post("/sign-in/code", {"code": code()})
    assert response.location == "/sign-in" and other.client.get_cookie(SESSION_COOKIE) is None


def test_the_first_step_ends(stranger, moment, code, recovery):
    stranger.sign_in("own", PASSWORD)
    moment.now += timedelta(minutes=6)
    assert stranger.get("/sign-in/code").location == "/sign-in"
    assert stranger.post("/sign-in/code", {"code": code()}).location == "/sign-in"


def test_a_new_password_ends_the_first_step(stranger, instance, code, recovery):
    stranger.sign_in("own", PASSWORD)
    with instance.environment(superuser=True) as env:
        env["res.users"].write(instance.user_id("own"), password=passwords.hash_password("another one"))
    assert stranger.post("/sign-in/code", {"code": code()}).location == "/sign-in"


def test_a_chosen_password_does_not_take_the_code_away(stranger, instance, recovery):
    with instance.environment(superuser=True) as env:
        env["res.users"].write(instance.user_id("own"), password="chosen by mail")
    assert stranger.sign_in("own", "chosen by mail").location == "/sign-in/code"


@pytest.mark.parametrize("cookie", ["", "x.y", "W10.abc"])
def test_no_first_step_leads_back(stranger, cookie):
    stranger.get("/sign-in")
    stranger.client.set_cookie(pending.COOKIE, cookie)
    assert stranger.get("/sign-in/code").location == "/sign-in"
    assert stranger.post("/sign-in/code", {"code": "123456"}).location == "/sign-in"


def test_the_second_form_needs_its_token(stranger, code, recovery):
    stranger.sign_in("own", PASSWORD)
    stranger.token = "0" * 64
    assert stranger.post("/sign-in/code", {"code": code()}).status_code == 403
    assert stranger.client.get_cookie(VISITOR_COOKIE) is not None


def test_turning_it_off_needs_password_and_code(browser_of, app, instance, code):
    browser = browser_of("own")
    set_up(browser, code)
    browser.get("/account/two-factor")
    for form in ({"present": "wrong", "code": code()}, {"present": PASSWORD, "code": "000000"}):
        response = browser.post("/account/two-factor/off", form)
        assert response.status_code == 422 and 'class="banner danger"' in response.text
    assert browser.post("/account/two-factor/off", {"present": PASSWORD, "code": code()}).location == "/account"
    assert Browser(app).sign_in("own", PASSWORD).location == "/"
    with instance.environment(superuser=True) as env:
        outcomes = [row["outcome"] for row in env["core.sign_in"].read("login == 'own'", ["outcome"], order="id")]
    assert outcomes[-4:] == ["two_factor_on", "wrong_code", "two_factor_off", "signed_in"]


def test_new_recovery_codes_need_a_code(browser_of, code):
    browser = browser_of("own")
    former = set_up(browser, code)
    browser.get("/account/two-factor")
    for _attempt in range(throttle.PER_LOGIN):
        assert browser.post("/account/two-factor/codes", {"code": "000000"}).status_code == 422
    assert browser.post("/account/two-factor/codes", {"code": code()}).status_code == 429
    other = browser_of("all")
    set_up(other, code, "all")
    text = other.post("/account/two-factor/codes", {"code": code("all")}).text
    assert text.count("<li>") >= 10 and former[0] not in text


def test_keys_need_no_code(api_of, recovery):
    assert api_of("own")("GET", "crm.lead").status_code == 200


def test_an_administrator_turns_it_off_for_a_lost_device(browser_of, app, instance, recovery):
    boss = browser_of("admin")
    path = f"/app/res.users/{instance.user_id('own')}"
    text = boss.get(path).text
    assert "Turn off two-factor sign-in" in text
    assert boss.post(f"{path}/do/turn_off_two_factor").status_code == 303
    assert "do/turn_off_two_factor" not in boss.get(path).text
    assert Browser(app).sign_in("own", PASSWORD).location == "/"
    with instance.environment() as env:
        (entry,) = env["core.sign_in"].search("outcome == 'two_factor_off'")
        assert (entry.user.login, entry.done_by.login) == ("own", "admin")


def test_ones_own_needs_password_and_code(browser_of, instance, code):
    admin = browser_of("admin")
    set_up(admin, code, "admin")
    path = f"/app/res.users/{instance.administrator}"
    admin.get(path)
    assert "My account" in admin.post(f"{path}/do/turn_off_two_factor").text
    assert instance.database.fetch("SELECT count(*) FROM core_two_factor") == [(1,)]


def test_others_may_not(browser_of, instance, recovery):
    colleague = browser_of("boss")
    path = f"/app/res.users/{instance.user_id('own')}"
    assert "Turn off two-factor" not in colleague.get(path).text
    assert colleague.post(f"{path}/do/turn_off_two_factor").status_code in (403, 404)
    assert instance.database.fetch("SELECT count(*) FROM core_two_factor") == [(1,)]


def demand(instance, whom):
    with instance.environment() as env:
        (row,) = env["core.setting"].search("key == 'core.two_factor'")
        env["core.setting"].write(row, value=whom)


@pytest.mark.parametrize("whom", ["everybody", "crm.own"])
def test_where_it_is_demanded_it_is_set_up_first(app, instance, code, whom):
    demand(instance, whom)
    browser = Browser(app)
    assert browser.sign_in("own", PASSWORD).status_code == 303
    assert browser.get("/app/crm.lead").location == "/account/two-factor"
    assert browser.get("/app/crm.lead", **{"HX-Request": "true"}).status_code == 403
    assert browser.get("/api/crm.lead").status_code == 403
    text = browser.get("/account/two-factor").text
    assert "demanded here" in text and 'class="sidebar"' not in text
    assert browser.post("/account/keys", {"name": "x"}).location == "/account/two-factor"
    assert len(set_up(browser, code)) == 10
    assert browser.get("/app/crm.lead").status_code == 200
    browser.get("/account/two-factor")
    form = {"present": PASSWORD, "code": code()}
    assert browser.post("/account/two-factor/off", form).status_code == 422


def test_of_a_group_others_are_not_asked(app, instance):
    demand(instance, "crm.manager")
    browser = Browser(app)
    browser.sign_in("own", PASSWORD)
    assert browser.get("/app/crm.lead").status_code == 200
    assert Browser(app).sign_in("boss", PASSWORD).status_code == 303


def test_a_restricted_browser_may_sign_out(app, instance):
    demand(instance, "everybody")
    browser = Browser(app)
    browser.sign_in("own", PASSWORD)
    browser.get("/account/two-factor")
    assert browser.post("/sign-out").location == "/sign-in"


def test_a_sign_in_without_it_costs_nothing_more(stranger, instance):
    stranger.get("/sign-in")
    with instance.database.counting() as counter:
        stranger.post("/sign-in", {"login": "own", "password": PASSWORD})
    assert sum("two_factor" in each for each in counter.statements) == 1


def test_nobody_reads_the_secret(api, instance, recovery):
    assert api("GET", "core.two_factor").status_code == 200
    assert "secret" not in api("GET", "core.two_factor").text
    assert api("GET", "core.two_factor?fields=secret").status_code in (400, 403, 422)
    assert api("GET", "core.recovery_code").status_code == 403
    assert not any("secret" in str(row) for row in instance.database.fetch("SELECT before, after FROM core_change"))
