"""Tokens with which somebody who got a mail chooses a password: signed, for one user, for a while, and once.

A token names the password that is in force, by a hash of its hash: as soon as another one is chosen it opens nothing,
so nothing has to be stored of it. It is signed with the key of the database.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from core.database import Database, placed
from core.errors import Refusal
from core.i18n import _

SALT = "choose a password"
RESET_LIFE = timedelta(hours=24)
INVITATION_LIFE = timedelta(days=7)

_SECRET = "SELECT value FROM core_setting WHERE key = 'core.secret_key'"
_USER = "SELECT login, password FROM res_users WHERE id = ? AND active"


class BadToken(Refusal):
    """A link to choose a password with that is damaged, too old, or was used."""

    code = "bad_token"
    status = 422


def password_token(database: Database, user: int, *, now: datetime, life: timedelta = RESET_LIFE) -> str:
    """A token with which the user chooses a password, once and until `life` is over.

    :raises Refusal: there is no such user, or the user is archived.
    """
    known = fingerprint(database, user)
    if known is None:
        raise Refusal(_("There is no active user {id}.", id=user))
    until = int((now + life).timestamp())
    return str(_serializer(database).dumps([user, known, until]))


def user_of_token(database: Database, token: str, *, now: datetime) -> int:
    """The user whom a token lets choose a password.

    :raises BadToken: it is damaged, too old, or was used.
    """
    try:
        user, known, until = _serializer(database).loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise BadToken(_("This link is damaged."), hint=_("Ask for a new one.")) from error
    if now.timestamp() > until or fingerprint(database, user) != known:
        raise BadToken(_("This link is too old, or was used already."), hint=_("Ask for a new one."))
    return int(user)


def _serializer(database: Database) -> URLSafeSerializer:
    ((secret,),) = database.fetch(_SECRET)
    return URLSafeSerializer(str(secret), salt=SALT)


def fingerprint(database: Database, user: int) -> str | None:
    """Says which password is in force, and tells nothing of it; None where there is no such active user."""
    found = database.fetch(placed(database, _USER), (user,))
    if not found:
        return None
    login, password = found[0]
    return hashlib.sha256(f"{login}\0{password or ''}".encode()).hexdigest()[:24]
