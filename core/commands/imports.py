"""`tessera import`: files of users into a model, or the files of a folder as a recipe says, in one change set."""

from __future__ import annotations

from pathlib import Path

import click

from core.commands.options import as_option, database_options, json_option, open_instance
from core.commands.output import Step, print_json, progress
from core.config import Settings
from core.data.importing.report import ImportResult, Progress
from core.data.importing.run import Listener, run_import, run_recipe
from core.errors import Refusal
from core.i18n import _
from core.records.environment import Environment


@click.command("import")
@click.argument("target", metavar="MODEL FILE | DIR", nargs=-1, required=True)
@click.option("--recipe", metavar="TOML", type=click.Path(path_type=Path), help="A recipe: mapping, formats, values.")
@click.option("--key", metavar="FIELD", multiple=True, help="Update the record with the same value; may be repeated.")
@click.option("--create-missing", is_flag=True, help="Create related records that are not found.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--refused", metavar="FILE", type=click.Path(path_type=Path), help="Where refused rows are written to.")
@json_option
@as_option
@database_options
def import_command(
    settings: Settings,
    target: tuple[str, ...],
    recipe: Path | None,
    key: tuple[str, ...],
    create_missing: bool,
    dry_run: bool,
    refused: Path | None,
    as_json: bool,
    as_login: str | None,
) -> None:
    """Import a CSV file or a workbook into a model, or the files of a folder as a recipe says; `undo` takes it back."""
    model, path = _target(target, recipe)

    def run(env: Environment, listen: Listener) -> ImportResult:
        if not model and recipe is not None:
            return run_recipe(
                env, recipe, path, create_missing=create_missing, dry_run=dry_run, progress=listen, refused_path=refused
            )
        return run_import(
            env,
            model=model,
            file=path,
            recipe=recipe,
            key=key or None,
            create_missing=create_missing,
            dry_run=dry_run,
            progress=listen,
            refused_path=refused,
        )

    with (
        open_instance(settings) as instance,
        progress(_("Importing")) as step,
        instance.environment(as_login, kind="import", label=f"import {path.name}") as env,
    ):
        result = run(env, _listener(step))
    if as_json:
        print_json(result.to_json())
    else:
        for line in result.lines():
            click.echo(line)
    if result.refused and not (result.created or result.changed or result.skipped):
        raise SystemExit(1)  # nothing of the file was of use


def _target(target: tuple[str, ...], recipe: Path | None) -> tuple[str, Path]:
    """Model and file, or no model and the folder of a recipe."""
    if len(target) == 1 and recipe is not None:
        model, path = "", Path(target[0])
    elif len(target) == 2:
        model, path = target[0], Path(target[1])
    else:
        raise click.UsageError(_("Give MODEL FILE, or --recipe TOML DIR."))
    if not path.exists():
        raise Refusal(_("There is no file {path}.", path=path))
    return model, path


def _listener(step: Step) -> Listener:
    """Progress of the present file and phase."""

    def listen(progress: Progress) -> None:
        step(progress.rows, progress.total)

    return listen
