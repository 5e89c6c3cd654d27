"""Contacts have a conversation too."""

from __future__ import annotations

from addons.base.models import Partner
from addons.mail.models.thread import Thread


class PartnerThread(Partner, Thread, extends=True):
    """A contact that messages are written on."""

    def correspondents(self) -> list[int]:
        """The contact itself."""
        return [self.id]
