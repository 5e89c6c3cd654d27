"""Where mail goes out: an SMTP server, or a folder of files for tests and demonstrations. Nothing of the database here.

A server is believed at each step: what it refuses before it was given the text was certainly not sent and may be tried
again; once the text is on its way and no answer comes, nobody knows. Then it counts as perhaps sent, and is not sent
again by itself: somebody who gets no mail asks for it, somebody who gets it twice is annoyed for good.
"""

from __future__ import annotations

import os
import secrets
import smtplib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 30
PORTS = {"smtp": 25, "smtps": 465}
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
Fate = Literal["sent", "again", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message; `text` is the server's reason where it was not sent."""

    fate: Fate
    text: str = ""


def deliver(url: str, sender: str, recipient: str, message: bytes) -> Delivery:
    """Hand a message, whose lines end with CR LF, over to what `url` names.

    Never raises for what a server, a network or a disk does.
    """
    if urlsplit(url).scheme == "file":
        return _to_file(Path(unquote(urlsplit(url).path)), message)
    try:
        with _connect(url) as server:
            return _hand_over(server, sender, recipient, message)
    except smtplib.SMTPAuthenticationError as error:
        return Delivery("again", f"the server does not accept the login: {_reason(error)}")
    except (smtplib.SMTPException, OSError) as error:
        return Delivery("again", _reason(error))


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme == "smtp" and parts.password and host not in LOCAL:
            raise smtplib.SMTPException("the server offers no encryption; a password is not sent to it")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, sender: str, recipient: str, message: bytes) -> Delivery:
    for step in (lambda: server.mail(sender), lambda: server.rcpt(recipient)):
        code, text = step()
        if code >= 400:
            return _refused(code, text)
    try:
        code, text = server.data(message)
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Delivery("unknown", _reason(error))
    return Delivery("sent") if code < 400 else _refused(code, text)


def _refused(code: int, text: bytes | str) -> Delivery:
    """RFC 5321, 4.2.1: 4yz may go well another time, 5yz will not."""
    shown = text.decode(errors="replace") if isinstance(text, bytes) else text
    return Delivery("again" if code < 500 else "refused", f"{code} {shown}".strip())


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        shown = error.smtp_error
        return f"{error.smtp_code} {shown.decode(errors='replace') if isinstance(shown, bytes) else shown}"
    return str(error) or type(error).__name__


def _to_file(folder: Path, message: bytes) -> Delivery:
    """One file for each message, whole or not at all."""
    name = secrets.token_hex(8)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{name}.part"
        unfinished.write_bytes(message.replace(b"\r\n", b"\n"))
        os.replace(unfinished, folder / f"{name}.eml")
    except OSError as error:
        return Delivery("again", f"{folder}: {error.strerror or error}")
    return Delivery("sent")
