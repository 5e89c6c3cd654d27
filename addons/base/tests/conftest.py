"""Fixtures of the tests of base."""

import pytest


@pytest.fixture
def partners(env):
    return env["res.partner"]
