"""Pages of the client, by the time the server takes: at 10,000 leads against very many."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from datetime import timedelta

from flask.testing import FlaskClient

from bench.leads import seller
from bench.timing import Figure
from core.addon.instance import Instance
from core.records.runtime import utc_now
from core.security import sessions
from core.web.app import create_app
from core.web.identity import SESSION_COOKIE

ROUNDS = 15
ORDERS = {"default order": "", "indexed order": "&order=-expected_revenue"}


def times(instance: Instance) -> dict[str, float]:
    """Microseconds by kind of page, as one salesperson sees it: the first page, and one far behind."""
    client = _client(instance)
    found = {
        f"list, first page, {name}": _median(client, f"/app/crm.lead?view=list{order}")
        for name, order in ORDERS.items()
    }
    for name, order in ORDERS.items():
        after = _cursor(instance, order.partition("=")[2] or None)
        found[f"list, page far behind, {name}"] = _median(client, f"/app/crm.lead?view=list{order}&after={after}")
    found["board, cards"] = _median(client, "/app/crm.lead?view=board")
    return found


def compare_sizes(few: Mapping[str, float], many: Mapping[str, float], count: int) -> list[Figure]:
    """Times at `count` leads against those at 10,000."""
    return [Figure(f"{name}: {count:,} / 10,000", many[name], few[name], 1.5) for name in few]


def _client(instance: Instance) -> FlaskClient:
    """A browser of the salesperson, signed in."""
    app = create_app(instance)
    token = sessions.start(instance.database, seller(instance), now=utc_now(), life=timedelta(hours=4))
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, token)
    return client


def _cursor(instance: Instance, order: str | None) -> str:
    """The cursor behind the salesperson's first five hundred leads."""
    with instance.runtime.open(user=seller(instance), write=False) as env:
        return str(env["crm.lead"].page("", ["id"], order=order, limit=500).next)


def _median(client: FlaskClient, address: str) -> float:
    taken = []
    for _ in range(ROUNDS + 2):
        started = time.perf_counter()
        answer = client.get(address, buffered=True)
        taken.append((time.perf_counter() - started) * 1e6)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return statistics.median(taken[2:])
