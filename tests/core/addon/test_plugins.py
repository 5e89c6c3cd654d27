"""The plugin manager: order of answers and events, unknown hooks, wrong arguments and answers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon.manifest import read
from core.addon.plugins import Plugins
from core.errors import ConfigurationError

Write = Callable[..., Path]
HEAD = "from core.hookspecs import hookimpl\n\n@hookimpl\n"


@pytest.fixture
def plugins_of(write_addon: Write) -> Callable[[dict[str, str]], Plugins]:
    """Plugins of addons by the text of their hooks, in the order given."""

    def make(texts: dict[str, str]) -> Plugins:
        manifests = []
        for name, text in texts.items():
            manifest, problems = read(write_addon(name, files={"hooks.py": text} if text else {}))
            assert manifest is not None, problems
            manifests.append(manifest)
        return Plugins(manifests)

    return make


Make = Callable[[dict[str, str]], Plugins]


def test_hook_models_is_collected_in_dependency_order(plugins_of: Make) -> None:
    plugins = plugins_of(
        {
            "plug_b": HEAD + "def models():\n    return ['b1', 'b2']\n",
            "plug_quiet": "",
            "plug_none": HEAD + "def models():\n    return None\n",
            "plug_a": HEAD + "def models():\n    return ('a1',)\n",
        }
    )
    assert plugins.collect("models") == [("plug_b", "b1"), ("plug_b", "b2"), ("plug_a", "a1")]
    assert plugins.ask("plug_a", "models") == ["a1"]
    assert plugins.ask("plug_quiet", "models") == []


def test_hook_jobs_is_collected_in_dependency_order(plugins_of: Make) -> None:
    text = "from core import Job\n" + HEAD + "def jobs():\n    return [Job(__name__.split('.')[1] + '.run', print)]\n"
    plugins = plugins_of({"plug_b": text, "plug_quiet": "", "plug_a": text})
    assert [(addon, job.name) for addon, job in plugins.collect("jobs")] == [
        ("plug_b", "plug_b.run"),
        ("plug_a", "plug_a.run"),
    ]


def test_hook_record_changed_goes_out_in_dependency_order(plugins_of: Make) -> None:
    text = HEAD + "def record_changed(env, changes):\n    env.append((__name__, len(changes)))\n"
    heard: list[tuple[str, int]] = []
    plugins_of({"plug_b": text, "plug_a": text}).announce("record_changed", env=heard, changes=[1, 2])
    assert heard == [("addons.plug_b.hooks", 2), ("addons.plug_a.hooks", 2)]


def test_who_implements_a_hook_is_known(plugins_of: Make) -> None:
    plugins = plugins_of(
        {"plug_b": HEAD + "def models():\n    return []\n", "plug_a": "", "plug_c": HEAD + "def models(): ..."}
    )
    assert plugins.implementers("models") == ("plug_b", "plug_c")
    assert plugins.implementers("record_changed") == ()


def test_hook_after_install_reaches_only_who_is_told(plugins_of: Make) -> None:
    text = HEAD + "def after_install(env):\n    env.append(__name__)\n"
    heard: list[str] = []
    plugins_of({"plug_b": text, "plug_a": text}).tell("plug_a", "after_install", env=heard)
    assert heard == ["addons.plug_a.hooks"]


def test_an_implementation_names_only_the_arguments_it_uses(plugins_of: Make) -> None:
    heard: list[str] = []
    text = HEAD + "def record_changed(env):\n    env.append('x')\n"
    plugins_of({"plug_a": text}).announce("record_changed", env=heard, changes=[])
    assert heard == ["x"]


def test_an_unknown_hook_is_refused_with_the_nearest(plugins_of: Make) -> None:
    with pytest.raises(ConfigurationError) as caught:
        plugins_of({"plug_a": HEAD + "def modls():\n    return []\n", "plug_b": HEAD + "def other():\n    pass\n"})
    assert [str(problem) for problem in caught.value.problems] == [
        "addons/plug_a/hooks.py:3:1 A012 there is no hook 'modls'; did you mean 'models'?",
        "addons/plug_b/hooks.py:3:1 A012 there is no hook 'other'",
    ]


def test_an_unknown_argument_is_refused(plugins_of: Make) -> None:
    with pytest.raises(ConfigurationError, match=r"addons/plug_a/hooks.py A012 a hook has arguments"):
        plugins_of({"plug_a": HEAD + "def models(registry):\n    return []\n"})


def test_an_answer_that_is_no_list_is_refused(plugins_of: Make) -> None:
    plugins = plugins_of({"plug_a": HEAD + "def models():\n    return 'lead'\n"})
    with pytest.raises(ConfigurationError, match=r"addons/plug_a/hooks.py A015 the hook 'models' must return a list"):
        plugins.collect("models")


def test_what_a_hook_raises_comes_through(plugins_of: Make) -> None:
    plugins = plugins_of({"plug_a": HEAD + "def after_install(env):\n    raise LookupError('why')\n"})
    with pytest.raises(LookupError, match="why"):
        plugins.announce("after_install", env=None)


def test_two_managers_share_nothing(plugins_of: Make) -> None:
    text = HEAD + "def models():\n    return [1]\n"
    both = plugins_of({"plug_a": text, "plug_b": text})
    one = plugins_of({"plug_a": text})
    assert len(both.collect("models")) == 2
    assert len(one.collect("models")) == 1
    assert both.manager is not one.manager


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("return int('x')", "ValueError: invalid literal"),
    ],
)
def test_a_hook_that_fails_is_told_with_its_place(plugins_of: Make, line: str, told: str) -> None:
    plugins = plugins_of({"plug_a": HEAD + f"def models():\n    {line}\n"})
    with pytest.raises(ConfigurationError) as caught:
        plugins.collect("models")
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"addons/plug_a/hooks.py:5:1 A015 the hook 'models' fails: {told}")


def test_a_hook_asked_about_records_fails_as_it_does(plugins_of: Make) -> None:
    plugins = plugins_of({"plug_a": HEAD + "def asides(env, model, record):\n    return 1 / 0\n"})
    with pytest.raises(ZeroDivisionError):
        plugins.collect("asides", env=None, model="m", record=1)
