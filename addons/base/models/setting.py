"""Settings of one database, by key. An addon names its keys after itself: `crm.multi_team`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import EVERYBODY, TWO_FACTOR_SETTING, FieldError, Invalid, Model, NotFound, _, fields

if TYPE_CHECKING:
    from core import Change, EnvironmentProtocol


class Setting(Model, name="core.setting", label="Setting", order="key, id", label_field="key", cached=True):
    """One value, as text."""

    key = fields.Char(label="Key", required=True, unique=True)
    value = fields.Text(label="Value")

    @classmethod
    def before_write(cls, changes: list[Change]) -> None:
        """Refuse to demand a second factor of a group that there is not: nobody would be asked for it."""
        super().before_write(changes)
        for change in changes:
            if change.operation != "delete" and change["key"] == TWO_FACTOR_SETTING:
                cls._check_group(str(change["value"] or ""))

    @classmethod
    def _check_group(cls, name: str) -> None:
        if name in ("", EVERYBODY):
            return
        try:
            known = cls.env.sudo().ref(name)._name == "res.groups"
        except NotFound:
            known = False
        if not known:
            text = _("Give '{everybody}', or the external id of a group such as 'base.admin'.", everybody=EVERYBODY)
            raise Invalid([FieldError("value", text)], model="core.setting")


def set_setting(env: EnvironmentProtocol, key: str, value: str) -> None:
    """Set a setting, whoever asks: whether one may is for the caller to decide."""
    settings = env.sudo()["core.setting"]
    found = settings.read("key == wanted", ["id"], wanted=key)
    if found:
        settings.write(found[0]["id"], value=value)
    else:
        settings.create(key=key, value=value)


def setting(env: EnvironmentProtocol, key: str, default: str = "") -> str:
    """The value of a setting, whoever asks; `default` where it is not set."""
    return env.cached(_values).get(key, default)


def _values(env: EnvironmentProtocol) -> dict[str, str]:
    return {row["key"]: str(row["value"] or "") for row in env["core.setting"].read("", ["key", "value"])}
