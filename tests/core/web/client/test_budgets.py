"""How many statements a page costs, whatever the number of rows: session and user included, caches warm."""

import pytest

BUDGETS = {"/app/crm.lead": 5, "/app/crm.lead?group=stage": 5, "/app/crm.lead?q=many": 5, "/app/crm.lead?view=board": 6}


def statements(browser, instance, path):
    assert browser.get(path).status_code == 200
    with instance.database.counting() as counter:
        response = browser.get(path)
    assert response.status_code == 200
    return counter.statements


@pytest.mark.parametrize("rows", [0, 300])
@pytest.mark.parametrize(("path", "most"), BUDGETS.items())
@pytest.mark.parametrize("login", ["own", "admin"])
def test_pages_of_many_records(browser_of, instance, path, most, rows, login):
    with instance.environment() as env:
        partners = env["res.partner"].search("")
        tags = env["crm.tag"].create_many([{"name": f"Tag {number}"} for number in range(5)])
        env["crm.lead"].create_many(
            [
                {
                    "name": f"Many {number}",
                    "partner": partners[number % len(partners)].id,
                    "tags": [tags[number % 5].id],
                    "user": instance.user_id("own"),
                    "expected_revenue": number,
                }
                for number in range(rows)
            ]
        )
    found = statements(browser_of(login), instance, path)
    assert len(found) <= most, "\n".join(found)
