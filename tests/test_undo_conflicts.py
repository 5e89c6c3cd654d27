"""Undo of what others have built upon since: what stays keeps what it needs, and nobody learns what is hidden."""

import threading

import pytest

from addons.crm.tests.conftest import add_users
from core import Link
from core.errors import Invalid, Refusal, StaleVersion
from core.records import undo as undoing
from core.records.history import timeline
from core.records.undo import UndoConflict, undo


@pytest.fixture
def instance(make_instance):
    return make_instance("crm", prepare=add_users)


def done(instance, act, user=None):
    """What a unit of work gave, and its change set."""
    with instance.environment(user, superuser=user is None) as env:
        return act(env), env.change_set


def stored(instance, model, id_, *names):
    with instance.environment(superuser=True) as env:
        values = env[model].read_ids([id_], names).get(id_)
    return values and tuple(values[name] for name in names)


def reasons(report):
    return sorted((each.model, each.id, each.field) for each in report.conflicts)


def undone(instance, change_set, user=None):
    with instance.environment(user, superuser=user is None) as env:
        return undo(env, change_set, skip_conflicts=True)


def imported(env):
    partner = env["res.partner"].create(name="Acme", is_company=True).id
    stage = env["crm.stage"].create(name="Handshake").id
    return partner, stage, env["crm.lead"].create(name="Deal", partner=partner, stage=stage).id


def test_what_stays_keeps_what_it_refers_to(instance):
    (partner, stage, lead), change_set = done(instance, imported)
    done(instance, lambda env: env["crm.lead"].write(lead, name="Worked on"))
    report = undone(instance, change_set)
    assert reasons(report) == [("crm.lead", lead, ""), ("crm.stage", stage, ""), ("res.partner", partner, "")]
    assert stored(instance, "crm.lead", lead, "name", "partner", "stage") == ("Worked on", partner, stage)


def test_a_restored_record_needs_what_its_own_is_restored_upon(instance):
    def family(env):
        ids = []
        for name in ("Group", "Company", "Branch"):
            ids.append(env["res.partner"].create(name=name, is_company=True, parent=ids[-1] if ids else None).id)
        return ids

    (group, company, branch), _change_set = done(instance, family)
    _none, change_set = done(instance, lambda env: env["res.partner"].delete([company, branch]))
    done(instance, lambda env: env["res.partner"].delete([group]))
    assert reasons(undone(instance, change_set)) == [
        ("res.partner", company, "parent"),
        ("res.partner", branch, "parent"),
    ]


def test_a_created_tag_that_was_used_since_stays(instance):
    tag, change_set = done(instance, lambda env: env["crm.tag"].create(name="Fair").id)
    lead, _later = done(instance, lambda env: env["crm.lead"].create(name="Deal", tags=[tag]).id)
    assert reasons(undone(instance, change_set)) == [("crm.tag", tag, "")]
    assert stored(instance, "crm.lead", lead, "tags") == ([tag],)


def test_a_created_tag_goes_with_the_links_of_its_own_set(instance):
    lead, _before = done(instance, lambda env: env["crm.lead"].create(name="Deal").id)

    def tagged(env):
        tag = env["crm.tag"].create(name="Fair").id
        env["crm.lead"].write(lead, tags=Link(add=[tag]))
        return tag

    tag, change_set = done(instance, tagged)
    assert undone(instance, change_set).conflicts == []
    assert stored(instance, "crm.tag", tag, "name") is None


def test_a_name_that_was_taken_since_is_a_conflict(instance):
    tag, _before = done(instance, lambda env: env["crm.tag"].create(name="Fair").id)
    _none, deleted = done(instance, lambda env: env["crm.tag"].delete([tag]))
    other, _later = done(instance, lambda env: env["crm.tag"].create(name="Fair").id)
    assert reasons(undone(instance, deleted)) == [("crm.tag", tag, "name")]
    _none, renamed = done(instance, lambda env: env["crm.tag"].write([other], name="Show"))
    done(instance, lambda env: env["crm.tag"].create(name="Fair"))
    assert reasons(undone(instance, renamed)) == [("crm.tag", other, "name")]
    assert stored(instance, "crm.tag", other, "name") == ("Show",)


def test_conflicts_do_not_tell_what_may_not_be_seen(instance):
    def hidden(env):
        (other,) = env["res.users"].read("login == 'colleague'", ["id"])
        return env["crm.lead"].create(name="Secret deal", user=other["id"], color=1).id

    lead, _before = done(instance, hidden)
    _none, change_set = done(instance, lambda env: env["crm.lead"].write(lead, color=3))
    done(instance, lambda env: env["crm.lead"].write(lead, color=4))
    with instance.environment("owner") as env, pytest.raises(UndoConflict) as caught:
        undo(env, change_set)
    (conflict,) = caught.value.report.conflicts
    assert (conflict.label, conflict.field, conflict.by) == (f"#{lead}", "", "")
    assert (conflict.now, conflict.back) == (None, None)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_nobody_changes_a_record_between_plan_and_undo(instance, monkeypatch):
    lead, _before = done(instance, lambda env: env["crm.lead"].create(name="Deal", color=1).id)
    _none, change_set = done(instance, lambda env: env["crm.lead"].write(lead, color=2))
    apply = undoing._apply
    others = []

    def meanwhile(*arguments):
        other = threading.Thread(target=lambda: done(instance, lambda env: env["crm.lead"].write(lead, color=9)))
        other.start()
        others.append(other)
        other.join(0.5)
        apply(*arguments)

    monkeypatch.setattr(undoing, "_apply", meanwhile)
    undone(instance, change_set)
    others[0].join(10)
    assert stored(instance, "crm.lead", lead, "color") == (9,)


