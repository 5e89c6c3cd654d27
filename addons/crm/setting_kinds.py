"""What a setting may be: a switch, a switch of a feature, a choice, a number, a text, fields of a model.

A setting knows how it is kept, and reads what was typed on the settings page, which is made from these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from addons.base.models.setting import set_setting, setting
from addons.crm.models.learning import read_start
from core import Link, _

if TYPE_CHECKING:
    from core import EnvironmentProtocol

ON = "true"
_DOMAIN = re.compile(r"@?[\w-]+(\.[\w-]+)+")
SALESPEOPLE = "crm.own"  # all of them belong to it


class WrongValue(ValueError):
    """What was typed is no value of the setting; says why in a sentence."""


@dataclass(frozen=True)
class Setting:
    """One setting of sales, kept as text under its key; `label` and `explanation` are English, and translated."""

    key: str
    label: str
    explanation: str = field(default="", kw_only=True)
    default: str = field(default="", kw_only=True)
    kind: ClassVar[str]

    def value(self, env: EnvironmentProtocol) -> str:
        """The text in force; the default where nothing was set."""
        return setting(env, self.key, self.default)

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """The text to keep of what a form sent.

        :raises WrongValue: it is none.
        """
        return typed[-1].strip() if typed else ""

    def write(self, env: EnvironmentProtocol, value: str) -> None:
        """Put a text in force that `read` gave."""
        set_setting(env, self.key, value)

    def options_in(self, env: EnvironmentProtocol) -> Mapping[str, str]:
        """What there is to choose from: labels in the language in force, by key."""
        return {}


@dataclass(frozen=True)
class Switch(Setting):
    """On (`true`) or off (empty)."""

    kind = "switch"

    def value(self, env: EnvironmentProtocol) -> str:
        """`true`, or nothing for everything else."""
        return ON if super().value(env) == ON else ""

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """A box that is not ticked is not sent."""
        return ON if any(typed) else ""


@dataclass(frozen=True)
class Feature(Switch):
    """What all salespeople see while it is on: the key is the external id of a group that `crm.own` implies then.

    Who belongs to the group by himself has the feature either way.
    """

    def value(self, env: EnvironmentProtocol) -> str:
        """Whether all salespeople belong to the group."""
        groups = env.sudo()
        salespeople = groups.ref(SALESPEOPLE).id
        implied = groups["res.groups"].read_ids([salespeople], ["implies"])[salespeople]["implies"]
        return ON if groups.ref(self.key).id in implied else ""

    def write(self, env: EnvironmentProtocol, value: str) -> None:
        """Let all salespeople belong to the group, or no more."""
        groups = env.sudo()
        feature = [groups.ref(self.key).id]
        link = Link(add=feature) if value else Link(remove=feature)
        groups["res.groups"].write(groups.ref(SALESPEOPLE).id, implies=link)


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of some keys, each with a label."""

    options: Mapping[str, str]
    kind = "choice"

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """One of the keys."""
        chosen = super().read(env, typed)
        if chosen not in self.options:
            raise WrongValue(_("Choose one of the values."))
        return chosen

    def options_in(self, env: EnvironmentProtocol) -> Mapping[str, str]:
        """The choices."""
        return {key: _(label) for key, label in self.options.items()}


@dataclass(frozen=True, kw_only=True)
class Number(Setting):
    """A whole number between two others."""

    least: int = 0
    most: int = 1_000_000
    kind = "number"

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """The number without blanks and zeros in front."""
        text = super().read(env, typed)
        if len(text) < 19 and text.removeprefix("-").isdecimal() and self.least <= int(text) <= self.most:
            return str(int(text))
        raise WrongValue(_("Give a whole number from {least} to {most}.", least=self.least, most=self.most))


@dataclass(frozen=True, kw_only=True)
class Text(Setting):
    """One line of text."""

    size: int = 200
    kind = "text"

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """At most `size` characters."""
        text = super().read(env, typed)
        if len(text) > self.size:
            raise WrongValue(_("Give at most {size} characters.", size=self.size))
        return text


@dataclass(frozen=True, kw_only=True)
class Since(Text):
    """A day, or a number of days before the present one; nothing where it has always been so."""

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """The text, where it is one of these."""
        text = super().read(env, typed)
        try:
            start = read_start(text)
        except ValueError as error:
            raise WrongValue(_("Give a day such as 2026-01-31, or a number of days.")) from error
        if isinstance(start, date) and start > env.today():
            raise WrongValue(_("This day is still to come: nothing would count."))
        return text


@dataclass(frozen=True, kw_only=True)
class Domains(Text):
    """Domains of e-mail addresses, separated by commas or blanks."""

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """The text, where every part is a domain."""
        text = super().read(env, typed)
        wrong = [part for part in text.replace(",", " ").split() if not _DOMAIN.fullmatch(part)]
        if wrong:
            raise WrongValue(_("'{text}' is no domain such as club.example.", text=wrong[0]))
        return text


@dataclass(frozen=True, kw_only=True)
class Fields(Setting):
    """Some of the fields of a model that are offered, their names separated by commas."""

    model: str
    offered: tuple[str, ...]
    kind = "fields"

    def read(self, env: EnvironmentProtocol, typed: Sequence[str]) -> str:
        """Fields in the order in which they are offered."""
        chosen = {name for name in typed if name}
        if chosen - set(self.offered):
            raise WrongValue(_("Choose among the fields."))
        return ",".join(name for name in self.offered if name in chosen)

    def options_in(self, env: EnvironmentProtocol) -> Mapping[str, str]:
        """The labels of the fields, by name."""
        fields = env.registry.schema[self.model].fields
        return {name: _(fields[name].label or name) for name in self.offered}
