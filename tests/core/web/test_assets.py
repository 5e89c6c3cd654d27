"""Static files change their address with their content, and nothing else is served."""

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from core.web.assets import Assets, view_scripts


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "app.js").write_text("let a = 1;")
    (tmp_path / "icons.svg").write_text("<svg/>")
    (tmp_path / "secret.py").write_text("password = 1")
    return tmp_path


def request(**headers):
    return Request(EnvironBuilder(headers=headers).get_environ())


def test_the_address_holds_a_digest_of_everything(folder):
    before = Assets.collect([("", folder)], {})
    assert before.url("js/app.js") == f"/static/{before.digest}/js/app.js"
    (folder / "icons.svg").write_text("<svg></svg>")
    assert Assets.collect([("", folder)], {}).digest != before.digest


def test_the_present_digest_is_kept_for_ever_and_another_is_asked_for_again(folder):
    assets = Assets.collect([("", folder)], {})
    current = assets.respond(assets.digest, "js/app.js", request())
    assert current.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert current.mimetype == "text/javascript"
    old = assets.respond("0123", "js/app.js", request())
    assert old.headers["Cache-Control"] == "no-cache"
    again = assets.respond("0123", "js/app.js", request(**{"If-None-Match": old.headers["ETag"]}))
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["secret.py", "../core/app.py", "js/none.js", "", "js"])
def test_what_is_not_an_asset(folder, name):
    with pytest.raises(NotFound):
        Assets.collect([("", folder)], {}).respond("x", name, request())


def test_addons_and_view_types_have_places_of_their_own(folder, tmp_path):
    views = tmp_path / "views" / "list"
    views.mkdir(parents=True)
    (views / "script.js").write_text("")
    assets = Assets.collect([("addons/x", folder)], view_scripts(tmp_path / "views"))
    assert {"addons/x/icons.svg", "addons/x/js/app.js", "views/list.js"} <= set(assets.files)


def test_text_is_compressed_for_browsers_that_take_it(folder):
    (folder / "long.css").write_text("a { color: red }\n" * 100)
    assets = Assets.collect([("", folder)], {})
    response = assets.respond(assets.digest, "long.css", request(**{"Accept-Encoding": "gzip, br"}))
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.data) < 200
    assert len(assets.respond(assets.digest, "long.css", request()).data) == 1700
