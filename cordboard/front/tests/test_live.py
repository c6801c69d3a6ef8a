"""`/live` as pages use it: real WebSockets to a running centre, events recorded by Django, roles killed in between."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from cordboard.events import wire
from cordboard.lib.testing.centre import Centre, wait_until


class Tab:
    """One tab of a browser."""

    def __init__(self, centre: Centre, cookie: str, path: str = "/live", origin: str | None = None) -> None:
        self.socket: ClientConnection = connect(
            f"ws://127.0.0.1:{centre.port}{path}",
            additional_headers={"Cookie": cookie} if cookie else {},
            origin=origin or centre.url,
            open_timeout=20,
            legacy=True,
            max_size=None,
        )
        self.messages: list[dict[str, Any]] = []
        self.cursor: str | None = None

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def until(self, true: Callable[[dict[str, Any]], bool], seconds: float = 10) -> dict[str, Any]:
        """The first message from now on that fits."""
        end = time.monotonic() + seconds
        while True:
            message = json.loads(self.socket.recv(timeout=max(0.01, end - time.monotonic())))
            self.messages.append(message)
            self.cursor = message.get("cursor", self.cursor)
            if true(message):
                return message

    def of_type(self, kind: str, seconds: float = 10) -> dict[str, Any]:
        return self.until(lambda message: message["type"] == kind, seconds)

    def closing(self, seconds: float = 10) -> tuple[int, str]:
        """The code and reason with which the front ends it."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.socket.recv(timeout=max(0.01, end - time.monotonic()))
            except ConnectionClosed as closed:
                frame = closed.rcvd
                break
        return (frame.code, frame.reason) if frame is not None else (0, "")

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for message in self.messages if message["type"] == "events" for event in message["events"]]


def people(centre: Centre) -> None:
    centre.python("""
from cordboard.org import actions
from cordboard.org.models import User
for name in ("alice", "bob"):
    if not User.objects.filter(username=name).exists():
        actions.create_user(username=name, name=name.title(), email=f"{name}@example.com", password="a long pass phrase")
""")


CHANGE = """
from cordboard.org import actions
from cordboard.org.models import User
user = User.objects.get(username="alice")
actions.change_own_settings(user, {"theme": "dark" if user.theme == "light" else "light"})
"""


@pytest.fixture(scope="module")
def sessions(shared_centre: Centre) -> list[str]:
    people(shared_centre)
    return shared_centre.sessions_for("alice", 12)


@pytest.fixture
def alice(sessions: list[str]) -> str:
    """A session of hers that no other test has used."""
    return sessions.pop()


def test_a_stranger_and_a_foreign_page_stay_outside(shared_centre: Centre, alice: str) -> None:
    assert Tab(shared_centre, "").closing()[0] == wire.SIGNED_OUT
    for origin in ("https://evil.example", f"https://127.0.0.1:{shared_centre.port}", "null"):
        with pytest.raises(InvalidStatus) as refused:
            Tab(shared_centre, alice, origin=origin)
        assert refused.value.response.status_code == 403


def test_a_page_hears_what_is_its_own_and_not_what_is_anothers(shared_centre: Centre, alice: str) -> None:
    tab, other = Tab(shared_centre, alice), Tab(shared_centre, shared_centre.session_for("bob"))
    welcome = tab.of_type("welcome")
    assert welcome["topics"] == [f"user:{welcome['user']}"]
    other.of_type("welcome")
    other.say(type="subscribe", topics=[f"user:{welcome['user']}", "nothing:1"])
    assert other.of_type("subscribed")["refused"] == [f"user:{welcome['user']}", "nothing:1"]
    shared_centre.python(CHANGE)
    event = tab.of_type("events")["events"][0]
    assert event["kind"] == "org.settings_changed"
    assert event["body"] == {"user": welcome["user"], "fields": ["theme"]}
    other.say(type="ping", n=5)
    assert other.of_type("pong")["n"] == 5
    assert other.kinds == []


def test_what_is_no_message_is_answered_and_harms_nothing(shared_centre: Centre, alice: str) -> None:
    tab = Tab(shared_centre, alice)
    tab.of_type("welcome")
    for text in (
        "",
        "x",
        "[]",
        "1",
        '{"type": 5}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "topics": ["close:user:1"]}',
        '{"type": "softphone", "message": 1}',
    ):
        tab.socket.send(text)
        assert tab.of_type("error")["reason"]
    tab.say(type="ping", n=1)
    tab.of_type("pong")


