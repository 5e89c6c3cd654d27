"""What the pages of crm have in common: their blueprint, and where they lead back to."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

from addons.crm.merging import MODEL
from core import AccessDenied, EnvironmentProtocol
from core.pages import environment

TEMPLATES = Path(__file__).parent.with_name("templates")
PIPELINE = f"/app/{MODEL}"
MANAGERS = "crm.manager"

MOST_DIGITS = 18  # of what may be an id


def id_of(text: str) -> int:
    """The id in a form or an address; 0, which no record has, where there is none."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0


blueprint = Blueprint("crm", __name__, url_prefix="/crm", template_folder=str(TEMPLATES))


def managers_environment(refusal: str) -> EnvironmentProtocol:
    """The environment of an administrator of sales; everybody else is refused with the sentence."""
    env = environment()
    if not env.has_group(MANAGERS):
        raise AccessDenied(refusal)
    return env
