"""The hooks of mail: its models, the conversation beside a record and in its timeline, its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.mail import hearing, history, inbox, recovery
from addons.mail import timeline as thread_timeline
from addons.mail.models import ALL
from addons.mail.models.mail import JOB, send
from addons.mail.pages import account, bell, beside, blueprint
from core import EnvironmentProtocol, HistoryEntry, Job, Model, Panel, TimelineEntry, _, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint


@hookimpl
def models() -> list[type[Model]]:
    """Every model and mixin of mail, and what it adds to those of base."""
    return list(ALL)


@hookimpl
def jobs() -> list[Job]:
    """The queue of outgoing mail: at once when something is written, and every few minutes for what waits."""
    return [Job(JOB, send, label="Send mail", cron="*/5 * * * *", stepwise=True, superuser=True)]


@hookimpl
def timeline(env: EnvironmentProtocol, model: str, record: int, before: int | None, limit: int) -> list[TimelineEntry]:
    """What was written on the record."""
    return thread_timeline.entries(env, model, record, before, limit)


@hookimpl
def asides(env: EnvironmentProtocol, model: str, record: int) -> list[str]:
    """The box to write in, and who follows the record."""
    return beside(env, model, record)


@hookimpl
def blueprints() -> list[Blueprint]:
    """Where messages are posted, and the list of what is new."""
    return [blueprint, hearing.blueprint, inbox.blueprint, recovery.blueprint]


@hookimpl
def sign_in_links() -> list[tuple[str, str]]:
    """The way to a new password."""
    return [(_("Password forgotten?"), "/password/forgot")]


@hookimpl
def panels() -> list[Panel]:
    """The history of a customer."""
    return [Panel("mail.history", history.render)]


@hookimpl
def history_entries(env: EnvironmentProtocol, partners: Sequence[int]) -> list[HistoryEntry]:
    """Activities and messages of a customer."""
    return history.entries(env, partners)


@hookimpl
def topbar() -> list[str]:
    """The bell."""
    return [bell()]


@hookimpl
def account_parts(env: EnvironmentProtocol) -> list[str]:
    """Whether to get mails about assigned activities."""
    return [account(env)]
