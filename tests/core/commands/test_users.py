"""`tessera user`: keys and lost devices."""

from datetime import UTC, datetime

import pyotp
import pytest
from click.testing import CliRunner

import cli
from core.security import two_factor


@pytest.fixture
def run(instance):
    def command(*arguments, exit_code=0):
        result = CliRunner().invoke(cli.main, ["user", *arguments, "--db", instance.database.url])
        assert result.exit_code == exit_code, result.output
        return result.output

    return command


def entries(instance):
    with instance.environment() as env:
        rows = env["core.sign_in"].read("outcome != 'password_changed'", ["outcome", "login"])
    return [(row["outcome"], row["login"]) for row in rows]


def test_a_key_is_printed_and_kept_on_record(run, instance):
    assert run("key", "admin").startswith("tsr_")
    assert entries(instance) == [("key_created", "admin")]


def test_a_lost_device(run, instance):
    assert "has no two-factor sign-in" in run("reset-two-factor", "admin", exit_code=1)
    user, now = instance.user_id("admin"), datetime.now(UTC)
    two_factor.begin(instance.database, user, 1, now=now)
    secret = two_factor.pending(instance.database, user, 1, now=now)
    two_factor.confirm(instance.database, user, 1, pyotp.TOTP(secret).at(now), now=now)
    instance.database.release()
    assert "password alone" in run("reset-two-factor", "admin")
    assert not two_factor.status(instance.database, user).on
    assert entries(instance) == [("two_factor_off", "admin")]
    assert "There is no user 'nobody'" in run("reset-two-factor", "nobody", exit_code=1)
