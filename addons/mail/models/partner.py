"""Contacts have a conversation and planned activities too."""

from __future__ import annotations

from addons.base.models import Partner
from addons.mail.models.activity import Activities


class PartnerThread(Partner, Activities, extends=True):
    """A contact that messages are written on."""

    def correspondents(self) -> list[int]:
        """The contact itself."""
        return [self.id]
