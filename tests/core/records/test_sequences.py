"""Running numbers: what they look like, that none is given twice, what a rollback does to them, who waits for whom."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE

import pytest

from core.errors import DatabaseBusy, Invalid, NotFound

PROGRAM = Path(__file__).with_name("numbering.py")


@pytest.fixture
def site(make_instance):
    return make_instance("crm", clock=False)


@pytest.fixture
def make(site):
    def made(**values) -> int:
        with site.environment() as env:
            return env["core.sequence"].create(name="Quotations", **values).id

    return made


def take(site, sequence, count=1):
    with site.environment() as env:
        return env.next_numbers(sequence, count)


def at(site, *moment):
    site.runtime.clock = lambda: datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize("gapless", [False, True])
def test_numbers_go_on(site, make, gapless):
    sequence = make(gapless=gapless, prefix="Q-", suffix="/A", padding=4, start=7, step=5)
    assert take(site, sequence) == ["Q-0007/A"]
    with site.environment() as env:
        assert env.next_number(sequence) == "Q-0012/A"
        assert env.next_numbers(sequence, 3) == ["Q-0017/A", "Q-0022/A", "Q-0027/A"]
        assert env.next_numbers(sequence, 0) == []
    assert take(site, sequence) == ["Q-0032/A"]


def test_dates_are_those_of_the_company(site, make):
    sequence = make(prefix="%(year)s-%(y)s-%(quarter)s-%(month)s-%(week)s-%(day)s-%", per_year=True)
    at(site, 2026, 12, 31, 20)
    assert take(site, sequence) == ["2026-26-4-12-53-31-%1"]
    with site.environment() as env:
        env["res.company"].write([env.company], tz="Asia/Tokyo")
        env["res.users"].write([env.user], tz="America/New_York")
    assert take(site, sequence) == ["2027-27-1-01-53-01-%1"]
    at(site, 2027, 3, 1)
    assert take(site, sequence) == ["2027-27-1-03-09-01-%2"]
    at(site, 2026, 6, 1)
    assert take(site, sequence) == ["2026-26-2-06-23-01-%2"]


def test_each_company_counts_for_itself(site, make):
    alone, together = make(per_company=True), make()
    with site.environment() as env:
        other = env["res.company"].create(name="Other", currency=env["res.currency"].search("")[0])
        elsewhere = env.with_company(other.id)
        assert [env.next_number(alone), elsewhere.next_number(alone), env.next_number(alone)] == ["1", "1", "2"]
    assert take(site, together) == ["1"]
    with site.environment() as env:
        assert env.with_company(other.id).next_number(together) == "2"


def test_a_gapless_number_comes_back(site, make):
    sequence = make(gapless=True)
    with pytest.raises(ZeroDivisionError), site.environment() as env:
        assert env.next_number(sequence) == "1"
        raise ZeroDivisionError
    with site.environment() as env:
        with pytest.raises(ZeroDivisionError), env.savepoint():
            assert env.next_number(sequence) == "1"
            raise ZeroDivisionError
        assert env.next_number(sequence) == "1"
    assert take(site, sequence) == ["2"]


def test_a_fast_number_is_never_given_twice(site, make, engine):
    sequence = make()
    take(site, sequence)
    with pytest.raises(ZeroDivisionError), site.environment() as env:
        assert env.next_number(sequence) == "2"
        raise ZeroDivisionError
    assert take(site, sequence) == (["3"] if engine == "postgresql" else ["2"])


def test_a_sequence_of_the_same_transaction_counts(site):
    with site.environment() as env:
        sequence = env["core.sequence"].create(name="New")
        assert [env.next_number(sequence.id) for _each in range(3)] == ["1", "2", "3"]
    assert take(site, sequence.id) == ["4"]


@pytest.mark.parametrize("gapless", [False, True])
def test_threads_never_get_the_same(site, make, gapless):
    sequence = make(gapless=gapless)
    found, lock = [], threading.Lock()

    def work() -> None:
        for _each in range(10):
            numbers = take(site, sequence, 2)
            with lock:
                found.extend(numbers)

    threads = [threading.Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, found)) == list(range(1, 81))


@pytest.mark.slow
@pytest.mark.parametrize("gapless", [True, False])
def test_processes_never_get_the_same(site, make, gapless, engine):
    sequence = make(gapless=gapless)
    command = [sys.executable, str(PROGRAM), site.database.url, str(sequence), "50"]
    processes = [subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) for _each in range(2)]
    try:
        assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        given = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    numbers = [[int(number) for number in each] for each in given]
    assert [len(each) for each in numbers] == [50, 50] and all(each == sorted(each) for each in numbers)
    found = sorted(numbers[0] + numbers[1])
    assert len(set(found)) == 100
    if gapless or engine == "sqlite":  # there a fast number belongs to its transaction, too
        assert found == list(range(1, 101))
    else:
        assert found[-1] == 120  # those of the twenty that were taken back are gone, and none beside


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_wants_a_fast_number_never_waits_and_who_wants_a_gapless_one_does(site, make):
    fast, gapless = make(), make(gapless=True)
    found: list[str] = []
    with site.environment() as env:
        assert [env.next_number(fast), env.next_number(gapless)] == ["1", "1"]
        quick = threading.Thread(target=lambda: found.extend(take(site, fast)))
        quick.start()
        quick.join(10)
        assert found == ["2"]
        waiting = threading.Thread(target=lambda: found.extend(take(site, gapless)))
        waiting.start()
        waiting.join(0.3)
        assert found == ["2"]
    waiting.join(10)
    assert found == ["2", "2"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_what_would_wait_for_its_own_thread_is_refused(site, make, monkeypatch):
    monkeypatch.setattr("core.database.database._NO_LONG_WAIT", "SET lock_timeout = '200ms'")
    sequence = make(gapless=True)
    with pytest.raises(DatabaseBusy), site.environment() as env:
        env.next_number(sequence)
        env["core.sequence"].write([sequence], gapless=False)
        env.next_number(sequence)


def test_a_sequence_is_found_by_its_external_id(site, make):
    sequence = make(prefix="L")
    with site.environment() as env:
        env.sudo()["core.external_id"].create(addon="crm", name="sequence_lead", model="core.sequence", record=sequence)
        assert env.next_number("crm.sequence_lead") == "L1"
        for unknown in ("crm.sequence_other", "nothing", 999_999):
            with pytest.raises(NotFound, match="There is no sequence"):
                env.next_number(unknown)


@pytest.mark.parametrize(
    ("field", "value"),
    [("prefix", "%(yaer)s"), ("suffix", "%(year"), ("padding", 19), ("padding", -1), ("step", 0), ("start", -1)],
)
def test_what_makes_no_number_is_refused(site, field, value):
    with pytest.raises(Invalid) as refused, site.environment() as env:
        env["core.sequence"].create(name="Wrong", **{field: value})
    assert refused.value.errors[0].field == field


def test_an_administrator_sets_a_counter(site, make):
    sequence = make()
    take(site, sequence)
    with site.environment() as env:
        env["core.sequence_counter"].write(env["core.sequence_counter"].search(""), value=99)
    assert take(site, sequence) == ["100"]
    with site.environment() as env:
        env["core.sequence"].delete([sequence])
        assert env["core.sequence_counter"].count("") == 0
