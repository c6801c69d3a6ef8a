"""Sending a file: whole, in part (Range), or not at all because the browser has it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from email.utils import formatdate
from pathlib import Path
from typing import Any

Scope = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
CHUNK = 256 * 1024
_RANGE = re.compile(rb"bytes=(\d*)-(\d*)")


def tag(path: Path, changed: int, size: int) -> bytes:
    return b'"' + hashlib.sha256(f"{path.name} {changed} {size}".encode()).hexdigest()[:20].encode() + b'"'


def wanted_range(value: bytes, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header with one range; None when it is to be passed over. Raises ValueError when it cannot be satisfied."""
    found = _RANGE.fullmatch(value.strip())
    if not found or found.groups() == (b"", b""):
        return None
    first, last = found.groups()
    if not first:
        length = int(last)
        if length == 0 or size == 0:
            raise ValueError(value)
        return max(0, size - length), size - 1
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if start >= size:
        raise ValueError(value)
    return (start, end) if start <= end else None


async def send_file(scope: Scope, send: Any, path: Path, headers: Headers) -> None:
    """Answer with the file at `path`. `headers` say what it is (content-type) and how long it may be kept."""
    loop = asyncio.get_running_loop()
    asked = dict(scope["headers"])
    try:
        handle = await loop.run_in_executor(None, path.open, "rb")
    except OSError:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    with handle:
        stat = os.fstat(handle.fileno())
        etag = tag(path, stat.st_mtime_ns, stat.st_size)
        common = [*headers, (b"etag", etag), (b"last-modified", formatdate(stat.st_mtime, usegmt=True).encode()), (b"accept-ranges", b"bytes")]
        if etag in [one.strip().removeprefix(b"W/") for one in asked.get(b"if-none-match", b"").split(b",")]:
            await send({"type": "http.response.start", "status": 304, "headers": common})
            await send({"type": "http.response.body", "body": b""})
            return
        status, first, last = 200, 0, stat.st_size - 1
        if b"range" in asked and asked.get(b"if-range", etag) == etag:
            try:
                part = wanted_range(asked[b"range"], stat.st_size)
            except ValueError:
                await send(
                    {"type": "http.response.start", "status": 416, "headers": [(b"content-range", b"bytes */%d" % stat.st_size), (b"content-length", b"0")]}
                )
                await send({"type": "http.response.body", "body": b""})
                return
            if part is not None:
                status, (first, last) = 206, part
                common.append((b"content-range", b"bytes %d-%d/%d" % (first, last, stat.st_size)))
        left = last - first + 1
        await send({"type": "http.response.start", "status": status, "headers": [*common, (b"content-length", b"%d" % left)]})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        handle.seek(first)
        while left > 0:
            data = await loop.run_in_executor(None, handle.read, min(CHUNK, left))
            if not data:
                break
            left -= len(data)
            await send({"type": "http.response.body", "body": data, "more_body": left > 0})
        if stat.st_size == 0:
            await send({"type": "http.response.body", "body": b""})
