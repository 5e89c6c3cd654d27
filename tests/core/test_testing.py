"""The fixtures that core ships: databases of their own for each test, copies of prepared ones, nothing left open."""

from importlib.metadata import entry_points

import pytest

from core.addon.instance import Instance
from core.database import connect
from core.testbed.installed import installed

pytest_plugins = ("pytester",)

INSTALLED = any(point.value == "core.testing" for point in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "core.testing")


def test_a_prepared_database_is_made_once_and_copied(databases, engine):
    made = []

    def make(url: str) -> None:
        made.append(url)
        database = connect(url)
        with database.transaction(write=True):
            database.execute("CREATE TABLE note (name text)")
        database.close()

    first, second = (databases.copy(engine, "notes", make) for _ in range(2))
    assert len(made) == 1
    assert len({first, second, *made}) == 3
    database = connect(first)
    with database.transaction(write=True):
        database.execute("INSERT INTO note (name) VALUES ('x')")
    database.close()
    other = connect(second)
    assert other.fetch("SELECT count(*) FROM note") == [(0,)]
    other.close()
    databases.drop(first)
    databases.drop(second)


def test_databases_of_two_tests_are_not_the_same(databases, engine_url, engine):
    other = databases.fresh(engine)
    assert other != engine_url
    databases.drop(other)


@pytest.mark.parametrize(
    ("options", "expected"), [((), {"passed": 2}), (("--engine=sqlite",), {"passed": 1})], ids=["both", "sqlite"]
)
def test_a_test_runs_on_each_chosen_engine(pytester, options, expected):
    pytester.makepyfile("def test_it(engine): assert engine in ('sqlite', 'postgresql')")
    pytester.inline_run(*PLUGIN, *options).assertoutcome(**expected)


def test_an_environment_left_open_fails_the_test(pytester, monkeypatch, root):
    monkeypatch.setenv("PYTHONPATH", str(root))
    pytester.makepyfile(
        """
        from core.model.context import current_environment

        def test_it():
            current_environment.set(object())
        """
    )
    outcome = pytester.runpytest_subprocess(*PLUGIN)
    outcome.assert_outcomes(passed=1, errors=1)
    outcome.stdout.fnmatch_lines(["*an environment was left open*"])


def test_a_request_left_open_fails_the_test(pytester):
    pytester.makepyfile(
        """
        from core.logs import referring


        REQUEST = referring("7QK2-M4XD")


        def test_it():
            REQUEST.__enter__()
        """
    )
    outcome = pytester.runpytest_subprocess(*PLUGIN)
    outcome.assert_outcomes(passed=1, errors=1)
    outcome.stdout.fnmatch_lines(["*a request was left open*"])


def add_a_partner(env):
    env["res.partner"].create(name="Acme")


def opened(url, dial):
    return Instance.open(url, clock=dial)


def test_an_instance_is_lent_again_as_it_was(databases, instances, engine, clock):
    def lend(key="common"):
        return instances.lend((engine, key), lambda: installed(databases, engine, []), opened, clock)

    first = lend()
    with first.instance.environment() as env:
        add_a_partner(env)
        before = env["res.partner"].count()
    instances.take_back(first)
    second, other = lend(), lend("other")
    assert second.instance is first.instance and other.instance is not first.instance
    with second.instance.environment() as env:
        assert env["res.partner"].count() == before - 1
        assert env.now() == clock()
        env["core.view"].create(name="x", model="res.partner", type="search", arch="<search/>")
    instances.take_back(second)
    third = lend()
    assert third.instance is not first.instance, "its views were changed"
    third.instance.close()
    instances.take_back(third)
    instances.take_back(other)
    fourth = lend("other")
    assert fourth.instance is other.instance
    instances.take_back(fourth)


def test_what_an_instance_kept_of_the_rights_of_one_test_is_not_taken_for_those_of_the_next(
    databases, instances, engine, clock
):
    for _test in range(3):
        lent = instances.lend((engine, "rights"), lambda: installed(databases, engine, []), opened, clock)
        with lent.instance.environment() as env:
            assert env["res.partner"].count() > 0
            env["core.rule"].create(name="None of them", model="res.partner", condition="id == 0")
        with lent.instance.environment() as env:
            assert env["res.partner"].count() == 0
        instances.take_back(lent)
