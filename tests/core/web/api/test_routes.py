"""The forms that scripts rely on, each on both engines."""

from decimal import Decimal

import pytest


def ids(api, where=""):
    answer = api("GET", f"crm.lead?fields=id,name&where={where}")
    assert answer.status_code == 200, answer.text
    return {record["name"]: record["id"] for record in answer.json["records"]}


def problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status and answer.json["code"] == code
    assert answer.json["type"] == f"urn:tessera:problem:{code}"
    assert answer.json["title"] and len(answer.json["reference"]) == 9
    return answer.json


# Reading


def test_a_records_keys_are_the_asked_paths(api):
    fields = "name,partner.name,expected_revenue,tags,lost_reason"
    answer = api("GET", f"crm.lead?where=name == 'Fleet renewal'&fields={fields}")
    assert answer.json == {
        "records": [
            {
                "name": "Fleet renewal",
                "partner.name": "Acme",
                "expected_revenue": "1054.00",
                "tags": [],
                "lost_reason": None,
            }
        ],
        "next": None,
    }


def test_pages_follow_each_other(api):
    seen, after = [], ""
    for _page in range(4):
        answer = api("GET", f"crm.lead?fields=name&order=name&limit=1{after}").json
        seen += [record["name"] for record in answer["records"]]
        after = f"&after={answer['next']}"
    assert seen == ["Depot sensors", "Fleet renewal", "Guest Wi-Fi", "Secret deal"]
    assert answer["next"] is None


def test_one_record_with_its_tag(api):
    id_ = ids(api)["Fleet renewal"]
    answer = api("GET", f"crm.lead/{id_}?fields=name,partner.name")
    assert answer.json == {"name": "Fleet renewal", "partner.name": "Acme"}
    assert answer.headers["ETag"] == '"1"'
    assert api("GET", f"crm.lead/{id_}", If_None_Match='"1"').status_code == 304


def test_without_fields_everything_is_told_that_may_be(api):
    record = api("GET", f"crm.lead/{ids(api)['Fleet renewal']}").json
    assert {"id", "version", "name", "partner", "tags", "create_date"} <= set(record)
    assert record["create_date"].endswith("Z")
    users = api("GET", "res.users?where=login == 'own'").json["records"][0]
    assert "password" not in users


def test_totals_without_groups_and_by_groups(api):
    assert api("GET", "crm.lead/aggregate?measure=expected_revenue:sum,id:count").json == {
        "groups": [{"expected_revenue:sum": "1304.00", "id:count": 4}]
    }
    groups = api("GET", "crm.lead/aggregate?by=stage.name&measure=id:count").json["groups"]
    assert {group["stage.name"]: group["id:count"] for group in groups} == {"New": 3, "Qualified": 1}


def test_what_stands_in_json_is_named_with_what_is_taken(api):
    team = api("GET", "crm.team?fields=id").json["records"][0]["id"]
    assert api("POST", "crm.team.property", {"team": team, "label": "Seats", "type": "number"}).status_code == 201
    id_ = ids(api)["Fleet renewal"]
    refused = api("PATCH", f"crm.lead/{id_}", {"properties": {"seats": "many", "seat": 1}})
    assert {error["field"] for error in problem(refused, 422, "invalid")["errors"]} == {
        "properties.seats",
        "properties.seat",
    }
    assert api("PATCH", f"crm.lead/{id_}", {"properties": {"seats": 5}}).status_code == 200
    asked = "fields=name,properties.number.seats&where=properties.number.seats > 4&order=-properties.number.seats"
    assert api("GET", f"crm.lead?{asked}").json["records"] == [{"name": "Fleet renewal", "properties.number.seats": 5}]
    totals = api("GET", "crm.lead/aggregate?measure=properties.number.seats:sum").json["groups"]
    assert totals == [{"properties.number.seats:sum": 5}]
    wrong = problem(api("GET", "crm.lead?fields=properties.seats"), 400, "bad_request")
    assert "say what is taken, like properties.number.seats" in wrong["detail"]


