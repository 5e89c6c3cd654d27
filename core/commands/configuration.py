"""`tessera config`: every setting with its value and where the value comes from."""

from __future__ import annotations

import click

from core import config
from core.commands.options import json_option, settings_options
from core.commands.output import print_json, print_table
from core.config import Settings


@click.command("config")
@settings_options(*(name for name in config.BY_NAME if not name.startswith("log_")))
@json_option
def show(settings: Settings, as_json: bool) -> None:
    """Print every setting with its value and its origin; passwords are not shown."""
    values = list(settings.values.values())
    if as_json:
        print_json({value.setting.name: {"value": value.shown, "origin": value.origin} for value in values})
        return
    rows = [(value.setting.name, value.shown or "-", value.origin, value.setting.help) for value in values]
    print_table(("SETTING", "VALUE", "ORIGIN", "MEANING"), rows)
