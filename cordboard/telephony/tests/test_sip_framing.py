"""Messages found in a stream, however it is cut."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony.sip.framing import PING, Framer, Unframed
from cordboard.telephony.sip.message import MAX_BODY_BYTES


def message(body: bytes = b"", length: str | None = None, name: bytes = b"Content-Length", line: bytes = b"\r\n") -> bytes:
    head = [b"OPTIONS sip:100@example.com SIP/2.0", b"Call-ID: a", name + b": " + (str(len(body)) if length is None else length).encode()]
    return line.join(head) + line + line + body


def fed(*parts: bytes) -> list[bytes]:
    framer = Framer()
    return [found for part in parts for found in framer.feed(part)]


@given(
    bodies=st.lists(
        st.tuples(st.binary(max_size=40), st.sampled_from([b"Content-Length", b"l", b"CONTENT-LENGTH "]), st.integers(0, 3)), min_size=1, max_size=5
    ),
    cuts=st.lists(st.integers(0, 600), max_size=20),
)
def test_a_stream_gives_the_same_messages_wherever_it_is_cut(bodies: list[tuple[bytes, bytes, int]], cuts: list[int]) -> None:
    whole = [message(body, name=name) for body, name, _ in bodies]
    stream = b"".join(one + b"\r\n" * breaks for one, (_, _, breaks) in zip(whole, bodies, strict=True))
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    parts = [stream[begin:end] for begin, end in zip(places, places[1:], strict=False)]
    assert [found for found in fed(*parts) if found != PING] == whole


def test_keep_alives_are_told_from_messages() -> None:
    assert fed(b"\r\n\r\n") == [PING]
    assert fed(b"\r\n", b"\r", b"\n") == [PING]
    assert fed(b"\r\n") == []
    assert fed(b"\r\n\r\n" + message()) == [PING, message()]


def test_bare_line_ends_are_read() -> None:
    assert fed(message(b"ab", line=b"\n") + message(b"c")) == [message(b"ab", line=b"\n"), message(b"c")]


def test_a_body_may_hold_blank_lines_and_messages() -> None:
    inner = message(b"x") + b"\r\n\r\n"
    assert fed(message(inner) + message()) == [message(inner), message()]


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (b"OPTIONS sip:a SIP/2.0\r\nCall-ID: a\r\n\r\n", 400),
        (message(length="-1"), 400),
        (message(length=""), 400),
        (message(length="5 5"), 400),
        (message(length="\u0665".encode().decode()), 400),
        (message(length="1\r\nContent-Length: 2"), 400),
        (message(length="1\r\nl: 2"), 400),
        (message(length="99999999999999999999"), 513),
        (message(length=str(MAX_BODY_BYTES + 1)), 513),
        (b"OPTIONS sip:a SIP/2.0\r\n" + b"X: " + b"a" * 20000 + b"\r\n", 513),
        (b"A" * 20000, 513),
    ],
)
def test_a_stream_whose_next_message_nobody_can_find_is_given_up(stream: bytes, status: int) -> None:
    with pytest.raises(Unframed) as found:
        fed(stream)
    assert found.value.status == status


def test_the_same_length_twice_is_one_length() -> None:
    assert fed(message(b"ab", length="2\r\nl: 2")) == [message(b"ab", length="2\r\nl: 2")]


@given(st.binary(max_size=300), st.integers(1, 50))
def test_rubbish_is_given_up_or_waited_for(data: bytes, step: int) -> None:
    framer = Framer()
    with contextlib.suppress(Unframed):
        for at in range(0, len(data), step):
            assert all(found == PING or found.endswith((b"\r\n\r\n", b"\n\n")) or b"ength" in found for found in framer.feed(data[at : at + step]))
