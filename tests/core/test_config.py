"""Settings: which origin wins, what is refused, what is shown."""

from pathlib import Path

import pytest

from core.config import SETTINGS, load, without_password
from core.errors import Refusal


def test_flag_then_variable_then_file_then_default(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text('port = 1\nhost = "file"\nthreads = 9\n')
    settings = load({"port": "3", "host": None}, {"TESSERA_PORT": "2", "TESSERA_HOST": "variable"}, file)
    shown = {name: (value.text, value.origin) for name, value in settings.values.items()}
    assert shown["port"] == ("3", "flag")
    assert shown["host"] == ("variable", "TESSERA_HOST")
    assert shown["threads"] == ("9", str(file))
    assert shown["log_level"] == ("info", "default")
    assert settings.number("threads") == 9


def test_every_setting_has_a_default_that_fits_and_a_help() -> None:
    settings = load({}, {})
    assert set(settings.values) == {setting.name for setting in SETTINGS}
    assert all(setting.help.endswith(".") for setting in SETTINGS)


def test_the_file_may_be_named_by_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "named.toml"
    file.write_text('addons_path = ["a", "b"]\n')
    settings = load({}, {"TESSERA_CONFIG": str(file)})
    assert settings.addons_path == (Path("a"), Path("b"))


def test_the_file_of_the_current_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tessera.toml").write_text('db = "sqlite:///here.db"\n')
    assert load({}, {})["db"] == "sqlite:///here.db"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("prot = 1\n", "there is no setting 'prot'.*Did you mean 'port'"),
        ("port = [1]\n", "the setting 'port' must be a text or a number"),
        ("port = true\n", "the setting 'port' must be a text or a number"),
        ("port = \n", "is not TOML"),
        ("port = 99999\n", r"port \(from .*bad.toml\) must be a number from 0 to 65535, not '99999'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(Refusal, match=reason):
        load({}, {}, file)


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read: No such file"):
        load({}, {}, tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("variable", "text", "reason"),
    [
        ("TESSERA_PORT", "-1", "must be a number"),
        ("TESSERA_PORT", "٣", "must be a number"),
        ("TESSERA_LOG_LEVEL", "loud", "must be one of debug, info, warning, error"),
        ("TESSERA_BASE_URL", "crm.example.com", "must be an address"),
        ("TESSERA_BASE_URL", "https://x/?a=1", "must be an address"),
        ("TESSERA_SECURE_COOKIES", "yes", "must be one of auto, always, never"),
    ],
)
def test_a_variable_that_does_not_fit_is_refused_by_name(variable: str, text: str, reason: str) -> None:
    with pytest.raises(Refusal, match=rf"from {variable}\) {reason}"):
        load({}, {variable: text})


def test_a_password_in_an_address_is_never_shown() -> None:
    shown = load({"db": "postgresql://ada:s3cret@host/name?password=again&x=1"}, {}).values["db"].shown
    assert shown == "postgresql://ada:***@host/name?password=***&x=1"
    assert without_password("sqlite:///a.db") == "sqlite:///a.db"
    assert without_password("postgresql://host/name") == "postgresql://host/name"
