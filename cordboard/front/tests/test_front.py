"""What browsers (and worse) send to the front, over real sockets to a running centre."""

from __future__ import annotations

import gzip
import socket
import time

import pytest

from cordboard.lib.testing.centre import Centre

PAGE = "/account/login/"


def raw(centre: Centre, data: bytes, seconds: float = 10) -> bytes:
    """Send bytes as they are, and return all that comes back until the front closes."""
    with socket.create_connection(("127.0.0.1", centre.port), timeout=seconds) as sock:
        sock.sendall(data)
        got = b""
        while chunk := sock.recv(65536):
            got += chunk
        return got


def test_a_page_comes_from_django(shared_centre: Centre) -> None:
    status, headers, body = shared_centre.get(PAGE)
    assert status == 200
    assert b"</html>" in body
    assert len(headers["x-request-id"]) == 16
    assert "server" not in headers


def test_head_has_no_body(shared_centre: Centre) -> None:
    status, headers, body = shared_centre.request("HEAD", PAGE)
    assert (status, body) == (200, b"")
    assert headers["content-type"].startswith("text/html")


def test_many_requests_on_one_connection(shared_centre: Centre) -> None:
    one = b"GET /account/login/ HTTP/1.1\r\nhost: localhost\r\n\r\n"
    last = b"GET /account/login/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    assert raw(shared_centre, one * 4 + last).count(b"HTTP/1.1 200 OK") == 5


def test_what_only_the_front_may_say_is_dropped(shared_centre: Centre) -> None:
    """A visitor cannot choose the address that the log and the lock-out will see, nor speak for the front."""
    from cordboard.front.proxy import headers_for_django

    scope = {
        "headers": [
            (b"host", b"x"),
            (b"x-real-ip", b"6.6.6.6"),
            (b"x-forwarded-for", b"6.6.6.6"),
            (b"x-forwarded-proto", b"https"),
            (b"forwarded", b"for=6.6.6.6"),
            (b"x_real_ip", b"6.6.6.6"),
            (b"x-cordboard-internal", b"guess"),
            (b"transfer-encoding", b"chunked"),
            (b"cookie", b"a=b"),
        ],
        "client": ("127.0.0.1", 5),
        "scheme": "http",
    }
    assert headers_for_django(scope, "id1") == [
        (b"host", b"x"),
        (b"cookie", b"a=b"),
        (b"x-real-ip", b"127.0.0.1"),
        (b"x-forwarded-for", b"127.0.0.1"),
        (b"x-forwarded-proto", b"http"),
        (b"x-request-id", b"id1"),
    ]


@pytest.mark.parametrize("path", ["/internal/live/hello", "/%69nternal/live/hello", "//internal/live/hello", "/internal", "/internal/"])
def test_internal_addresses_do_not_exist_outside(shared_centre: Centre, path: str) -> None:
    for method in ("GET", "POST"):
        assert shared_centre.request(method, path, body=b"{}" if method == "POST" else None)[0] == 404


def test_slow_and_stalled_visitors_hold_no_django_process(shared_centre: Centre) -> None:
    """More half-sent uploads than there are Django processes, and as many downloads that nobody reads."""
    stuck = []
    for _ in range(6):
        sock = socket.create_connection(("127.0.0.1", shared_centre.port))
        sock.sendall(b"POST /account/login/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: 50000\r\n\r\nusername=")
        stuck.append(sock)
        sock = socket.create_connection(("127.0.0.1", shared_centre.port))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.sendall(b"GET /account/login/ HTTP/1.1\r\nhost: localhost\r\n\r\n" * 20)
        stuck.append(sock)
    assert [shared_centre.get(PAGE, timeout=10)[0] for _ in range(10)] == [200] * 10
    for sock in stuck:
        sock.close()


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(shared_centre: Centre) -> None:
    answer = raw(shared_centre, b"POST /account/login/ HTTP/1.1\r\nhost: x\r\naccept-language: nl\r\ncontent-length: 99999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"Dat was te groot" in answer


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"y" * 1000) for n in range(200)),
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    ],
    ids=["noise", "version", "long address", "endless head", "two lengths", "negative length"],
)
def test_bad_http_is_refused(shared_centre: Centre, data: bytes) -> None:
    try:
        answer = raw(shared_centre, data)
    except ConnectionResetError:
        answer = b""
    assert not answer or answer.split(b" ")[1] in (b"400", b"413", b"414", b"431")
    assert shared_centre.get(PAGE)[0] == 200


def test_static_files_are_compressed_and_kept(shared_centre: Centre) -> None:
    from cordboard.front.static import folders

    place = folders()[0]
    path = max(place.rglob("*.css"), key=lambda one: one.stat().st_size)
    name = f"/static/{path.relative_to(place)}"
    status, headers, body = shared_centre.get(name, {"accept-encoding": "gzip"})
    assert status == 200
    assert gzip.decompress(body) == path.read_bytes()
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["cache-control"] == "no-cache"
    assert shared_centre.get(name, {"accept-encoding": "gzip", "if-none-match": headers["etag"]})[0] == 304
    status, headers, body = shared_centre.get(name)
    assert body == path.read_bytes()
    assert shared_centre.get(name, {"if-none-match": headers["etag"]})[::2] == (304, b"")
    assert "immutable" in shared_centre.get(f"{name}?v=0123456789")[1]["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["/static/../settings.py", "/static/%2e%2e/settings.py", "/static/..%2f..%2fpyproject.toml", "/static/", "/static/nothing.css", "/static/a%00b"]
)
def test_nothing_outside_the_static_folders(shared_centre: Centre, name: str) -> None:
    assert shared_centre.get(name)[0] in (400, 404)


def test_when_django_is_away_the_page_says_so_and_comes_back(centre: Centre) -> None:
    import os
    import signal

    os.kill(centre.pid("django"), signal.SIGSTOP)  # holds the restart back: it is neither dead nor there
    with open(f"/proc/{centre.pid('django')}/task/{centre.pid('django')}/children") as children:
        for pid in children.read().split():
            os.kill(int(pid), signal.SIGKILL)
    (centre.run_folder / "django.sock").rename(centre.run_folder / "away")
    status, headers, body = centre.get(PAGE, {"accept-language": "ru,en"})
    assert status == 503
    assert headers["refresh"] == "2"
    assert "Cordboard запускается" in body.decode()
    assert "refresh" not in centre.request("POST", PAGE, body=b"x=1")[1]
    (centre.run_folder / "away").rename(centre.run_folder / "django.sock")
    os.kill(centre.pid("django"), signal.SIGCONT)
    assert centre.get(PAGE)[0] == 200


def test_health_says_whether_the_log_can_be_read(shared_centre: Centre) -> None:
    until = time.monotonic() + 10
    while shared_centre.get("/health")[0] != 200 and time.monotonic() < until:
        time.sleep(0.1)
    for role in ("django", "worker", "media"):
        assert shared_centre.get(f"/health/{role}")[0] == 200, role
    assert shared_centre.get("/health/kitchen")[0] == 404
    status, headers, body = shared_centre.get("/health")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert b'"log": true' in body
