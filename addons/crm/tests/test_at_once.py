"""Two people who work on the same leads at the same moment: what one decides by is not changed under it."""

import threading

import pytest

from addons.crm.conversion import customers
from addons.crm.models import lead_merge
from core import AccessDenied, NotFound


@pytest.fixture
def two(instance):
    with instance.environment() as env:
        rows = env["crm.lead"].create_many([{"name": "One", "type": "lead"}, {"name": "Two", "type": "lead"}])
        return [row.id for row in rows]


def typed_meanwhile(instance, id_):
    """Somebody who types another telephone number; it is committed once nothing is in the way."""

    def work():
        with instance.environment() as env:
            env["crm.lead"].write(id_, phone="999")
        instance.database.release()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_locked_record_waits_for_the_end_of_the_transaction(instance, two):
    with instance.environment() as env:
        env["crm.lead"].lock(two)
        thread = typed_meanwhile(instance, two[0])
        thread.join(0.3)
        assert thread.is_alive()
        assert env["crm.lead"].read_ids([two[0]], ["phone"])[two[0]]["phone"] is None
    thread.join(15)
    with instance.environment() as env:
        assert env["crm.lead"].read_ids([two[0]], ["phone"])[two[0]]["phone"] == "999"


def test_what_is_typed_between_plan_and_merge_is_not_overwritten(instance, two, monkeypatch):
    threads, planned = [], lead_merge.plan_merge

    def plan(env, ids, **others):
        found = planned(env, ids, **others)
        threads.append(typed_meanwhile(instance, found.survivor))
        threads[0].join(0.3)
        return found

    monkeypatch.setattr(lead_merge, "plan_merge", plan)
    with instance.environment() as env:
        survivor = env["crm.lead"].call(two, "merge").id
    threads[0].join(15)
    with instance.environment() as env:
        assert env["crm.lead"].read_ids([survivor], ["phone"])[survivor]["phone"] == "999"


def test_only_what_one_may_change_is_locked(instance, two):
    with instance.environment() as env:
        env["crm.lead"].write(two[0], user=instance.user_id("owner"))
        env["crm.lead"].write(two[1], user=instance.user_id("colleague"))
    with instance.environment("owner") as env:
        env["crm.lead"].lock([two[0]])
        with pytest.raises((AccessDenied, NotFound)):
            env["crm.lead"].lock(two)


def test_two_who_convert_make_one_customer(instance, two, monkeypatch):
    with instance.environment() as env:
        env["crm.lead"].write(two, email_from="ann@acme.com")
    threads, made = [], customers.create_customers

    def other():
        with instance.environment() as env:
            env["crm.lead"].call([two[1]], "convert")
        instance.database.release()

    def create(*arguments, **named):
        if not threads:
            threads.append(threading.Thread(target=other))
            threads[0].start()
            threads[0].join(0.5)
        return made(*arguments, **named)

    monkeypatch.setattr(customers, "create_customers", create)
    with instance.environment() as env:
        env["crm.lead"].call([two[0]], "convert")
    threads[0].join(15)
    with instance.environment() as env:
        assert env["res.partner"].count("email_normalized == 'ann@acme.com'") == 1
        assert len({row["partner"] for row in env["crm.lead"].read_ids(two, ["partner"]).values()}) == 1
