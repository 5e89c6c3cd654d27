"""What is worked out of models declared `cached`: kept until one of their records changes, in any unit and process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from core.model.registry import Registry
from core.records.environment import Environment
from core.records.runtime import Runtime
from core.records.undo import undo

Opener = Callable[..., AbstractContextManager[Environment]]


def names(env: Environment) -> tuple[str, ...]:
    return tuple(tag["name"] for tag in env["t.tag"].read("", ["name"]))


def test_a_second_asking_takes_no_statement(open_env: Opener) -> None:
    with open_env() as env:
        env["t.tag"].create(name="a")
    with open_env() as env:
        assert env.cached(names) == ("a",)
    with open_env(superuser=False) as env, env.database.counting() as counter:
        assert env.cached(names) == ("a",), "worked out without the rights of whoever asks"
    assert counter.statements == []


@pytest.mark.parametrize("change", ["create", "write", "delete", "undo"])
def test_a_changed_record_outdates_it_at_once_and_everywhere(
    open_env: Opener, registry: Registry, admin: int, change: str
) -> None:
    with open_env() as env:
        tag = env["t.tag"].create(name="a").id
        env["t.tag"].write(tag, name="b")
        change_set = env.change_set
    assert change_set is not None
    other = Runtime(registry)
    for opened in (open_env(), other.open(user=admin, superuser=True)):
        with opened as env:
            assert env.cached(names) == ("b",)
    with open_env() as env:
        expected = {
            "create": lambda: env["t.tag"].create(name="c") and ("b", "c"),
            "write": lambda: env["t.tag"].write(tag, name="c") or ("c",),
            "delete": lambda: env["t.tag"].delete(tag) or (),
            "undo": lambda: undo(env, change_set) and (),
        }[change]()
        assert env.cached(names) == expected
    for opened in (open_env(), other.open(user=admin, superuser=True)):
        with opened as env:
            assert env.cached(names) == expected


def test_what_is_rolled_back_is_forgotten(open_env: Opener) -> None:
    with open_env() as env:
        env["t.tag"].create(name="a")
    with open_env() as env:
        with pytest.raises(ZeroDivisionError), env.savepoint():
            env["t.tag"].create(name="b")
            assert env.cached(names) == ("a", "b")
            raise ZeroDivisionError
        assert env.cached(names) == ("a",)
    with pytest.raises(ZeroDivisionError), open_env() as env:
        env["t.tag"].create(name="b")
        assert env.cached(names) == ("a", "b")
        raise ZeroDivisionError
    with open_env() as env:
        assert env.cached(names) == ("a",)


def test_a_reference_to_a_cached_record_takes_no_statement(open_env: Opener) -> None:
    with open_env() as env:
        tag = env["t.tag"].create(name="a").id
        env["t.deal"].create(name="first", tags=[tag])
        with env.database.counting() as counter:
            env["t.deal"].create(name="second", tags=[tag])
        assert [text for text in counter.statements if "FROM t_tag" in text] == []
