"""Whole rooms: conferences of up to eight, and a supervisor who listens, whispers or barges in. Each party says a tone; who hears whom is told by
frequency. Time is counted, except where real phones and browsers meet."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.telephony import driver
from cordboard.telephony.media import taping
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.recording import LEFT, RIGHT, Recording
from cordboard.telephony.media.room import Room
from cordboard.telephony.tests.media_house import house, in_loop, until
from cordboard.telephony.tests.party import Party, Tape
from cordboard.telephony.tests.sound import hears, strength

TONES = (400, 650, 900, 1150, 1400, 1650, 1900, 2150)
SPOKEN = (Codec.PCMU, Codec.OPUS, Codec.PCMA, Codec.OPUS, Codec.PCMU, Codec.PCMA, Codec.OPUS, Codec.PCMU)
SETTLED = 30
"""Ticks after which what was heard before is out of the window."""


class Conference:
    """`count` parties p0, p1, ... in one room, bridged; of mixed codecs unless told which."""

    def __init__(self, count: int, codecs: Sequence[Codec] = SPOKEN) -> None:
        self.now = 100.0
        self.room = Room("call", lambda event: None, Tape(), None, lambda: self.now)  # type: ignore[arg-type]
        self.parties = {f"p{n}": Party(f"p{n}", self.room, codecs[n], TONES[n]) for n in range(count)}
        for party in self.parties.values():
            self.room.add(party)
        self.bridge(self.parties)

    def bridge(self, names: Iterable[str]) -> None:
        self.room.connect(driver.Bridge("call", tuple(names)))

    def gain(self, source: str, destination: str, gain: float) -> None:
        self.room.gain(driver.Gain("call", source, destination, gain))

    def run(self, ticks: int = SETTLED) -> None:
        for _ in range(ticks):
            self.now += 0.02
            for party in self.parties.values():
                party.speak(self.now)
            self.room.tick(self.now)

    def heard_by(self, name: str) -> set[str]:
        sound = self.parties[name].heard()
        return {other for other, party in self.parties.items() if strength(sound, party.hertz) > 700}

    def hears(self, **wanted: str) -> None:
        """`customer="agent boss"`: exactly these."""
        for name, others in wanted.items():
            assert self.heard_by(name) == set(others.split()), name


@pytest.mark.parametrize("count", range(2, 9))
def test_everyone_hears_all_others_and_never_himself(count: int) -> None:
    call = Conference(count)
    call.run()
    for name in call.parties:
        assert call.heard_by(name) == set(call.parties) - {name}


def test_who_leaves_and_who_joins_is_heard_by_all_at_once() -> None:
    call = Conference(8)
    call.run()
    call.bridge([name for name in call.parties if name != "p3"])
    call.run()
    for name in call.parties:
        assert call.heard_by(name) == (set() if name == "p3" else set(call.parties) - {name, "p3"})
    call.bridge(call.parties)
    call.run()
    assert call.heard_by("p3") == set(call.parties) - {"p3"}
    assert "p3" in call.heard_by("p0")


PAIRS = [pair for pair in itertools.product([f"p{n}" for n in range(4)], repeat=2) if pair[0] != pair[1]]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(PAIRS), st.sampled_from([0.0, 1.0, 2.0]), max_size=6), min_size=1, max_size=3))
def test_any_matrix_of_gains_is_heard_as_it_says(changes: list[dict[tuple[str, str], float]]) -> None:
    call = Conference(4, (Codec.PCMU, Codec.PCMA) * 2)  # Opus, made for speech, keeps which tones there are but not how loud they are
    matrix = dict.fromkeys(PAIRS, 1.0)
    call.run()
    for change in changes:
        for (source, destination), gain in change.items():
            call.gain(source, destination, gain)
        matrix |= change
        call.run()
        for (source, destination), gain in matrix.items():
            found = strength(call.parties[destination].heard(), call.parties[source].hertz)
            assert abs(found - 4000 * gain) < 400 + 1000 * gain, (source, destination, gain, found)


def test_supervision_from_silence_to_barging_in() -> None:
    """p0 is the customer, p1 the agent, p2 the supervisor."""
    call = Conference(3)
    call.bridge(("p0", "p1"))
    call.run()
    call.hears(p0="p1", p1="p0", p2="")
    # silent monitoring: the gains are there before the bridge, so that not one frame of the supervisor slips out
    call.gain("p2", "p0", 0)
    call.gain("p2", "p1", 0)
    before = {name: len(party.packets) for name, party in call.parties.items()}
    call.bridge(("p0", "p1", "p2"))
    call.run()
    call.hears(p0="p1", p1="p0", p2="p0 p1")
    for name in ("p0", "p1"):
        assert strength(call.parties[name].everything(before[name]), call.parties["p2"].hertz) < 50
    # whisper coaching: the agent alone hears the supervisor
    call.gain("p2", "p1", 1)
    call.run()
    call.hears(p0="p1", p1="p0 p2", p2="p0 p1")
    # barge-in, and back
    call.gain("p2", "p0", 1)
    call.run()
    call.hears(p0="p1 p2", p1="p0 p2", p2="p0 p1")
    call.gain("p2", "p0", 0)
    call.gain("p2", "p1", 0)
    call.run()
    call.hears(p0="p1", p1="p0", p2="p0 p1")


def test_two_who_speak_one_codec_are_relayed_while_they_are_monitored() -> None:
    """p0 and p4 are both on PCMU: what they hear of one another needs no mixing, whoever listens."""
    call = Conference(5)
    for talker in ("p0", "p4"):
        call.gain("p2", talker, 0)
    call.bridge(("p0", "p4", "p2"))
    assert call.parties["p0"].relayed_from is call.parties["p4"]
    assert call.parties["p4"].relayed_from is call.parties["p0"]
    call.run()
    call.hears(p0="p4", p4="p0", p2="p0 p4")


def test_a_change_of_gain_is_in_the_very_next_frame() -> None:
    call = Conference(3)
    call.run()
    call.gain("p2", "p0", 0)
    at = len(call.parties["p0"].packets)
    call.run(5)
    party = call.parties["p0"]
    assert strength(party.everything(at), 900) < 50


def test_left_is_the_customer_and_right_whom_the_customer_hears() -> None:
    """p0 customer, p1 agent, p2 supervisor, p3 a fourth party."""
    call = Conference(4)
    recording = Recording("r", "call", Path("never-written.wav"), "p0", 0.0, None)  # type: ignore[arg-type]

    def sides() -> dict[str, dict[int, float]]:
        taping.plan([recording], call.room.legs, call.room.bridge, call.room._heard_by)
        return {name: {track.channel: track.gain for track in leg.tracks} for name, leg in call.room.legs.items() if leg.tracks}

    call.bridge(("p0", "p1"))
    assert sides() == {"p0": {LEFT: 1}, "p1": {RIGHT: 1}}
    call.gain("p2", "p0", 0)
    call.bridge(("p0", "p1", "p2"))
    assert sides() == {"p0": {LEFT: 1}, "p1": {RIGHT: 1}}, "who whispers or listens is not recorded"
    call.gain("p2", "p0", 1)
    assert sides() == {"p0": {LEFT: 1}, "p1": {RIGHT: 1}, "p2": {RIGHT: 1}}, "who barges in is"
    call.bridge(("p0", "p1", "p2", "p3"))
    call.gain("p3", "p0", 0.5)
    assert sides() == {"p0": {LEFT: 1}, "p1": {RIGHT: 1}, "p2": {RIGHT: 1}, "p3": {RIGHT: 0.5}}


@in_loop
async def test_browsers_and_phones_confer_and_a_supervisor_whispers(tmp_path: Path) -> None:
    """The same with real sound: Opus browsers and G.711 phones, over the media process's socket."""
    async with house(tmp_path) as here:
        customer, agent = await here.phone("customer", hertz=400), await here.browser("agent", hertz=800)
        boss = await here.browser("boss", hertz=1300)
        third = await here.phone("third", hertz=1900, codec=Codec.PCMA, frame=0.03)
        everyone = ("customer", "agent", "boss", "third")
        await here.client.perform(driver.Bridge("call", everyone))
        await until(lambda: hears(customer.heard(), 800, 1300, 1900) and hears(third.heard(), 400, 800, 1300))
        await until(lambda: hears(agent.heard(), 400, 1300, 1900) and hears(boss.heard(), 400, 800, 1900))
        for other in ("customer", "third"):
            await here.client.perform(driver.Gain("call", "boss", other, 0))
        await until(lambda: hears(customer.heard(), 800, 1900) and hears(third.heard(), 400, 800))
        await until(lambda: hears(agent.heard(), 400, 1300, 1900))
        await here.client.perform(driver.Bridge("call", ("customer", "agent", "boss")))
        await until(lambda: hears(customer.heard(), 800) and hears(agent.heard(), 400, 1300) and hears(boss.heard(), 400, 800))


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