def test_one_record_twice_in_a_batch_is_written_once(instance):
    lead, _before = done(instance, lambda env: env["crm.lead"].create(name="Deal", color=1).id)
    done(instance, lambda env: env["crm.lead"].write_many([(lead, {"color": 2, "ref": "x"}), (lead, {"color": 1})]))
    assert stored(instance, "crm.lead", lead, "color", "ref", "version") == (1, "x", 2)
    done(instance, lambda env: env["crm.lead"].write([lead, lead], color=5))
    assert stored(instance, "crm.lead", lead, "color", "version") == (5, 3)


def test_links_that_may_not_be_seen_stay(instance):
    def prepared(env):
        tags = [env["crm.tag"].create(name=name).id for name in ("public", "secret")]
        env["core.rule"].create(
            name="Public", model="crm.tag", condition="name != 'secret'", groups=[env.ref("crm.own").id]
        )
        return tags, env["crm.lead"].create(name="Deal", user=None, tags=tags).id

    (tags, lead), _before = done(instance, prepared)

    def save(env):
        assert env["crm.lead"].read_ids([lead], ["tags"])[lead]["tags"] == tags[:1]
        env["crm.lead"].write(lead, tags=[])

    done(instance, save, "owner")
    assert stored(instance, "crm.lead", lead, "tags") == (tags[1:],)


def test_first_values_come_from_nothing_hidden(instance):
    def hidden(env):
        currency = env["res.currency"].search("", limit=1)[0]
        company = env["res.company"].create(name="Other", currency=currency)
        return env["res.partner"].create(name="Secret", email="secret@x.example", company=company).id

    partner, _before = done(instance, hidden)
    with instance.environment("owner") as env:
        with pytest.raises(Invalid):
            env["crm.lead"].create(name="Deal", partner=partner)
        begins = env["crm.lead"].defaults({"partner": partner})
    assert begins["partner"] is None and "secret@x.example" not in map(str, begins.values())


def test_history_names_what_was_referred_to_once_only_to_those_who_may_know(instance):
    def hidden(env):
        currency = env["res.currency"].search("", limit=1)[0]
        company = env["res.company"].create(name="Other", currency=currency)
        partners = [env["res.partner"].create(name=name, company=company).id for name in ("Former", "Present")]
        return env["crm.lead"].create(name="Deal", user=None, partner=partners[0]).id, partners

    (lead, (former, present)), _before = done(instance, hidden)
    done(instance, lambda env: env["crm.lead"].write(lead, partner=present))
    for user, old in (("owner", f"#{former}"), (None, "Former")):
        with instance.environment(user, superuser=user is None) as env:
            changed, _created = timeline(env, "crm.lead", lead)
        (partner,) = [each for each in changed.changes if each.name == "partner"]
        assert (partner.old_text, partner.new_text) == (old, "Present")


def test_a_sum_beyond_64_bits_is_refused_on_both_engines(instance):
    done(instance, lambda env: env["crm.lead"].create_many([{"name": "Big", "expected_revenue": 9 * 10**14}] * 3))
    with instance.environment(superuser=True) as env, pytest.raises(Refusal, match="too large"):
        env["crm.lead"].aggregate("", measures=["expected_revenue:sum"])


def test_a_record_changed_since_is_not_deleted(instance):
    lead, _before = done(instance, lambda env: env["crm.lead"].create(name="Deal").id)
    done(instance, lambda env: env["crm.lead"].write(lead, name="Changed"))
    with pytest.raises(StaleVersion), instance.environment(superuser=True) as env:
        env["crm.lead"].delete([lead], version=1)
    done(instance, lambda env: env["crm.lead"].delete([lead], version=2))
    assert stored(instance, "crm.lead", lead, "name") is None


def test_a_key_of_several_fields_that_was_taken_since_is_a_conflict(instance):
    def states(env):
        country = env["res.country"].search("code == 'NL'")[0].id
        return country, env["res.country.state"].create(name="Here", code="XA", country=country).id

    (country, state), _before = done(instance, states)
    _none, renamed = done(instance, lambda env: env["res.country.state"].write([state], code="XB"))
    done(instance, lambda env: env["res.country.state"].create(name="There", code="XA", country=country))
    assert reasons(undone(instance, renamed)) == [("res.country.state", state, "code")]
