"""Links in mails: where people reach this installation, and those with which a password is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup

from addons.mail.composing import mail_address
from core import Refusal, _, password_token

if TYPE_CHECKING:
    from datetime import timedelta

    from core import EnvironmentProtocol


def send_link(env: EnvironmentProtocol, user: int, *, life: timedelta, subject: str, words: str) -> None:
    """Write the user a mail with a link to choose a password with.

    It goes to the address of the user, never to that of the contact: more people may change contacts than users.

    :raises Refusal: the user has no e-mail address that mail can be sent to, or is archived.
    """
    row = env.sudo()["res.users"].get(user)
    address = address_of(row)
    if not address:
        hint = _("An administrator enters it under Settings, Users; that of the contact does not count.")
        raise Refusal(_("'{login}' has no e-mail address.", login=row.login), hint=hint)
    token = password_token(env.database, user, now=env.now(), life=life)
    link = f"{public_address(env)}/password/choose?{urlencode({'token': token})}"
    hours = round(life.total_seconds() / 3600)
    text = Markup('<p>{}</p><p>{}</p><p><a href="{}">{}</a></p><p>{}</p>').format(
        _("Hello {name},", name=row.name),
        words,
        link,
        link,
        _(
            "Your login is {login}. The link can be used once, within {hours} hours.",
            login=row.login,
            hours=hours,
        ),
    )
    mail = {"subject": subject, "email_to": address, "body": str(text), "partner": row.partner_id, "forget": True}
    env.sudo()["mail.mail"].create(**mail)


def address_of(user: Any) -> str | None:  # noqa: ANN401  # a row of the composed class
    """Where a link to choose a password with goes: the user's own address; None where that is none."""
    return mail_address(user.email)


def public_address(env: EnvironmentProtocol) -> str:
    """Where people reach this installation. Never what a request says of its host: anybody can say anything."""
    return env.setting("base_url").rstrip("/") or f"http://{env.setting('host')}:{env.setting('port')}"
