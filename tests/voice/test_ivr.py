"""The automated service: greeting, choices, customer number, the way out to a person, closing hours, recording; and callers who make it hard."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

import cordboard.demo
from cordboard.lib.testing.centre import Centre
from cordboard.telephony import wav
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness, strength
from cordboard.telephony.tests.switch_house import sipp
from tests.voice.hands import Hands
from tests.voice.house import House, house, in_loop
from tests.voice.telephone import Telephone, hum

ALICE, BOB, CALLER = 1000.0, 1700.0, 440.0
DEMO = Path(next(iter(cordboard.demo.__path__)))

LINES = """
from django.utils import timezone
if not Line.objects.filter(number="200").exists():
    Flow.objects.create(code=spec["code"], name=spec["name"], version=1, state="published", surfaces=["ivr"], graph=spec["graph"], published_at=timezone.now())
    Flow.objects.create(code="short", name="Short", version=1, state="published", surfaces=["ivr"], graph=short, published_at=timezone.now())
    service = Queue.objects.get(code="service")
    closed = Queue.objects.get(code="closed")
    Line.objects.create(number="200", name="Flow", flow=spec["code"], queue=service, country="NL", languages=["en", "nl", "ru", "th", "zh-hans"])
    Line.objects.create(number="201", name="Short", flow="short", queue=service, country="NL", languages=["nl", "en"])
    Line.objects.create(number="299", name="Flow, closed", flow=spec["code"], queue=closed, country="NL", languages=["en"])
    Line.objects.create(number="203", name="Flow, recorded", flow=spec["code"], queue=service, country="DE", languages=["en"])
    Line.objects.create(number="202", name="Recorded", flow="none", queue=service, country="DE", languages=["en"])
    for skill in ("en", "nl"):
        Skill.objects.get_or_create(code=skill, defaults={"kind": "language", "names": {"en": skill}})
    Policy.objects.create(area="recording", code="recording", name="Recording", version=1, state="published", published_at=timezone.now(), body={
        "schema": 1, "mode": "all", "rules": [{"id": "de", "name": "Calls in Germany", "when": {"fact": "line.country", "op": "is", "value": "DE"},
        "actions": [{"do": "record"}]}]})
    from cordboard.parties import actions as parties
    party = Party.objects.create(kind="person", name="Nora de Vries", customer_number="44712260", languages=["nl"], created_at=timezone.now())
    ContactPoint.objects.create(party=party, kind="phone", value="+31205550777", display="020 555 0777", created_at=timezone.now())
    for name in ("Ann", "Bob"):
        one = Party.objects.create(kind="person", name=name, languages=["en"], created_at=timezone.now())
        ContactPoint.objects.create(party=one, kind="phone", value="+31205550888", display="020 555 0888", created_at=timezone.now())
