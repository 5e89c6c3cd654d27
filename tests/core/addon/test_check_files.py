"""`tessera addon check` on templates and migrations: read where they lie, and told as installing or upgrading tells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.addon import migrations
from core.addon.check import check
from core.addon.discovery import discover
from core.addon.install import plan_install
from core.addon.instance import Instance
from core.errors import ConfigurationError, Problem

Write = Callable[..., Path]


def problems(folder: Path) -> list[Problem]:
    _names, found = check([folder])
    return list(found)


def told(folder: Path) -> list[str]:
    return [str(problem).removeprefix(f"addons/{folder.name}/") for problem in problems(folder)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% extends 'page.html' %}{% from 'macros.html' import icon with context %}{{ 1|tojson }}", []),
        ("{% include 'x/b.html' %}{% include ['no.html', 'x/b.html'] %}{% include name %}", []),
        ("{% include 'gone.html' ignore missing %}{% extends 'y/frame.html' %}", []),
        ("<p>\n{% if x %}</p>\n", ["2 A027 the template cannot be read: Unexpected end of template"]),
        ("{{ x\n|nofilter }}", ["2 A027 the template cannot be read: No filter named 'nofilter'"]),
        ("{% block a %}{% endblock %}\n{% block a %}{% endblock %}", ["2 A027 the template cannot be read: block 'a'"]),
        ("\n\n{% include 'x/bb.html' %}", ["3 A028 there is no template 'x/bb.html' here"]),
        ("{% extends 'pge.html' %}", ["1 A028 there is no template 'pge.html' here"]),
        ("{% from 'z/far.html' import a %}", ["1 A028 there is no template 'z/far.html' here"]),
        ("{{ " + "(" * 5_000 + " }}", ["A027 the template is nested too deeply"]),
        ("\udcff", ["A027 the template is not UTF-8"]),
    ],
)
def test_templates(write_addon: Write, text: str, expected: list[str]) -> None:
    write_addon("y", files={"templates/y/frame.html": ""})
    write_addon("z", files={"templates/z/far.html": ""})
    folder = write_addon("x", depends=("y",), files={"templates/x/a.html": "", "templates/x/b.html": "{{ 1 }}"})
    (folder / "templates/x/a.html").write_bytes(text.encode(errors="surrogateescape"))
    found = [line.removeprefix("templates/x/a.html").lstrip(":") for line in told(folder)]
    assert len(found) == len(expected)
    for line, beginning in zip(found, expected, strict=True):
        assert line.replace(":1 ", " ").strip().startswith(beginning)


def test_the_nearest_template_is_offered_and_own_filters_are_not_known(write_addon: Write) -> None:
    files = {"templates/x/a.html": "{% include 'x/bb.html' %}{{ 1|own }}", "templates/x/b.html": ""}
    found = told(write_addon("x", files={**files, "pages.py": "@blueprint.app_template_filter()\ndef own(x): pass\n"}))
    assert len(found) == 1
    assert found[0].endswith("did you mean 'x/b.html'?")


MAIL = """<tessera>
  <record id="welcome" model="mail.template">
    <field name="name">Welcome</field>
    <field name="model">res.partner</field>
    <field name="subject">{{ object.name</field>
    <field name="body">
      Hello,
      {% if object.name %}you{% endfor %}
    </field>
  </record>
</tessera>
"""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_mail_templates_in_data_are_told_as_installing_tells(
    write_addon: Write, make_instance: Callable[..., Instance]
) -> None:
    manifest = 'title = "X"\nversion = "1.0.0"\ndepends = ["mail"]\ndata = ["data/mails.xml"]\n'
    folder = write_addon("x", manifest=manifest, files={"data/mails.xml": MAIL})
    found = problems(folder)
    assert [(each.file, each.line, each.code) for each in found] == [
        ("addons/x/data/mails.xml", 5, "D027"),
        ("addons/x/data/mails.xml", 8, "D027"),
    ]
    assert "'endfor'" in found[1].text
    instance = make_instance("mail", addons_path=[folder.parent])
    with pytest.raises(ConfigurationError) as refused:
        plan_install(instance, ["x"])
    assert list(refused.value.problems) == found


GOOD = "def before(former):\n    pass\n"


@pytest.mark.parametrize(
    "text",
    [
        "def before(\n",
        "x = 1\ny = (\n",
        "x = 1\n",
        "before = after = None\n",
        "import os\n\n\ndef after():\n    pass\n",
        "def before(a, b):\n    pass\n\n\ndef after(env, *, more):\n    pass\n",
        "before = 3\n",
        "def bfore(former):\n    pass\n",
    ],
)
def test_migrations_are_told_as_an_upgrade_tells(write_addon: Write, text: str) -> None:
    folder = write_addon("x", files={"migrations/0001_good.py": GOOD, "migrations/0002_bad.py": text})
    found = problems(folder)
    manifest = discover([folder.parent])["x"]
    with pytest.raises(ConfigurationError) as refused:
        migrations.load(manifest, migrations.listed(manifest)[1])
    assert found == list(refused.value.problems)
    assert {each.code for each in found} == {"A019"}


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "def after(env, more=1):\n    pass\n\n\ndef helper():\n    pass\n",
        "from addons.x.steps import before\n",
        "def after(*given):\n    pass\n",
        "if True:\n    def after(env):\n        pass\n",
        "rebuild = True\n\n\nafter = lambda env: None\n",
    ],
)
def test_migrations_that_can_be_used(write_addon: Write, text: str) -> None:
    files = {"migrations/0001_good.py": text, "steps.py": "raise SystemExit\n", "migrations/__init__.py": ""}
    assert told(write_addon("x", files=files)) == []


def test_misnumbered_migrations_are_told_as_before(write_addon: Write) -> None:
    folder = write_addon("x", files={"migrations/0002_bad.py": GOOD})
    assert told(folder) == ["migrations/0002_bad.py A017 expected a migration called 0001_name.py"]
