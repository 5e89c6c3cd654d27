"""`tessera serve`: the web client and the HTTP API of one database, by waitress, until it is told to stop."""

from __future__ import annotations

import errno
import signal
import socket
from types import FrameType

import click
from waitress.server import create_server

from core.commands.jobs import working
from core.commands.options import open_instance, settings_options
from core.commands.reloading import supervise
from core.config import Settings
from core.errors import Refusal
from core.i18n import _
from core.web.application import Application
from core.web.config import WebConfig


@click.command()
@click.option("--reload", is_flag=True, help="For developers: begin again when a source file changes.")
@settings_options(
    "db",
    "addons_path",
    "host",
    "port",
    "threads",
    "workers",
    "base_url",
    "trusted_proxies",
    "secure_cookies",
    "session_days",
    "max_upload",
    "mail_url",
    "mail_from",
    log_level="info",
)
@click.pass_context
def serve(ctx: click.Context, settings: Settings, reload: bool) -> None:
    """Serve the database; prints one line with the address when ready."""
    if reload:
        ctx.exit(supervise(settings))
    with open_instance(settings) as instance:
        app = Application(instance, WebConfig.from_settings(settings))
        listener = _listen(settings["host"], settings.number("port"))
        server = create_server(app, sockets=[listener], threads=settings.number("threads"), ident="tessera")
        signal.signal(signal.SIGTERM, _stop)
        try:
            with working(instance, settings.number("workers")):
                click.echo(_address(listener))
                server.run()  # returns when it is interrupted or told to stop
        except KeyboardInterrupt:
            pass  # interrupted before it ran: an end like any other
        finally:
            server.close()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; refused with the reason when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def _refused(host: str, port: int, error: OSError) -> Refusal:
    if error.errno == errno.EADDRINUSE:
        hint = _("Stop the other program, or choose another with --port.")
        return Refusal(_("Port {port} of {host} is in use.", port=port, host=host), hint=hint)
    if error.errno == errno.EACCES:
        return Refusal(_("Port {port} may only be used by the system's administrator.", port=port))
    return Refusal(_("{host} port {port} cannot be listened on: {why}.", host=host, port=port, why=error.strerror))


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
