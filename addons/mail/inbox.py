"""Opening what a colleague wrote: the way from a notification to its place in the conversation."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.mail.composing import plain_text
from core import _, referred
from core.pages import Crumb, environment, page

blueprint = Blueprint("inbox", __name__, url_prefix="/app")

INBOX = "/app/mail.notification?filter=unread"


# The address of the notification's own page, so that every way to it leads on to the record.
@blueprint.get("/mail.notification/<id:id_>")
def show(id_: int) -> str:
    """What was written, and the way to it. A script takes it at once: a page that is only looked at changes nothing."""
    env = environment()
    message = env["mail.notification"].get(id_).message
    model, record = referred(message.record)
    author = message.author.complete_name if message.author else ""
    return page(
        "mail/notification.html",
        title=_("From {author}", author=author) if author else _("Message"),
        crumbs=[Crumb(_("Inbox"), INBOX), Crumb(author or _("Message"))],
        address=f"/app/mail.notification/{id_}/open",
        text=plain_text(message.body or ""),
        record=env[model].label([record]).get(record, f"#{record}"),
    )


@blueprint.post("/mail.notification/<id:id_>/open")
def read(id_: int) -> Response:
    """Mark one's notification as read, and lead to the message on the record it is about."""
    env = environment()
    message = env["mail.notification"].get(id_).message
    env["mail.notification"].call([id_], "mark_read")
    return redirect(f"/app/{message.record.replace(',', '/')}#mail-{message.id}", code=303)
