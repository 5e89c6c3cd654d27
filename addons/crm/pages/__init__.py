"""The pages of crm, one file for each; importing a file declares its routes at `blueprint`."""

from addons.crm.pages import assign, merge, settings
from addons.crm.pages.routes import blueprint

__all__ = ["assign", "blueprint", "merge", "settings"]
