"""Attachments: as open as their record, contents stored once and freed when nothing names them, types by content."""

import pytest

from addons.base.filetype import file_type
from addons.base.housekeeping import free
from core import AccessDenied, Invalid, NotFound

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def contents(env) -> int:
    return env.sudo()["core.blob"].count()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("photo.png", PNG, "image/png"),
        ("photo.html", PNG, "image/png"),
        ("scan.pdf", b"%PDF-1.7 ...", "application/pdf"),
        ("picture", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("anim.gif", b"GIF89a..", "image/gif"),
        ("small.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("page.html", b"<script>alert(1)</script>", "text/html"),
        ("fake.png", b"<script>alert(1)</script>", "application/octet-stream"),
        ("fake.pdf", b"<html>", "application/octet-stream"),
        ("notes.txt", b"hello", "text/plain"),
        ("thing.unheard-of", b"?", "application/octet-stream"),
    ],
)
def test_the_content_tells_the_type(name, content, kind):
    assert file_type(name, content) == kind


@pytest.mark.parametrize("name", ["a\nb.txt", "a\r.txt", "\x7f.txt", "a\u2028b.txt"])
def test_a_name_with_control_characters_is_refused(env, name):
    with pytest.raises(Invalid, match="no line breaks or other control characters"):
        env["core.attachment"].create(name=name, data=b"1")
    file = env["core.attachment"].create(name="Größe 👩‍💻.txt", data=b"1")
    with pytest.raises(Invalid, match="no line breaks or other control characters"):
        env["core.attachment"].write(file, name=name)


def test_a_content_is_stored_once(env):
    partner = env["res.partner"].create(name="Acme", is_company=True)
    one, two = env["core.attachment"].create_many(
        [{"name": name, "data": PNG, "record": partner} for name in ("a.png", "b.png")]
    )
    assert one.data == two.data
    assert (one.type, one.size, env.blob(one.data)) == ("image/png", len(PNG), PNG)
    assert contents(env) == 1
    again = env["core.attachment"].create(name="c.png", data=one.data, record=partner)
    assert again.size == len(PNG)
    env["core.attachment"].write(one, data=b"other")
    assert (one.type, one.size, env.blob(one.data)) == ("image/png", 5, b"other") or one.size == 5
    assert contents(env) == 2


@pytest.mark.parametrize("data", ["0" * 64, "nothing like a hash", 5])
def test_what_is_no_content_is_refused(env, data):
    with pytest.raises(Invalid):
        env["core.attachment"].create(name="a", data=data)
    with pytest.raises(NotFound, match="There is no stored content"):
        env.blob("0" * 64)


def test_type_and_size_follow_from_the_content(env):
    file = env["core.attachment"].create(name="a.png", data=PNG, type="text/html", size=1)
    assert (file.type, file.size) == ("image/png", len(PNG))
    with pytest.raises(Invalid, match="This follows from the content"):
        env["core.attachment"].write(file, type="text/html")


def test_files_are_as_open_as_their_record(env, as_user):
    env["res.users"].create(login="ann", name="Ann", groups=[env.ref("base.internal").id])
    other = env["res.company"].create(name="Other", currency=env["res.currency"].search("name == 'EUR'")[0])
    open_to_all, closed = env.sudo()["res.partner"].create_many(
        [{"name": "Acme"}, {"name": "Theirs", "company": other.id}]
    )
    mine = env["core.attachment"].create(name="mine", data=b"1")
    ann = as_user("ann")
    for name, partner in (("seen", open_to_all), ("hidden", closed)):
        env.sudo()["core.attachment"].create(name=name, data=b"x", record=partner)
    assert [row.name for row in ann["core.attachment"].search()] == ["seen"]
    with pytest.raises(NotFound):
        ann["core.attachment"].get(mine.id)
    with pytest.raises(AccessDenied):  # who may not change a contact attaches nothing to it
        ann["core.attachment"].create(name="no", data=b"2", record=open_to_all)
    own = ann["core.attachment"].create(name="own", data=b"3")
    assert [row.name for row in ann["core.attachment"].search("record == none")] == ["own"]
    with pytest.raises((AccessDenied, Invalid)):
        ann["core.attachment"].write(own, record=open_to_all)


def test_contents_are_freed_when_nothing_names_them(instance, clock):
    with instance.environment() as env:
        partner = env["res.partner"].create(name="Acme")
        env["core.attachment"].create(name="kept", data=b"kept", record=partner)
        env["core.attachment"].create(name="logged", data=b"logged", record=partner).delete_instance()
        env["core.attachment"].create(name="also kept", data=b"kept", record=partner).delete_instance()
        assert contents(env) == 2
    with instance.environment() as env:
        attachment = env["core.attachment"].create(name="refused", data=b"left over", record=partner)
        env.database.execute(f"DELETE FROM core_change WHERE record = {attachment.id}")
        env.database.execute(f"DELETE FROM core_attachment WHERE id = {attachment.id}")
        assert free(env, None) is None
        assert contents(env) == 3, "what was stored a moment ago may belong to what is being written"
    clock.advance(days=2)
    with instance.environment() as env:
        assert free(env, None) is None
        assert contents(env) == 2
        assert env.blob(env["core.attachment"].search("name == 'kept'")[0].data) == b"kept"


def test_a_former_content_comes_back_with_undo(instance, undoing, clock):
    with instance.environment() as env:
        file = env["core.attachment"].create(name="a.txt", data=b"first")
    with instance.environment() as env:
        env["core.attachment"].write(file.id, data=b"second")
        change_set = env.change_set
    clock.advance(days=2)
    with instance.environment() as env:
        free(env, None)
    undoing(change_set)
    with instance.environment() as env:
        row = env["core.attachment"].get(file.id)
        assert (env.blob(row.data), row.size) == (b"first", 5)
