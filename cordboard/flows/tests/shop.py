"""Servers that services and look-ups are tried on: well-behaved ones, and others."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shop(BaseHTTPRequestHandler):
    """A shop's service, and some that are none."""

    seen: list[tuple[str, str, dict[str, str], bytes]]
    hung: threading.Event

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        path = self.path.removeprefix("/api")
        if path.startswith("/hangs"):
            self.server.hung.wait(30)  # type: ignore[attr-defined]
        elif path == "/drips":
            self.send_response(200)
            self.end_headers()
            try:
                while not self.server.hung.wait(0.02):  # type: ignore[attr-defined]
                    self.wfile.write(b" ")
            except OSError:
                return  # the asker has gone, as it should
        elif path == "/elsewhere":
            self._say(302, b"", {"Location": "/api/orders/1"})
        elif path == "/large":
            self._say(200, b'"' + b"x" * 2_000_000 + b'"')
        elif path == "/page":
            self._say(200, b"<html>")
        elif path == "/closes":
            self.close_connection = True
        elif path.startswith("/customers/"):
            number = path.removeprefix("/customers/")
            self._say(200, json.dumps({"customer": {"number": number, "tier": "gold" if number.startswith("4") else "basic", "balance": "12.50"}}).encode())
        elif path == "/nothing":
            self._say(404, b"{}")
        elif path == "/broken":
            self._say(500, b"{}")
        else:
            self._say(200, json.dumps({"path": path, "got": json.loads(body or b"null")}).encode())

    do_POST = do_GET

    def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # the asker has had enough

    def log_message(self, format: str, *args: object) -> None:
        """Not to the tests' own output."""


@contextmanager
def opened() -> Iterator[ThreadingHTTPServer]:
    """A shop on a free port; `seen` is what it was asked, `hung` lets go of those that it keeps waiting."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.seen, server.hung = [], threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.hung.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()
