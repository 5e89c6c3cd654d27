"""The command line, `tessera`: parses, calls core.commands, prints. It names no addon and decides nothing."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import click

# Python looks in the current folder, or in that of the script, first: a file there may hide a package of the product.
# Nothing of it is run.
for name in ("core", "addons"):
    found, own = find_spec(name), Path(__file__).resolve().with_name(name)
    if found is not None and found.origin and own.is_dir() and own not in Path(found.origin).resolve().parents:
        raise SystemExit(f"{found.origin} hides the package '{name}' of Tessera: rename it, or work in another folder.")

from core.commands import (  # noqa: E402  # after it is known to be the product's
    addon,
    configuration,
    database,
    doctor,
    exports,
    history,
    imports,
    jobs,
    serving,
    shell,
    users,
)
from core.commands.program import Program  # noqa: E402  # as above


def _version() -> str:
    try:
        return version("tessera-crm")
    except PackageNotFoundError:
        return "unpackaged"


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="tessera")
@click.option("--config", metavar="FILE", help="The settings file, instead of TESSERA_CONFIG or tessera.toml.")
@click.option("--log-level", metavar="LEVEL", help="What is logged: debug, info, warning, error.")
@click.option("--log-format", metavar="FORMAT", help="How log lines look: text, json.")
@click.pass_context
def main(ctx: click.Context, config: str | None, log_level: str | None, log_format: str | None) -> None:
    """Tessera: a CRM that you compose from addons."""
    ctx.meta["config"] = config
    ctx.meta["flags"] = {"log_level": log_level, "log_format": log_format}


for command in (
    database.init,
    database.backup,
    database.restore,
    serving.serve,
    jobs.worker,
    jobs.group,
    addon.group,
    users.group,
    imports.import_command,
    exports.export_command,
    history.history,
    history.undo,
    doctor.doctor,
    configuration.show,
    shell.shell,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
