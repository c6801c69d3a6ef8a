"""Addresses of static files that change with their content, so that the front may let browsers keep them for ever.

Scripts keep their plain names: a module loaded under two addresses would run twice. The front answers for them with an ETag, and what
the bundler has already named after its content is kept for ever as well (`front/static.py`).
"""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@lru_cache(maxsize=2000)
def _hash(path: str, changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


class VersionedStorage(StaticFilesStorage):
    """`{% static "cordboard/style.css" %}` becomes /static/cordboard/style.css?v=6b86b273ff."""

    def url(self, name: str | None) -> str:
        plain = super().url(name)
        if not name or name.endswith((".js", ".mjs", "/")):
            return plain
        version = _version(name, int(time.monotonic()))
        return f"{plain}?v={version}" if version else plain


@lru_cache(maxsize=500)
def _version(name: str, _second: int) -> str:
    """Looked up once a second at most: a page shows the same file fifty times."""
    found = finders.find(name)
    return _hash(found, Path(found).stat().st_mtime_ns) if isinstance(found, str) else ""
