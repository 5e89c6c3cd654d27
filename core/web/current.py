"""What the gate prepared for the present request: its environment, who asks, its reference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from core.i18n import _
from core.model.context import current_environment
from core.records.environment import Environment
from core.security.sessions import SignedIn
from core.web.gate import KEPT_KEY, VISITOR_KEY
from core.web.identity import Visitor
from core.web.problems import NotSignedIn
from core.web.services import services


def visitor() -> Visitor:
    """The one behind the request, known or not."""
    found = request.environ.get(VISITOR_KEY)
    return found if isinstance(found, Visitor) else Visitor()


def who() -> SignedIn:
    """The user behind the request; raises NotSignedIn when nobody is known."""
    known = visitor().who
    if known is None:
        raise NotSignedIn(_("This needs somebody who is signed in."))
    return known


def name_work(text: str) -> None:
    """Say what the request does, before its first change: how the list of change sets calls it."""
    environment().unit.label = text


def record_address(model: str, id_: int) -> str:
    """The address of a record's page; where that page is being shown with its way back to a list, that goes with it."""
    path = f"/app/{model}/{id_}"
    return request.full_path.rstrip("?") if request.path == path else path


def keep_changes() -> None:
    """Commit although the answer is a refusal: an attempt that was refused is to be counted."""
    request.environ[KEPT_KEY] = True


def collect(hook: str, **arguments: object) -> list[object]:
    """What all addons give by a hook, in dependency order."""
    return [item for _addon, item in services().instance.plugins.collect(hook, **arguments)]


@contextmanager
def core_environment(label: str) -> Iterator[Environment]:
    """A unit of work of core itself, for what somebody asks who is not signed in; committed at its end."""
    with services().instance.runtime.open(user=None, superuser=True, kind="page", label=label) as env:
        yield env


def environment() -> Environment:
    """The environment of the request; raises NotSignedIn when nobody is known."""
    who()
    env = current_environment.get()
    assert isinstance(env, Environment)
    return env
