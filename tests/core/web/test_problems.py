"""What a refusal is called depends on what was asked for."""

import pytest
from flask import Flask

from core.errors import Refusal
from core.web.problems import describe


@pytest.mark.parametrize(("method", "title"), [("GET", "This cannot be shown"), ("POST", "Not saved")])
def test_only_what_was_to_be_saved_is_not_saved(method: str, title: str) -> None:
    with Flask("tessera").test_request_context("/", method=method):
        assert describe(Refusal("The sum is too large.")).title == title
