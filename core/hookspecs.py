"""The hooks an addon may implement. Each returns a list or None and takes only our own, stable arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from flask import Blueprint

    from core.job import Job
    from core.model.change import Change
    from core.model.definition import Model
    from core.records.environment import Environment
    from core.timeline import Hint, HistoryEntry, Panel, TimelineEntry

PROJECT = "tessera"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def models() -> list[type[Model]]:
    """Give the models and extensions that the addon contributes, in the order they are to be composed."""
    raise AssertionError("a specification is never called")


@hookspec
def jobs() -> list[Job]:
    """Give the work that the addon does in the background, on demand or by a schedule."""
    raise AssertionError("a specification is never called")


@hookspec
def record_changed(env: Environment, changes: Sequence[Change]) -> None:
    """Hear of rows that were created, written or deleted: after history was written, before the transaction commits."""


@hookspec
def timeline(env: Environment, model: str, record: int, before: int | None, limit: int) -> list[TimelineEntry]:
    """Give the newest entries of a record's timeline, at most `limit`, with ids smaller than `before` where given."""
    raise AssertionError("a specification is never called")


@hookspec
def asides(env: Environment, model: str, record: int) -> list[str]:
    """Give parts of a page, as HTML, that stand beside a record above its history."""
    raise AssertionError("a specification is never called")


@hookspec
def panels() -> list[Panel]:
    """Give what forms may show that no view can say: `<page panel="<addon>.<what>">`, `<field why="...">`."""
    raise AssertionError("a specification is never called")


@hookspec
def hints() -> list[Hint]:
    """Give what there is to say of a record while it is read, and while a form is filled in."""
    raise AssertionError("a specification is never called")


@hookspec
def history_entries(env: Environment, partners: Sequence[int]) -> list[HistoryEntry]:
    """Give what is planned with a customer and what was done: `partners` are the customer and all below."""
    raise AssertionError("a specification is never called")


@hookspec
def blueprints() -> list[Blueprint]:
    """Give Flask blueprints with pages of the addon's own; they serve databases that have the addon installed."""
    raise AssertionError("a specification is never called")


@hookspec
def sign_in_links() -> list[tuple[str, str]]:
    """Give links, text and address, that stand below the form to sign in."""
    raise AssertionError("a specification is never called")


@hookspec
def topbar(env: Environment) -> list[str]:
    """Give parts of every page, as HTML, that stand in the bar at its top."""
    raise AssertionError("a specification is never called")


@hookspec
def account_parts(env: Environment) -> list[str]:
    """Give parts of the page My account, as HTML, with what a user decides for oneself."""
    raise AssertionError("a specification is never called")


@hookspec
def after_install(env: Environment) -> None:
    """Act once when the addon has been installed and its data loaded, in the same transaction."""


@hookspec
def after_upgrade(env: Environment, former: str) -> None:
    """Act once when the addon was brought up from the version `former`: after its migrations, before the commit."""
