"""The job that scores leads, its settings, and databases from before there was scoring."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

import cli
from addons.crm.models.learning import SCORING_FIELDS, SCORING_START, usable_fields
from addons.crm.models.scoring import FREQUENCIES, count_closed
from addons.crm.scoring.job import score_leads
from core import Invalid


def test_the_job_leaves_no_history(instance, work_off, switch):
    with instance.environment() as env:
        switch(env)
        rows = env["crm.lead"].create_many([{"name": "One"}, {"name": "Two"}, {"name": "Three"}])
        env["crm.lead"].call(rows[:1], "mark_won")
        env["crm.lead"].call(rows[1:2], "mark_lost")
    with instance.environment() as env:
        before = env["core.change_set"].count()
        env.sudo()["crm.lead"].follow([(rows[2].id, {"learned_probability": 3.0, "probability": 3.0})])
    assert work_off() == 1
    with instance.environment() as env:
        assert env["crm.lead"].get(rows[2].id).probability == 50
        assert env["core.change_set"].count() == before
        assert env["core.job"].read("", ["name", "state"]) == [{"name": "crm.score_leads", "state": "done"}]


def test_the_job_goes_on_where_it_was(env, leads, closed, stored, monkeypatch):
    monkeypatch.setattr("addons.crm.scoring.job.BATCH", 2)
    rows = leads.create_many([{"name": f"Deal {n}"} for n in range(5)])
    leads.follow([(row.id, {"probability": 1.0, "learned_probability": 1.0}) for row in rows])
    step, seen = score_leads(env.sudo(), None), []
    while step is not None:
        seen.append((step.done, step.total))
        step = score_leads(env.sudo(), step.marker)
    assert seen == [(0, 9), (2, 9), (4, 9), (6, 9), (8, 9), (9, 9)]
    assert {stored(row, "probability") for row in rows} == {(44.57,)}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (SCORING_FIELDS, "source,contry", "'contry' is no field of a lead that can be scored. Did you mean 'country'?"),
        (SCORING_FIELDS, "description", "'description' is no field"),
        (SCORING_FIELDS, "lost_reason", "'lost_reason' is no field"),
        (SCORING_START, "yesterday", "Give a day"),
        (SCORING_START, "2026-02-30", "Give a day"),
    ],
)
def test_settings_that_cannot_be_are_refused(env, key, value, said):
    with pytest.raises(Invalid, match=said.replace("?", r"\?")):
        env["core.setting"].create(key=key, value=value)


def test_fields_that_can_be_scored(env):
    usable = usable_fields(env)
    assert {"state", "country", "source", "lang", "tags", "email_state", "phone_state", "user", "type"} <= set(usable)
    assert not {
        "name",
        "stage",
        "team",
        "lost_reason",
        "active",
        "probability",
        "won_status",
        "expected_revenue",
    } & set(usable)


def test_other_stages_have_everything_scored_anew(instance, work_off, stage_ids, switch):
    def change(**values):
        with instance.environment() as env:
            env["crm.stage"].write(stage_ids["new"], **values)
        return work_off()

    assert change(sequence=2) == 0, "while it is off"
    with instance.environment() as env:
        switch(env)
    assert work_off() == 1
    assert change(sequence=3) == 1
    assert change(fold=True) == 0


def test_a_database_of_a_version_without_scoring_is_upgraded(instance, switch, work):
    """As 0.2.1 left it: no column, no table, no right."""
    with instance.environment() as env:
        typed, plain = (
            row.id for row in env["crm.lead"].create_many([{"name": "A", "probability": 42}, {"name": "B"}])
        )
        env["crm.lead"].call([env["crm.lead"].create(name="C")], "mark_won")
    with instance.database.transaction(write=True):
        for text in (
            "ALTER TABLE crm_lead DROP COLUMN learned_probability",
            "DROP TABLE crm_lead_scoring_frequency",
            "DELETE FROM core_owned WHERE substr(name, 1, 16) = 'crm_lead_scoring'",
            "DELETE FROM core_owned WHERE name = 'crm_lead.learned_probability'",
            "DELETE FROM core_shipped WHERE external_id IN"
            " (SELECT id FROM core_external_id WHERE name = 'access_scoring_own')",
            "DELETE FROM core_owned WHERE name = 'crm.access_scoring_own'",
            "DELETE FROM core_external_id WHERE name = 'access_scoring_own'",
            f"DELETE FROM core_access WHERE model = '{FREQUENCIES}'",
            "UPDATE core_addon SET installed_version = '0.2.1' WHERE name = 'crm'",
        ):
            instance.database.execute(text)
    instance.close()
    result = CliRunner().invoke(cli.main, ["addon", "upgrade", "--db", instance.database.url])
    assert result.exit_code == 0, result.output
    with instance.environment() as env:
        found = env["crm.lead"].read_ids([typed, plain], ["probability", "automated_probability"])
        assert [row["probability"] for row in found.values()] == [42, 10]
        assert [row["automated_probability"] for row in found.values()] == [10, 10]
        env["crm.lead"].call([env["crm.lead"].create(name="D")], "mark_lost")
        switch(env)
        work(env)
        assert env["crm.lead"].get(plain).learned_probability == 50
        assert env["crm.lead"].get(typed).probability == 42


def test_switching_off_gives_the_stages_probability_back(env, leads, closed, stage, team, stored, switch, work):
    followed = leads.create(name="Deal", team=team, stage=stage("qualified"))
    typed = leads.create(name="Deal", team=team, probability=42)
    switch(env, "")
    work(env)
    assert stored(followed, "probability", "learned_probability", "automated_probability") == (30, None, 30)
    assert stored(typed, "probability", "learned_probability") == (42, None)
    assert work(env) == 0


def test_leads_that_were_there_are_scored_by_the_job(env, leads, closed, stage, sources, team, stored, switch, work):
    switch(env, "")
    lead = leads.create(name="Old", team=team, source=sources[0], stage=stage("qualified"))
    assert stored(lead, "probability") == (30,)
    switch(env)
    env.sudo()[FREQUENCIES].delete([row["id"] for row in env[FREQUENCIES].read("", ["id"], limit=2)])
    assert work(env) == 2
    assert stored(lead, "probability", "learned_probability") == (82.19, 82.19)


def test_nobody_is_forgotten_when_several_close_leads_at_once(instance, switch):
    with instance.environment() as env:
        switch(env)
        source = env["utm.source"].create(name="Shop").id
        rows = env["crm.lead"].create_many([{"name": "Deal", "source": source} for _each in range(24)])
        ids = [row.id for row in rows]
        env["crm.lead"].call(ids[:1], "mark_won")

    def close(some):
        for id_ in some:
            with instance.environment() as env:
                env["crm.lead"].call([id_], "mark_won" if id_ % 2 else "mark_lost")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(close, ids[start::4]) for start in range(1, 5)]:
            done.result()
    with instance.environment() as env:
        assert env["crm.lead"].count("active or not active") == 24
        counted = count_closed(env)
        rows = env[FREQUENCIES].read("", ["team", "variable", "value", "won_count", "lost_count"])
        kept = {(row["team"], row["variable"], row["value"]): (row["won_count"], row["lost_count"]) for row in rows}
        assert len(kept) == len(rows)
        for key, count in counted.items():
            assert kept[key] == pytest.approx((count.won + 0.1, count.lost + 0.1))
