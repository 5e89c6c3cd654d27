"""Visits: noted, done, and seen by whom they concern."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import Invalid
from core.testing import MakeInstance

ADDONS = Path(__file__).resolve().parents[2]


def test_a_visit_is_noted_and_done(make_instance: MakeInstance) -> None:
    instance = make_instance("visits", addons_path=[ADDONS])
    with instance.environment() as env:
        mill = env["res.partner"].create(name="Mill", city="Leith")
        visit = env["visits.visit"].create(purpose="Look around", partner=mill, day="2026-03-02")
        env["visits.visit"].call([visit], "mark_done")
        found = env["visits.visit"].read("partner.name == 'Mill'", ["city", "done"])
        assert found == [{"city": "Leith", "done": True}]
        with pytest.raises(Invalid, match="no less than no time"):
            env["visits.visit"].create(purpose="Odd", partner=mill, day="2026-03-02", hours=-1)


def test_salespeople_see_their_own(make_instance: MakeInstance) -> None:
    instance = make_instance("visits", addons_path=[ADDONS])
    with instance.environment() as env:
        users = env["res.users"]
        ann, bo = (users.create(login=name, name=name, groups=[env.ref("crm.own")]) for name in ("ann", "bo"))
        mill = env["res.partner"].create(name="Mill")
        env["visits.visit"].create(purpose="Look around", partner=mill, day="2026-03-02", user=ann)
        seen = [env.as_user(user.id)["visits.visit"].count("") for user in (ann, bo)]
    assert seen == [1, 0]