def test_buckets_are_named(api):
    id_ = ids(api)["Fleet renewal"]
    assert api("PATCH", f"crm.lead/{id_}", {"date_deadline": "2017-03-05"}).status_code == 200
    path = "crm.lead/aggregate?where=date_deadline != none&measure=id:count&by=date_deadline"
    names = {"day": "2017-03-05", "week": "2017-W09", "month": "2017-03", "quarter": "2017-Q1", "year": "2017"}
    for unit, name in names.items():
        assert api("GET", f"{path}:{unit}").json["groups"] == [{f"date_deadline:{unit}": name, "id:count": 1}]


def test_archived_records_are_left_out_unless_the_condition_names_active(api):
    id_ = ids(api)["Guest Wi-Fi"]
    assert api("PATCH", f"crm.lead/{id_}", {"active": False}).status_code == 200
    assert "Guest Wi-Fi" not in ids(api)
    assert list(ids(api, "active == false")) == ["Guest Wi-Fi"]
    assert api("GET", f"crm.lead/{id_}?fields=name").json == {"name": "Guest Wi-Fi"}


# Writing


def test_create_one(api):
    answer = api("POST", "crm.lead", {"name": "New one", "expected_revenue": "12.5", "date_deadline": "2026-01-31"})
    assert answer.status_code == 201
    assert answer.json["version"] == 1 and answer.json["expected_revenue"] == "12.50"
    assert answer.headers["Location"] == f"/api/crm.lead/{answer.json['id']}"
    assert answer.json["date_deadline"] == "2026-01-31"


def test_create_several_in_their_order(api):
    answer = api("POST", "crm.lead?fields=name", [{"name": "One"}, {"name": "Two"}])
    assert answer.status_code == 201
    assert [(record["name"], record["version"]) for record in answer.json] == [("One", 1), ("Two", 1)]
    assert all(set(record) == {"id", "version", "name"} for record in answer.json)


def test_one_refused_record_refuses_all(api):
    before = ids(api)
    answer = api("POST", "crm.lead", [{"name": "One"}, {"name": "Two", "probability": 700}])
    found = problem(answer, 422, "invalid")
    assert [(error["field"], error["row"]) for error in found["errors"]] == [("probability", 1)]
    assert ids(api) == before


def test_an_explicit_null_is_never_replaced_by_a_default(api):
    given = api("POST", "crm.lead", {"name": "Nobody's", "user": None}).json
    assert given["user"] is None
    left_out = api("POST", "crm.lead", {"name": "Mine"}).json
    assert left_out["user"] is not None


def test_money_is_exact_both_ways(api):
    answer = api("POST", "crm.lead?fields=expected_revenue", {"name": "Exact", "expected_revenue": "0.10"})
    assert answer.json["expected_revenue"] == "0.10"
    assert Decimal(answer.json["expected_revenue"]) == Decimal("0.1")


def test_an_instant_is_taken_with_any_zone_and_given_in_utc(api):
    answer = api("POST", "crm.lead?fields=date_open", {"name": "Zoned", "date_open": "2026-01-31T11:00:00+01:00"})
    assert answer.json["date_open"] == "2026-01-31T10:00:00Z"


def test_links_are_replaced_added_and_removed(api):
    one, two = (api("POST", "crm.tag", {"name": name}).json["id"] for name in ("One", "Two"))
    lead = api("POST", "crm.lead", {"name": "Tagged", "tags": [one]}).json
    path = f"crm.lead/{lead['id']}?fields=tags"
    assert sorted(api("PATCH", path, {"tags": {"add": [two]}}).json["tags"]) == [one, two]
    assert api("PATCH", path, {"tags": {"remove": [one]}}).json["tags"] == [two]
    assert api("PATCH", path, {"tags": []}).json["tags"] == []


def test_a_stale_version_writes_nothing(api):
    id_ = ids(api)["Fleet renewal"]
    assert api("PATCH", f"crm.lead/{id_}", {"version": 1, "name": "Changed"}).json["version"] == 2
    found = problem(api("PATCH", f"crm.lead/{id_}", {"version": 1, "name": "Lost"}), 409, "stale_version")
    assert found["current"] == {str(id_): 2}
    problem(api("PATCH", f"crm.lead/{id_}", {"name": "Lost"}, If_Match='"1"'), 409, "stale_version")
    assert api("GET", f"crm.lead/{id_}?fields=name").json == {"name": "Changed"}
    assert api("PATCH", f"crm.lead/{id_}", {"name": "Again"}, If_Match='"2"').status_code == 200


