"""Every text of a page goes through the catalogue: in the pseudo-language, what does not shows up bare."""

import re
from html.parser import HTMLParser

import pytest

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

SILENT = {"script", "style", "code", "kbd", "option", "template"}
ATTRIBUTES = {"aria-label", "title", "placeholder", "alt"}
# Values, names and signs are the same in every language.
DATA = re.compile(
    r"^(?:[\W\d_]*|Tessera|[Oo]wn|Boss|Sales|Administrator|Werkzeug.*|[A-Z]{1,2}|[0-9A-Z]{4}-[0-9A-Z]{4}"
    r"|.*(?:Fleet renewal|Depot sensors|Guest Wi-Fi|Secret deal|Acme|Halden Marine|My company|New|Qualified|Proposition"
    r"|Won|EUR|USD|€|create_date).*"
    r"|.*\d{1,2} [A-Z][a-z]{2,8} \d{4}.*|[a-z]+\.[a-z_.]+|/.*|\d+ ?%|.*UTC.*|nothing like this|phne?|[a-z])$",
    re.S,
)


class Texts(HTMLParser):
    """Collects what a person reads of a page, and what is read out to them."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in {"input", "meta", "link", "br", "hr", "img", "use", "rect", "path"}:
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data):
        if data.strip() and not SILENT & set(self.inside):
            self.found.append(" ".join(data.split()))


@pytest.mark.parametrize(
    "path",
    [
        "/app/crm.lead",
        "/app/crm.lead?group=stage",
        "/app/crm.lead?view=board",
        "/app/crm.lead?q=nothing+like+this",
        "/app/crm.lead?where=phne",
        "/app/crm.lead/1",
        "/app/crm.lead/1/edit",
        "/app/crm.lead/new",
        "/app/crm.lead/1/history",
        "/app/crm.lead/999999",
        "/account",
    ],
)
def test_no_text_is_left_out(browser_of, instance, path):
    browser = browser_of("own")
    with instance.environment() as env:
        env["res.users"].write([instance.user_id("own")], lang="qps")
    parser = Texts()
    parser.feed(browser.get(path).text)
    bare = sorted({text for text in parser.found if "⟦" not in text and not DATA.match(text)})
    assert bare == []
