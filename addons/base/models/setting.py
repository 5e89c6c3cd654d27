"""Settings of one database, by key. An addon names its keys after itself: `crm.multi_team`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import Model, fields

if TYPE_CHECKING:
    from core import EnvironmentProtocol


class Setting(Model, name="core.setting", label="Setting", order="key, id", label_field="key"):
    """One value, as text."""

    key = fields.Char(label="Key", required=True, unique=True)
    value = fields.Text(label="Value")


def setting(env: EnvironmentProtocol, key: str, default: str = "") -> str:
    """The value of a setting, whoever asks; `default` where it is not set."""
    found = env.sudo()["core.setting"].read("key == wanted", ["value"], wanted=key)
    return str(found[0]["value"] or "") if found else default
