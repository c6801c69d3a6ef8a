"""Files that Django allows and the front sends; bodies that are larger than memory should hold."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.front import upstream
from cordboard.front.files import wanted_range
from cordboard.front.proxy import Proxy
from cordboard.front.upstream import Broken, Spool, Upstream


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (b"bytes=0-4", (0, 4)),
        (b"bytes=5-", (5, 9)),
        (b"bytes=-3", (7, 9)),
        (b"bytes=-30", (0, 9)),
        (b"bytes=3-99", (3, 9)),
        (b"bytes=4-2", None),
        (b"bytes=0-1,3-4", None),
        (b"lines=1-2", None),
        (b"bytes=-", None),
    ],
)
def test_ranges(value: bytes, wanted: tuple[int, int] | None) -> None:
    assert wanted_range(value, 10) == wanted


@pytest.mark.parametrize("value", [b"bytes=10-", b"bytes=99-100", b"bytes=-0"])
def test_ranges_that_cannot_be(value: bytes) -> None:
    with pytest.raises(ValueError):
        wanted_range(value, 10)


@given(st.binary(max_size=20), st.integers(0, 50))
def test_a_range_is_never_outside_the_file(value: bytes, size: int) -> None:
    try:
        found = wanted_range(b"bytes=" + value, size)
    except ValueError:
        return
    assert found is None or 0 <= found[0] <= found[1] < size


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=30), st.integers(0, 2000))
def test_a_spool_gives_back_what_went_in(chunks: list[bytes], in_memory: int) -> None:
    async def story() -> bytes:
        kept, upstream.IN_MEMORY = upstream.IN_MEMORY, in_memory
        try:
            spool = Spool()

            async def write() -> None:
                for chunk in chunks:
                    spool.write(chunk)
                    await asyncio.sleep(0)
                spool.finish()

            writer = asyncio.create_task(write())
            got = b"".join([chunk async for chunk in spool.chunks()])
            await writer
            return got
        finally:
            upstream.IN_MEMORY = kept

    assert asyncio.run(story()) == b"".join(chunks)


class Answering:
    """A server on a Unix socket that answers every request with given bytes: stands where gunicorn would, for answers that
    Django gives only by accident."""

    def __init__(self, path: Path, *answers: bytes) -> None:
        self.path, self.asked = path, []
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.bind(str(path))
        self._sock.listen()
        self._answers = answers
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        for answer in self._answers:
            connection, _ = self._sock.accept()
            got = connection.recv(65536)
            self.asked.append(got)
            connection.sendall(answer)
            connection.close()


def ask(tmp_path: Path, *answers: bytes, method: str = "GET", headers: list[tuple[bytes, bytes]] | None = None) -> tuple[int, dict[bytes, bytes], bytes, bool]:
    """Status, headers, body and whether it was whole."""
    server = Answering(tmp_path / "s", *answers)
    files = tmp_path / "files"

    async def story():
        sent = []

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": "/x",
            "raw_path": b"/x",
            "query_string": b"a=1",
            "scheme": "http",
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"h"), *(headers or [])],
        }
        await Proxy(Upstream(server.path), files).serve(scope, receive, send)
        return sent

    sent = asyncio.run(story())
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body, not sent[-1].get("more_body")


def test_a_recording_is_sent_whole_and_in_part(tmp_path: Path) -> None:
    (tmp_path / "files" / "recordings").mkdir(parents=True)
    data = os.urandom(700_000)
    (tmp_path / "files" / "recordings" / "a b.wav").write_bytes(data)
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-disposition: inline\r\nX-Accel-Redirect: /files/recordings/a%20b.wav\r\ncontent-length: 0\r\n\r\n"
    status, headers, body, whole = ask(tmp_path, answer)
    assert (status, body, whole) == (200, data, True)
    assert headers[b"content-type"] == b"audio/wav"
    assert headers[b"content-disposition"] == b"inline"
    assert headers[b"content-length"] == b"700000"
    (tmp_path / "s").unlink()
    status, headers, body, _ = ask(tmp_path, answer, headers=[(b"range", b"bytes=100-299")])
    assert (status, body) == (206, data[100:300])
    assert headers[b"content-range"] == b"bytes 100-299/700000"
    (tmp_path / "s").unlink()
    assert ask(tmp_path, answer, headers=[(b"if-none-match", headers[b"etag"])])[::2] == (304, b"")


@pytest.mark.parametrize("name", [b"/files/../secret", b"/etc/passwd", b"/files/%2e%2e/secret", b"files/x"])
def test_only_files_below_the_files_are_sent(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    status, _, body, _ = ask(tmp_path, b"HTTP/1.1 200 OK\r\nX-Accel-Redirect: " + name + b"\r\ncontent-length: 0\r\n\r\n")
    assert status == 502
    assert b"secret" not in body


def test_answers_in_every_form(tmp_path: Path) -> None:
    for number, (answer, body) in enumerate(
        [
            (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", b"hello"),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", b"hello"),
            (b"HTTP/1.1 200 OK\r\n\r\nhello", b"hello"),
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", b"hello"),
            (b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n", b""),
        ]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        _, headers, got, whole = ask(place, answer)
        assert (got, whole) == (body, True)
        assert b"transfer-encoding" not in headers


def test_a_response_of_a_hundred_megabytes_does_not_fill_the_memory(tmp_path: Path) -> None:
    data = b"x" * (100 << 20)
    status, _, body, whole = ask(tmp_path, b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(data) + data)
    assert (status, len(body), whole) == (200, len(data), True)


def test_a_process_that_dies_is_tried_once_more_for_what_changes_nothing(tmp_path: Path) -> None:
    good = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    assert ask(tmp_path, b"", good)[0] == 200
    (tmp_path / "s").unlink()
    status, headers, _, _ = ask(tmp_path, b"", good, method="POST")
    assert status == 502
    assert b"refresh" not in headers


def test_a_response_that_breaks_off_is_not_passed_off_as_whole(tmp_path: Path) -> None:
    status, _, body, whole = ask(tmp_path, b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf")
    assert (status, body, whole) == (200, b"half", False)
    assert issubclass(Broken, OSError)
