"""An application over a database with sales installed: as a signed-in browser, and as a program with a key."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.records.runtime import utc_now
from core.security import api_keys, passwords
from core.testing import Browser
from core.web.app import create_app

PASSWORD = "correct horse"


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(passwords.COST_SETTING, "8,1,1")
        yield


def prepare(env) -> None:
    """A small pipeline: three sellers with rights of their own, and leads that belong to them or to nobody."""
    users = env["res.users"]
    for login, groups in (("own", ["crm.own"]), ("all", ["crm.all"]), ("boss", ["crm.manager"])):
        users.create(login=login, name=login.title(), groups=[env.ref(name).id for name in groups])
    for user in users.search("login in ['own', 'all', 'boss', 'admin']"):
        env.sudo()["res.users"].write([user], password=passwords.hash_password(PASSWORD))
    own = users.search("login == 'own'")[0]
    acme, halden = env["res.partner"].create_many([{"name": "Acme"}, {"name": "Halden Marine"}])
    new, qualified = env.ref("crm.stage_new"), env.ref("crm.stage_qualified")
    common = {"type": "opportunity", "user": own.id}
    env["crm.lead"].create_many(
        [
            {**common, "name": "Fleet renewal", "partner": acme, "expected_revenue": 1054, "stage": new},
            {**common, "name": "Depot sensors", "partner": halden, "expected_revenue": 250, "stage": qualified},
            {**common, "name": "Guest Wi-Fi", "user": None, "stage": new},
            {**common, "name": "Secret deal", "user": env.user, "stage": new},
        ]
    )


@pytest.fixture
def instance(make_instance):
    return make_instance("crm", prepare=prepare, clock=False)


@pytest.fixture
def app(instance, instances):
    return instances.app(instance, create_app)


@dataclass
class Api:
    """A program with a key."""

    client: FlaskClient
    key: str

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        given["Authorization"] = f"Bearer {self.key}"
        return self.client.open(f"/api/{path}", method=method, json=body, headers=given, buffered=True)


@pytest.fixture
def api(app, instance) -> Api:
    return key_of(app, instance, "admin")


@pytest.fixture
def api_of(app, instance) -> Callable[[str], Api]:
    return lambda login: key_of(app, instance, login)


def key_of(app, instance, login: str) -> Api:
    key = api_keys.create(instance.database, instance.user_id(login), name="test", now=utc_now())
    return Api(app.test_client(), key)


@pytest.fixture
def stranger(app) -> Browser:
    return Browser(app)


@pytest.fixture
def browser_of(app) -> Callable[[str], Browser]:
    def signed_in(login: str) -> Browser:
        browser = Browser(app)
        assert browser.sign_in(login, PASSWORD).status_code == 303
        browser.get(browser.get("/").location)
        return browser

    return signed_in
