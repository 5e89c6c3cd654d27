"""E-mail addresses, telephone numbers and web addresses in one written form."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from addons.base.normalise import normalise_email, normalise_phone, normalise_url, split_address


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("joe@acme.com", "joe@acme.com"),
        ("  Joe.Doe@ACME.com ", "joe.doe@acme.com"),
        ("Joe <joe@acme.com>", "joe@acme.com"),
        ("joe@EXÄMPLE.de", "joe@exämple.de"),
        ("joe", None),
        ("joe@acme", None),
        ("joe@@acme.com", None),
        ("a@b.com, c@d.com", None),
        ("joe@localhost", None),
        ("joe@acme.test", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_has_one_form(typed, normalised):
    assert normalise_email(typed) == normalised


@given(st.from_regex(r"[a-z0-9_.+-]{1,70}@([a-z0-9-]{1,66}\.){1,3}[a-z]{1,10}", fullmatch=True))
def test_the_quick_look_agrees_with_the_validator(address):
    try:
        expected = validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        expected = None
    assert normalise_email(address) == expected


@pytest.mark.parametrize(
    "hostile", ["a-" * 400 + "@", "a@" + "a-" * 400, "a@" + "a." * 400 + "!", "<" * 900, "(" * 900]
)
def test_hostile_addresses_are_read(hostile):
    assert normalise_email(hostile) is None  # an expression that tries every way through would not come back


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ann Lee <Ann@acme.com>", ("Ann Lee", "ann@acme.com")),
        ("ann@acme.com", ("", "ann@acme.com")),
        ("Ann Lee", ("Ann Lee", None)),
        ("  ", ("", None)),
    ],
)
def test_a_text_is_split_into_name_and_address(text, parts):
    assert split_address(text) == parts


@pytest.mark.parametrize(
    ("typed", "region", "normalised"),
    [
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 6 12 34 56 78", None, "+33612345678"),
        ("+33 6 12 34 56 78", "US", "+33612345678"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("(212) 555-0199", "US", "+12125550199"),
        ("06 12 34 56 78", None, None),
        ("0612", "FR", None),
        ("5551234", "US", None),
        ("call me", "FR", None),
        (None, "FR", None),
    ],
)
def test_a_number_has_one_form(typed, region, normalised):
    assert normalise_phone(typed, region) == normalised


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("acme.com", "https://acme.com"),
        (" http://acme.com/a ", "http://acme.com/a"),
        ("//acme.com", "https://acme.com"),
        ("localhost:80", "https://localhost:80"),
        (" ", None),
        (None, None),
    ],
)
def test_a_web_address_has_a_scheme(typed, normalised):
    assert normalise_url(typed) == normalised
