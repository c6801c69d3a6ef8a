"""A room under any sequence of commands: everyone hears exactly whom he should, and never himself. Time is counted, nothing is awaited."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cordboard.telephony import driver
from cordboard.telephony.media import codecs, rtp
from cordboard.telephony.media.protocol import Codec, MediaEvent
from cordboard.telephony.media.room import Room
from cordboard.telephony.tests.party import MUSIC, PROMPT, Party, Tape
from cordboard.telephony.tests.sound import strength

PARTIES = {"pcmu": (Codec.PCMU, 400), "pcma": (Codec.PCMA, 700), "opus": (Codec.OPUS, 1100), "both": (Codec.OPUS, 1600)}

EXACT = {"pcmu": 400, "pcma": 700}
"""Who keeps levels, and their tones. Opus, made for speech, keeps which tones there are but not how loud they are."""


def as_loud(found: float, wanted: float, exact: bool) -> bool:
    return abs(found - wanted) < 350 + 0.25 * wanted if exact else 0.3 * wanted < found + 1 and found < 700 + 3 * wanted


names = st.sampled_from(sorted(PARTIES))
steps = st.one_of(
    st.tuples(st.just("bridge"), st.lists(names, max_size=4, unique=True)),
    st.tuples(st.just("gain"), names, names, st.sampled_from([0.0, 0.5, 1.0])),
    st.tuples(st.just("play"), names),
    st.tuples(st.just("stop"), names),
    st.tuples(st.just("music"), names, st.booleans()),
    st.tuples(st.just("keys"), names),
    st.tuples(st.just("leave"), names),
    st.tuples(st.just("switch"), st.sampled_from([Codec.OPUS, Codec.PCMU])),
)


class World:
    """The room beside a model of what everyone should hear."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events: list[MediaEvent] = []
        self.room = Room("call", self.events.append, Tape(), None, lambda: self.now)  # type: ignore[arg-type]
        self.parties = {name: Party(name, self.room, codec, hertz, (Codec.PCMU,) if name == "both" else ()) for name, (codec, hertz) in PARTIES.items()}
        for party in self.parties.values():
            self.room.add(party)
        self.bridge: list[str] = []
        self.gains: dict[tuple[str, str], float] = {}
        self.playing: set[str] = set()
        self.music: set[str] = set()

    async def do(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("bridge", members):
                members = [name for name in members if name in self.parties]
                self.room.connect(driver.Bridge("call", tuple(members)))
                self.bridge = members
                self.music -= set(members)
            case ("gain", source, destination, gain) if source in self.parties and destination in self.parties:
                self.room.gain(driver.Gain("call", source, destination, gain))
                self.gains[source, destination] = gain
            case ("play", name) if name in self.parties:
                self.room.play(driver.Play(name, "p", (driver.Prompt("x"),)))
                self.playing.add(name)
            case ("stop", name) if name in self.parties:
                self.room.stop_play(name)
                self.playing.discard(name)
            case ("music", name, on) if name in self.parties:
                self.room.music(driver.Music(name, on))
                (self.music.add if on else self.music.discard)(name)
            case ("keys", name) if name in self.parties:
                self.room.send_keys(driver.SendKeys(name, "1"))
            case ("leave", name) if len(self.parties) > 2 and name in self.parties:
                await self.room.remove(name)
                del self.parties[name]
                self.bridge = [each for each in self.bridge if each != name]
                self.gains = {pair: gain for pair, gain in self.gains.items() if name not in pair}
                self.playing.discard(name)
                self.music.discard(name)
            case ("switch", codec) if "both" in self.parties:
                party = self.parties["both"]
                party.says, party._encoder = codec, codecs.encoder(codec)
        for _ in range(4):
            await asyncio.sleep(0)  # what a play prepares is there after that

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.now += 0.02
            for party in list(self.parties.values()):
                party.speak(self.now)
            self.room.tick(self.now)
            self.room.fill_silence(self.now)
        self.room.keep_house(self.now, 1e9)

    def expected(self, name: str) -> dict[int, float]:
        """Amplitude by frequency."""
        if name in self.playing:
            return {PROMPT: 0.15 * 32767}
        if name in self.bridge:
            heard = {other: self.gains.get((other, name), 1.0) for other in self.bridge if other != name}
            if any(gain > 0 for gain in heard.values()):
                return {self.parties[other].hertz: 4000 * gain for other, gain in heard.items() if gain}
        return {MUSIC: 0.15 * 32767} if name in self.music else {}

    def check(self) -> None:
        for name, party in self.parties.items():
            sound, expected = party.heard(), self.expected(name)
            for hertz in (400, 700, 1100, 1600, PROMPT, MUSIC):
                found, wanted = strength(sound, hertz), expected.get(hertz, 0.0)
                assert as_loud(found, wanted, name in EXACT and (hertz in (PROMPT, MUSIC) or hertz in EXACT.values())), (name, hertz, found, wanted)
            steps = [rtp.ahead(after.sequence, before.sequence, 16) for before, after in zip(party.sent, list(party.sent)[1:], strict=False)]
            assert set(steps) == {1}, f"{name} is sent one stream without a hole"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=1, max_size=7))
@example([("music", "pcmu", True), ("bridge", ["pcmu", "pcma"]), ("bridge", [])])
@example([("bridge", ["both", "pcmu"]), ("switch", Codec.PCMU), ("switch", Codec.OPUS), ("keys", "pcmu")])
@example([("bridge", ["opus", "pcmu", "pcma"]), ("play", "opus"), ("leave", "pcma"), ("stop", "opus")])
def test_everyone_hears_whom_he_should(story: list[tuple[Any, ...]]) -> None:
    async def run() -> None:
        world = World()
        world.run(10)
        for step in story:
            await world.do(step)
            world.run(50)
            world.check()

    asyncio.run(run())


def test_pcmu_and_pcma_are_relayed_through_a_table() -> None:
    async def run() -> None:
        world = World()
        await world.do(("bridge", ["pcmu", "pcma"]))
        world.run(50)
        world.check()
        assert world.parties["pcma"].relayed_from is world.parties["pcmu"]
        assert world.parties["pcmu"].playout is None

    asyncio.run(run())


def test_the_table_is_what_decoding_and_encoding_would_give(tmp_path: Path) -> None:
    every = bytes(range(256))
    for one in (Codec.PCMU, Codec.PCMA):
        other, table = codecs.TRANSLATE[one]
        assert every.translate(table) == codecs.compress(other, codecs.expand(one, every))
