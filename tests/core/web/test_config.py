"""The web's part of the settings, and what follows from it."""

import pytest

from core import config as process
from core.web.config import WebConfig


def test_it_is_read_from_the_settings():
    settings = process.load(
        {
            "base_url": "https://crm.example.com/",
            "trusted_proxies": "1",
            "secure_cookies": "never",
            "session_days": "7",
        },
        {},
    )
    assert WebConfig.from_settings(settings) == WebConfig("https://crm.example.com", 1, "never", 7)


@pytest.mark.parametrize(
    ("config", "scheme", "secure"),
    [
        (WebConfig(), "http", False),
        (WebConfig(), "https", True),
        (WebConfig(base_url="https://crm.example.com"), "http", True),
        (WebConfig(secure_cookies="always"), "http", True),
        (WebConfig(secure_cookies="never"), "https", False),
    ],
)
def test_when_cookies_are_secure(config, scheme, secure):
    assert config.secure(scheme) is secure


def test_origins_of_this_application():
    config = WebConfig(base_url="https://crm.example.com")
    assert config.allows_origin("http://127.0.0.1:8069", "http://127.0.0.1:8069/")
    assert config.allows_origin("https://crm.example.com", "http://127.0.0.1:8069/")
    assert not config.allows_origin("https://evil.example", "http://127.0.0.1:8069/")
    assert not config.allows_origin("null", "http://127.0.0.1:8069/")
    assert not WebConfig().allows_origin("", "http://127.0.0.1:8069/")
