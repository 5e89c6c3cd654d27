"""The WSGI application of one instance: blueprints, templates, assets, and the gate around them."""

from __future__ import annotations

from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING
from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import Blueprint, Flask, Response, current_app, redirect, request, url_for
from jinja2 import BytecodeCache, StrictUndefined
from jinja2.bccache import Bucket
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request as BaseRequest
from werkzeug.wrappers import Response as BaseResponse

from core.i18n import _, language
from core.web import csrf, notes
from core.web.api.routes import blueprint as api
from core.web.assets import PREFIX, Assets, view_scripts
from core.web.client import (
    account,
    acts,
    addons,
    bulk,
    files,
    filters,
    form,
    history,
    home,
    moves,
    options,
    progress,
    records,
    second_step,
    signin,
    two_factor,
    undo,
)
from core.web.config import WebConfig
from core.web.converters import RecordIdConverter
from core.web.current import visitor
from core.web.errorpages import error_page
from core.web.gate import STREAMED_KEY, Gate
from core.web.headers import protect
from core.web.problems import NotSignedIn, SecondFactorNeeded, describe, problem_response
from core.web.services import EXTENSION, Services
from core.web.services import services as service_of_request

if TYPE_CHECKING:
    from core.addon.instance import Instance

BLUEPRINTS = (
    api,
    signin.blueprint,
    second_step.blueprint,
    account.blueprint,
    addons.blueprint,
    two_factor.blueprint,
    home.blueprint,
    options.blueprint,
    files.blueprint,
    moves.blueprint,
    progress.blueprint,
    history.blueprint,
    bulk.blueprint,
    filters.blueprint,
    records.blueprint,
    form.blueprint,
    acts.blueprint,
    undo.blueprint,
)
OPEN_PATHS = frozenset({signin.PATH, signin.STEP_PATH, signin.OUT_PATH, "/healthz", "/favicon.ico", "/robots.txt"})
MEGABYTE = 1_000_000
LARGEST_FORM = 16 * MEGABYTE
HERE = Path(__file__).parent


class Compiled(BytecodeCache):
    """Keeps what template files were compiled to, since an application is made anew whenever addons come or go."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of this text of a file, where it is known."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code; the text a file had before gives way."""
        assert bucket.code is not None
        self._kept[bucket.key] = (bucket.checksum, bucket.code)


COMPILED = Compiled()


def create_app(instance: Instance, config: WebConfig | None = None) -> Flask:
    """The application that serves `instance`; two of them share no more than the code of templates."""
    services = Services(instance, config or WebConfig(), collect_assets(instance))
    app = Flask("core.web", root_path=str(HERE), static_folder=None)
    largest = max(services.config.max_upload * MEGABYTE, LARGEST_FORM)
    app.config.update(MAX_CONTENT_LENGTH=largest, MAX_FORM_PARTS=5_000, MAX_FORM_MEMORY_SIZE=LARGEST_FORM)
    app.extensions[EXTENSION] = services
    app.url_map.converters["id"] = RecordIdConverter
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.bytecode_cache = COMPILED
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        _=_, asset=services.assets.url, language=language, max_upload=services.config.max_upload
    )
    app.context_processor(_common)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for _addon, given in instance.addons.plugins.collect("blueprints"):
        assert isinstance(given, Blueprint)
        app.register_blueprint(given)
    _add_plain_routes(app, services)
    app.before_request(_check_form)
    app.before_request(_check_second_factor)
    app.after_request(_finish)
    app.register_error_handler(Exception, _failed)
    places = open_places(instance)
    app.config["OPEN_PLACES"] = places
    gate = Gate(
        app.wsgi_app,
        instance,
        open_to_all=lambda path: is_open(path, places),
        failure=lambda environ, error: _outside(app, environ, error),
    )
    app.wsgi_app = behind_proxies(gate, services.config.trusted_proxies)  # type: ignore[assignment,method-assign]  # as Flask documents
    return app


