"""Menus that lead to a page instead of an action."""

import pytest

from core import Invalid


def test_an_address_is_a_path_of_this_site(env):
    menu = env["core.menu"].create(name="Settings", address="/crm/settings")
    for wrong in ("https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "settings"):
        with pytest.raises(Invalid, match="path of this site"):
            env["core.menu"].write(menu, address=wrong)
