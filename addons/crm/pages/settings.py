"""The settings of sales on one page, saved together; for administrators of sales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import make_response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from addons.crm.pages.routes import blueprint, managers_environment
from addons.crm.setting_kinds import Setting, WrongValue
from addons.crm.settings import SECTIONS
from core import EnvironmentProtocol, _
from core.pages import Crumb, Note, add_note, name_work, page

ADDRESS = "/crm/settings"
SHOWN = "shown:"  # what the page showed: only what was changed on it is written


@dataclass(frozen=True, slots=True)
class Line:
    """A setting as the page shows it: what it was when the page was made, what is in its input now."""

    setting: Setting
    shown: str
    value: str
    options: Mapping[str, str]
    error: str = ""


@blueprint.get("/settings")
def show_settings() -> str:
    """The settings in force."""
    env = _managers_environment()
    return _page([_line(env, each) for each in _settings()])


@blueprint.post("/settings")
def save_settings() -> Response:
    """Put in force what was changed; nothing of it where one value is none."""
    env = _managers_environment()
    lines = [_typed_line(env, each) for each in _settings()]
    if any(line.error for line in lines):
        return make_response(_page(lines), 422)
    name_work(_("Settings of sales"))
    for line in lines:
        if line.value != line.shown:
            line.setting.write(env, line.value)
    if env.change_set is None:
        add_note(Note(_("Nothing was changed"), "info"))
    else:
        add_note(Note(_("Settings saved"), "check", env.change_set if _may_undo(env) else None))
    return redirect(ADDRESS, code=303)


def _managers_environment() -> EnvironmentProtocol:
    return managers_environment(_("The settings of sales are for its administrators."))


def _may_undo(env: EnvironmentProtocol) -> bool:
    """Who may not change groups and parameters elsewhere saves them here as the system, which does not undo."""
    return env["res.groups"].may("update") and env["core.setting"].may("delete")


def _settings() -> Iterator[Setting]:
    for section in SECTIONS:
        yield from section.settings


def _line(env: EnvironmentProtocol, setting: Setting) -> Line:
    value = setting.value(env)
    return Line(setting, value, value, setting.options_in(env))


def _typed_line(env: EnvironmentProtocol, setting: Setting) -> Line:
    shown, typed = request.form.get(SHOWN + setting.key, ""), request.form.getlist(setting.key)
    try:
        return Line(setting, shown, setting.read(env, typed), setting.options_in(env))
    except WrongValue as wrong:
        return Line(setting, shown, ",".join(typed), setting.options_in(env), str(wrong))


def _page(lines: list[Line]) -> str:
    return page(
        "crm/settings.html",
        title=_("Settings of sales"),
        crumbs=[Crumb(_("Sales configuration")), Crumb(_("Settings"))],
        address=ADDRESS,
        sections=SECTIONS,
        lines={line.setting.key: line for line in lines},
    )
