"""Static files under addresses that change with their content, so that browsers may keep them for ever.

Files come from `core/web/static`, the `script.js` of each view type, and the `static` folders of addons. One digest over
all of them is part of each address; modules that import each other by relative path therefore stay in one version.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from werkzeug.exceptions import NotFound as MissingPage
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

KEEP_SECONDS = 31_536_000
PREFIX = "/static"
SERVED_SUFFIXES = frozenset({".css", ".js", ".svg", ".png", ".ico", ".woff2", ".webmanifest", ".txt", ".map"})
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class Assets:
    """The static files of one instance by their address below the digest."""

    files: Mapping[str, Path]
    digest: str

    @classmethod
    def collect(cls, folders: Iterable[tuple[str, Path]], single: Mapping[str, Path]) -> Assets:
        """Read the files of (prefix, folder) pairs, a prefix "" puts them at the top, and single files by name."""
        files = {name: path for prefix, folder in folders for name, path in _walk(prefix, folder)} | dict(single)
        digest = hashlib.sha256()
        for name, path in sorted(files.items()):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        return cls(files, digest.hexdigest()[:12])

    def url(self, name: str) -> str:
        """The address of a file, such as `js/app.js`."""
        return f"{PREFIX}/{self.digest}/{name}"

    def respond(self, digest: str, name: str, request: Request) -> Response:
        """The file as an answer; kept for a year under the present digest, asked for again under any other."""
        path = self.files.get(name)
        if path is None:
            raise MissingPage()
        kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        response = send_file(path, request.environ, mimetype=kind, conditional=True)
        current = digest == self.digest
        response.headers["Cache-Control"] = f"public, max-age={KEEP_SECONDS}, immutable" if current else "no-cache"
        return response


def _walk(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in SERVED_SUFFIXES:
            yield str(PurePosixPath(prefix) / path.relative_to(folder).as_posix()), path


def view_scripts(folder: Path) -> dict[str, Path]:
    """The script of each view type: `views/list.js` for `<folder>/list/script.js`."""
    return {f"views/{path.parent.name}.js": path for path in sorted(folder.glob("*/script.js"))}
