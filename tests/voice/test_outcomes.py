"""What comes of calls out, by sound: nobody answers, a machine does, an exchange says its tones, the number is too short; keys, and a far side that holds us."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from cordboard.lib.testing.centre import Centre
from cordboard.telephony import music, softphone
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import strength
from tests.voice.hands import Hands
from tests.voice.house import Agent, House, house, in_loop
from tests.voice.test_outbound import NO_POLICY, dial, outcome, town
from tests.voice.test_recording import channels, seconds_of
from tests.voice.town import Called
from tests.voice.words import spoken

NOBODY, MACHINE, TONES, SHORT, NOOR = "+31205550111", "+31205550112", "+31205550113", "+31205550114", "+31205550123"
IN_TOWN = 700.0

RING = """
from cordboard.rules.models import Policy
Policy.objects.update_or_create(area="dialling", code="dialling", version=1, defaults={"name": "Dialling", "state": "published", "body": {
    "schema": 1, "mode": "all", "timezone": "UTC", "parameters": {"callback": {"ring": 5}}, "rules": []}})
None
"""

RECORD = """
from cordboard.channels.voice import actions_recording
actions_recording.record(User.objects.get(pk=me), interaction)
"""
PATH = "Recording.objects.filter(call=pk).values_list('path', flat=True).first() or ''"
SHOWN = "Outgoing.objects.get(interaction=pk).get_outcome_display()"


def quiet(seconds: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 20, round(seconds * 8000)).astype(np.int16)


def greeting(folder: Path) -> np.ndarray:
    """An answering machine: it talks on, then its beep, then it listens."""
    words = spoken(
        "This is the answering machine of Noor de Vries. I cannot come to the telephone at the moment. Leave your name and your number after the beep.",
        folder,
    )
    return np.concatenate([quiet(0.3), words, quiet(0.5), music.tone(1000.0, seconds=0.6, level=0.3), quiet(60)])


def special_tones() -> np.ndarray:
    """Special information tones (ITU-T E.180): 950, 1400, 1800 Hz, a third of a second each, then a pause; again and again."""
    once = np.concatenate([*(music.tone(hertz, seconds=0.33, level=0.3) for hertz in (950.0, 1400.0, 1800.0)), np.zeros(8000, dtype=np.int16)])
    return np.concatenate([once] * 20)


def shown(centre: House, interaction: int) -> str:
    return str(centre.hands.do(SHOWN, pk=interaction))


def progress(centre: House, interaction: int) -> list[str]:
    return list(
        centre.hands.do(
            "[e.body['step'] for e in Event.objects.filter(kind='routing.dial_progress').order_by('id') if e.body['interaction'] == pk]", pk=interaction
        )
    )


@in_loop
async def test_four_calls_that_reach_nobody(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, town(shared_hands) as there:
        await asyncio.to_thread(shared_hands.do, RING)
        try:
            there.says = {MACHINE: greeting(shared_centre.data / "files" / "prompts"), TONES: special_tones()}
            there.refusals[SHORT] = 484
            agents = {
                number: centre.agent(name, hertz).sit_down().ready()
                for name, hertz, number in (("alice", 1000.0, NOBODY), ("bob", 1700.0, MACHINE), ("cara", 2100.0, TONES), ("dora", 2500.0, SHORT))
            }
            calls = {number: await dial(agent, number) for number, agent in agents.items()}
            await (await there.rings(MACHINE)).answer()
            await (await there.rings(TONES)).answer()
            await centre.state(calls[SHORT], "wrapup", 20)
            assert (outcome(centre, calls[SHORT]), shown(centre, calls[SHORT])) == ("unknown_number", "wrong number")

            await there.rings(NOBODY)
            await centre.state(calls[NOBODY], "wrapup", 30)
            assert (outcome(centre, calls[NOBODY]), shown(centre, calls[NOBODY])) == ("no_answer", "no answer")
            await asyncio.wait_for(there.calls[NOBODY].over.wait(), 10)  # it rings no longer there either

            await centre.eventually(lambda: outcome(centre, calls[TONES]) == "unknown_number", 30)
            assert "unobtainable" in progress(centre, calls[TONES])
            await centre.eventually(lambda: outcome(centre, calls[MACHINE]) == "voicemail", 40)
            for number in (MACHINE, TONES):  # the agents are still on the line: whether to leave a message is theirs to say
                assert centre.row(calls[number], "state")["state"] == "active"
                await asyncio.to_thread(agents[number].act, "hang_up", calls[number])
                await centre.state(calls[number], "wrapup")
            assert (outcome(centre, calls[MACHINE]), shown(centre, calls[MACHINE])) == ("voicemail", "voicemail")
            assert outcome(centre, calls[TONES]) == "unknown_number"
        finally:
            await asyncio.to_thread(shared_hands.do, NO_POLICY)


def hears(called: Called, hertz: float) -> bool:
    return strength(called.heard(), hertz) > 700


def key(agent: Agent, pressed: str) -> None:
    """On the keypad of the page: to every leg that it has, as the page does."""
    assert agent.page is not None
    for leg in agent.page.legs:
        for one in pressed:
            agent.page.say(softphone.Key(leg, one))


@in_loop
async def test_keys_reach_the_one_we_talk_to_and_a_far_side_that_holds_us_is_seen(shared_centre: Centre, shared_hands: Hands) -> None:
    """alice keys through a menu at noor's, on hold nothing is keyed; noor's exchange puts us on hold: alice sees it, the time counts, and its music is in no
    recording."""
    async with house(shared_centre, shared_hands) as centre, town(shared_hands) as there:
        alice = centre.agent("alice", 1000.0).sit_down().ready()
        interaction = await dial(alice, NOOR)
        noor = await (await there.rings(NOOR)).answer()
        await noor.hears(1000.0)
        key(alice, "42#")
        await until(lambda: noor.line.keys == "42#", 15)
        await asyncio.to_thread(alice.act, "hold", interaction)
        await centre.eventually(lambda: centre.hands.do("Segment.objects.get(interaction=pk).state", pk=interaction) == "held")
        await until(lambda: not hears(noor, 1000.0), 15)
        key(alice, "7")
        await asyncio.to_thread(alice.act, "resume", interaction)
        await noor.hears(1000.0)
        key(alice, "8")
        await until(lambda: noor.line.keys.endswith("8"), 15)
        assert noor.line.keys == "42#8"

        made = await asyncio.to_thread(centre.hands.do, RECORD, me=alice.pk, interaction=interaction)
        assert made
        await alice.hears(IN_TOWN)
        path = shared_centre.data / "files" / str(await centre.eventually(lambda: centre.hands.do(PATH, pk=interaction)))
        part = path.with_name(path.name + ".part")
        await centre.eventually(lambda: part.exists() and part.stat().st_size > 3 * 16000)
        noor.hold(True)
        await centre.eventually(lambda: centre.hands.do("Segment.objects.get(interaction=pk).away_at is not None", pk=interaction))
        await asyncio.sleep(1.5)  # their music
        noor.hold(False)
        await centre.eventually(lambda: centre.hands.do("Segment.objects.get(interaction=pk).away_at is None", pk=interaction))
        assert centre.hands.do("Segment.objects.get(interaction=pk).away_seconds", pk=interaction) >= 1.5
        assert centre.hands.do("Segment.objects.get(interaction=pk).state", pk=interaction) == "active"
        await asyncio.sleep(1.0)
        noor.hang_up()
        await centre.state(interaction, "wrapup")
        await centre.eventually(lambda: path.exists(), 15)
        left, right, rate = channels(path)
        hers = seconds_of(left, IN_TOWN, rate)
        first, last = hers.index(True), len(hers) - hers[::-1].index(True)
        away = [place for place in range(first, last) if not hers[place]]
        assert len(away) >= 5, "while we were on hold nothing of theirs is kept"
        assert sum(seconds_of(right, 1000.0, rate)[first:last]) > sum(hers[first:last]), "ours goes on"
