"""A real Chromium against a real server, one browser for the run. Without Chromium the tests are skipped, in CI
they fail.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from waitress.server import create_server
from waitress.wasyncore import close_all

from core.addon.instance import Instance
from core.jobs.worker import Worker
from core.security import passwords
from core.testbed.installed import PASSWORD, installed
from core.web.application import Application

DEMO_PASSWORD = "demo"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
PATIENCE = 10_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def missing(what: str) -> None:
    """Say loudly that these tests did not run; where everything must run, that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI=true", pytrace=False)
    pytest.skip(f"NOT TESTED IN A BROWSER: {what} is missing")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    if not AXE.is_file():
        missing("axe-core (the build fetches it)")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(passwords.COST_SETTING, "8,1,1")
        yield


@dataclass(frozen=True)
class Site:
    """A running server, the instance behind it, and the folder that its mail goes to."""

    address: str
    instance: Instance
    outbox: Path

    def mails(self) -> list[EmailMessage]:
        """The mails that wait, sent as a worker would."""
        self.work_off()
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.outbox.glob("*.eml")]

    def work_off(self) -> None:
        """Run the jobs that wait."""
        Worker(self.instance).work_off()

    def stored(self, name: str, *fields: str) -> dict[str, object]:
        """Values of the lead with this name."""
        with self.instance.environment() as env:
            return dict(env["crm.lead"].read("name == wanted and (active or not active)", list(fields), wanted=name)[0])


@pytest.fixture
def site(databases, engine: str, tmp_path: Path) -> Iterator[Site]:
    url = installed(databases, engine, ["crm"], demo=True)
    instance = Instance.open(url)
    server = create_server(Application(instance), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.effective_port}"
    instance.runtime.settings = {"base_url": address, "mail_url": f"file://{tmp_path}/outbox"}
    yield Site(address, instance, tmp_path / "outbox")
    # From within its loop: closing sockets under a poll that another thread waits in is an error now and then.
    server.trigger.pull_trigger(lambda: close_all(server._map))
    thread.join(5)
    assert not thread.is_alive()
    server.task_dispatcher.shutdown()
    instance.close()
    databases.drop(url)


@pytest.fixture
def context_of(chromium: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    opened: list[BrowserContext] = []

    def new(*, width: int = 1280, theme: str = "light", scripts: bool = True) -> BrowserContext:
        context = chromium.new_context(
            base_url=site.address,
            viewport={"width": width, "height": 800},
            color_scheme=theme,  # type: ignore[arg-type]  # "light" or "dark"
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context

    yield new
    for context in opened:
        context.close()


def watched(page: Page) -> Page:
    """The page, whose mistakes fail the test: nothing may be blocked by the content policy, no script may fail."""
    page.on("pageerror", lambda error: pytest.fail(f"script failed: {error}"))
    page.on("console", lambda message: refuse(message.text) if message.type == "error" else None)
    return page


def refuse(text: str) -> None:
    if "Content Security Policy" in text or "Uncaught" in text:
        pytest.fail(f"the browser complained: {text}")


def sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Login or e-mail").fill(login)
    page.get_by_label("Password", exact=True).fill(PASSWORD if login == "admin" else DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/app/**")


@pytest.fixture
def page_of(context_of: Callable[..., BrowserContext], site: Site) -> Callable[..., Page]:
    def signed_in(login: str = "ines", **options: object) -> Page:
        page = watched(context_of(**options).new_page())
        sign_in(page, login)
        return page

    return signed_in
