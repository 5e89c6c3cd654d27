"""The files of a record: shown beside it, sent in, and given out, never as anything that acts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from core.errors import Refusal, with_hint
from core.i18n import _
from core.model.reference import reference_to
from core.records.environment import Environment
from core.views.formats import Formats
from core.web.client.signin import safe_target
from core.web.current import environment, name_work
from core.web.formats import kit_of
from core.web.notes import Note, add_note

blueprint = Blueprint("files", __name__, url_prefix="/app")

ATTACHMENTS = "core.attachment"
SHOWN = 50
LONGEST_NAME = 255
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# What a browser may show; told by the content when it was stored, so that nothing that acts passes for one of them.
VIEWED = PICTURES | {"application/pdf"}
# A stored file may do nothing at all; the viewer of PDF files brings styles of its own.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class File:
    """One file as the page shows it."""

    id: int
    name: str
    size: str
    picture: bool
    viewed: bool

    @property
    def address(self) -> str:
        """Where its content is."""
        return f"/app/{ATTACHMENTS}/{self.id}/content"


def takes_files(env: Environment, model: str) -> bool:
    """Whether records of a model may have files, and the user may see any."""
    return model in env.registry.schema[ATTACHMENTS].fields["record"].models and env[ATTACHMENTS].may("read")


def files_of(env: Environment, model: str, id_: int) -> tuple[list[File], bool]:
    """The newest files of a record, and whether there are more."""
    wanted = ["id", "name", "size", "type"]
    found = env[ATTACHMENTS].read("record == owner", wanted, limit=SHOWN + 1, owner=reference_to(model, id_))
    kit = kit_of(env)
    return [_file(kit, row) for row in found[:SHOWN]], len(found) > SHOWN


def _file(kit: Formats, row: Mapping[str, Any]) -> File:
    kind = row["type"]
    return File(row["id"], row["name"], size_text(kit, row["size"] or 0), kind in PICTURES, kind in VIEWED)


def size_text(kit: Formats, size: int) -> str:
    """A size for people, in the units that file managers use."""
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= factor:
            return f"{kit.number(round(size / factor, 1))} {unit}"
    return _("{count} bytes", count=size)


@blueprint.post("/<model>/<id:id_>/files")
def attach(model: str, id_: int) -> BaseResponse:
    """Keep the files that were sent in with a record."""
    env = environment()
    target = safe_target(request.form.get("next", "")) or f"/app/{model}/{id_}"
    try:
        sent = sent_files()
    except Refusal as refusal:  # said on the page of the record, where another file can be chosen
        add_note(Note(with_hint(refusal.text, refusal.hint), "overdue"))
        return redirect(target, code=303)
    if not sent:
        add_note(Note(_("No file was chosen"), "info"))
        return redirect(target, code=303)
    name = env[model].label([id_]).get(id_, f"#{id_}")
    name_work(_("Attached {count} file(s) to {name}", count=len(sent), name=name))
    store_files(env, reference_to(model, id_), sent)
    add_note(Note(_("Attached {name}", name=", ".join(name for name, _content in sent)), "attach", env.change_set))
    return redirect(target, code=303)


def sent_files() -> list[tuple[str, bytes]]:
    """Name and content of each file of the request.

    :raises Refusal: a file is empty.
    """
    return [_sent(each) for each in request.files.getlist("files") if each.filename]


def _sent(file: FileStorage) -> tuple[str, bytes]:
    name = _plain_name(str(file.filename))
    content = file.read()
    if not content:
        raise Refusal(_("The file '{name}' is empty.", name=name), hint=_("Nothing was attached."))
    return name, content


def _plain_name(given: str) -> str:
    """The last part of the name that the browser tells, without what no file name should hold."""
    return _printable(given.replace("\\", "/").rpartition("/")[2])[:LONGEST_NAME]


def _printable(name: str) -> str:
    """The name without control characters, which no header can hold."""
    return "".join(char for char in name if char.isprintable()).strip() or _("file")


def store_files(env: Environment, record: str, files: Sequence[tuple[str, bytes]], **values: object) -> None:
    """Attach files to a record, by right of changing it."""
    env[ATTACHMENTS].create_many([{"name": name, "data": data, "record": record, **values} for name, data in files])


@blueprint.get("/core.attachment/<id:id_>/content")
def content(id_: int) -> Response:
    """The content of a file: pictures and PDF files to look at, everything else, or with `download`, to be saved."""
    env = environment()
    row: Any = env[ATTACHMENTS].get(id_)
    shown = row.type in VIEWED and "download" not in request.args
    found = env.blob(row.data)
    answer = Response(found, mimetype=row.type if shown else "application/octet-stream")
    # RFC 6266 and 8187: a name beyond ASCII goes in the second form. Older names were stored as they were given.
    answer.headers.set("Content-Disposition", "inline" if shown else "attachment", filename=_printable(row.name))
    answer.set_etag(row.data)
    answer.make_conditional(request, accept_ranges=True, complete_length=len(found))
    answer.headers["Content-Security-Policy"] = POLICY if shown else f"{POLICY}; sandbox"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
