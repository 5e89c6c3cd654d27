"""Outgoing mails as they are sent: addresses that a header can hold, the text in two forms, the files of a message.

Nothing of the database here: what may be wrong with one mail shows while it is composed, and stays with that mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import unescape
from typing import Any

import nh3

from addons.base.normalise import normalise_email
from core import Refusal, _

# Lines end as RFC 5321, 2.3.8 demands; seven bits pass through every server, whatever it says that it can.
POLICY = SMTP.clone(cte_type="7bit")
# Most servers take 20 to 25 MB, and Base64 makes a file longer by a third.
LARGEST_FILES = 15_000_000
UNKNOWN_TYPE = "application/octet-stream"
# What acts on nothing when it is opened; of everything else, an HTML page for one, a mail does not tell the type.
PASSIVE_TYPES = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv"}
)
_ADDRESS = re.compile(r"[^\s@<>,;:()\"]+@[^\s@<>,;:()\"]+")


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a mail: its name, the media type that its content tells, the content."""

    name: str
    type: str
    content: bytes


def mail_address(text: str | None) -> str | None:
    """The one address in a text as a header and a server take it: normalised, its domain in ASCII (RFC 5890).

    None for anything but one address, and for letters before the @ that need SMTPUTF8. An address within a network,
    `crm@intranet`, is one too.
    """
    found = normalise_email(text) or (text or "").strip()
    if not _ADDRESS.fullmatch(found):
        return None
    local, domain = found.split("@")
    try:
        if not domain.isascii():
            domain = domain.encode("idna").decode("ascii")
        return Address(addr_spec=f"{local}@{domain}").addr_spec if local.isascii() else None
    except Exception:  # the parser of headers fails in many ways on what is no address
        return None


def check_size(size: int) -> None:
    """Refuse files that most servers would not take, by their bytes together.

    :raises Refusal: telling how much a message holds.
    """
    if size > LARGEST_FILES:
        values = {"size": -(-size // 1_000_000), "most": LARGEST_FILES // 1_000_000}
        text = _("The files have {size} MB together; a message may have {most} MB.", **values)
        raise Refusal(text, hint=_("Send fewer or smaller files, or log a note: its files stay here."))


def compose(row: Any, sender: str, now: datetime, files: Sequence[File] = ()) -> bytes:  # noqa: ANN401
    """A row of `mail.mail` as it goes out: formatted text, the same as plain text (RFC 2046, 5.1.4), and files.

    Raises whatever the library raises for what no mail can hold, of many kinds.
    """
    message = EmailMessage(policy=POLICY)
    message["Subject"] = " ".join(row.subject.split())
    message["From"] = Address(" ".join((row.from_name or "").split()), addr_spec=sender)
    message["To"] = Address(addr_spec=row.email_to)
    answer = mail_address(row.reply_to)
    if answer:
        message["Reply-To"] = Address(addr_spec=answer)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = row.header_id
    message["Auto-Submitted"] = "auto-generated" if not row.from_message else "no"
    body = row.body or ""
    message.set_content(plain_text(body))
    message.add_alternative(f"<!doctype html><html><body>{body}</body></html>", subtype="html")
    for file in files:
        main, sub = (file.type if file.type in PASSIVE_TYPES else UNKNOWN_TYPE).split("/")
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=_file_name(file.name))
    return message.as_bytes()


def _file_name(text: str) -> str:
    """A name without folders, and without characters that hide how it ends."""
    shown = "".join(char for char in text if char.isprintable())
    return re.split(r"[/\\]", shown)[-1].strip() or "file"


def plain_text(body: str) -> str:
    """Formatted text as lines: paragraphs apart, links with their addresses kept as they are read."""
    spaced = body.replace("</p>", "\n\n").replace("<br>", "\n").replace("</li>", "\n")
    return unescape(nh3.clean(spaced, tags=set())).strip() + "\n"
