"""A card number keyed into the automated service, one spoken to an agent, and one keyed in the middle of a talk: used, and kept nowhere."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from cordboard.channels.voice.tests.pay import PAY
from cordboard.channels.voice.wording_card import ASK, WRONG
from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.sound import loudness
from tests.voice.hands import Hands
from tests.voice.house import House, house, in_loop
from tests.voice.test_inbound import talk
from tests.voice.test_recording import ACT, RECORDINGS, channels, seconds_of
from tests.voice.words import hears_words, said

CARD = "4111111111111111"
ALICE, CALLER = 1000.0, 440.0

SET_UP = """
from django.utils import timezone
Flow.objects.get_or_create(code="pay", version=1, defaults={"name": "Pay", "state": "published", "surfaces": ["ivr"], "graph": pay, "published_at": timezone.now()})
Line.objects.get_or_create(number="210", defaults={"name": "Pay", "flow": "pay", "queue": Queue.objects.get(code="service"), "country": "AT", "languages": ["en"]})
Policy.objects.get_or_create(area="recording", code="recording-at", version=1, defaults={"name": "Recording", "state": "published", "published_at": timezone.now(), "body": {
    "schema": 1, "mode": "all", "rules": [{"id": "at", "name": "Calls in Austria", "when": {"fact": "line.country", "op": "is", "value": "AT"},
    "actions": [{"do": "record"}]}]}})
