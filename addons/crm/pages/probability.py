"""Why a probability is what it is, beside the value on the form of a lead."""

from __future__ import annotations

from flask import render_template

from addons.crm.scoring.explanation import explain
from core import EnvironmentProtocol
from core.pages import kit_of


def why(env: EnvironmentProtocol, model: str, record: int) -> str:
    """The panel `crm.probability`."""
    percent = kit_of(env).percent
    return render_template("crm/probability.html", found=explain(env, record), percent=percent)
