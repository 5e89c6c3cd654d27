"""Typed text as HTML: nothing of it acts."""

import pytest

from addons.mail.text import mentioned_logins, to_html

USERS = {"ines": (3, "Ines <b>"), "mira@ours.example": (4, "Mira")}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("one", "<p>one</p>"),
        ("one\ntwo\n\n \nthree", "<p>one<br>two</p><p>three</p>"),
        ("a\r\n\r\nb", "<p>a</p><p>b</p>"),
        ("<script>alert('x')</script>", "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p>"),
        (
            "see https://x.example/a?b=1&c, soon",
            '<p>see <a href="https://x.example/a?b=1&amp;c">https://x.example/a?b=1&amp;c</a>, soon</p>',
        ),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        (
            'https://x.example/"onclick="x',
            '<p><a href="https://x.example/">https://x.example/</a>&#34;onclick=&#34;x</p>',
        ),
        ("@ines: look", '<p><a href="/app/res.users/3">@Ines &lt;b&gt;</a>: look</p>'),
        ("@INES.", '<p><a href="/app/res.users/3">@Ines &lt;b&gt;</a>.</p>'),
        ("ask @mira@ours.example, or @nobody", '<p>ask <a href="/app/res.users/4">@Mira</a>, or @nobody</p>'),
        ("mail me@ines.example", "<p>mail me@ines.example</p>"),
    ],
)
def test_text_becomes_html(text, html):
    assert to_html(text, USERS) == html


def test_what_may_be_a_login():
    assert mentioned_logins("@Ines. and @a.b-c, x@y.z @q@r.example") == {"ines", "ines.", "a.b-c", "q@r.example"}
    assert mentioned_logins("nobody @ all") == set()
