"""How the engines find the rows of a page: along an index, neither sorting nor reading everything."""

from __future__ import annotations

from typing import Any

import pytest

from addons.crm.tests.conftest import add_users

SLOW = ("enable_seqscan", "enable_sort", "enable_bitmapscan", "enable_incremental_sort")
ORDERS = ("-priority, -id", "date_deadline, id", "-expected_revenue, -id", "name, id")


def statements(database: Any, act: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What a call asks the database for."""
    asked: list[tuple[str, Any]] = []
    real = type(database).fetch

    def fetch(self: Any, sql: str, parameters: Any = ()) -> Any:
        asked.append((sql, parameters))
        return real(self, sql, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(type(database), "fetch", fetch)
        act()
    return asked


def plan(database: Any, sql: str, parameters: Any, off: tuple[str, ...] = SLOW) -> str:
    """The engine's plan; PostgreSQL shows what is `off` only where no index would do."""
    if database.engine == "sqlite":
        rows = database.fetch(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "\n".join(str(row[3]) for row in rows)
    for setting in off:
        database.execute(f"SET LOCAL {setting} = off")
    return "\n".join(str(row[0]) for row in database.fetch(f"EXPLAIN {sql}", parameters))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("deep", [False, True], ids=["first page", "deep page"])
def test_a_page_follows_an_index(make_instance: Any, monkeypatch: pytest.MonkeyPatch, order: str, deep: bool) -> None:
    instance = make_instance("crm", prepare=add_users)
    with instance.environment(superuser=True) as env:
        values = [
            {
                "name": f"Deal {number:04}",
                "priority": str(number % 4),
                "expected_revenue": number % 7 * 100 or None,
                "date_deadline": f"2026-{number % 12 + 1:02}-01" if number % 5 else None,
                "user": None,
            }
            for number in range(600)
        ]
        env["crm.lead"].create_many(values)
        env.database.execute("ANALYZE")
    with instance.environment("owner") as env:
        leads, after = env["crm.lead"], None
        for _page in range(4 if deep else 0):
            after = leads.page("", ["id", "name"], order=order, limit=80, after=after).next
        asked = statements(
            env.database, lambda: leads.page("", ["id", "name"], order=order, limit=80, after=after), monkeypatch
        )
        shown = [plan(env.database, sql, parameters) for sql, parameters in asked if "crm_lead" in sql]
    assert shown
    for text in shown:
        # A deep page puts the few rows of its branches in order; no branch may sort its own.
        inner = text.replace("SCAN page\nUSE TEMP B-TREE FOR ORDER BY", "")
        inner = inner.partition("Append")[2] if "Append" in inner else inner
        assert "TEMP B-TREE FOR ORDER BY" not in inner and "Sort" not in inner, text
        reads_all = [line for line in text.splitlines() if line.startswith("SCAN") and "INDEX" not in line]
        reads_all = [line for line in reads_all if "crm_lead" in line or line.split()[1] == "t"]
        assert not reads_all and "Seq Scan on crm_lead" not in text, text


def test_similar_leads_are_looked_up_in_indexes(make_instance: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make_instance("crm", prepare=add_users)
    with instance.environment(superuser=True) as env:
        partners = env["res.partner"].create_many([{"name": f"Partner {n}", "is_company": True} for n in range(500)])
        values = [
            {"name": f"Deal {n}", "email_from": f"a@d{n // 2}.example", "phone": f"+336123{n // 2:05}"}
            for n in range(2000)
        ]
        for number, each in enumerate(values):
            each["partner"] = partners[number // 4]
        lead, *_others = env["crm.lead"].create_many(values)
        env.database.execute("ANALYZE")
        asked = statements(env.database, lambda: env["crm.lead"].call([lead.id], "similar"), monkeypatch)
        (text,) = [
            plan(env.database, sql, parameters, ("enable_seqscan",)) for sql, parameters in asked if "UNION" in sql
        ]
    for column in ("email_domain_id", "partner_id", "phone_e164"):
        assert f"crm_lead_{column}_index" in text, text
    assert "SCAN t\n" not in text and "Seq Scan on crm_lead" not in text, text