"""

SHORT: dict[str, Any] = {
    "schema": 1,
    "code": "short",
    "languages": ["en", "nl"],
    "fallback": "en",
    "start": "matter",
    "person_key": "0",
    "person": "person",
    "on_error": "person",
    "variables": {
        "matter": {"type": "choice"},
        "caller.known": {"type": "boolean", "from": "surface"},
        "customer.number": {"type": "text"},
        "_customer": {"type": "number"},
    },
    "steps": {
        "matter": {
            "type": "ask",
            "kind": "choice",
            "texts": {"en": {"text": "Press one.", "file": "beep"}, "nl": {"text": "Toets één.", "file": "beep"}},
            "into": "matter",
            "tries": 2,
            "timeout": 2,
            "choices": [{"key": "1", "value": "product"}, {"key": "2", "value": "order"}],
            "next": "known",
            "give_up": "person",
        },
        "known": {"type": "decide", "branches": [{"when": {"fact": "caller.known", "op": "is", "value": True}, "next": "queue"}], "next": "number"},
        "number": {
            "type": "ask",
            "kind": "digits",
            "min": 4,
            "max": 12,
            "texts": {"en": "Number.", "nl": "Nummer."},
            "into": "customer.number",
            "tries": 3,
            "keep_tries": True,
            "timeout": 3,
            "gap": 1.5,
            "next": "find",
            "give_up": "person",
        },
        "find": {
            "type": "look_up",
            "name": "customer_by_number",
            "args": {"number": {"var": "customer.number"}},
            "fields": {"_customer": "party"},
            "next": "queue",
            "nothing": "number",
            "failed": "queue",
        },
        "queue": {"type": "enqueue", "queue": "service"},
        "person": {"type": "hand_over", "queue": "service"},
    },
}


@pytest.fixture
def lined(shared_hands: Hands) -> Hands:
    spec = json.loads((DEMO / "flows" / "welcome.json").read_text())
    shared_hands.do(LINES, spec=spec, short=SHORT)
    return shared_hands


def context(centre: House, interaction: int) -> dict[str, Any]:
    return dict(centre.hands.do("dict(ContextValue.objects.filter(interaction=pk).order_by('id').values_list('name', 'value'))", pk=interaction))


@in_loop
async def test_a_known_caller_chooses_and_waits(shared_centre: Centre, lined: Hands) -> None:
    """Nora is known by her number: no customer number is asked, the service speaks Dutch, the agent sees what she keyed."""
    async with house(shared_centre, lined) as centre:
        phone = await (await centre.phone("201", "+31205550777")).answered()
        await until(lambda: loudness(phone.heard()) > 200)
        interaction = centre.newest()
        phone.press("1")
        await centre.state(interaction, "waiting")
        row = centre.row(interaction, "subject__name", "identified_by", "language")
        assert row == {"subject__name": "Nora de Vries", "identified_by": "ani", "language": "nl"}
        assert context(centre, interaction)["matter"] == "product"
        run = centre.hands.do("Run.objects.filter(subject=s).values('ended_by', 'surface').get()", s=f"interaction:{interaction}")
        assert run == {"ended_by": "queued", "surface": "ivr"}
        kinds = centre.hands.do("list(Decision.objects.filter(interaction=pk).values_list('kind', flat=True))", pk=interaction)
        assert "routing" in kinds


@in_loop
async def test_a_key_pressed_while_the_recording_is_told_answers_the_choice(shared_centre: Centre, lined: Hands) -> None:
    """Who calls often presses at once: the notice is heard to its end, and the menu is not."""
    async with house(shared_centre, lined) as centre:
        phone = await (await centre.phone("203", "+31205550777")).answered()
        await until(lambda: loudness(phone.heard()) > 200)
        interaction = centre.newest()
        phone.press("2")
        await centre.state(interaction, "waiting", 40)
        assert context(centre, interaction)["matter"] == "order"


@in_loop
async def test_zero_among_other_keys_reaches_a_person_too(shared_centre: Centre, lined: Hands) -> None:
    """Impatient callers press this and that while the notice is told, and then 0."""
    async with house(shared_centre, lined) as centre:
        phone = await (await centre.phone("203", "+31205550777")).answered()
        await until(lambda: loudness(phone.heard()) > 200)
        interaction = centre.newest()
        phone.press("2")
        await asyncio.sleep(0.5)
        phone.press("0")
        await centre.state(interaction, "waiting", 40)
        assert "matter" not in context(centre, interaction)


@in_loop
async def test_the_customer_number_settles_it(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        phone = await (await centre.phone("201", "+31612345678")).answered()
        await until(lambda: loudness(phone.heard()) > 200)
        phone.press("1")
        await centre.eventually(lambda: context(centre, centre.newest()).get("matter"))
        interaction = centre.newest()
        phone.press("44712260#")
        await centre.state(interaction, "waiting")
        row = centre.row(interaction, "subject__name", "identified_by")
        assert row == {"subject__name": "Nora de Vries", "identified_by": "customer_number"}


@in_loop
async def test_a_number_that_does_not_exist_three_times(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        phone = await (await centre.phone("201", "+31612345678")).answered()
        await until(lambda: loudness(phone.heard()) > 200)
        phone.press("1")
        await centre.eventually(lambda: context(centre, centre.newest()).get("matter"))
        interaction = centre.newest()
        for number in ("99990001", "99990002", "99990003"):
            phone.press(f"{number}#")
            await centre.eventually(lambda wanted=number: context(centre, interaction).get("customer.number") == wanted)
        await centre.state(interaction, "waiting", 15)
        assert centre.row(interaction, "subject")["subject"] is None


@in_loop
async def test_several_customers_on_one_number_are_not_guessed(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        phone = await (await centre.phone("100", "+31205550888")).answered()
        await centre.eventually(lambda: context(centre, centre.newest()).get("candidates"))
        interaction = centre.newest()
        assert len(context(centre, interaction)["candidates"]) == 2
        assert centre.row(interaction, "subject")["subject"] is None
        phone.hang_up()


@in_loop
async def test_out_to_a_person_at_any_time(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        phone = await (await centre.phone("200", "+31205550777")).answered()
        await until(lambda: loudness(phone.heard()) > 200)
        await asyncio.sleep(0.5)
        phone.press("0")  # in the middle of the greeting
        interaction = centre.newest()
        await centre.state(interaction, "waiting")
        assert centre.hands.do("Run.objects.get(subject=s).ended_by", s=f"interaction:{interaction}") == "handed_over"


@in_loop
async def test_a_caller_who_presses_nothing_reaches_a_person(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        await (await centre.phone("201")).answered()
        await centre.eventually(centre.newest)
        await centre.state(centre.newest(), "waiting", 25)


@in_loop
async def test_closing_hours(shared_centre: Centre, lined: Hands) -> None:
    """The flow says so, takes a message and hangs up; a line without a flow says so and hangs up."""
    async with house(shared_centre, lined) as centre:
        for number in ("299", "199"):
            phone = await (await centre.phone(number)).answered()
            interaction = centre.newest()
            await until(lambda phone=phone: loudness(phone.heard()) > 200)
            ended = asyncio.create_task(phone.ended(60))
            while number == "299" and not (await asyncio.wait({ended}, timeout=2.0))[0]:
                phone.press("#")  # that was all
            assert await ended == "them"
            await centre.state(interaction, "ended")
            assert centre.row(interaction, "end_cause")["end_cause"] == "closed"


@in_loop
async def test_recorded_after_being_told(shared_centre: Centre, lined: Hands) -> None:
    """By policy, announced, in two channels; the customer's is silent while on hold; heard only by those who may, and that is logged."""
    async with house(shared_centre, lined) as centre:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        phone = await (await centre.phone("202")).answered()
        interaction = await alice.rings(20)
        await alice.accept(interaction)
        await phone.hears(ALICE)
        await asyncio.sleep(1.5)
        await asyncio.to_thread(alice.act, "hold", interaction)
        await asyncio.sleep(1.5)
        phone.hang_up()
        found = await centre.eventually(
            lambda: centre.hands.do(
                "Recording.objects.filter(call=pk).exclude(ended_at=None).values('id', 'path', 'announced', 'rule', 'seconds', 'error').first()",
                pk=interaction,
            ),
            15,
        )
        assert found["announced"]
        assert found["rule"] == "Calls in Germany"
        assert not found["error"]
        path = shared_centre.data / "files" / found["path"]
        assert path.stat().st_size > 8000
        import wave

        import numpy as np

        with wave.open(str(path)) as file:
            assert file.getnchannels() == 2
            rate = file.getframerate()
            sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
        customer, others = sound[:, 0], sound[:, 1]
        talk = slice(round(0.3 * rate), round(1.2 * rate))
        assert strength(customer[talk], CALLER, rate) > 1000
        assert strength(others[talk], ALICE, rate) > 1000
        held = slice(len(sound) - round(1.0 * rate), len(sound) - round(0.1 * rate))
        assert loudness(customer[held]) < 50  # on hold the customer is not recorded
        cookie = shared_centre.session_for("alice")
        status, headers, body = await asyncio.to_thread(shared_centre.get, f"/recordings/{found['id']}.wav", {"Cookie": cookie})
        assert status == 200
        assert headers["content-type"] == "audio/wav"
        assert body == path.read_bytes()
        dave = centre.hands.do("(User.objects.filter(username='dave').first() or person('dave', {})).username")
        refused = await asyncio.to_thread(shared_centre.get, f"/recordings/{found['id']}.wav", {"Cookie": shared_centre.session_for(dave)})
        assert refused[0] == 403
        assert centre.events(interaction).count("voice.recording_heard") == 1


