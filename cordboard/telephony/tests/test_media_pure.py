"""The pure parts of the media process: keys, packets, sources, frames, descriptions, codecs, messages."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony import driver, music
from cordboard.telephony.driver import CollectKeys
from cordboard.telephony.media import codecs, keys, protocol, rtp, sdp
from cordboard.telephony.media.keys import Collected, Collecting
from cordboard.telephony.media.playout import Playout
from cordboard.telephony.media.ports import NoPorts, Ports, share
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.reframing import Reframer
from cordboard.telephony.media.source import PROOF, SourceGuard
from cordboard.telephony.tests.sound import hears, strength

# ---- collecting keys --------------------------------------------------------------------------------------------


def run(command: CollectKeys, presses: list[tuple[float, str]], playing_until: float = 0.0) -> tuple[Collected, float]:
    """Keys pressed at their times, in ticks of 20 ms: the result and when."""
    state: Collecting | Collected = keys.begin(command, 0.0, playing_until > 0)
    left = sorted(presses)
    now, playing = 0.0, playing_until > 0
    while isinstance(state, Collecting):
        now += 0.02
        while left and left[0][0] <= now and isinstance(state, Collecting):
            state = keys.press(state, left.pop(0)[1], now)
            playing_stopped, playing = playing, False
            if playing_stopped and isinstance(state, Collecting):
                state = keys.play_ended(state, now)
        if isinstance(state, Collecting) and playing and now >= playing_until:
            playing = False
            state = keys.play_ended(state, now)
        if isinstance(state, Collecting):
            state = keys.tick(state, now)
        assert now < 1000
    return state, now


def test_a_number_ended_by_hash() -> None:
    assert run(CollectKeys("l", "c", 10), [(1, "4"), (2, "2"), (3, "#")])[0] == Collected("42", "end_key")


def test_the_most_keys() -> None:
    assert run(CollectKeys("l", "c", 2), [(1, "4"), (2, "2"), (3, "9")])[0] == Collected("42", "max_keys")


def test_nothing_pressed() -> None:
    result, when = run(CollectKeys("l", "c", 2, first_timeout=6), [])
    assert result == Collected("", "timeout")
    assert when == pytest.approx(6, abs=0.03)


def test_the_gap_between_keys() -> None:
    result, when = run(CollectKeys("l", "c", 5, gap_timeout=3), [(1, "4"), (3.5, "2"), (7, "1")])
    assert result == Collected("42", "timeout")
    assert when == pytest.approx(6.5, abs=0.05)


def test_the_first_clock_starts_when_the_play_has_ended() -> None:
    assert run(CollectKeys("l", "c", 1, first_timeout=6), [], playing_until=10)[1] == pytest.approx(16, abs=0.05)


def test_a_key_that_clears_begins_anew() -> None:
    asked = CollectKeys("l", "c", 5, clear_key="*")
    assert run(asked, [(1, "4"), (2, "4"), (3, "*"), (4, "1"), (5, "#")])[0] == Collected("1", "end_key")
    result, when = run(asked, [(1, "4"), (2, "*")])
    assert result == Collected("", "timeout")
    assert when == pytest.approx(8, abs=0.03), "as much time as for the first key"


def test_zero_at_once_leads_out() -> None:
    assert run(CollectKeys("l", "c", 5, at_once="0"), [(1, "0")])[0] == Collected("0", "at_once")
    assert run(CollectKeys("l", "c", 5, at_once="0"), [(1, "1"), (2, "0"), (3, "#")])[0] == Collected("10", "end_key")


def test_no_end_key_leaves_hash_a_key() -> None:
    assert run(CollectKeys("l", "c", 2, end_key=""), [(1, "#"), (2, "*")])[0] == Collected("#*", "max_keys")


@given(
    most=st.integers(1, 6),
    end=st.sampled_from(["#", "*", ""]),
    at_once=st.sampled_from(["", "0", "09"]),
    pressed=st.lists(st.tuples(st.floats(0.02, 30), st.sampled_from(rtp.KEYS)), max_size=12),
    playing=st.floats(0, 5),
)
def test_every_collection_ends_with_what_was_pressed(most: int, end: str, at_once: str, pressed: list[tuple[float, str]], playing: float) -> None:
    command = CollectKeys("l", "c", most, end, 6.0, 3.0, at_once)
    result, when = run(command, pressed, playing)
    order = "".join(key for _, key in sorted(pressed))
    assert order.startswith(result.keys)
    assert len(result.keys) <= most
    assert result.ended_by in ("end_key", "max_keys", "at_once", "timeout")
    assert result.ended_by != "max_keys" or len(result.keys) == most
    assert result.ended_by != "at_once" or (result.keys in at_once and len(result.keys) == 1)
    if end and result.ended_by != "at_once":
        assert end not in result.keys
    assert when <= 5 + 6 + 3 * most + 0.5


# ---- packets ----------------------------------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_any_bytes_are_a_packet_or_a_reason(data: bytes) -> None:
    found = rtp.parse(data)
    assert isinstance(found, str) or len(found.payload) <= len(data) - 12


@given(st.integers(0, 127), st.booleans(), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=50))
def test_a_packet_survives(number: int, marker: bool, sequence: int, timestamp: int, ssrc: int, payload: bytes) -> None:
    found = rtp.parse(rtp.build(number, marker, sequence, timestamp, ssrc, payload))
    if 64 <= number <= 95 and marker:
        assert found == "rtcp"  # the numbers that RFC 5761 gives up
    else:
        assert found == rtp.Packet(number, marker, sequence, timestamp, ssrc, payload)


def test_extension_sources_and_padding_are_cut_off() -> None:
    packet = bytes([0x80 | 0x20 | 0x10 | 2, 0]) + bytes(10) + bytes(8) + b"\xbe\xde\x00\x01" + bytes(4) + b"sound" + b"\x00\x00\x03"
    found = rtp.parse(packet)
    assert isinstance(found, rtp.Packet)
    assert found.payload == b"sound"


@given(st.lists(st.sampled_from(["frame", "a", "b", "gap"]), min_size=5, max_size=60), st.integers(0, 65535), st.integers(0, 2**32 - 1))
def test_what_goes_out_is_one_stream_whatever_it_is_made_of(story: list[str], sequence: int, timestamp: int) -> None:
    """Sequence numbers rise by one and timestamps never go back, through frames of our own, two sources and pauses."""
    out = rtp.OutStream(7, sequence, timestamp)
    sources = {"a": [65530, 2**32 - 320], "b": [100, 5000]}
    now = 0.0
    sent: list[rtp.Packet] = []
    for step in story:
        now += 0.5 if step == "gap" else 0.02
        for state in sources.values():
            state[0], state[1] = (state[0] + 1) & 0xFFFF, (state[1] + 160) & 0xFFFFFFFF
        if step == "frame":
            raw = out.frame(0, 8000, b"x", now)
        elif step in sources:
            raw = out.relay(step, 1, 0, 8000, False, sources[step][0], sources[step][1], b"x", now)
        else:
            continue
        packet = rtp.parse(raw)
        assert isinstance(packet, rtp.Packet)
        sent.append(packet)
    for before, after in zip(sent, sent[1:], strict=False):
        assert rtp.ahead(after.timestamp, before.timestamp, 32) > 0
        assert rtp.ahead(after.sequence, before.sequence, 16) >= 1
    assert {packet.ssrc for packet in sent} <= {7}


def test_a_relay_keeps_holes_and_order() -> None:
    out = rtp.OutStream(7, 10, 0)
    raw = [out.relay("a", 1, 0, 8000, False, number, number * 160, b"x", number / 50) for number in (1, 2, 4, 3, 5)]
    numbers = [packet.sequence for packet in map(rtp.parse, raw) if isinstance(packet, rtp.Packet)]
    assert [number - numbers[0] for number in numbers] == [0, 1, 3, 2, 4]


def test_a_key_in_many_packets_is_one_key() -> None:
    reader = rtp.KeyReader()
    press = [rtp.event_payload("8", end, 160) for end in (False, False, True, True, True)]
    assert [reader.read(1, 100, each) for each in press] == ["8", "", "", "", ""]
    assert reader.read(1, 900, rtp.event_payload("8", True, 160)) == "8", "all but the last packet were lost"
    assert reader.read(1, 100, press[-1]) == "", "a straggler of the first press"
    assert reader.read(1, 2000, b"\x08") == ""
    assert reader.read(1, 2000, bytes([99, 0, 0, 0])) == ""


# ---- whose packets ----------------------------------------------------------------------------------------------

PHONE, STRANGER, NAT = ("10.0.0.1", 4000), ("10.9.9.9", 666), ("10.0.0.7", 5000)


def test_the_negotiated_source_is_believed_and_nobody_after_it() -> None:
    guard = SourceGuard(PHONE)
    assert guard.accept(PHONE, 1, 1, 0.0)
    assert not any(guard.accept(STRANGER, 2, number, number / 50) for number in range(500))
    assert guard.accept(PHONE, 1, 2, 10.0)


def test_another_source_must_prove_itself() -> None:
    guard = SourceGuard(PHONE)
    accepted = [guard.accept(NAT, 1, number, 0.0) for number in range(PROOF + 3)]
    assert accepted == [False] * (PROOF - 1) + [True] * 4
    assert guard.locked == NAT
    assert not guard.accept(STRANGER, 1, 1, 0.1)
    assert not guard.accept(PHONE, 1, 1, 0.1)
    assert guard.accept(PHONE, 1, 2, 5.0), "the negotiated address takes over when the other has fallen silent"


def test_random_packets_prove_nothing() -> None:
    guard = SourceGuard(PHONE)
    assert not any(guard.accept(STRANGER, number % 3, number * 7 & 0xFFFF, 0.0) for number in range(1000))
    assert guard.locked is None


def test_many_strangers_take_no_memory() -> None:
    guard = SourceGuard(None)
    for number in range(1000):
        guard.accept(("10.0.0.1", number), 1, 1, 0.0)
    assert len(guard._candidates) <= 4


# ---- frames -----------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from([1, 80, 160, 240, 320, 37]), min_size=1, max_size=40), st.integers(0, 2**32 - 1))
def test_reframing_loses_nothing_and_keeps_time(sizes: list[int], start: int) -> None:
    reframer = Reframer()
    sent, frames, at = bytearray(), [], start
    for size in sizes:
        payload = bytes((len(sent) + each) % 251 for each in range(size))
        frames += reframer.push(at & 0xFFFFFFFF, payload)
        sent += payload
        at += size
    assert b"".join(payload for _, _, payload in frames) == bytes(sent[: len(sent) // 160 * 160])
    assert [timestamp for _, timestamp, _ in frames] == [(start + 160 * each) & 0xFFFFFFFF for each in range(len(frames))]
    assert [sequence for sequence, _, _ in frames] == list(range(len(frames)))


def test_a_hole_in_odd_frames_is_a_hole_after() -> None:
    reframer = Reframer()
    reframer.push(0, bytes(240))
    assert reframer.push(0, bytes(240)) == [], "a duplicate"
    after = reframer.push(720, bytes(240))
    assert [(sequence, timestamp) for sequence, timestamp, _ in after] == [(4, 720)]


def test_playout_puts_packets_in_order_and_fills_holes() -> None:
    playout = Playout()
    sound = music.tone(500, seconds=0.2)
    frames = codecs.encode_all(Codec.PCMU, sound)
    for number in (0, 2, 1, 1, 3, 5):
        playout.put(Codec.PCMU, (2**32 - 320 + 160 * number) & 0xFFFFFFFF, frames[number])
    heard = [playout.pull() for _ in range(12)]
    assert all(each is not None and len(each) == 160 for each in heard[:6])
    whole = codecs.expand(Codec.PCMU, b"".join(frames))
    for number in (0, 1, 2, 3, 5):
        assert np.array_equal(heard[number], whole[160 * number : 160 * number + 160])  # type: ignore[arg-type]
    assert np.allclose(heard[4][:16], whole[560:576], atol=150), "a period of 2 ms goes on"  # type: ignore[index]
    assert all(sound is not None for sound in heard[6:9]), "it may still come"
    assert heard[9] is None
    playout.put(Codec.PCMU, 0, frames[1])
    playout.put(Codec.OPUS, 0, b"\x00rubbish" * 3)
    for number in range(1, 4):
        playout.put(Codec.OPUS, 960 * number, b"\xff\xff\xff")
    assert [playout.pull() is not None for _ in range(3)][0]
    assert playout.bad


def test_playout_does_not_grow() -> None:
    playout = Playout()
    for number in range(1000):
        playout.put(Codec.PCMU, 160 * number, bytes(160))
    assert len(playout._queue) <= 10


# ---- codecs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_g711_is_idempotent_and_close(codec: Codec) -> None:
    every = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)
    once = codecs.expand(codec, codecs.compress(codec, every))
    assert np.array_equal(codecs.expand(codec, codecs.compress(codec, once)), once)
    error = np.abs(once.astype(np.int32) - every)
    assert (error <= np.abs(every.astype(np.int32)) / 16 + 8).all()


def test_g711_known_values() -> None:
    """From the tables of ITU-T G.711."""
    assert [int(each) for each in codecs.expand(Codec.PCMU, b"\x00\x80\x7f\xff\x0f")] == [-32124, 32124, 0, 0, -16764]
    assert [int(each) for each in codecs.expand(Codec.PCMA, b"\xd5\x55\x2a\xaa")] == [8, -8, -32256, 32256]
    assert codecs.compress(Codec.PCMU, codecs.NOTHING) == codecs.SILENCE[Codec.PCMU]
    assert codecs.compress(Codec.PCMA, codecs.NOTHING) == codecs.SILENCE[Codec.PCMA]


def test_opus_there_and_back() -> None:
    sound = music.tone(700, seconds=1)
    frames = codecs.encode_all(Codec.OPUS, sound)
    assert {codecs.opus_samples(frame) for frame in frames} == {160}
    decoder = codecs.OpusDecoder()
    heard = np.concatenate([decoder.decode(frame) for frame in frames])
    assert len(heard) == 8000
    assert hears(heard[2000:7000], 700)
    assert not np.concatenate([codecs.OpusDecoder().decode(codecs.SILENCE[Codec.OPUS])]).any()


@given(st.binary(max_size=60))
def test_any_bytes_as_opus_are_sound_or_refused(payload: bytes) -> None:
    assert 0 <= codecs.opus_samples(payload) <= 960
    with contextlib.suppress(ValueError):
        codecs.OpusDecoder().decode(payload)


# ---- descriptions -----------------------------------------------------------------------------------------------

SNOM = """v=0\r
o=root 1821 1821 IN IP4 192.0.2.7\r
s=call\r
c=IN IP4 192.0.2.7\r
t=0 0\r
m=video 0 RTP/AVP 96\r
m=audio 58642 RTP/AVP 9 8 0 101 13\r
a=rtpmap:9 G722/8000\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:0 PCMU/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-16\r
a=ptime:30\r
a=sendonly\r
"""


def test_a_phones_offer_is_read() -> None:
    audio = sdp.parse(SNOM).audio
    assert (audio.host, audio.port, audio.rtcp_port, audio.direction) == ("192.0.2.7", 58642, 58643, "sendonly")
    assert audio.far_sends
    assert not audio.far_listens
    agreed = sdp.agree(audio, (Codec.PCMU, Codec.PCMA, Codec.OPUS))
    assert agreed.codec is Codec.PCMU
    assert agreed.keys_out() == (101, 8000)
    answer = sdp.parse(
        sdp.sip(session=1, version=1, host="127.0.0.1", port=4000, codecs=agreed.send[:1], keys=agreed.keys, refused=(sdp.parse(SNOM).sections[0],), before=1)
    )
    assert [section.kind for section in answer.sections] == ["video", "audio"]
    assert answer.sections[0].port == 0
    assert [each.name for each in answer.audio.formats] == ["PCMU", "telephone-event"]


def test_static_types_need_no_map() -> None:
    audio = sdp.parse("v=0\no=- 1 1 IN IP4 1.2.3.4\ns=-\nc=IN IP4 1.2.3.4\nt=0 0\nm=audio 9 RTP/AVP 0 8\n").audio
    assert [each.name for each in audio.formats] == ["PCMU", "PCMA"]
    assert sdp.agree(audio, (Codec.PCMA,)).codec is Codec.PCMA


@pytest.mark.parametrize(
    "text",
    [
        "", "junk", "v=0\r\n", "v=0\r\nm=audio 0 RTP/AVP 0\r\n", "v=0\r\nm=audio 70000 RTP/AVP 0\r\n", "v=0\r\nm=audio x RTP/AVP 0\r\n",
        "v=0\r\nm=audio 9 RTP/AVP zero\r\n", "v=0\r\nm=audio 9 RTP/AVP 300\r\n", "v=0\r\nc=IN\r\nm=audio 9 RTP/AVP 0\r\n",
        "v=0\r\n" + "m=audio 9 RTP/AVP 0\r\n" * 20, "v=0\r\n" + "a=x\r\n" * 20000, "v=0\r\nm=audio 9 RTP/AVP 0\r\na=ice-ufrag:\x01\x02\x03\x04\r\n",
    ],
)  # fmt: skip
def test_descriptions_that_cannot_be_used_are_refused(text: str) -> None:
    with pytest.raises(sdp.SdpError):
        sdp.parse(text).audio


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, "v=0\r\nm=audio 9 RTP/AVP 0 101\r\n" + text, "v=0\r\nm=audio 9 RTP/AVP 0 101\r\na=" + text):
        with contextlib.suppress(sdp.SdpError):
            sdp.agree(sdp.parse(whole).audio, (Codec.PCMU,))


# ---- messages, ports, music -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        protocol.Offer("c", "l", protocol.LegKind.BROWSER, "v=0", (Codec.OPUS, Codec.PCMU)),
        protocol.Note("l", None, "text"),
        driver.Play("l", "p", (driver.Prompt("hello", "en"), driver.Prompt(path="x.wav")), False),
        driver.Record("c", "r", "/x.wav", "l", True, False),
        driver.CollectKeys("l", "c", 3, "", 1.5, 2),
        protocol.LegStats(1, 2, 3, 4, 5, {"stranger": 3}),
        protocol.Calls((protocol.StandingCall("c", "m", (protocol.StandingLeg("l", protocol.LegKind.SIP, protocol.LegState.UP, "PCMU", False, ""),), ("l",), ()),)),
        protocol.Status(0, "b", 1, 2, 3, 4, 5, 6, 0.5, 0),
        driver.RecordingEnded("c", "r", "/x.wav", 1.0, ""),
    ],
)  # fmt: skip
def test_messages_survive_the_wire(message: object) -> None:
    assert protocol.decode(json.loads(protocol.line(protocol.encode(message)))) == message


@pytest.mark.parametrize(
    "data",
    [None, [], {"type": "Nonsense"}, {"type": "Note"}, {"type": "Note", "leg": 3}, {"type": "Offer", "call": "c", "leg": "l", "kind": "fax", "sdp": ""}, {"type": "Play", "leg": "l", "playback": "p", "prompts": "x"}],
)  # fmt: skip
def test_what_is_no_message_is_refused(data: object) -> None:
    with pytest.raises(protocol.ProtocolError):
        protocol.decode(data)


def test_fields_of_a_newer_version_are_passed_over() -> None:
    assert protocol.decode({"type": "Note", "leg": "l", "colour": "green"}) == protocol.Note("l")


@given(st.integers(1024, 40000), st.integers(100, 20000), st.integers(1, 8))
def test_processes_share_the_ports_without_overlap(low: int, size: int, count: int) -> None:
    shares = [share(low, low + size, number, count) for number in range(count)]
    assert all(first % 2 == 0 and low <= first < last <= low + size for first, last in shares)
    assert all(a[1] < b[0] for a, b in zip(shares, shares[1:], strict=False))


def test_a_port_just_given_back_rests() -> None:
    ports = Ports("127.0.0.1", 29900, 29919)
    seen = []
    for _ in range(4):
        rtp_socket, rtcp_socket = ports.pair()
        seen.append(rtp_socket.getsockname()[1])
        assert rtcp_socket.getsockname()[1] == seen[-1] + 1
        rtp_socket.close()
        rtcp_socket.close()
    assert len(set(seen)) == 4


def test_an_exhausted_range_says_so() -> None:
    ports = Ports("127.0.0.1", 29920, 29925)
    held = [ports.pair() for _ in range(3)]
    with pytest.raises(NoPorts):
        ports.pair()
    with pytest.raises(NoPorts):
        ports.single()
    for pair in held:
        for each in pair:
            each.close()


def test_strengths_are_told_apart() -> None:
    """The test's own ears."""
    both = music.tone(440, 1000, seconds=0.5)
    assert hears(both, 440, 1000)
    assert not hears(both, 440)
    assert strength(both, 600) < 50
