"""`tessera export`: records as a CSV file or a workbook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click

from core.commands.options import as_option, database_options, json_option, open_instance
from core.commands.output import print_json
from core.config import Settings
from core.data.exporting import export_csv, export_xlsx
from core.i18n import _
from core.records.environment import Environment
from core.unfinished import whole

SUFFIXES = (".csv", ".xlsx")


@click.command("export")
@click.argument("model")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--fields", metavar="PATHS", help="Columns, separated by commas, dotted paths among them.")
@click.option("--where", metavar="EXPR", default="", help="Only records that meet this condition.")
@click.option("--order", metavar="ORDER", help="The order, such as -expected_revenue.")
@json_option
@as_option
@database_options
def export_command(
    settings: Settings,
    model: str,
    file: Path | None,
    fields: str | None,
    where: str,
    order: str | None,
    as_json: bool,
    as_login: str | None,
) -> None:
    """Write records into a CSV file or a workbook (.xlsx); as CSV to standard output where no file is given."""
    if file is not None and file.suffix.lower() not in SUFFIXES:
        raise click.UsageError(_("A file to export to ends in .csv or .xlsx."))
    if file is None and as_json:
        raise click.UsageError(_("--json tells of a file: give FILE."))
    with open_instance(settings) as instance, instance.environment(as_login, write=False) as env:
        paths = [path.strip() for path in fields.split(",")] if fields else _usual(env, model)
        if file is None:
            _to_stream(env, model, paths, sys.stdout, where, order)
            return
        count = _to_file(env, model, paths, file, where, order)
    if as_json:
        print_json({"file": str(file), "records": count, "fields": paths})
    else:
        click.echo(_("{count} record(s) of {model} written to {path}.", count=count, model=model, path=file))


def _usual(env: Environment, model: str) -> list[str]:
    """The stored fields that the user may read."""
    return env[model].stored_fields()


def _to_stream(
    env: Environment, model: str, paths: Sequence[str], stream: TextIO, where: str, order: str | None
) -> None:
    export_csv(env, model, paths, stream, where, order=order)


def _to_file(env: Environment, model: str, paths: Sequence[str], file: Path, where: str, order: str | None) -> int:
    """Write a file that is whole or is not there."""
    with whole(file) as unfinished:
        if file.suffix.lower() == ".xlsx":
            with unfinished.open("wb") as workbook:
                return export_xlsx(env, model, paths, workbook, where, order=order)
        with unfinished.open("w", encoding="utf-8", newline="") as table:
            return export_csv(env, model, paths, table, where, order=order)