def test_delete(api):
    id_ = ids(api)["Guest Wi-Fi"]
    problem(api("DELETE", f"crm.lead/{id_}", None, If_Match='"7"'), 409, "stale_version")
    assert api("DELETE", f"crm.lead/{id_}").status_code == 204
    problem(api("GET", f"crm.lead/{id_}"), 404, "not_found")


def test_actions_of_one_and_of_several(api):
    found = ids(api)
    assert api("POST", f"crm.lead/{found['Fleet renewal']}/do/mark_won", {}).status_code == 200
    assert api("GET", f"crm.lead/{found['Fleet renewal']}?fields=stage.name").json == {"stage.name": "Won"}
    both = [found["Depot sensors"], found["Guest Wi-Fi"]]
    assert api("POST", "crm.lead/do/mark_won", {"ids": both}).status_code == 200
    assert len(ids(api, "stage.is_won == true")) == 3


# Refusals


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("crm.lead?fields=phne", "unknown_field", "'phone'"),
        ("crm.lead?fields=partner.nme", "unknown_field", "'name'"),
        ("crm.lead?fields=tags.name", "bad_request", "'tags'"),
        ("crm.lead?where=phne == 'x'", "bad_expression", "'phone'"),
        ("crm.lead?where=name ==", "bad_expression", "column"),
        ("crm.lead?limit=0", "bad_request", "limit"),
        ("crm.lead?limit=1001", "bad_request", "1000"),
        ("crm.lead?limit=many", "bad_request", "limit"),
        ("crm.lead?limt=5", "bad_request", "'limit'"),
        ("crm.lead?after=nonsense", "bad_cursor", ""),
        ("crm.lead/aggregate?measure=expected_revenue:total", "bad_aggregate", "sum"),
        ("crm.lead/aggregate?by=date_deadline:fortnight", "bad_aggregate", "month"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_cannot_be_understood(api, path, code, words):
    found = problem(api("GET", path), 400, code)
    assert words in found["detail"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_expression_names_its_column(api):
    found = problem(api("GET", "crm.lead?where=name == 'x' and phne == 1"), 400, "bad_expression")
    assert found["column"] == 17 and found["suggestion"] == "phone"


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"name": "x", "phne": "1"}, 400, "unknown_field", "'phone'"),
        ([], 400, "bad_request", "1 to 5000"),
        ("text", 400, "bad_request", "object"),
        ([{"name": "x"}, 3], 400, "bad_request", "objects"),
        ({"name": "x", "date_deadline": "31.1.2026"}, 422, "invalid", "2026-01-31"),
        ({"name": "x", "expected_revenue": "much"}, 422, "invalid", "1234.50"),
        ({"name": "x", "expected_revenue": "1_000"}, 422, "invalid", "1234.50"),
        ({"name": "x", "date_deadline": 20260131}, 422, "invalid", "2026-01-31"),
        ({"name": "x", "date_closed": "0001-01-01T00:00:00+14:00"}, 422, "invalid", "years 1 to 9999"),
        ({"name": "x", "user": True}, 422, "invalid", "not true"),
        ({"name": "  "}, 422, "invalid", "must be filled in"),
        ({"name": "x", "expected_revenue": "NaN"}, 422, "invalid", "1234.50"),
        ({"name": "x", "tags": "all"}, 422, "invalid", "list of ids"),
        ({"name": "x", "partner": 999999}, 422, "invalid", ""),
        ({"name": "x", "priority": "urgent"}, 422, "invalid", ""),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_body_that_is_refused(api, body, status, code, words):
    found = problem(api("POST", "crm.lead", body), status, code)
    assert words in found["detail"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_body_that_is_no_json(api):
    given = {"Authorization": f"Bearer {api.key}"}
    for text in ("{", "[" * 100_000, "\xff"):
        answer = api.client.post("/api/crm.lead", data=text.encode("latin-1"), headers=given)
        assert problem(answer, 400, "bad_request")["detail"].startswith("The body is not JSON")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "crm.leed", "not_found"),
        ("GET", "crm.lead/999999", "not_found"),
        ("PATCH", "crm.lead/999999", "not_found"),
        ("DELETE", "crm.lead/999999", "not_found"),
        ("POST", "crm.lead/1/do/destroy", "not_found"),
        ("POST", "crm.lead/1/do/__init__", "not_found"),
        ("POST", "crm.lead/do/write", "not_found"),
        ("GET", "crm.lead/1/2", "not_found"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_not_there(api, method, path, code):
    found = problem(api(method, path, {} if method != "GET" else None), 404, code)
    assert found["detail"].startswith("There is no")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_method_that_an_address_does_not_have(api):
    found = problem(api("PUT", "crm.lead/1", {}), 405, "method_not_allowed")
    assert found["detail"] == "This address does not take such a request."


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_ids_beyond_64_bits_are_not_there(api):
    assert "nothing at this address" in problem(api("GET", f"crm.lead/{2**70}"), 404, "not_found")["detail"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_keys_only(api, browser_of):
    api.key = "tsr_00000000_wrong"
    answer = api("GET", "crm.lead")
    problem(answer, 401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    problem(browser_of("admin").get("/api/crm.lead"), 401, "not_signed_in")


# Access


def test_rules_hold(api_of):
    own, everybody = api_of("own"), api_of("all")
    assert set(ids(own)) == {"Fleet renewal", "Depot sensors", "Guest Wi-Fi"}
    assert "Secret deal" in ids(everybody)
    secret = ids(everybody)["Secret deal"]
    problem(own("GET", f"crm.lead/{secret}"), 404, "not_found")
    problem(own("PATCH", f"crm.lead/{secret}", {"user": None}), 404, "not_found")
    problem(own("DELETE", f"crm.lead/{ids(own)['Fleet renewal']}"), 403, "access_denied")
    count = own("GET", "crm.lead/aggregate").json["groups"][0]["id:count"]
    assert count == 3


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_leads_are_merged(api):
    first, second = ids(api)["Fleet renewal"], ids(api)["Depot sensors"]
    for wrong in ({"choices": 5}, {"choices": {"name": [first]}}, {"user": "x"}, {"survivor": []}, {"confirm": 1}):
        problem(api("POST", "crm.lead/do/merge", {"ids": [first, second], **wrong}), 400, "bad_request")
    for gone in ({"user": 99999}, {"survivor": 99999}):
        problem(api("POST", "crm.lead/do/merge", {"ids": [first, second], **gone}), 404, "not_found")
    problem(api("POST", "crm.lead/do/merge", {"ids": [first]}), 422, "refused")
    assert api("GET", f"crm.lead/{second}?fields=name").json == {"name": "Depot sensors"}
    given = {"ids": [first, second], "choices": {"name": second}}
    assert api("POST", "crm.lead/do/merge", given).status_code == 200
    assert api("GET", f"crm.lead/{first}?fields=name").json == {"name": "Depot sensors"}
    problem(api("GET", f"crm.lead/{second}"), 404, "not_found")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_arguments_that_an_action_does_not_take(api):
    id_ = ids(api)["Fleet renewal"]
    found = problem(api("POST", f"crm.lead/{id_}/do/mark_lost", {"feedbak": "too dear"}), 400, "bad_request")
    assert "'feedback'" in found["detail"]
    assert api("POST", f"crm.lead/{id_}/do/mark_lost", {"feedback": "too dear"}).status_code == 200
    assert api("GET", f"crm.lead/{id_}?fields=active,probability").json == {"active": False, "probability": 0.0}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_member_that_is_given_twice_is_refused(api):
    given = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"}
    answer = api.client.post("/api/crm.lead", data='{"name": "a", "name": "b"}', headers=given)
    assert "'name' is given twice" in problem(answer, 400, "bad_request")["detail"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_instants_are_told_to_the_second(api, instance):
    with instance.environment(superuser=True) as env:
        env["crm.lead"].create(name="Exact", date_closed="2026-01-31T10:00:00.987654Z")
        env["crm.lead"].create(name="First", date_closed="0001-01-01T00:00:00Z")
    found = api("GET", "crm.lead?where=date_closed != none&fields=date_closed&order=id").json["records"]
    assert [each["date_closed"] for each in found] == ["2026-01-31T10:00:00Z", "0001-01-01T00:00:00Z"]
