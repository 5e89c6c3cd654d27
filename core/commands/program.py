"""The group that all commands hang on: turns refusals, interruptions and unexpected failures into words and exit
codes."""

from __future__ import annotations

import logging

import click

from core import logs
from core.errors import ConfigurationError, ForeignKeyViolation, TesseraError, UniqueViolation
from core.i18n import _
from core.web.references import new_reference

logger = logging.getLogger("tessera.commands")

REFUSED = 1
INTERRUPTED = 130


class Program(click.Group):
    """A click group whose commands never end in a stack trace."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command with a reference of its own in the log."""
        reference = new_reference()
        with logs.referring(reference):
            try:
                return super().invoke(ctx)
            except TesseraError as error:
                click.echo(explain(error), err=True)
                ctx.exit(REFUSED)
            except KeyboardInterrupt:
                click.echo(_("Interrupted. What was not finished was rolled back."), err=True)
                ctx.exit(INTERRUPTED)
            except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
                raise
            except Exception as error:
                logger.error("command failed", exc_info=error, extra={"values": {"command": ctx.invoked_subcommand}})
                click.echo(_("Something failed that should not. Reference {ref}.", ref=reference), err=True)
                ctx.exit(REFUSED)


def explain(error: TesseraError) -> str:
    """The words for an error that was raised on purpose."""
    if isinstance(error, ConfigurationError):
        count = len(error.problems)
        summary = _("1 problem") if count == 1 else _("{count} problems", count=count)
        return f"{error}\n{summary}"
    if isinstance(error, UniqueViolation):
        return _("Refused: another record already has this value ({names}).", names=", ".join(error.names))
    if isinstance(error, ForeignKeyViolation):
        return _("Refused: other records refer to this one.")
    return _("Refused: {reason}", reason=error)
