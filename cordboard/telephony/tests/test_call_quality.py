"""How well a call is heard: counted, reported both ways, and estimated."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from aiortc.rtp import RtcpPacket
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony import driver
from cordboard.telephony.media import quality, rtcp, rtp
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.quality import Reception, mos
from cordboard.telephony.media.room import REPORTS, Room
from cordboard.telephony.media.rtcp import Block
from cordboard.telephony.tests.media_house import house, in_loop, until
from cordboard.telephony.tests.party import Party, Tape


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


u32 = st.integers(0, 2**32 - 1)
blocks = st.builds(Block, u32, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), u32, u32, u32, u32)


# ---- the estimate -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss, delay, expected",
    [
        (0, 0, 4.41),  # R 93.2: G.107's default, the best that narrow band can be
        (0, 0.15, 4.32),  # R 89.6
        (0.01, 0.1, 4.24),  # R 87.2
        (0.05, 0.1, 3.79),  # R 75.0
        (0.20, 0.1, 2.55),  # R 48.7
        (0, 0.4, 3.05),  # R 59.1 with the delay people interrupt one another by
        (1, 1, 1.0),
    ],
)
def test_known_estimates(loss: float, delay: float, expected: float) -> None:
    assert mos(loss, delay) == pytest.approx(expected, abs=0.1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 3), st.floats(0, 3))
def test_more_loss_or_delay_is_never_better(one: float, other: float, short: float, long: float) -> None:
    loss, delay = sorted((one, other)), sorted((short, long))
    assert 1 <= mos(loss[1], delay[1]) <= mos(loss[0], delay[0]) <= 4.41


# ---- counting -----------------------------------------------------------------------------------------------------


def test_losses_are_counted() -> None:
    reception = Reception()
    for number in (65534, 65535, 0, 3, 2, 5):
        reception.note(1, number)
    assert reception.lost == 2
    assert reception.interval() == (8, 2)
    reception.note(1, 6)
    assert reception.interval() == (1, 0)
    reception.note(2, 40000)
    assert reception.lost == 2
    assert reception.received_all == 8


@given(st.floats(0, 0.6), st.integers(0, 65535))
def test_the_share_lost_is_what_the_network_lost(share: float, first: int) -> None:
    chance = random.Random(1)
    reception, sent, came = Reception(), 400, 0
    for number in range(sent):
        if number in (0, sent - 1) or chance.random() >= share:
            came += 1
            reception.note(9, (first + number) & 0xFFFF)
    assert reception.lost == sent - came
    assert reception.interval() == (sent, sent - came)


def test_jitter_is_that_of_rfc_3550() -> None:
    even, uneven, jumping = Reception(), Reception(), Reception()
    for number in range(1000):
        for reception, off in ((even, 0.0), (uneven, 0.01 * (number % 2)), (jumping, 0.0)):
            reception.note(1, number)
            stamp = 160 * number + (5_000_000 if reception is jumping and number > 500 else 0)
            reception.time(stamp, 8000, 50 + 0.02 * number + off)
    assert even.jitter < 0.0001
    assert uneven.jitter == pytest.approx(0.01, rel=0.01)
    assert jumping.jitter < 0.0001, "a jump of timestamps is no jitter"


# ---- reports ------------------------------------------------------------------------------------------------------


@given(u32, st.floats(0, 4e9), u32, st.integers(0, 2**40), st.integers(0, 2**40), st.lists(blocks, max_size=4))
def test_a_report_says_what_it_was_given(ssrc: int, wall: float, timestamp: int, packets: int, octets: int, said: list[Block]) -> None:
    data = rtcp.build(ssrc, wall, timestamp, packets, octets, tuple(said))
    assert rtp.parse(data) == "rtcp"
    found = rtcp.parse(data)
    assert found is not None
    assert (found.ssrc, list(found.blocks)) == (ssrc, said)
    assert (found.sent_at is None) == (packets == 0)
    if found.sent_at is not None:
        assert abs(rtp.ahead(found.sent_at, rtcp.middle(wall), 32)) <= 1


def test_another_implementation_reads_our_reports() -> None:
    first, second = RtcpPacket.parse(rtcp.build(7, 1_700_000_000.5, 123, 45, 6789, (Block(9, 51, -3, 70000, 80, 5, 6),)))
    assert (first.ssrc, first.sender_info.packet_count, first.sender_info.octet_count) == (7, 45, 6789)
    report = first.reports[0]
    assert (report.ssrc, report.fraction_lost, report.packets_lost, report.highest_sequence, report.jitter) == (9, 51, -3, 70000, 80)
    assert second.chunks[0].ssrc == 7


@given(st.one_of(st.binary(max_size=120), st.binary(max_size=60).map(lambda tail: bytes([0x81, 200, 0, 12]) + tail)))
def test_any_bytes_are_a_report_or_none(data: bytes) -> None:
    rtcp.parse(data)


def test_the_round_trip_leaves_out_the_time_at_the_far_side() -> None:
    sent, back = rtcp.middle(1000.0), rtcp.middle(1005.08)
    assert rtcp.round_trip(Block(1, 0, 0, 0, 0, sent, 5 * 65536), back) == pytest.approx(0.08, abs=0.001)
    assert rtcp.round_trip(Block(1, 0, 0, 0, 0, 0, 0), back) is None
    assert rtcp.round_trip(Block(1, 0, 0, 0, 0, sent, 6 * 65536), back) == 0.0, "clocks that differ by more than the way is long"


# ---- in a room ----------------------------------------------------------------------------------------------------


def test_a_leg_in_a_storm_is_told_and_told_again_at_its_end() -> None:
    events: list[object] = []
    now = 100.0
    room = Room("call", events.append, Tape(), None, lambda: now)  # type: ignore[arg-type]
    good, bad = Party("good", room, Codec.PCMU, 400), Party("bad", room, Codec.PCMU, 700)
    room.add(good)
    room.add(bad)
    room.connect(driver.Bridge("call", ("good", "bad")))
    chance = random.Random(2)
    for tick in range(round(3 * REPORTS / 0.02) + 1):
        now += 0.02
        good.speak(now)
        bad.speak(now, lost=chance.random() < 0.1)
        room.tick(now)
        if tick % 10 == 0:
            room.keep_house(now, 1e9 + now)
    told = {name: [event for event in events if isinstance(event, driver.LegQuality) and event.leg == name] for name in ("good", "bad")}
    assert len(told["good"]) == 1, "what stays as it is is told once in half a minute"
    assert told["good"][0].mos > 4.3
    assert 0.05 < told["bad"][0].loss < 0.16
    assert told["bad"][0].mos < 3.9
    # the good leg's telephone misses what the bad leg never got to us: that is not the good leg's network
    reported = Block(good.stream.ssrc, round(256 * bad.loss_now), 0, 0, 0, 0, 0)
    assert good.reported(rtcp.build(3, 1e9, 1, 1, 1, (reported,)), 1e9, now)
    assert good.report(1e9, now).far_loss == 0.0


@in_loop
async def test_a_browser_tells_how_it_hears_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.media.room.REPORTS", 0.3)
    monkeypatch.setattr(quality.Monitor, "AT_LEAST", 0.1)
    async with house(tmp_path) as here:
        await here.browser("agent", hertz=700)
        await here.phone("customer", hertz=400)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        told = await until(lambda: [each for each in here.of(driver.LegQuality, leg="agent", final=False) if each.round_trip is not None])
        assert told[-1].far_loss == 0
        assert 0 <= told[-1].round_trip < 1
        assert told[-1].mos > 3.5
        await here.client.close_leg("agent")
        last = await here.event(driver.LegQuality, leg="agent", final=True)
        assert last.loss == 0
        assert last.seconds > 0.3
        assert last.lowest <= last.mos