def test_a_page_that_floods_is_closed(shared_centre: Centre, alice: str) -> None:
    tab = Tab(shared_centre, alice)
    tab.of_type("welcome")
    with contextlib.suppress(ConnectionClosed):  # closed while we still talk
        for _ in range(400):
            tab.say(type="ping", n=1)
    assert tab.closing()[0] == wire.BAD


def test_sign_out_closes_within_a_second(shared_centre: Centre, alice: str, sessions: list[str]) -> None:
    tab, other = Tab(shared_centre, alice), Tab(shared_centre, sessions.pop())
    tab.of_type("welcome")
    other.of_type("welcome")
    key = alice.removeprefix("sessionid=")
    ended = float(
        shared_centre.python(f"""
import time
from django.db import transaction
from cordboard.events import log
from cordboard.org.models import User
user = User.objects.get(username="alice")
with transaction.atomic():
    log.record("org.session_ended", actor=f"user:{{user.pk}}", user=user.pk, session={key[:8]!r})
print(time.time())
""")
    )
    assert tab.closing()[0] == wire.SIGNED_OUT
    assert time.time() - ended < 30  # a bound for loaded machines; the poll alone makes it one second
    other.say(type="ping", n=1)
    other.of_type("pong")


def test_changed_rights_close_and_the_page_comes_back(shared_centre: Centre, alice: str) -> None:
    tab = Tab(shared_centre, alice)
    tab.of_type("welcome")
    shared_centre.python("""
from cordboard.org import actions
from cordboard.org.models import User
actions.set_user_roles(User.objects.get(username="alice"), [])
""")
    assert tab.closing()[0] == wire.ACCESS_CHANGED
    Tab(shared_centre, alice).of_type("welcome")


def test_heartbeats_reach_the_database(shared_centre: Centre, alice: str) -> None:
    tab = Tab(shared_centre, alice)
    user = tab.of_type("welcome")["user"]
    code = f"""
from django.utils import timezone
from cordboard.events import presence
print(presence.present([{user}], timezone.now()) == {{{user}}})
"""
    wait_until(lambda: shared_centre.python(code).strip() == "True", 20, "presence")


def test_a_page_resumes_over_killed_roles_and_misses_nothing(centre: Centre) -> None:
    people(centre)
    cookie = centre.session_for("alice")
    tab = Tab(centre, cookie)
    user = tab.of_type("welcome")["user"]
    tab.say(type="subscribe", topics=[f"user:{user}"])
    tab.of_type("subscribed")
    for role in ("worker", "django", "front"):
        centre.python(CHANGE)
        tab.until(lambda message: message["type"] == "events" and bool(message["events"]))
        if role == "front":
            os.kill(centre.pid("front"), signal.SIGKILL)
            assert tab.closing(20)[0] == 0, "no goodbye"
            centre.python(CHANGE)
            tab_cursor = tab.cursor
            tab = Tab(centre, cookie)
            tab.of_type("welcome")
            tab.say(type="subscribe", topics=[f"user:{user}"], cursor=tab_cursor)
            tab.until(lambda message: message["type"] == "events" and bool(message["events"]))
            assert tab.kinds == ["org.settings_changed"]
        else:
            centre.kill(role)
            tab.say(type="ping", n=1)
            tab.of_type("pong")


def test_guests_without_a_good_token_stay_outside(shared_centre: Centre) -> None:
    assert Tab(shared_centre, "", "/live?guest=call&token=made.up").closing()[0] == wire.SIGNED_OUT
    assert Tab(shared_centre, "", "/live?guest=nothing&token=x").closing()[0] == wire.SIGNED_OUT


def test_internal_endpoints_want_the_fronts_token(shared_centre: Centre) -> None:
    """Even past the front, over the Unix socket."""
    import socket

    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(shared_centre.run_folder / "django.sock"))
        sock.sendall(
            b'POST /internal/live/presence HTTP/1.1\r\nhost: x\r\nx-cordboard-internal: guess\r\ncontent-length: 14\r\nconnection: close\r\n\r\n{"users": [1]}'
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 404")
