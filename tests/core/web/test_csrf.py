"""A form is accepted from a page of this application in the browser it was shown in, and from nowhere else."""

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from core.web.config import WebConfig
from core.web.csrf import FIELD, HEADER, ForgedRequest, check, token_for

SECRET, COOKIE = "secret", "cookie"
TOKEN = token_for(SECRET, COOKIE)


def asked(*, method="POST", token=TOKEN, in_header=False, **headers):
    data = {} if in_header or token is None else {FIELD: token}
    if in_header:
        headers[HEADER] = token
    builder = EnvironBuilder(method=method, base_url="http://127.0.0.1:8069/", headers=headers, data=data)
    return Request(builder.get_environ())


def checked(request, cookie=COOKIE):
    check(request, secret=SECRET, cookie=cookie, config=WebConfig(base_url="https://crm.example.com"))


@pytest.mark.parametrize("in_header", [False, True])
def test_the_token_in_a_field_or_header(in_header):
    checked(asked(in_header=in_header))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_token(method):
    checked(asked(method=method, token=None))


@pytest.mark.parametrize("token", [None, "", "wrong", token_for("other", COOKIE), token_for(SECRET, "other"), "ü"])
def test_a_missing_or_wrong_token(token):
    with pytest.raises(ForgedRequest, match="too old"):
        checked(asked(token=token))


def test_no_cookie_has_no_token():
    with pytest.raises(ForgedRequest):
        checked(asked(token=token_for(SECRET, "")), cookie="")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:8069"},
        {"Origin": "https://crm.example.com"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_where_a_form_may_come_from(headers):
    checked(asked(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_where_it_may_not_come_from_even_with_the_token(headers):
    with pytest.raises(ForgedRequest, match="another site"):
        checked(asked(**headers))
