"""What the pages of crm have in common: their blueprint, and where they lead back to."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

from addons.crm.merging import MODEL

TEMPLATES = Path(__file__).parent.with_name("templates")
PIPELINE = f"/app/{MODEL}"

blueprint = Blueprint("crm", __name__, url_prefix="/crm", template_folder=str(TEMPLATES))