@in_loop
async def test_vera_gives_a_menu_her_voice_and_callers_hear_it(shared_centre: Centre, lined: Hands) -> None:
    """Uploaded on the screen of announcements, heard in the next call; when the file is gone its text is spoken, and the log says so."""
    async with house(shared_centre, lined) as centre:
        centre.hands.do("Prompt.objects.all().delete()")
        carol = centre.hands.do("(User.objects.filter(username='vera').first() or person('vera', {'voice.manage': 'all'})).username")
        cookie = shared_centre.session_for(carol)
        wav.write(shared_centre.data / "menu.wav", hum(700.0, 3.0))
        status, body = await asyncio.to_thread(_upload, shared_centre, cookie, "short.number", "nl", (shared_centre.data / "menu.wav").read_bytes())
        assert status == 302, body
        number = await _asked_for_the_number(centre)
        await number.hears(700.0)
        number.hang_up()
        for file in (shared_centre.data / "files" / "prompts-uploaded").glob("*.wav"):
            file.unlink()
        number = await _asked_for_the_number(centre)
        assert strength(number.heard(), 700.0) < 1000
        await centre.eventually(lambda: centre.hands.do("Event.objects.filter(kind='voice.prompt_failed').count()") >= 1, 30)
        centre.hands.do("Prompt.objects.all().delete()")


