"""What sales tells of a customer: open deals are planned, closed ones were done."""

from addons.crm.history import entries


def test_deals_of_a_customer(env, leads):
    customer, other = env["res.partner"].create_many([{"name": "Acme", "is_company": True}, {"name": "Other"}])
    child = env["res.partner"].create(name="Person", parent=customer)
    common = {"type": "opportunity", "partner": customer}
    leads.create_many(
        [
            {**common, "name": "Open", "date_deadline": "2026-04-01"},
            {**common, "name": "Late", "date_deadline": "2026-02-01", "partner": child},
            {**common, "name": "Some day", "type": "lead"},
            {**common, "name": "Not theirs", "partner": other},
        ]
    )
    won, lost = leads.create_many([{**common, "name": "Won"}, {**common, "name": "Lost"}])
    leads.call([won.id], "mark_won")
    leads.call([lost.id], "mark_lost")
    told = {entry.title: entry for entry in entries(env, [customer.id, child.id])}
    assert told.keys() == {"Open", "Late", "Some day", "Won", "Lost"}
    assert {title for title, entry in told.items() if entry.planned} == {"Open", "Late"}
    assert told["Late"].late and not told["Open"].late
    assert (told["Won"].note, told["Lost"].note) == ("won", "lost")
    assert told["Some day"].kind == "Lead"
