"""Mails to users who were given an activity by somebody else: who, what, about which record, and when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from addons.mail.composing import mail_address
from addons.mail.links import public_address
from core import _, referred
from core.pages import kit_of

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol

# What is undone in this time was planned by mistake: nobody is written to.
GRACE = timedelta(minutes=1)


def outgoing(env: EnvironmentProtocol, given: Sequence[Change]) -> list[dict[str, object]]:
    """The mails about activities that were given to somebody: values of `mail.mail`, one for each activity.

    None for oneself, nor for users who are archived, do not want them or have no address; and none for what a data file
    or a program without a user's rights plans.
    """
    if env.superuser or env.user is None:
        return []
    wanted = ["name", "email", "partner", "partner.email", "active", "activity_mails"]
    ids = {int(str(change["user"])) for change in given} - {env.user}
    users = env.sudo()["res.users"].read_ids(sorted(ids), wanted)
    author = env.sudo()["res.users"].get(env.user)
    found = []
    for change in given:
        user = users.get(change["user"])  # type: ignore[call-overload]  # an id
        address = user and mail_address(user["email"] or user["partner.email"])
        if not address or not change["active"] or not user["active"] or not user["activity_mails"]:
            continue
        found.append(
            {
                "subject": _("For you: {what}", what=_activity(env, change).name)[:250],
                "email_to": address,
                "from_name": author.name,
                "reply_to": mail_address(author.email or author.partner.email),
                "body": _text(env, change, user["name"], author.name),
                "partner": user["partner"],
                "activity": change.id,
                "from_activity": True,
                "due_at": env.now() + GRACE,
            }
        )
    return found


def _activity(env: EnvironmentProtocol, change: Change) -> Any:  # noqa: ANN401  # a row of the composed class
    return env.sudo()["mail.activity"].get(change.id)


def _text(env: EnvironmentProtocol, change: Change, name: str, author: str) -> str:
    """What is said in the mail, as HTML; the day as the user reads days."""
    activity, (model, id_) = _activity(env, change), referred(str(change["record"]))
    label = env.sudo()[model].label([id_]).get(id_) or f"#{id_}"
    day = kit_of(env.as_user(int(str(change["user"])))).short_date(activity.date_deadline)  # type: ignore[arg-type]
    parts = [
        Markup("<p>{}</p>").format(_("Hello {name},", name=name)),
        Markup("<p>{}<br><b>{}</b></p>").format(
            _("{who} has an activity for you ({type}):", who=author, type=activity.type.name), activity.name
        ),
        Markup('<p>{} <a href="{}">{}</a><br>{}</p>').format(
            _("About:"), f"{public_address(env)}/app/{model}/{id_}", label, _("Due: {day}", day=day)
        ),
        Markup(activity.note or ""),  # cleaned when it was written, and again with the mail
    ]
    return "".join(parts)


def taken_back(row: Any) -> bool:  # noqa: ANN401  # a row of `mail.mail`
    """Whether the activity that a mail tells of is gone, done, or somebody else's by now."""
    if not row.from_activity:
        return False
    activity = row.activity
    return activity is None or not activity.active or activity.user.partner_id != row.partner_id
