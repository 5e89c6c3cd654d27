"""Users are invited by mail."""

from __future__ import annotations

from addons.base.models import User
from addons.mail.links import send_link
from core import INVITATION_LIFE, _, action


class UserInvitation(User, extends=True):
    """A user who may get a link to choose a first password with."""

    @action(label="Invite by mail", icon="mail", groups="base.admin")
    def invite(self) -> None:
        """Send the user a link to choose a password with, good for a week.

        :raises Refusal: the user has no e-mail address.
        """
        words = _("you have been invited to {company}. Choose a password to begin.", company=self.company.name)
        send_link(self.env, self.id, life=INVITATION_LIFE, subject=_("Your invitation"), words=words)