async def _asked_for_the_number(centre: House) -> Telephone:
    """A stranger on the short line who has chosen, and is just asked for the customer number."""
    phone = await (await centre.phone("201", "+31205550999")).answered()
    await until(lambda: loudness(phone.heard()) > 200)
    phone.press("1")
    await asyncio.sleep(0.7)  # what is heard from here on is the question, not the menu
    await until(lambda: loudness(phone.heard()) > 200)
    return phone


def _upload(centre: Centre, cookie: str, code: str, language: str, sound: bytes) -> tuple[int, bytes]:
    """As the browser sends the form."""
    _, headers, page = centre.get(f"/announcements/{code}/", {"Cookie": cookie})
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, page[:400]
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n' + token[1],
        b'--edge\r\nContent-Disposition: form-data; name="language"\r\n\r\n' + language.encode(),
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="menu.wav"\r\nContent-Type: audio/wav\r\n\r\n' + sound,
        b"--edge--\r\n",
    ]
    sent = {"Cookie": f"{cookie}; {headers['set-cookie'].split(';')[0]}", "Content-Type": "multipart/form-data; boundary=edge", "Referer": centre.url}
    status, _, body = centre.request("POST", f"/announcements/{code}/", headers=sent, body=b"\r\n".join(parts))
    return status, body


@in_loop
async def test_a_withheld_number(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        phone = await (await centre.phone("100", "")).answered()
        interaction = await alice.rings()
        assert centre.row(interaction, "from_address", "subject") == {"from_address": "", "subject": None}
        await alice.accept(interaction)
        await phone.hears(ALICE)


@in_loop
async def test_a_number_that_is_not_ours(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        before = centre.newest()
        phone = await centre.phone("31415")
        assert await phone.ended() == "refused"
        assert phone.outcome.status in range(400, 700)
        assert centre.newest() == before
        await centre.eventually(lambda: centre.hands.do("Event.objects.filter(kind='voice.call_refused', body__cause='unknown_number').count()"))


@in_loop
async def test_hanging_up_at_every_moment(shared_centre: Centre, lined: Hands) -> None:
    """While it rings, in the greeting, keying, waiting, ringing at the agent, just accepted, talking, on hold: each ends whole, nobody is left."""
    async with house(shared_centre, lined) as centre:
        alice = centre.agent("alice", ALICE).sit_down()
        moments = ["at once", "greeting", "keying", "waiting", "offered", "accepted", "held"]
        for moment in moments:
            before = centre.newest()
            phone = await centre.phone("100" if moment not in ("greeting", "keying") else "201", "+31612345678")
            if moment == "at once":
                await asyncio.sleep(0.01)
                phone.hang_up()
                await asyncio.sleep(1.0)
                if centre.newest() == before:
                    continue
            else:
                await phone.answered()
            interaction = await centre.eventually(lambda before=before: (now := centre.newest()) != before and now)
            if moment == "greeting":
                await asyncio.sleep(0.3)
            elif moment == "keying":
                await until(lambda phone=phone: loudness(phone.heard()) > 200)
                phone.press("1")
                await centre.eventually(lambda i=interaction: context(centre, i).get("matter"))
                phone.press("123")
                await asyncio.sleep(0.5)
            elif moment == "waiting":
                await centre.state(interaction, "waiting")
            elif moment in ("offered", "accepted", "held"):
                alice.act("set_ready")
                await alice.rings()
                if moment != "offered":
                    await alice.accept(interaction)
                if moment == "held":
                    await phone.hears(ALICE)
                    await asyncio.to_thread(alice.act, "hold", interaction)
            phone.hang_up()
            await centre.eventually(lambda i=interaction: centre.row(i, "ended_at")["ended_at"] is not None)
            await centre.eventually(lambda i=interaction: "voice.call_ended" in centre.events(i))
            if moment in ("accepted", "held"):
                await alice.wrap_up(interaction)
            if moment in ("offered", "accepted", "held"):
                await asyncio.to_thread(alice.act, "set_not_ready")
            await centre.state(interaction, "ended")
            kinds = centre.events(interaction)
            assert kinds.count("interactions.ended") == kinds.count("voice.call_ended") == 1, moment
            assert alice.page is not None
            await until(lambda: not alice.page.legs)
        assert centre.hands.do("Call.objects.filter(ended_at=None).count()") == 0


@pytest.mark.sip
@in_loop
async def test_a_codec_that_nobody_speaks(shared_centre: Centre, lined: Hands) -> None:
    async with house(shared_centre, lined) as centre:
        before = centre.newest()
        status, complaints = await sipp("unknown_codec", shared_centre.sip_port)
        assert status == 0, complaints
        assert centre.newest() == before
