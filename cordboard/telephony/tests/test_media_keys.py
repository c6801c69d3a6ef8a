"""Keys that somebody presses in a conversation reach those who hear them, and nobody else. Time is counted, nothing is awaited."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cordboard.telephony import driver
from cordboard.telephony.media import rtp
from cordboard.telephony.media.protocol import Codec, MediaEvent
from cordboard.telephony.media.recording import Recording
from cordboard.telephony.media.room import Room
from cordboard.telephony.tests.party import Party, Tape


class World:
    """alice at the desk, noor whom she has called, bob listening in."""

    def __init__(self, *bridged: str) -> None:
        self.now = 100.0
        self.events: list[MediaEvent] = []
        self.room = Room("call", self.events.append, Tape(), None, lambda: self.now)  # type: ignore[arg-type]
        self.parties = {name: Party(name, self.room, Codec.PCMU, hertz) for name, hertz in (("alice", 400), ("noor", 700), ("bob", 1100))}
        for party in self.parties.values():
            self.room.add(party)
        self.room.connect(driver.Bridge("call", bridged))

    def press(self, who: str, *pressed: str) -> dict[str, str]:
        """What each far side is sent as telephone events in the second after."""
        for key in pressed:
            self.room.press(who, key)
        for _ in range(60):
            self.now += 0.02
            for party in self.parties.values():
                party.speak(self.now)
            self.room.tick(self.now)
        return {name: _keys(party) for name, party in self.parties.items()}


def _keys(party: Party) -> str:
    heard, reader = "", rtp.KeyReader()
    for packet in party.packets:
        if packet.payload_type == 101 and (key := reader.read(packet.ssrc, packet.timestamp, packet.payload)):
            heard += key
    return heard


def test_keys_reach_whoever_hears_them() -> None:
    assert World("alice", "noor").press("alice", "4", "2") == {"alice": "", "noor": "42", "bob": ""}
    assert World("alice", "noor").press("noor", "7") == {"alice": "7", "noor": "", "bob": ""}


def test_one_on_hold_gets_none() -> None:
    assert World("alice", "bob").press("alice", "4") == {"alice": "", "noor": "", "bob": "4"}
    assert World().press("alice", "4") == {"alice": "", "noor": "", "bob": ""}


def test_who_only_listens_in_keys_nothing_into_the_call() -> None:
    world = World("alice", "noor", "bob")
    for other in ("alice", "noor"):
        world.room.gain(driver.Gain("call", "bob", other, 0.0))
    assert world.press("bob", "9") == {"alice": "", "noor": "", "bob": ""}


def test_keys_that_are_collected_go_no_further() -> None:
    world = World("alice", "noor")
    world.room.collect(driver.CollectKeys("noor", "card", 4, secret=True))
    assert world.press("noor", "4", "1") == {"alice": "", "noor": "", "bob": ""}


def test_a_customers_card_number_stays_with_the_one_who_asked(tmp_path: Path) -> None:
    """While nothing may be kept; the agent's own keys go on: a payment service outside may ask for them."""

    async def story() -> None:
        world = World("alice", "noor")
        recording = Recording("r", "call", tmp_path / "r.wav", "noor", world.now, None)  # type: ignore[arg-type]
        recording.paused = True
        world.room.recordings["r"] = recording
        assert world.press("noor", "4")["alice"] == ""
        assert world.press("alice", "5")["noor"] == "5"
        assert {one.key for one in world.events if isinstance(one, driver.KeyPressed)} == {driver.MASKED}

    asyncio.run(story())
