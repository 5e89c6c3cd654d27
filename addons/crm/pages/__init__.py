"""The pages of crm, one file for each; importing a file declares its routes at `blueprint`."""

from addons.crm.pages import assign, convert, lost, merge, settings, similar, teams
from addons.crm.pages.routes import blueprint

__all__ = ["assign", "blueprint", "convert", "lost", "merge", "settings", "similar", "teams"]
