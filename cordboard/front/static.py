"""Static files: ours and those of the libraries that we use, straight from where they lie.

What carries its content in its address (`?v=`, or a bundler's hash in the name) may be kept for ever; the rest is asked for again, with
an ETag, which costs an empty answer. Text is compressed once and kept in memory.
"""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cordboard
from cordboard.front.files import Headers, Scope, send_file, tag

LIBRARIES = ("allauth",)
_HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.(js|mjs|css|woff2?|png|svg|webp|wasm|map)$")
_TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/wasm", "application/manifest+json")
_COMPRESS_FROM, _COMPRESS_TO = 1024, 4 * 1024 * 1024

mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("image/webp", ".webp")


def folders() -> list[Path]:
    """Where static files lie: the product's, each package's, the libraries'."""
    home = Path(next(iter(cordboard.__path__)))
    found = [home / "static", *sorted(home.glob("*/static")), *sorted(home.glob("*/*/static"))]
    for library in LIBRARIES:
        spec = find_spec(library)
        for place in (spec.submodule_search_locations or []) if spec else []:
            found += [Path(place) / "static", *sorted(Path(place).glob("*/static"))]
    return [folder.resolve() for folder in found if folder.is_dir()]


class Static:
    def __init__(self, where: list[Path] | None = None) -> None:
        self._folders = where if where is not None else folders()
        self._compressed: dict[tuple[Path, int], bytes] = {}

    def find(self, name: str) -> Path | None:
        """The file called `name` below one of the folders, and never outside it."""
        if "\0" in name or name.endswith("/"):
            return None
        for folder in self._folders:
            path = (folder / name).resolve()
            if folder in path.parents and path.is_file():
                return path
        return None

    async def serve(self, scope: Scope, send: Any) -> None:
        """Answer a GET or HEAD of /static/..."""
        name = scope["path"].removeprefix("/static/")
        path = self.find(name) if scope["method"] in ("GET", "HEAD") else None
        if path is None:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain"), (b"cache-control", b"no-cache")]})
            await send({"type": "http.response.body", "body": b"no such file\n"})
            return
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        text = kind.startswith(_TEXT)
        for_ever = scope["query_string"].startswith(b"v=") or _HASHED.search(path.name) is not None
        headers: Headers = [
            (b"content-type", (f"{kind}; charset=utf-8" if kind.startswith("text/") else kind).encode()),
            (b"cache-control", b"public, max-age=31536000, immutable" if for_ever else b"no-cache"),
            (b"x-content-type-options", b"nosniff"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if kind in ("image/svg+xml", "text/html"):
            headers.append((b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox"))
        if text:
            headers.append((b"vary", b"accept-encoding"))
            if b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b"") and b"range" not in dict(scope["headers"]):
                packed = await self._packed(path)
                if packed is not None:
                    await self._send_packed(scope, send, path, packed, headers)
                    return
        await send_file(scope, send, path, headers)

    async def _packed(self, path: Path) -> bytes | None:
        stat = os.stat(path)
        if not _COMPRESS_FROM <= stat.st_size <= _COMPRESS_TO:
            return None
        key = (path, stat.st_mtime_ns)
        if key not in self._compressed:
            loop = asyncio.get_running_loop()
            self._compressed[key] = await loop.run_in_executor(None, lambda: gzip.compress(path.read_bytes(), 6, mtime=0))
        return self._compressed[key]

    @staticmethod
    async def _send_packed(scope: Scope, send: Any, path: Path, packed: bytes, headers: Headers) -> None:
        stat = os.stat(path)
        etag = tag(path, stat.st_mtime_ns, stat.st_size)[:-1] + b'-gz"'
        headers = [*headers, (b"etag", etag), (b"content-encoding", b"gzip")]
        if etag in [one.strip().removeprefix(b"W/") for one in dict(scope["headers"]).get(b"if-none-match", b"").split(b",")]:
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, (b"content-length", b"%d" % len(packed))]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else packed})
