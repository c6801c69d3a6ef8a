"""A mail server for tests: it speaks SMTP (RFC 5321) on a port of its own and keeps what it is given. It can be told to refuse, or to be away."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """`refusals`: replies to RCPT TO by address ("550 no such user"), given instead of 250."""

    port: int = 0
    received: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """What has come for this address, the oldest first."""
        return [message for _sender, to, message in list(self.received) if address in to]


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        box, sender = self.server.box, ""
        to: list[str] = []
        self._say("220 mailbox")
        while line := self.rfile.readline(4096):
            verb = line.strip().upper()
            if verb.startswith((b"EHLO", b"HELO")):
                self._say("250 mailbox")
            elif verb.startswith(b"MAIL FROM:"):
                sender, to = _address(line), []
                self._say("250 ok")
            elif verb.startswith(b"RCPT TO:"):
                address = _address(line)
                if address in box.refusals:
                    self._say(box.refusals[address])
                else:
                    to.append(address)
                    self._say("250 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                lines = []
                while (one := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(one[1:] if one.startswith(b".") else one)
                box.received.append((sender, to, message_from_bytes(b"".join(lines), policy=policy.default)))
                self._say("250 kept")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok" if verb in (b"RSET", b"NOOP") else "500 what")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: Mailbox


def _address(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode()


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Runs until the block ends."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.box = Mailbox(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.box
        finally:
            server.shutdown()
            thread.join()
