"""What every answer carries, and what people see when an address is wrong."""

import re

import pytest

from core.web.app import behind_proxies, create_app
from core.web.config import WebConfig

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_health_needs_no_key_and_no_session(app):
    response = app.test_client().get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/none", "/api/crm.lead"])
def test_every_answer_is_protected(app, path):
    headers = app.test_client().get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_https_is_kept(app):
    assert "Strict-Transport-Security" in app.test_client().get("/healthz", base_url="https://crm.example").headers


@pytest.mark.parametrize("path", ["/", "/app/crm.lead", "/app/crm.lead?view=board", "/sign-in"])
def test_pages_have_no_inline_script_or_style(browser_of, path):
    text = browser_of("admin").get(path).text
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)


def test_assets_of_the_page_exist(browser_of, app):
    browser = browser_of("admin")
    text = browser.get("/app/crm.lead").text + browser.get("/app/crm.lead?view=board").text
    for address in set(re.findall(r'(?:src|href)="(/static/[^"#]+)', text)):
        response = browser.client.get(address, buffered=True)
        assert response.status_code == 200, address
        assert "immutable" in response.headers["Cache-Control"]


def test_an_address_that_is_not_there(browser_of):
    browser = browser_of("own")
    for path in ("/none", "/app/crm.lead/999999", "/app/no.model", "/app/crm.lead/1/none", "/static/x/none.js"):
        response = browser.get(path)
        assert response.status_code == 404, path
        assert "Reference" in response.text and "<h1>" in response.text


def test_a_part_of_a_page_gets_its_failure_as_a_message(browser_of):
    response = browser_of("own").get("/app/crm.lead/999999/history", **{"HX-Request": "true"})
    assert response.status_code == 404
    assert 'role="alert"' in response.text and "<html" not in response.text


def test_an_unsafe_request_needs_the_token(browser_of):
    browser = browser_of("admin")
    browser.token = ""
    response = browser.post("/app/crm.lead/bulk", {"ids": "1", "do": "archive"})
    assert response.status_code == 403 and "too old" in response.text


def test_a_body_that_is_too_large(browser_of, app, monkeypatch):
    browser = browser_of("admin")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    assert browser.post("/app/crm.lead/bulk", {"ids": "1" * 2000}).status_code == 413


def test_proxies_are_believed_only_when_configured(instance):
    def scheme(environ, start_response):
        start_response("200 OK", [])
        return [environ["wsgi.url_scheme"].encode()]

    assert behind_proxies(scheme, 0) is scheme
    trusting = create_app(instance, WebConfig(trusted_proxies=1)).test_client()
    doubting = create_app(instance).test_client()
    headers = {"X-Forwarded-Proto": "https"}
    assert "Secure" in trusting.get("/sign-in", headers=headers, buffered=True).headers["Set-Cookie"]
    assert "Secure" not in doubting.get("/sign-in", headers=headers, buffered=True).headers["Set-Cookie"]


def test_looks_are_kept_in_the_browser(browser_of):
    browser = browser_of("admin")
    browser.get("/app/crm.lead")
    response = browser.post("/account/looks", {"theme": "dark", "density": "compact", "next": "/app/crm.lead"})
    assert response.location == "/app/crm.lead"
    assert '<html lang="en" data-theme="dark" data-density="compact">' in browser.get("/app/crm.lead").text
    browser.post("/account/looks", {"theme": "system", "density": "huge"})
    assert '<html lang="en" data-density="compact">' in browser.get("/app/crm.lead").text