def collect_assets(instance: Instance) -> Assets:
    """The static files of the client, of the view types and of the installed addons."""
    addons = [(f"addons/{manifest.name}", manifest.folder / "static") for manifest in instance.addons.manifests]
    return Assets.collect([("", HERE / "static"), *addons], view_scripts(HERE.parent / "views"))


def open_places(instance: Instance) -> tuple[str, ...]:
    """Where addons have pages for people who are not signed in: below the first part of what they link to."""
    links = instance.plugins.collect("sign_in_links")
    return tuple({f"/{str(link[1]).split('/')[1]}/" for _addon, link in links})  # type: ignore[index]  # pairs


def is_open(path: str, places: tuple[str, ...] = ()) -> bool:
    """Whether a path needs neither a user nor a unit of work."""
    return path in OPEN_PATHS or path.startswith((f"{PREFIX}/", *places))


def behind_proxies(app: WSGIApplication, count: int) -> WSGIApplication:
    """Believe what `count` proxies in front tell of the client's address, scheme and host; none by default."""
    return ProxyFix(app, x_for=count, x_proto=count, x_host=count, x_prefix=count) if count else app


def _add_plain_routes(app: Flask, services: Services) -> None:
    def healthz() -> Response:
        services.instance.database.fetch("SELECT 1")
        return Response('{"status": "ok"}', mimetype="application/json", headers={"Cache-Control": "no-store"})

    def asset(digest: str, name: str) -> BaseResponse:
        return services.assets.respond(digest, name, request)

    def robots() -> Response:
        return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")

    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/robots.txt", "robots", robots)
    app.add_url_rule("/favicon.ico", "favicon", lambda: redirect(services.assets.url("mark.svg")))
    app.add_url_rule(f"{PREFIX}/<digest>/<path:name>", "asset", asset)


def _common() -> dict[str, object]:
    """What every template may use."""
    chosen, cookie = account.looks(request.cookies), visitor().cookie
    token = csrf.token_for(service_of_request().secret, cookie) if cookie else ""
    return {"theme": chosen.theme, "density": chosen.density, "lang": language(), "csrf_token": token}


def _check_form() -> None:
    """Forms and scripts of pages prove that they come from here; keys need no proof, signing in checks its own."""
    if request.path.startswith("/api/") or is_open(request.path, current_app.config["OPEN_PLACES"]):
        return
    if request.method in csrf.SAFE_METHODS or visitor().who is None:
        return
    web = service_of_request()
    csrf.check(request, secret=web.secret, cookie=visitor().cookie, config=web.config)


def _check_second_factor() -> None:
    """Keep whoever must set up a second factor to the pages that do it."""
    known = visitor().who
    if known is not None and known.restricted and not request.path.startswith(two_factor.PREFIX):
        raise SecondFactorNeeded(_("Set up two-factor sign-in first."))


def _finish(response: Response) -> Response:
    notes.store_notes(response)
    if response.is_streamed:
        request.environ[STREAMED_KEY] = True
    protect(response.headers, https=request.is_secure)
    if response.mimetype == "text/html":
        response.vary.update(("Cookie", "HX-Request"))
    return response


def _failed(error: Exception) -> BaseResponse:
    if isinstance(error, HTTPException) and (error.code or 500) < 400:
        return error.get_response()
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return problem_response(describe(error))
    if isinstance(error, NotSignedIn):
        return _to_sign_in()
    if isinstance(error, SecondFactorNeeded) and not request.headers.get("HX-Request"):
        return redirect(two_factor.PREFIX, code=303)
    return error_page(describe(error))


def _to_sign_in() -> BaseResponse:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    target = url_for("signin.form", next=wanted if wanted != "/" else None)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("signin.form")})
    return redirect(target, code=303)


def _outside(app: Flask, environ: WSGIEnvironment, error: Exception) -> WSGIApplication:
    """The answer when the unit of work could not be begun or committed."""
    with app.request_context(environ):
        response = _failed(error)
        protect(response.headers, https=BaseRequest(environ).scheme == "https")
    return response
