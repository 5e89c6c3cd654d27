"""What belongs to a team, a reason, a campaign: counted on its form, listed behind the number."""

import html
import re

import pytest

CASES = {
    "team": ("crm.team", [("Open opportunities", "2"), ("Unassigned", "1")]),
    "lost_reason": ("crm.lost.reason", [("Lost", "1")]),
    "campaign": ("utm.campaign", [("Leads and opportunities", "3")]),
    "source": ("utm.source", [("Leads and opportunities", "3")]),
    "medium": ("utm.medium", [("Leads and opportunities", "3")]),
}


@pytest.fixture
def targets(instance):
    """One record of each model, and three leads of all of them: one open, one of nobody, one lost for the reason."""
    with instance.environment(superuser=True) as env:
        made = {field: env[model].create(name="Counted").id for field, (model, _expected) in CASES.items()}
        reason = made["lost_reason"]
        common = {**made, "type": "opportunity", "user": instance.user_id("owner"), "lost_reason": None}
        env["crm.lead"].create_many(
            [
                {**common, "name": "Fleet one"},
                {**common, "name": "Fleet two", "user": None},
                {**common, "name": "Fleet three", "active": False, "probability": 0, "lost_reason": reason},
            ]
        )
        return made


@pytest.mark.parametrize("field", CASES)
def test_a_form_counts_and_lists_what_belongs_to_it(browser_of, targets, field):
    browser, (model, expected) = browser_of("boss"), CASES[field]
    text = browser.get(f"/app/{model}/{targets[field]}").text
    (nav,) = re.findall(r'<nav class="counters".*?</nav>', text, re.DOTALL)
    found = re.findall(r'href="([^"]+)"><svg.*?</svg>([^<]+)<span class="count">(\d+)', nav, re.DOTALL)
    assert [(label, count) for _address, label, count in found] == expected
    for address, _label, count in found:
        rows = browser.get(html.unescape(address)).text
        assert sum(f">{name}<" in rows for name in ("Fleet one", "Fleet two", "Fleet three")) == int(count)