None
"""

EVERYTHING = """
import json
texts = [json.dumps([e.kind, e.body]) for e in Event.objects.order_by("-id")[:2000]]
texts += [json.dumps(one) for one in Run.objects.values_list("state", flat=True)]
texts += [json.dumps([one.name, one.value]) for one in ContextValue.objects.all()]
texts += [json.dumps(one) for one in Decision.objects.values_list("sentences", flat=True)]
[one for one in texts if part in one]
"""


async def paid(centre: House) -> tuple[Any, Any, int]:
    """A caller who has keyed a card number, and talks with alice."""
    await asyncio.to_thread(centre.hands.do, SET_UP, pay=PAY)
    alice = centre.agent("alice", ALICE).sit_down().ready()
    phone = await (await centre.phone("210", hertz=CALLER)).answered()
    await hears_words(centre, phone, "Key your card number.")
    interaction = await centre.eventually(centre.newest)
    assert centre.hands.do("Call.objects.get(interaction=pk).private_at is not None", pk=interaction), "nothing is kept while it is asked"
    phone.press(f"{CARD}#")
    assert await alice.rings(40) == interaction
    assert not centre.hands.do("Call.objects.get(interaction=pk).private_at is not None", pk=interaction)
    await alice.accept(interaction)
    await phone.hears(ALICE)
    await alice.hears(CALLER)
    return alice, phone, interaction


CARDS = """
from cordboard.channels.voice import actions_card
getattr(actions_card, what)(User.objects.get(pk=me), interaction)
"""
KEYED = "dict(CardEntry.objects.filter(call=pk).order_by('-id').values('state', 'tries', 'digits', 'checked', 'last').first() or {})"


async def card(centre: House, alice: Any, interaction: int, what: str) -> None:
    came = await asyncio.to_thread(centre.hands.do, CARDS, what=what, me=alice.pk, interaction=interaction)
    assert came["done"], came


async def act(centre: House, alice: Any, interaction: int, what: str, **named: Any) -> Any:
    return await asyncio.to_thread(centre.hands.do, ACT, what=what, me=alice.pk, interaction=interaction, named=named)


@in_loop
async def test_a_card_number_is_in_no_row_no_log_and_no_file(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await paid(centre)
        kept = dict(centre.hands.do("dict(ContextValue.objects.filter(interaction=pk).values_list('name', 'value'))", pk=interaction))
        assert kept["card.last"] == CARD[-4:]
        recording = (await centre.eventually(lambda: centre.hands.do(RECORDINGS, pk=interaction)))[0]
        path = shared_centre.data / "files" / recording["path"]
        part = path.with_name(path.name + ".part")
        await centre.eventually(lambda: part.exists() and part.stat().st_size > 3 * 16000)
        assert await act(centre, alice, interaction, "keep_private", on=True)  # now it is spoken, and keyed to alice
        await asyncio.sleep(1.0)
        phone.press(CARD)
        await asyncio.sleep(len(CARD) * 0.3)
        assert await act(centre, alice, interaction, "keep_private", on=False)
        await asyncio.sleep(1.5)
        phone.hang_up()
        await centre.eventually(lambda: path.exists(), 15)
        left, right, rate = channels(path)
        for sound, hertz in ((left, CALLER), (right, ALICE)):
            spoken = seconds_of(sound, hertz, rate)
            first, last = spoken.index(True), len(spoken) - spoken[::-1].index(True)
            gap = [place for place in range(first, last) if not spoken[place]]
            assert len(gap) >= 15
            assert loudness(sound[gap[1] * rate // 5 : gap[-1] * rate // 5]) < 50
        await centre.state(interaction, "wrapup")
        for written in (CARD, CARD[:8]):
            assert centre.hands.do(EVERYTHING, part=written) == []
            assert written not in shared_centre.log
            for file in (shared_centre.data, shared_centre.run_folder):
                found = [str(one) for one in file.rglob("*") if one.is_file() and one.suffix != ".wav" and written.encode() in one.read_bytes()]
                assert not found


@in_loop
async def test_a_pause_that_fails_ends_the_recording_and_everybody_is_told(shared_centre: Centre, shared_hands: Hands) -> None:
    """The media process answers nobody for a while: whether it has paused is not known, so the recording is over. The call goes on."""
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await paid(centre)
        recording = (await centre.eventually(lambda: centre.hands.do(RECORDINGS, pk=interaction)))[0]
        path = shared_centre.data / "files" / recording["path"]
        part = path.with_name(path.name + ".part")
        await centre.eventually(lambda: part.exists() and part.stat().st_size > 3 * 16000)
        media = [shared_centre.pid(name) for name in shared_centre.roles() if name.startswith("media")]
        for pid in media:
            os.kill(pid, signal.SIGSTOP)
        try:
            assert await act(centre, alice, interaction, "keep_private", on=True)
            broken = await centre.eventually(lambda: (found := centre.hands.do(RECORDINGS, pk=interaction)[0])["ended_at"] and found, 15)
        finally:
            for pid in media:
                os.kill(pid, signal.SIGCONT)
        assert broken["error"]
        assert broken["seconds"] is None, "nobody knows yet"
        await phone.hears(ALICE)
        await alice.hears(CALLER)
        assert not centre.hands.do("Recording.objects.filter(call=pk, ended_at=None).exists()", pk=interaction)
        assert await act(centre, alice, interaction, "keep_private", on=False)
        whole = await centre.eventually(lambda: (found := centre.hands.do(RECORDINGS, pk=interaction)[0])["seconds"] and found, 20)
        assert whole["seconds"] > 1
        assert whole["error"] == broken["error"]
        left, _right, rate = channels(path)
        assert any(seconds_of(left, CALLER, rate)), "what was said before is kept"
        phone.hang_up()
        await centre.state(interaction, "wrapup")


@in_loop
async def test_a_caller_keys_a_card_number_in_the_middle_of_the_talk(shared_centre: Centre, shared_hands: Hands) -> None:
    """Alice hears neither voice nor keys; a wrong number is asked again; star takes back; with the right one the two talk on, and it is nowhere."""
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        await asyncio.to_thread(centre.hands.do, ACT, what="record", me=alice.pk, interaction=interaction, named={})
        recording = (await centre.eventually(lambda: centre.hands.do(RECORDINGS, pk=interaction)))[0]
        path = shared_centre.data / "files" / recording["path"]
        part = path.with_name(path.name + ".part")
        await centre.eventually(lambda: part.exists() and part.stat().st_size > 2 * 16000)

        await card(centre, alice, interaction, "ask_card")
        await alice.hears_not(CALLER)
        await hears_words(centre, phone, ASK["en"])
        phone.press("4111111111111112#")  # one digit wrong
        await centre.eventually(lambda: centre.hands.do(KEYED, pk=interaction)["tries"] == 1)
        assert centre.hands.do(KEYED, pk=interaction)["state"] == "asking"
        await hears_words(centre, phone, WRONG["en"])
        assert loudness(alice.heard(1.0)) < 100, "not a tone of it"
        phone.press(f"4000*{CARD}#")
        done = await centre.eventually(lambda: (found := centre.hands.do(KEYED, pk=interaction))["state"] != "asking" and found, 20)
        assert done == {"state": "given", "tries": 2, "digits": 16, "checked": True, "last": CARD[-4:]}
        await alice.hears(CALLER)
        await phone.hears(ALICE)
        await asyncio.sleep(1.0)
        phone.hang_up()
        await centre.eventually(lambda: path.exists(), 15)
        left, right, rate = channels(path)
        for sound, hertz in ((left, CALLER), (right, ALICE)):
            spoken = seconds_of(sound, hertz, rate)
            assert spoken.count(True) >= 10, "the talk before and after"
            first, last = spoken.index(True), len(spoken) - spoken[::-1].index(True)
            gap = [place for place in range(first, last) if not spoken[place]]
            assert len(gap) >= 15
            assert loudness(sound[gap[1] * rate // 5 : gap[-1] * rate // 5]) < 50
        await centre.state(interaction, "wrapup")
        for written in (CARD, CARD[:8]):
            assert centre.hands.do(EVERYTHING, part=written) == []
            assert written not in shared_centre.log


@in_loop
async def test_the_agent_takes_the_caller_back_and_a_killed_switch_asks_again(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        await card(centre, alice, interaction, "ask_card")
        await alice.hears_not(CALLER)
        phone.press("41111111")
        await card(centre, alice, interaction, "take_back")
        await alice.hears(CALLER)
        await phone.hears(ALICE)
        assert centre.hands.do(KEYED, pk=interaction) == {"state": "stopped", "tries": 0, "digits": None, "checked": None, "last": ""}
        assert centre.hands.do("Call.objects.get(interaction=pk).private_at is not None", pk=interaction), "the recording goes on when alice says so"

        await card(centre, alice, interaction, "ask_card")
        await alice.hears_not(CALLER)
        await asyncio.to_thread(shared_centre.kill, "switch")
        since = len(phone.line.heard)  # it was asked before: what the new switch asks is meant
        await centre.eventually(lambda: said(centre, phone, ASK["en"], since=since), 40)
        phone.press(f"{CARD}#")
        done = await centre.eventually(lambda: (found := centre.hands.do(KEYED, pk=interaction))["state"] != "asking" and found, 20)
        assert (done["state"], done["last"]) == ("given", CARD[-4:])
        await alice.hears(CALLER)
        phone.hang_up()
        await centre.state(interaction, "wrapup")
