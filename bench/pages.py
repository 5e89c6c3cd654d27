"""Pages of the client, by the time the server takes: at 10,000 leads against very many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import cycle

from flask.testing import FlaskClient

from bench.leads import seller
from bench.timing import Figure, compare
from core.addon.instance import Instance
from core.records.runtime import utc_now
from core.security import sessions
from core.web.app import create_app
from core.web.identity import SESSION_COOKIE

ROUNDS = 25
ORDERS = {"default order": "", "indexed order": "&order=-expected_revenue"}


def compare_sizes(few: Instance, many: Instance, sizes: str) -> list[Figure]:
    """Pages as one salesperson sees them at both sizes, turn by turn: the first page, and one far behind."""
    clients = [(_client(instance), instance) for instance in (many, few)]
    figures = []
    for name, order in ORDERS.items():
        figures.append(_page(f"list, first page, {name}: {sizes}", clients, f"?view=list{order}"))
        asked = order.partition("=")[2] or None
        far = [f"?view=list{order}&after={_cursor(instance, asked)}" for _client, instance in clients]
        figures.append(_page(f"list, page far behind, {name}: {sizes}", clients, *far))
    figures.append(_page(f"board, cards: {sizes}", clients, "?view=board"))
    return figures


def _page(name: str, clients: Sequence[tuple[FlaskClient, Instance]], *queries: str) -> Figure:
    ours, raw = (
        partial(_get, client, f"/app/crm.lead{query}")
        for (client, _instance), query in zip(clients, cycle(queries), strict=False)
    )
    return compare(name, ours, raw, rounds=ROUNDS, limit=1.5)


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


def _get(client: FlaskClient, address: str) -> None:
    answer = client.get(address, buffered=True)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
