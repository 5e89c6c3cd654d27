"""`tessera shell`: Python with the records of the database at hand, each statement in a transaction that ends soon.

Whoever only reads holds no transaction while thinking. With `--write`, what a statement changed waits for `commit()`
or `rollback()`; a statement that fails leaves nothing behind.
"""

from __future__ import annotations

import code
import importlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from types import CodeType
from typing import Any

import click

from core.addon.instance import Instance
from core.commands.options import as_option, database_options, open_instance
from core.commands.program import REFUSED, explain
from core.config import Settings, without_password
from core.database import Database
from core.database.failures import WriteInReadTransaction
from core.errors import Refusal, TesseraError
from core.i18n import _
from core.records.environment import Environment

PROMPT, UNSAVED_PROMPT = ">>> ", "*>> "
WRONG_USAGE = 2
FILE = "<shell>"


@click.command()
@click.option("--write", is_flag=True, help="Let statements change something, kept by commit().")
@click.option("--code", "-c", "text", metavar="CODE", help="Run this code, commit with --write, and end.")
@as_option
@database_options
@click.pass_context
def shell(ctx: click.Context, settings: Settings, write: bool, text: str | None, as_login: str | None) -> None:
    """Run Python with `env` and `instance`, entered by and by, given with -c, or from standard input."""
    if text is None and not sys.stdin.isatty():
        text = sys.stdin.read()
    with open_instance(settings) as instance:
        session = Session(instance, as_login, write=write)
        if text is not None:
            ctx.exit(run(session, text))
        converse(session, settings)


class Session:
    """Statements on one database: `names` are theirs, `unsaved` tells whether changes wait for commit or rollback.

    The environment is the same one for all of them, so that records found by one are of use to the next.
    """

    def __init__(self, instance: Instance, login: str | None, *, write: bool) -> None:
        self.instance = instance
        self.login = login
        self.write = write
        self.unsaved = False
        self.names: dict[str, Any] = {
            "__name__": "__console__",
            "instance": instance,
            "commit": lambda: self._ask("commit"),
            "rollback": lambda: self._ask("rollback"),
        }
        self._asked = ""
        self._env: Environment | None = None
        self._open: ExitStack | None = None

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Run one statement in a transaction; what it changed is taken back when it raises."""
        env = self._begin()
        self._asked = ""
        try:
            with env.savepoint() if self.write else nullcontext():
                yield
        except WriteInReadTransaction as error:
            self.rollback()
            hint = _("Start it with --write to change something.")
            raise Refusal(_("This shell only reads."), hint=hint) from error
        except BaseException:
            if not self.unsaved:  # nothing waits, so others need not wait either
                self.rollback()
            raise
        self._after(env)

    def commit(self) -> None:
        """Keep what waits."""
        stack, self._open, self.unsaved = self._open, None, False
        if stack is not None:
            stack.close()

    def rollback(self) -> None:
        """Take back what waits."""
        stack, self._open, self.unsaved = self._open, None, False
        if stack is not None:
            with suppress(_TakenBack), stack:
                raise _TakenBack

    def _ask(self, what: str) -> None:
        """Note what is to be done when the statement has ended, whose savepoint stands in the way until then."""
        self._asked = what

    def _begin(self) -> Environment:
        if self._open is None:
            with ExitStack() as stack:
                fresh = stack.enter_context(self.instance.environment(self.login, write=self.write, label="shell"))
                env = self._env = self._adopt(fresh)
                stack.enter_context(env)
                self._open = stack.pop_all()
            self._written = _mark(env.database)
        assert self._env is not None
        return self._env

    def _adopt(self, fresh: Environment) -> Environment:
        """Let the environment that people have hold of work in the new transaction, or give them a new one.

        A new one is needed first, and when other addons were composed meanwhile.
        """
        if self._env is None or self._env.runtime is not fresh.runtime:
            self.names["env"] = fresh
            return fresh
        kept, unit = self._env.unit, fresh.unit
        kept.access, kept.cache, kept.touched, kept.change_set = unit.access, unit.cache, unit.touched, None
        return self._env

    def _after(self, env: Environment) -> None:
        if self._asked == "rollback":
            self.rollback()
        elif self._asked == "commit" or not self.write:
            self.commit()
        else:
            self.unsaved = _mark(env.database) != self._written
            if not self.unsaved:
                self.commit()


class _TakenBack(Exception):
    """Ends a transaction whose changes are not wanted."""


class Console(code.InteractiveConsole):
    """Reads statements and runs them in the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.names, FILE)
        self.session = session

    def runcode(self, code: CodeType) -> None:
        """Run one statement, and tell what went wrong."""
        try:
            with self.session.statement():
                exec(code, self.locals)
        except SystemExit:
            raise
        except TesseraError as error:
            self.write(f"{explain(error)}\n")
        except Exception:
            self.showtraceback()

    def raw_input(self, prompt: str = "") -> str:
        """Ask for a line, with a prompt that tells whether changes wait."""
        return super().raw_input(UNSAVED_PROMPT if prompt == PROMPT and self.session.unsaved else prompt)


def converse(session: Session, settings: Settings) -> None:
    """Take statements until the end of input; what was not committed is taken back, and that is said."""
    with suppress(ImportError):  # a terminal that can edit lines; not part of Python on every system
        importlib.import_module("readline")
    sys.ps1 = PROMPT
    try:
        with suppress(SystemExit):
            Console(session).interact(banner=_banner(session, without_password(settings["db"])), exitmsg="")
    finally:
        if session.unsaved:
            click.echo(_("What was not committed was taken back."), err=True)
        session.rollback()


def run(session: Session, text: str) -> int:
    """Run code as a whole, commit where it may write, and give the exit code; what fails has changed nothing."""
    try:
        compiled = compile(text, FILE, "exec")
    except (SyntaxError, ValueError) as error:
        click.echo("".join(traceback.format_exception_only(error)), err=True, nl=False)
        return WRONG_USAGE
    if session.write:
        session.names["commit"] = session.names["rollback"] = _refuse_steps
    try:
        with session.statement():
            exec(compiled, session.names)
        session.commit()
    except SystemExit as ended:
        return _code(ended, session)
    except TesseraError:
        raise
    except Exception as error:
        own = error.__traceback__.tb_next if error.__traceback__ else None
        click.echo("".join(traceback.format_exception(type(error), error, own)), err=True, nl=False)
        return REFUSED
    return 0


def _code(ended: SystemExit, session: Session) -> int:
    if isinstance(ended.code, str):
        click.echo(ended.code, err=True)
    session.rollback()
    return ended.code if isinstance(ended.code, int) else REFUSED if ended.code else 0


def _refuse_steps() -> None:
    raise Refusal(_("Code that is run as a whole is committed at its end; raise to take it back."))


def _banner(session: Session, place: str) -> str:
    names = "env, instance, commit(), rollback()" if session.write else "env, instance"
    how = _("Changes are kept by commit().") if session.write else _("Reading only; --write lets you change something.")
    return f"Tessera, {place}\n{names}. {how}"


def _mark(database: Database) -> object:
    """Differs after something was written in the transaction, whatever way it took."""
    if database.engine == "sqlite":
        return database.connection().total_changes
    return database.fetch("SELECT pg_current_xact_id_if_assigned()::text")
