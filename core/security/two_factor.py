"""The second factor of a sign-in: one-time codes of an app (TOTP, RFC 6238), and recovery codes for its loss.

The secret counts once it was confirmed by a code. That takes place in the session that began it, within some minutes:
whoever uses another session of the user did not give the password for it. Every code is accepted once: the time step
that was used last is remembered, a recovery code is deleted. Both happen in one statement, so that of two requests at
once one is refused.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import segno

from core.database import Database, placed
from core.errors import Refusal
from core.i18n import _
from core.security.sessions import token_hash
from core.security.statements import stored, writing

# Whom a second factor is demanded of: EVERYBODY, or the members of a group by external id; empty: nobody.
SETTING = "core.two_factor"
EVERYBODY = "everybody"

STEP_SECONDS = 30
DRIFT = (0, -1, 1)
DIGITS = 6
RECOVERY_CODES = 10
PENDING_LIFE = timedelta(minutes=10)
# Crockford's base 32, which has no letters that look like digits; 16 symbols are 80 bits, so a fast hash is enough.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011", " -")

_STATUS = (
    "SELECT (SELECT count(*) FROM core_recovery_code c WHERE c.user_id = f.user_id) "
    "FROM core_two_factor f WHERE user_id = ? AND confirmed_at IS NOT NULL"
)
_PENDING = (
    "SELECT secret FROM core_two_factor WHERE user_id = ? AND begun_in = ? AND begun_at > ? AND confirmed_at IS NULL"
)
_BEGIN = "INSERT INTO core_two_factor (user_id, secret, begun_at, begun_in) VALUES (?, ?, ?, ?)"
# With the secret, so that one that took its place meanwhile is not confirmed by a code of the former.
_CONFIRM = (
    "UPDATE core_two_factor SET confirmed_at = ?, last_step = ?, begun_at = NULL, begun_in = NULL "
    "WHERE user_id = ? AND secret = ? AND confirmed_at IS NULL"
)
_USE = "UPDATE core_two_factor SET last_step = ? WHERE user_id = ? AND (last_step IS NULL OR last_step < ?)"
_DEMANDED = "SELECT value FROM core_setting WHERE key = ?"


@dataclass(frozen=True, slots=True)
class Status:
    """How a user stands: `on` when sign-ins ask for a code; `codes` is how many recovery codes are left."""

    on: bool = False
    codes: int = 0


class CodeRefused(Refusal):
    """A code is wrong, too old, or was used."""

    code = "code_refused"
    status = 422


def status(database: Database, user: int) -> Status:
    """Whether the user has a second factor, and how many recovery codes are left."""
    found = database.fetch(placed(database, _STATUS), (user,))
    return Status(True, found[0][0]) if found else Status()


def pending(database: Database, user: int, session: int, *, now: datetime) -> str:
    """The secret that the session began and nobody confirmed yet; empty where there is none, or it is too old."""
    found = database.fetch(placed(database, _PENDING), (user, session, stored(database, now - PENDING_LIFE)))
    return str(found[0][0]) if found else ""


def begin(database: Database, user: int, session: int, *, now: datetime) -> None:
    """Give the user a new secret, which counts once a code has confirmed it in the same session.

    :raises Refusal: there is a confirmed one.
    """
    if status(database, user).on:
        raise Refusal(_("Two-factor sign-in is on already."))
    with writing(database):
        database.execute(placed(database, "DELETE FROM core_two_factor WHERE user_id = ?"), (user,))
        database.execute(placed(database, _BEGIN), (user, pyotp.random_base32(), stored(database, now), session))


def confirm(database: Database, user: int, session: int, code: str, *, now: datetime) -> list[str]:
    """Turn the second factor on with a code of the app; the recovery codes, which nobody can show again.

    :raises CodeRefused: the code is not one of the secret that is pending in the session.
    """
    secret = pending(database, user, session, now=now)
    if not secret:
        raise CodeRefused(_("The secret is too old, or another one took its place. Set it up again."))
    step = _step(secret, code, now)
    if step is None:
        raise CodeRefused(_("This code is wrong. Check the time of your device and give the present code."))
    with writing(database):
        confirmed = database.execute(placed(database, _CONFIRM), (stored(database, now), step, user, secret))
        if not confirmed.rowcount:
            raise CodeRefused(_("The secret is too old, or another one took its place. Set it up again."))
        return new_codes(database, user)


def accept(database: Database, user: int, given: str, *, now: datetime) -> bool:
    """Whether the user has given a good code of the app or a recovery code. It is good no more from then on."""
    statement = "SELECT secret FROM core_two_factor WHERE user_id = ? AND confirmed_at IS NOT NULL"
    found = database.fetch(placed(database, statement), (user,))
    if not found:
        return False
    step = _step(str(found[0][0]), given, now)
    with writing(database):
        if step is not None:
            used = database.execute(placed(database, _USE), (step, user, step))
        else:
            statement = "DELETE FROM core_recovery_code WHERE user_id = ? AND code_hash = ?"
            used = database.execute(placed(database, statement), (user, token_hash(_plain(given))))
        return bool(used.rowcount)


def new_codes(database: Database, user: int) -> list[str]:
    """Ten new recovery codes in place of those that there were; only their hashes are stored."""
    codes = [_recovery_code() for _number in range(RECOVERY_CODES)]
    with writing(database):
        database.execute(placed(database, "DELETE FROM core_recovery_code WHERE user_id = ?"), (user,))
        insert = placed(database, "INSERT INTO core_recovery_code (user_id, code_hash) VALUES (?, ?)")
        database.executemany(insert, [(user, token_hash(_plain(code))) for code in codes])
    return codes


def turn_off(database: Database, user: int) -> bool:
    """Forget secret and recovery codes, also a secret that was not confirmed; whether the second factor was on."""
    on = status(database, user).on
    with writing(database):
        for table in ("core_recovery_code", "core_two_factor"):
            database.execute(placed(database, f"DELETE FROM {table} WHERE user_id = ?"), (user,))
    return on


def demanded(database: Database, belongs: Callable[[str], bool]) -> bool:
    """Whether a second factor is demanded of somebody; `belongs` tells whether they are in a group."""
    found = database.fetch(placed(database, _DEMANDED), (SETTING,))
    return demands(found[0][0] if found else "", belongs)


def demands(setting: str | None, belongs: Callable[[str], bool]) -> bool:
    """What the value of the setting says of somebody."""
    return bool(setting) and (setting == EVERYBODY or belongs(str(setting)))


def address(secret: str, *, login: str, issuer: str) -> str:
    """The `otpauth:` address that an app takes the secret from."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture(text: str) -> str:
    """A QR code of the text as SVG markup that is as large as its surroundings say; black on white in every theme."""
    return str(segno.make_qr(text, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True))


def _step(secret: str, given: str, now: datetime) -> int | None:
    """The time step whose code was given: the present one, or a neighbour for clocks that go wrong."""
    code = given.translate(_MISREAD)
    present = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    matching = [
        present + drift
        for drift in DRIFT
        if hmac.compare_digest(app.generate_otp(present + drift).encode(), code.encode())
    ]
    return matching[0] if matching else None


def _recovery_code() -> str:
    symbols = "".join(secrets.choice(SYMBOLS) for _symbol in range(16))
    return "-".join(symbols[start : start + 4] for start in range(0, 16, 4))


def _plain(code: str) -> str:
    """A recovery code as it is hashed, however it was typed."""
    return code.strip().upper().translate(_MISREAD)
