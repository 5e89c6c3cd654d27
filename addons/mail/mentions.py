"""Whom a text on a record may mention: offered while a mention is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.mail.text import mentioned_logins
from core import reference_to

if TYPE_CHECKING:
    from core import EnvironmentProtocol

MOST = 8
# Each one looked at costs a few statements at first; whoever is not among them is found by typing more.
MOST_LOOKED_AT = 40
LONGEST_TEXT = 64


def offered(env: EnvironmentProtocol, model: str, record: int, text: str) -> list[tuple[str, str]]:
    """Logins and names of active users who may read a record, at most `MOST`, oneself left out.

    `text` is the beginning of a login or of a name, or a part of a name; matches of the first kind come first. Logins
    that no mention can hold, such as those with blanks, are left out.
    """
    users = env["res.users"]
    if not users.may("read"):
        return []
    found: dict[str, str] = {}
    reference, text = reference_to(model, record), text[:LONGEST_TEXT]
    begins = "id != me and (startswith(login, text) or startswith(name, text))"
    for where in (begins, "id != me and contains(name, text)") if text else ("id != me",):
        names = {"text": text} if text else {}
        for row in users.read(where, ["id", "login", "name"], order="name", limit=MOST_LOOKED_AT, **names):
            login = row["login"]
            if len(found) < MOST and login not in found and login.lower() in mentioned_logins(f"@{login}"):
                if env.as_user(row["id"]).permits("read", reference):
                    found[login] = row["name"]
    return list(found.items())
