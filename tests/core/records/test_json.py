"""JSON fields: kept, read, compared, logged, undone, refused."""

import json
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from core.data.exporting import export_csv
from core.errors import Invalid
from core.lang.jsons import frozen, thawed
from core.records.changelog import from_image
from core.records.undo import undo
from core.views.formats import Symbols
from core.views.kit import Kit
from core.views.widgets import default_widget, edit_widget
from core.web.api.values import decode_values, encode
from core.web.client.texts import value_text

VALUES = [{"b": [1, None, "é"], "a": {"c": True}}, [], {}, "text", 0, 1.5, False, None]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_value_is_kept(open_env, value):
    with open_env() as env:
        deal = env["t.deal"].create(name="A", extra=value)
        assert env["t.deal"].get(deal.id).extra == value
        assert env["t.deal"].read("", ["extra"]) == [{"extra": value}]
        assert env["t.deal"].count("extra == none") == (value is None)


def test_a_value_is_changed_by_setting_it(open_env):
    with open_env() as env:
        deal = env["t.deal"].create(name="A", extra={"a": [1]})
        with pytest.raises(TypeError, match="changed in place"):
            deal.extra["a"].append(2)
        value = thawed(deal.extra)
        value["a"].append(2)
        deal.extra = value
        value["a"].append(3)
        deal.save()
        assert env["t.deal"].get(deal.id).extra == {"a": [1, 2]}


def test_only_what_differs_is_logged_and_comes_back(open_env):
    with open_env() as env:
        deal = env["t.deal"].create(name="A", extra={"a": 1}).id
    with open_env() as env:
        env["t.deal"].write([deal], extra={"a": 1})
        assert env.change_set is None
        env["t.deal"].write([deal], extra={"a": True})
        change_set = env.change_set
        image = env.database.fetch("SELECT before, after FROM core_change ORDER BY id DESC LIMIT 1")[0]
        assert [json.loads(each)["extra"] for each in image] == ['{"a":1}', '{"a":true}']
        assert from_image(image[0], {"extra": env.registry.schema["t.deal"].fields["extra"].kind}) == {
            "extra": {"a": 1}
        }
    with open_env() as env:
        undo(env, change_set)
        assert env["t.deal"].get(deal).extra == {"a": 1}


def test_the_api_gives_and_takes_it(open_env):
    value = {"b": [1, None], "a": True}
    with open_env() as env:
        info = env.registry.schema["t.deal"]
        env["t.deal"].create(name="A", **decode_values(info, {"extra": value}))
        found = env["t.deal"].read("", ["extra"])[0]["extra"]
        assert json.loads(json.dumps(encode(found))) == value


def test_pages_show_it_as_text_and_do_not_edit_it(open_env):
    with open_env() as env:
        info = env.registry.schema["t.deal"].fields["extra"]
        kit = Kit(Symbols("en"), ZoneInfo("UTC"), env.today())
        assert value_text(env, kit, info, frozen({"b": 1, "a": "é"})) == '{"a":"é","b":1}'
        assert kit.json(frozen({"a": [1]})) == '{\n  "a": [\n    1\n  ]\n}'
        assert edit_widget(default_widget(info), info) == ""
        file = StringIO()
        env["t.deal"].create(name="A", extra={"b": 1, "a": 2})
        export_csv(env, "t.deal", ["extra"], file)
        assert '"{""a"":2,""b"":1}"' in file.getvalue()


@pytest.mark.parametrize("value", [float("nan"), {"a": 2**70}, {1: 1}, object(), "a\0", ["x" * 1_000_001]])
def test_what_is_no_json_is_refused(open_env, value):
    with pytest.raises(Invalid) as refused, open_env() as env:
        env["t.deal"].create(name="A", extra=value)
    assert refused.value.errors[0].field == "extra"
