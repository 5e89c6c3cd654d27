"""The addresses of the API. Each does one thing to the records of one model, with the rights of the key's user."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, request

from core.errors import NotFound, closest
from core.i18n import _
from core.lang.schema import ModelInfo
from core.records.environment import Environment
from core.records.records import Records
from core.web.api import parameters
from core.web.api.values import decode_values, encode
from core.web.arguments import check_arguments, fits
from core.web.current import environment, visitor
from core.web.problems import BadRequest, NotSignedIn

MOST_RECORDS = 5_000
# Scripts ask for records by these names whatever fields they listed when they created them.
ALWAYS_TOLD = ("id", "version")

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.before_request
def require_key() -> None:
    """Keys only: a browser's cookie does not open the API, so no other site can use it."""
    if visitor().key is None:
        raise NotSignedIn(_("The API needs a key: Authorization: Bearer KEY."))


@blueprint.get("/<model>")
def list_records(model: str) -> Response:
    """A page of records."""
    env, query = environment(), parameters.read_query(request.args)
    asked = _asked(env, model, query.fields)
    page = env[model].page(query.where, asked, order=query.order, limit=query.limit, after=query.after)
    return _answer({"records": [encode(record) for record in page.records], "next": page.next})


@blueprint.get("/<model>/aggregate")
def aggregate(model: str) -> Response:
    """Totals, by nothing or by groups."""
    env, query = environment(), parameters.read_grouping(request.args)
    groups = _records_of(env, model).aggregate(
        query.where, by=list(query.by), measures=list(query.measures), limit=query.limit
    )
    return _answer({"groups": [encode(group) for group in groups]})


@blueprint.get("/<model>/<id:id_>")
def get_record(model: str, id_: int) -> Response:
    """One record, with its version as entity tag."""
    env = environment()
    return _one(env, model, id_, parameters.read_fields_only(request.args))


@blueprint.post("/<model>")
def create_records(model: str) -> Response:
    """Create one record, or several when the body is a list."""
    env, fields, body = environment(), parameters.read_fields_only(request.args), _body()
    info = _info(env, model)
    if isinstance(body, Mapping):
        created = env[model].create_many([decode_values(info, body)])
        answer: object = _records(env, model, [created[0].id], fields)[0]
        headers = {"Location": f"{request.script_root}/api/{model}/{created[0].id}"}
        return _answer(answer, status=201, headers=headers)
    values = [decode_values(info, each) for each in _objects(body)]
    rows = env[model].create_many(values)
    return _answer(_records(env, model, [row.id for row in rows], fields), status=201)


@blueprint.patch("/<model>/<id:id_>")
def update_record(model: str, id_: int) -> Response:
    """Change values of one record; a `version` in the body, or If-Match, must be the stored one."""
    env, fields, body = environment(), parameters.read_fields_only(request.args), _object()
    version = _version(body)
    values = decode_values(_info(env, model), {name: value for name, value in body.items() if name != "version"})
    env[model].write([id_], version=version, **values)
    return _one(env, model, id_, fields)


@blueprint.delete("/<model>/<id:id_>")
def delete_record(model: str, id_: int) -> Response:
    """Delete one record."""
    env, body = environment(), _object(empty=True)
    env[model].delete([id_], version=_version(body))
    return Response(status=204)


@blueprint.post("/<model>/<id:id_>/do/<action>")
def act_on_one(model: str, id_: int, action: str) -> Response:
    """Call an action of one record with the body as its arguments."""
    env, arguments = environment(), _object(empty=True)
    return _called(_records_of(env, model), [id_], action, arguments)


@blueprint.post("/<model>/do/<action>")
def act_on_many(model: str, action: str) -> Response:
    """Call an action of the records in `ids`; the other members of the body are its arguments."""
    env, body = environment(), dict(_object(empty=True))
    ids = body.pop("ids", [])
    if not isinstance(ids, list) or not fits(ids, list[int]):
        raise BadRequest(_("ids must be a list of numbers"))
    return _called(_records_of(env, model), ids, action, body)


def _called(records: Records, ids: Sequence[int], action: str, arguments: Mapping[str, object]) -> Response:
    known = records.env.registry.actions[records.model]
    if action not in known:
        near = closest(action, known)
        text = _("There is no action '{action}' on {model}.", action=action, model=records.model)
        raise NotFound(text, hint=_("Did you mean '{name}'?", name=near) if near else "")
    check_arguments(records, action, arguments)
    return _answer({"result": encode(records.call(list(ids), action, **arguments))})


def _one(env: Environment, model: str, id_: int, fields: tuple[str, ...] | None) -> Response:
    """One record: as asked for a GET; after a change with its id and version too."""
    record = _records(env, model, [id_], fields)[0]
    tag = f'"{record["version"]}"'
    if request.method == "GET" and fields is not None:
        record = {name: record[name] for name in fields}
    if request.headers.get("If-None-Match") == tag:
        return Response(status=304, headers={"ETag": tag})
    return _answer(record, headers={"ETag": tag})


def _records(
    env: Environment, model: str, ids: Sequence[int], fields: tuple[str, ...] | None
) -> list[dict[str, object]]:
    """Records by id, archived ones included, with id and version; raises NotFound when one may not be read."""
    asked = tuple(dict.fromkeys((*ALWAYS_TOLD, *_asked(env, model, fields))))
    found = env[model].read_ids(list(ids), list(asked))
    for id_ in ids:
        if id_ not in found:
            raise NotFound(_("There is no record {id} of {model}.", id=id_, model=model))
    return [{name: encode(found[id_][name]) for name in asked} for id_ in ids]


def _asked(env: Environment, model: str, fields: tuple[str, ...] | None) -> tuple[str, ...]:
    """The paths that a request asks for, each checked; all that may be read when it names none."""
    info = _info(env, model)
    hidden = env.policy.hidden(model) if env.policy else frozenset()
    if fields is None:
        return parameters.readable_fields(info, hidden)
    for path in fields:
        parameters.check_path(env.registry.schema, info, path)
    return fields


def _info(env: Environment, model: str) -> ModelInfo:
    return env[model].info


def _records_of(env: Environment, model: str) -> Records:
    return env[model]


def _body() -> object:
    try:
        return json.loads(request.get_data(cache=False) or b"null", object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise BadRequest(_("The body is not JSON: {reason}", reason=error)) from error


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(_("'{name}' is given twice", name=next(name for name in names if names.count(name) > 1)))
    return found


def _object(*, empty: bool = False) -> Mapping[str, object]:
    body = _body()
    if body is None and empty:
        return {}
    if not isinstance(body, Mapping):
        raise BadRequest(_("The body must be a JSON object"))
    return body


def _objects(body: object) -> list[Mapping[str, object]]:
    if not isinstance(body, list) or not all(isinstance(each, Mapping) for each in body):
        raise BadRequest(_("The body must be a JSON object, or a list of objects"))
    if not 1 <= len(body) <= MOST_RECORDS:
        raise BadRequest(_("A list of records has from 1 to {most} of them", most=MOST_RECORDS))
    return body


def _version(body: Mapping[str, object]) -> int | None:
    """The version that the caller saw: from the body, else from If-Match."""
    given = body.get("version")
    if given is None:
        tag = request.headers.get("If-Match", "").removeprefix("W/").strip('"')
        if tag in ("", "*"):
            return None
        given = int(tag) if tag.isdecimal() else tag
    if isinstance(given, bool) or not isinstance(given, int):
        raise BadRequest(_("version must be the number that was read"))
    return given


def _answer(document: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return Response(
        text, status=status, mimetype="application/json", headers={"Cache-Control": "no-store", **(headers or {})}
    )
