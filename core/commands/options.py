"""Options that commands share: settings as flags, `--as`, `--json`; and opening the database that they name."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from core import config, logs
from core.addon import state
from core.addon.instance import Instance
from core.config import Settings
from core.database import Database, connect

Command = TypeVar("Command", bound=Callable[..., object])

# An id as both engines keep it.
ID = click.IntRange(1, 2**63 - 1)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
as_option = click.option("--as", "as_login", metavar="LOGIN", help="Work as this user instead of the administrator.")


def settings_options(*names: str, log_level: str = "warning") -> Callable[[Command], Callable[..., object]]:
    """Give a command a flag for each named setting, and all settings as its argument `settings`; sets up the log.

    `log_level` is what the command logs where the setting was left at its default.
    """

    def decorate(command: Command) -> Callable[..., object]:
        @functools.wraps(command)
        def run(**arguments: object) -> object:
            flags = {name: _flag(arguments.pop(name)) for name in names}
            root = click.get_current_context().find_root()
            settings = config.load({**flags, **root.meta.get("flags", {})}, file=root.meta.get("config"))
            chosen = settings.values["log_level"]
            logs.setup(log_level if chosen.origin == "default" else chosen.text, form=settings["log_format"])
            return command(settings=settings, **arguments)

        decorated: Callable[..., object] = run
        for name in reversed(names):
            decorated = _option(name)(decorated)
        return decorated

    return decorate


def _option(name: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    setting = config.BY_NAME[name]
    flag = f"--{name.replace('_', '-')}"
    if name == "addons_path":
        return click.option(
            flag, name, multiple=True, metavar="DIR", help="A folder with more addons; may be given again."
        )
    return click.option(flag, name, metavar=name.upper(), help=setting.help)


def _flag(value: object) -> str | None:
    if isinstance(value, tuple):
        return os.pathsep.join(value) or None
    return None if value is None else str(value)


database_options = settings_options("db", "addons_path")


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database that the settings name, whatever version it is of; closed at the end of the block."""
    database = connect(settings["db"])
    try:
        state.require_initialised(database)
        yield database
    finally:
        database.close()


@contextmanager
def open_instance(settings: Settings) -> Iterator[Instance]:
    """The instance that the settings name, closed at the end of the block."""
    texts = {name: value.text for name, value in settings.values.items()}
    instance = Instance.open(settings["db"], addons_path=settings.addons_path, settings=texts)
    try:
        yield instance
    finally:
        instance.close()
