"""Static files under addresses that change with their content, so that browsers may keep them for ever.

Files come from `core/web/static`, the `script.js` of each view type, and the `static` folders of addons. One digest
over all of them is part of each address; modules that import each other by relative path therefore stay in one
version. All of them together are small, so they are kept in memory, compressed where that helps.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from werkzeug.exceptions import NotFound as MissingPage
from werkzeug.wrappers import Request, Response

KEEP_SECONDS = 31_536_000
PREFIX = "/static"
SERVED_SUFFIXES = frozenset({".css", ".js", ".svg", ".png", ".ico", ".woff2", ".webmanifest", ".txt", ".map"})
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}
TEXT_SUFFIXES = frozenset({".css", ".js", ".svg", ".txt", ".map", ".webmanifest"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, the same compressed (empty where that gains nothing), its type."""

    content: bytes
    compressed: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Assets:
    """The static files of one instance by their address below the digest."""

    files: Mapping[str, Asset]
    digest: str

    @classmethod
    def collect(cls, folders: Iterable[tuple[str, Path]], single: Mapping[str, Path]) -> Assets:
        """Read the files of (prefix, folder) pairs, a prefix "" puts them at the top, and single files by name."""
        paths = {name: path for prefix, folder in folders for name, path in _walk(prefix, folder)} | dict(single)
        files = {name: _read(path) for name, path in sorted(paths.items())}
        digest = hashlib.sha256()
        for name, asset in files.items():
            digest.update(name.encode() + b"\0" + asset.content + b"\0")
        return cls(files, digest.hexdigest()[:12])

    def url(self, name: str) -> str:
        """The address of a file, such as `js/client.js`."""
        return f"{PREFIX}/{self.digest}/{name}"

    def respond(self, digest: str, name: str, request: Request) -> Response:
        """The file as an answer; kept for a year under the present digest, asked for again under any other."""
        asset = self.files.get(name)
        if asset is None:
            raise MissingPage()
        small = bool(asset.compressed) and request.accept_encodings["gzip"] > 0
        response = Response(asset.compressed if small else asset.content, mimetype=asset.kind)
        if small:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        current = digest == self.digest
        response.headers["Cache-Control"] = f"public, max-age={KEEP_SECONDS}, immutable" if current else "no-cache"
        response.set_etag(f"{self.digest}-{'z' if small else 'p'}")
        return response.make_conditional(request)


def view_scripts(folder: Path) -> dict[str, Path]:
    """The script of each view type: `views/list.js` for `<folder>/list/script.js`."""
    return {f"views/{path.parent.name}.js": path for path in sorted(folder.glob("*/script.js"))}


def _walk(prefix: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in SERVED_SUFFIXES:
            yield str(PurePosixPath(prefix) / path.relative_to(folder).as_posix()), path


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    compressed = gzip.compress(content, 6, mtime=0) if path.suffix in TEXT_SUFFIXES else b""
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(content, compressed if len(compressed) < len(content) else b"", kind)
