"""Settings of a process: from the flag, else the `TESSERA_*` variable, else the file, else the default; each knows
its origin.

What belongs to one database (company, currency, the secret key) is not here but in its `core.setting` rows.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import Refusal, closest, did_you_mean
from core.i18n import _

PREFIX = "TESSERA_"
_PLAIN_ADDRESS = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+")
FILE_VARIABLE = "TESSERA_CONFIG"
DEFAULT_FILE = "tessera.toml"


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set; `check` says what is wrong with a text, or nothing."""

    name: str
    default: str
    help: str
    check: Callable[[str], str] = lambda _text: ""

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


def _one_of(*words: str) -> Callable[[str], str]:
    listed = ", ".join(words)
    return lambda text: "" if text in words else _("must be one of {words}", words=listed)


def _number(low: int, high: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        fits = text.isascii() and text.isdecimal() and low <= int(text) <= high
        return "" if fits else _("must be a number from {low} to {high}", low=low, high=high)

    return check


def _address(text: str) -> str:
    parts = urlsplit(text)
    fits = not text or (parts.scheme in ("http", "https") and parts.netloc and not parts.query and not parts.fragment)
    return "" if fits else _("must be an address such as https://crm.example.com")


def _mail_address(text: str) -> str:
    parts = urlsplit(text)
    server = parts.scheme in ("smtp", "smtps") and parts.hostname and not parts.path.strip("/")
    folder = parts.scheme == "file" and parts.path and not parts.netloc
    try:
        fits = not text or folder or (server and (parts.port is None or parts.port > 0))
    except ValueError:  # a port that is no number
        fits = False
    return "" if fits else _("must be an address such as smtp://user:password@mail.example.com:587 or file:///folder")


def _sender(text: str) -> str:
    return "" if not text or _PLAIN_ADDRESS.fullmatch(text) else _("must be an address such as crm@example.com")


# Every setting there is, in the order in which `tessera config` prints them.
SETTINGS = (
    Setting("db", "sqlite:///tessera.db", "The database: sqlite:///file.db or postgresql://user@host/name."),
    Setting("addons_path", "", f"Folders with more addons, separated by '{os.pathsep}'."),
    Setting("host", "127.0.0.1", "The address that `serve` listens on."),
    Setting("port", "8069", "The port that `serve` listens on; 0 takes a free one.", _number(0, 65535)),
    Setting("threads", "4", "How many requests `serve` works on at once.", _number(1, 256)),
    Setting("workers", "1", "How many workers `serve` runs jobs with; 0: `tessera worker` does.", _number(0, 64)),
    Setting("base_url", "", "The public address, where it is not that of the request.", _address),
    Setting(
        "trusted_proxies", "0", "How many proxies in front are trusted to tell the client's address.", _number(0, 9)
    ),
    Setting(
        "secure_cookies",
        "auto",
        "When cookies are marked Secure: auto, always, never.",
        _one_of("auto", "always", "never"),
    ),
    Setting("session_days", "30", "After how many days without use a sign-in ends.", _number(1, 3650)),
    Setting(
        "mail_url",
        "",
        "Where mail goes out: smtp://user:password@host:587, smtps://host, file:///folder; empty: nowhere.",
        _mail_address,
    ),
    Setting("mail_from", "", "The address that mail is sent from.", _sender),
    Setting("max_upload", "25", "How large a file may be that is sent in, in megabytes.", _number(1, 1024)),
    Setting(
        "log_level",
        "info",
        "What is logged: debug, info, warning, error.",
        _one_of("debug", "info", "warning", "error"),
    ),
    Setting("log_format", "text", "How log lines look: text, json.", _one_of("text", "json")),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Value:
    """The text a setting has and where it came from: "flag", a variable's name, a file's name or "default"."""

    setting: Setting
    text: str
    origin: str

    @property
    def shown(self) -> str:
        """The text for people: without a password that an address holds."""
        return without_password(self.text)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of this process."""

    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> str:
        return self.values[name].text

    def number(self, name: str) -> int:
        """A setting that is a number."""
        return int(self.values[name].text)

    @property
    def addons_path(self) -> tuple[Path, ...]:
        """The folders of `addons_path`."""
        return tuple(Path(part) for part in self["addons_path"].split(os.pathsep) if part)


def load(
    flags: Mapping[str, str | None], variables: Mapping[str, str] | None = None, file: str | Path | None = None
) -> Settings:
    """Read the settings. `flags` holds what the command line gave (None: not given); `file` defaults to
    `TESSERA_CONFIG`, else to `tessera.toml` in the current folder where there is one.

    Raises Refusal for a file that cannot be read, a key it should not hold, and a value that does not fit, naming its
    origin.
    """
    variables = os.environ if variables is None else variables
    named = file or variables.get(FILE_VARIABLE)
    path = Path(named or DEFAULT_FILE)
    from_file = _read_file(path) if named or path.is_file() else {}
    values = {setting.name: _value(setting, flags, variables, from_file, str(path)) for setting in SETTINGS}
    for value in values.values():
        if wrong := value.setting.check(value.text):
            name, origin, text = value.setting.name, value.origin, value.shown
            raise Refusal(
                _("{name} (from {origin}) {wrong}, not '{text}'.", name=name, origin=origin, wrong=wrong, text=text)
            )
    return Settings(values)


def _value(
    setting: Setting,
    flags: Mapping[str, str | None],
    variables: Mapping[str, str],
    stored: Mapping[str, str],
    file: str,
) -> Value:
    flag = flags.get(setting.name)
    if flag is not None:
        return Value(setting, flag, "flag")
    if setting.variable in variables:
        return Value(setting, variables[setting.variable], setting.variable)
    if setting.name in stored:
        return Value(setting, stored[setting.name], file)
    return Value(setting, setting.default, "default")


def _read_file(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refusal(_("The settings file {file} cannot be read: {reason}.", file=path, reason=reason)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(_("The settings file {file} is not TOML: {reason}.", file=path, reason=error)) from error
    for name in table:
        if name not in BY_NAME:
            hint = did_you_mean(closest(name, BY_NAME))
            raise Refusal(_("{file}: there is no setting '{name}'.", file=path, name=name), hint=hint)
    return {name: _as_text(path, name, value) for name, value in table.items()}


def _as_text(path: Path, name: str, value: object) -> str:
    if isinstance(value, list) and name == "addons_path" and all(isinstance(item, str) for item in value):
        return os.pathsep.join(value)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise Refusal(_("{file}: the setting '{name}' must be a text or a number.", file=path, name=name))


def without_password(address: str) -> str:
    """A database address with the password, if it holds one, replaced by asterisks."""
    return re.sub(r"(?<=://)([^:/@\s]*):[^@/\s]*@", r"\1:***@", re.sub(r"(password=)[^&\s]*", r"\1***", address))
