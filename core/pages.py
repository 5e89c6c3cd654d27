"""What the pages of addons are made with: the names that their blueprints import."""

from core.web.client.chosen import chosen_records
from core.web.client.files import sent_files, store_files
from core.web.client.openings import records_address
from core.web.client.options import picked
from core.web.client.progress import progress_address
from core.web.client.shell import Crumb, page
from core.web.client.signin import safe_target, slowed_down
from core.web.client.strangers import check_stranger, stranger_page
from core.web.current import collect, core_environment, environment, name_work, record_address
from core.web.formats import expression_in_words, kit_of, properties_in_words
from core.web.notes import Note, add_note

__all__ = [
    "Crumb",
    "Note",
    "add_note",
    "check_stranger",
    "chosen_records",
    "collect",
    "core_environment",
    "environment",
    "expression_in_words",
    "kit_of",
    "name_work",
    "page",
    "picked",
    "progress_address",
    "properties_in_words",
    "record_address",
    "records_address",
    "safe_target",
    "sent_files",
    "slowed_down",
    "store_files",
    "stranger_page",
]
