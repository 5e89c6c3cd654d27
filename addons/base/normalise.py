"""One written form for e-mail addresses, telephone numbers and web addresses, so that equal ones compare equal.

What cannot be read gives None: the value is kept as it was typed, and its normalised twin stays empty.
"""

from __future__ import annotations

import re
from email.utils import parseaddr

import phonenumbers
from email_validator import EmailNotValidError, validate_email

LONGEST_TEXT = 1000
# Addresses that surely pass the validator and are already in its form; the full check costs ten times as much.
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@"
    r"(?:[a-z0-9][a-z0-9-]*\.)+(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,24}"
)
_ODD = re.compile(r"-\.|[@.]..--|[^.@]{64}|\A[^@]{65}|.{255}")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*(:\d+)?([/?#]|$)")


def normalise_email(text: str | None) -> str | None:
    """The address in lower case, its domain in Unicode; None for anything but one address.

    `Name <address>` is read too. Syntax of RFC 5321 and 5322 without comments and quotes; no look-up in the network.
    """
    if not text or len(text) > LONGEST_TEXT:
        return None
    address = text.strip()
    if _PLAIN_EMAIL.fullmatch(address) and not _ODD.search(address):
        return address
    if "<" in address:
        address = parseaddr(address)[1]
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def split_address(text: str) -> tuple[str, str | None]:
    """Name and normalised address of `Name <address>`; the name is empty where only an address is written."""
    name, address = parseaddr(text)
    normalised = normalise_email(address)
    if normalised is None:
        return text.strip(), None
    return name.strip(), normalised


def normalise_phone(text: str | None, region: str | None = None) -> str | None:
    """The number in the form of ITU-T E.164 (`+33612345678`), or None when it cannot be one.

    :param region: the two-letter code of the country whose habits hold for numbers written without a calling code.
    """
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_url(text: str | None) -> str | None:
    """The web address with a scheme; `https` where none is written, None for nothing.

    What begins with no host name (`javascript:...`) is kept as typed.
    """
    if not text or not text.strip():
        return None
    address = text.strip()
    bare = address.lstrip("/")
    return f"https://{bare}" if "://" not in address and _HOST.match(bare) else address
