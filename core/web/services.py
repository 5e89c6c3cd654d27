"""What the routes of one application share: the instance, its configuration, its assets. Kept on the Flask object,
not in a module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import current_app

from core.views.formats import Symbols
from core.views.opening import Opening
from core.web.assets import Assets
from core.web.client.menus import MenuSection
from core.web.config import WebConfig
from core.web.kept import Kept

if TYPE_CHECKING:
    from core.addon.instance import Instance

EXTENSION = "tessera"


@dataclass(frozen=True, slots=True)
class Services:
    """One application's surroundings."""

    instance: Instance
    config: WebConfig
    assets: Assets
    menus: Kept[tuple[MenuSection, ...]] = field(default_factory=Kept)
    openings: Kept[Opening] = field(default_factory=lambda: Kept(256))
    actions: Kept[int | None] = field(default_factory=lambda: Kept(256))
    symbols: Kept[Symbols] = field(default_factory=Kept)

    @property
    def secret(self) -> str:
        """The key that signs tokens; it lives in the database."""
        return self.instance.secret_key


def services() -> Services:
    """The surroundings of the application that handles the present request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Services)
    return found
