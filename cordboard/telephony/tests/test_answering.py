"""Person, machine, busy tone or fax: told by cadence, from made and spoken sound. Nothing waits: a minute of sound is heard in an instant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.telephony import driver, music, prompts, wav
from cordboard.telephony.media import codecs, rtp
from cordboard.telephony.media.answering import GIVE_UP, Listener, What
from cordboard.telephony.media.codecs import SAMPLES, Sound
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.room import Room
from cordboard.telephony.tests.party import Party, Tape


def quiet(seconds: float) -> Sound:
    """Silence as lines have it: with a little noise."""
    return np.random.default_rng(1).normal(0, 20, round(seconds * 8000)).astype(np.int16)


def join(*parts: Sound) -> Sound:
    return np.concatenate(parts)


def tone(seconds: float, *hertz: float) -> Sound:
    return music.tone(*hertz, seconds=seconds, level=0.25)


def heard(sound: Sound, *, line: Codec = Codec.PCMA) -> list[tuple[What, float]]:
    """All that was found, with the second in which it was; the sound as a telephone line carries it."""
    listener = Listener()
    sound = codecs.expand(line, codecs.compress(line, join(sound, quiet(2))))
    found = []
    for at in range(0, len(sound) - SAMPLES, SAMPLES):
        if (what := listener.hear(sound[at : at + SAMPLES])) is not None:
            found.append((what, round(listener.at, 1)))
    return found


def words(folder: Path, text: str, language: str = "en") -> Sound:
    sound = wav.read(prompts.spoken(text, language, folder))
    loud = np.abs(sound) > 300
    first, last = int(np.argmax(loud)), len(sound) - int(np.argmax(loud[::-1]))
    return sound[first:last]


# ---- tones --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "on, off, hertz",
    [(0.5, 0.5, (425,)), (0.25, 0.25, (425,)), (0.5, 0.5, (480, 620)), (0.375, 0.375, (400,)), (0.2, 0.2, (425,))],
    ids=["busy in Europe", "congestion in Europe", "busy in America", "busy in Britain", "congestion, quick"],
)
def test_busy(on: float, off: float, hertz: tuple[float, ...]) -> None:
    [(what, at)] = heard(join(quiet(0.3), *[tone(on, *hertz), quiet(off)] * 8))
    assert what is What.BUSY
    assert at <= 0.3 + 4 * (on + off)


@pytest.mark.parametrize(("on", "off", "hertz"), [(1.0, 4.0, (425,)), (2.0, 4.0, (440, 480)), (0.4, 0.2, (400, 450))], ids=["Europe", "America", "Britain"])
def test_ring_back_is_waited_out(on: float, off: float, hertz: tuple[float, ...], tmp_path: Path) -> None:
    ring = [tone(on, *hertz), quiet(off), tone(0.4, *hertz), quiet(2.0)] if on < 0.5 else [tone(on, *hertz), quiet(off)]
    found = heard(join(*ring * 2, words(tmp_path, "Hello, Anna speaking.")))
    assert [what for what, _ in found] == [What.PERSON]


def test_special_information_tones() -> None:
    assert [what for what, _ in heard(join(tone(0.33, 950), tone(0.33, 1400), tone(0.33, 1800), quiet(1)))] == [What.UNOBTAINABLE]


def test_fax() -> None:
    assert heard(join(quiet(0.5), tone(3, 2100)))[0][0] is What.FAX
    assert heard(join(quiet(0.5), tone(0.5, 1100), quiet(3), tone(0.5, 1100)))[0][0] is What.FAX


# ---- speech -------------------------------------------------------------------------------------------------------

PEOPLE = [("en", "Hello?"), ("en", "Good morning, this is Anna."), ("nl", "Met Noor de Vries."), ("ru", "Алло, слушаю вас.")]
MACHINES = [
    ("en", "You have reached the voice mail of Anna and Ben Taylor we cannot take your call right now so please leave a message after the tone"),
    ("nl", "U bent verbonden met de voicemail van Noor de Vries ik ben er nu even niet spreek een bericht in na de toon"),
    ("ru", "Здравствуйте вы позвонили на автоответчик оставьте пожалуйста ваше сообщение после сигнала мы вам перезвоним"),
]


@pytest.mark.parametrize(("language", "text"), PEOPLE)
def test_a_person_says_a_few_words_and_waits(language: str, text: str, tmp_path: Path) -> None:
    spoken = words(tmp_path, text, language)
    [(what, at)] = heard(join(quiet(0.8), spoken, quiet(4)))
    assert what is What.PERSON
    assert at < 0.8 + len(spoken) / 8000 + 1.0, "an agent can speak a second later"


@pytest.mark.parametrize(("language", "text"), MACHINES)
def test_a_machine_goes_on_talking_and_then_beeps(language: str, text: str, tmp_path: Path) -> None:
    greeting = words(tmp_path, text, language)
    found = heard(join(quiet(0.5), greeting, quiet(0.4), tone(0.4, 1000), quiet(2)))
    assert [what for what, _ in found] == [What.VOICEMAIL, What.BEEP]
    assert found[0][1] < 5
    assert found[1][1] < 0.5 + len(greeting) / 8000 + 1.5


def test_a_machine_of_few_words_is_corrected_by_its_beep(tmp_path: Path) -> None:
    found = heard(join(words(tmp_path, "Leave a message."), quiet(0.8), tone(0.5, 1400), quiet(1)))
    assert [what for what, _ in found] == [What.PERSON, What.BEEP]


def test_somebody_who_says_nothing() -> None:
    assert [what for what, _ in heard(quiet(8))] == [What.SILENCE]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["quiet", "tone", "noise"]), st.integers(300, 3000), st.floats(0.02, 2.0)), max_size=15))
def test_whatever_is_heard_one_thing_is_found_and_it_ends(parts: list[tuple[str, int, float]]) -> None:
    noise = np.random.default_rng(2)
    made = [
        quiet(seconds) if kind == "quiet" else tone(seconds, hertz) if kind == "tone" else noise.normal(0, 3000, round(seconds * 8000)).astype(np.int16)
        for kind, hertz, seconds in parts
    ]
    listener = Listener()
    sound = join(quiet(0.1), *made, quiet(GIVE_UP + 1))
    found = [what for at in range(0, len(sound) - SAMPLES, SAMPLES) if (what := listener.hear(sound[at : at + SAMPLES])) is not None]
    assert listener.over
    assert len(found) <= 2
    assert len(found) < 2 or found[0] in (What.PERSON, What.VOICEMAIL, What.SILENCE)


def test_a_leg_is_listened_to_while_it_is_relayed() -> None:
    """In a room, as an outgoing call: the callee's machine speaks to an agent, who hears it untouched."""
    now = 100.0
    events: list[object] = []
    room = Room("call", events.append, Tape(), None, lambda: now)  # type: ignore[arg-type]
    agent, callee = Party("agent", room, Codec.PCMU, 700), Party("callee", room, Codec.PCMU, 400)
    for party in (agent, callee):
        room.add(party)
    room.connect(driver.Bridge("call", ("agent", "callee")))
    room.detect("callee")
    assert agent.relayed_from is callee
    chance = np.random.default_rng(5)
    for number in range(round(4.5 / 0.02)):
        now += 0.02
        # a voice, as far as a spectrum can tell
        payload = codecs.compress(Codec.PCMU, chance.normal(0, 2500, 160).astype(np.int16))
        callee.take(rtp.Packet(0, False, number & 0xFFFF, number * 160, 5, payload), now)
        room.tick(now)
    assert [event for event in events if isinstance(event, driver.Detected)] == [driver.Detected("callee", "voicemail")]
    for number in range(225, 225 + round(21 / 0.02)):
        now += 0.02
        callee.take(rtp.Packet(0, False, number & 0xFFFF, number * 160, 5, codecs.SILENCE[Codec.PCMU]), now)
        room.tick(now)
    assert callee.listener is None
    assert callee.playout is None, "and nothing is decoded any more"
