"""What people type, as formatted text: paragraphs, lines, addresses to follow, mentions of colleagues."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

# A login may be an e-mail address; a full stop or comma behind it belongs to the sentence.
_MENTION = r"(?<![\w@./])@[\w][\w.+-]*(?:@[\w.-]+)?"
_MENTIONS = re.compile(_MENTION)
_TOKEN = re.compile(rf"(?P<url>https?://[^\s<>\"']+)|{_MENTION}")
_TRAILING = ".,;:!?)]}"
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def mentioned_logins(text: str) -> set[str]:
    """What may be a login behind an at sign, in small letters, with and without the punctuation that follows."""
    found = {match[0][1:].lower() for match in _MENTIONS.finditer(text)}
    return found | {login.rstrip(".-+") for login in found}


def to_html(text: str, users: Mapping[str, tuple[int, str]] | None = None) -> str:
    """Plain text as HTML; `users` gives id and name by login in small letters."""
    paragraphs = [part for part in _BLANK_LINE.split(text.replace("\r\n", "\n").strip()) if part]
    shown = [Markup("<br>").join(_line(line, users or {}) for line in part.splitlines()) for part in paragraphs]
    return "".join(f"<p>{part}</p>" for part in shown)


def _line(line: str, users: Mapping[str, tuple[int, str]]) -> Markup:
    parts: list[Markup] = []
    place = 0
    for match in _TOKEN.finditer(line):
        parts.append(escape(line[place : match.start()]))
        parts.append(_link(match[0]) if match["url"] else _mention(match[0], users))
        place = match.end()
    parts.append(escape(line[place:]))
    return Markup("").join(parts)


def _link(address: str) -> Markup:
    bare = address.rstrip(_TRAILING)
    return Markup('<a href="{}">{}</a>{}').format(bare, bare, address[len(bare) :])


def _mention(token: str, users: Mapping[str, tuple[int, str]]) -> Markup:
    login = token[1:]
    for name in (login, login.rstrip(".-+")):
        if name.lower() in users:
            id_, shown = users[name.lower()]
            link = Markup('<a href="/app/res.users/{}">@{}</a>{}')
            return link.format(id_, shown, login[len(name) :])
    return escape(token)
