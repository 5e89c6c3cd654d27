"""What the pages of addons are made with: the names that their blueprints import."""

from core.web.client.files import sent_files, store_files
from core.web.client.shell import Crumb, page
from core.web.client.signin import safe_target
from core.web.current import environment, name_work
from core.web.formats import kit_of
from core.web.notes import Note, add_note

__all__ = [
    "Crumb",
    "Note",
    "add_note",
    "environment",
    "kit_of",
    "name_work",
    "page",
    "safe_target",
    "sent_files",
    "store_files",
]
