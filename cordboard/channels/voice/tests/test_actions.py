"""What the switch reports, asked once or twice: the same interaction, one end, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cordboard.channels.voice import actions, queries, recording
from cordboard.channels.voice.models import Call, Line, Prompt, Recording, WebCall
from cordboard.channels.voice.permissions import LISTEN, MANAGE
from cordboard.events.models import Event
from cordboard.interactions.models import ContextValue, Decision, Interaction, Segment
from cordboard.lib.config import config
from cordboard.org.tests.people import person
from cordboard.parties.models import ContactPoint, Party
from cordboard.routing.models import Queue
from cordboard.rules import published
from cordboard.rules.models import Policy
from cordboard.telephony import wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    queue = Queue.objects.create(code="service", name="Service", hours={"timezone": "Europe/Amsterdam"})
    return Line.objects.create(number="100", name="Service", flow="none", queue=queue, country="NL", languages=["en", "nl"])


@pytest.fixture(autouse=True)
def _compiled() -> Iterator[None]:
    published.forget()
    yield
    published.forget()


def customer(name: str, number: str, *languages: str) -> Party:
    party = Party.objects.create(name=name, languages=list(languages), created_at=timezone.now())
    ContactPoint.objects.create(party=party, kind="phone", value=number, display=number, created_at=timezone.now())
    return party


def opened(reference: str = "c1", **fields: Any) -> actions.Opened | None:
    return actions.open_call(reference, **{"ani": "0205550123", "dnis": "100", "kind": "sip", **fields})


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_a_known_caller(line: Line) -> None:
    nora = customer("Nora de Vries", "+31205550123", "nl")
    made = opened()
    assert made is not None
    assert (made.party, made.language, made.queue) == (nora.pk, "nl", "service")
    row = Interaction.objects.get(pk=made.interaction)
    assert (row.from_address, row.to_address, row.subject, row.identified_by) == ("+31205550123", "100", nora, "ani")


def test_told_twice_it_is_one_call(line: Line) -> None:
    assert opened() == opened()
    assert Interaction.objects.count() == Call.objects.count() == 1
    assert kinds().count("voice.call_began") == 1


def test_several_customers_on_one_number(line: Line) -> None:
    customer("Ann", "+31205550123", "en")
    customer("Bob", "+31205550123", "en")
    made = opened()
    assert made is not None
    assert (made.party, made.candidates) == (None, 2)


def test_a_withheld_number(line: Line) -> None:
    for number in ("", "anonymous"):
        made = opened(number or "c2", ani=number)
        assert made is not None
        assert Interaction.objects.get(pk=made.interaction).from_address == ""


def test_a_language_that_the_line_does_not_speak(line: Line) -> None:
    customer("Somchai", "+31205550123", "th")
    made = opened()
    assert made is not None
    assert made.language == "en"


def test_a_number_that_is_not_ours(line: Line) -> None:
    assert opened(dnis="999") is None
    assert Event.objects.get().body == {"cause": "unknown_number", "kind": "sip"}


def test_a_web_caller_needs_leave(line: Line) -> None:
    assert opened(kind="browser", claims={"web_call": "nothing"}) is None
    token = actions.allow_web_call("203.0.113.9", language="nl", name="Nora")
    assert token is not None
    key = WebCall.objects.get().key
    made = opened("c2", ani="", kind="browser", claims={"web_call": key, "language": "nl", "name": "Nora"})
    assert made is not None
    assert made.language == "nl"
    assert ContextValue.objects.get(name="web_name").value == "Nora"
    assert opened("c3", ani="", kind="browser", claims={"web_call": key}) is None


def test_addresses_are_counted_not_kept(line: Line) -> None:
    for _ in range(6):
        assert actions.allow_web_call("203.0.113.9", language="en")
    assert actions.allow_web_call("203.0.113.9", language="en") is None
    assert actions.allow_web_call("203.0.113.10", language="en")
    assert not WebCall.objects.filter(address__contains="203").exists()


def test_everybody_together_is_counted_too(line: Line) -> None:
    for number in range(60):
        assert actions.allow_web_call(f"198.51.100.{number}", language="en")
    assert actions.allow_web_call("198.51.100.200", language="en") is None


def test_the_customer_number(line: Line) -> None:
    nora = Party.objects.create(name="Nora", customer_number="44712260", created_at=timezone.now())
    made = opened()
    assert made is not None
    assert actions.identify_by_customer_number(made.interaction, "999") is None
    assert actions.identify_by_customer_number(made.interaction, "4471 2260") == nora.pk
    assert Interaction.objects.get(pk=made.interaction).identified_by == "customer_number"


@pytest.mark.parametrize(("by", "cause"), [("caller", "customer"), ("agent", "agent"), ("flow", "closed"), ("media", "failed")])
def test_how_it_ended(line: Line, by: str, cause: str) -> None:
    made = opened()
    assert made is not None
    assert actions.call_ending(made.interaction, cause="normal", by=by)
    assert not actions.call_ending(made.interaction, cause="normal", by="media")
    assert actions.call_ended(made.interaction, cause="normal", by=by)
    assert not actions.call_ended(made.interaction, cause="normal", by=by)
    assert Interaction.objects.get(pk=made.interaction).end_cause == cause
    assert kinds().count("interactions.ended") == kinds().count("voice.call_ended") == 1


def test_calls_whose_media_went(line: Line) -> None:
    for reference in ("gone", "stands", "new"):
        opened(reference)
    Interaction.objects.exclude(call__reference="new").update(started_at=timezone.now() - timedelta(minutes=1))
    lost = actions.end_lost_calls({"stands"})
    assert lost == [Call.objects.get(reference="gone").pk]
    assert set(Call.objects.filter(ended_at=None).values_list("reference", flat=True)) == {"stands", "new"}


def policy(*rules: dict[str, Any]) -> None:
    Policy.objects.create(
        area="recording", code="r", name="R", version=1, state="published", body={"schema": 1, "mode": "all", "rules": list(rules)}, published_at=timezone.now()
    )


def test_nothing_is_recorded_without_a_policy(line: Line) -> None:
    made = opened()
    assert made is not None
    assert not recording.decide(made.interaction, "service").record
    assert Decision.objects.get(kind="recording").sentences[0]["code"] == "voice.no_recording_policy"


def test_no_goes_before_yes(line: Line) -> None:
    policy(
        {"id": "all", "name": "Dutch lines", "when": {"fact": "line.country", "op": "is", "value": "NL"}, "actions": [{"do": "record"}]},
        {"id": "debts", "name": "Never about debts", "when": {"fact": "queue.code", "op": "is", "value": "debts"}, "actions": [{"do": "do_not_record"}]},
    )
    Queue.objects.create(code="debts", name="Debts")
    made = opened()
    assert made is not None
    assert recording.decide(made.interaction, "service", keep=False) == recording.Wanted(True, "Dutch lines")
    assert not Decision.objects.filter(kind="recording").exists()
    assert recording.decide(made.interaction, "debts") == recording.Wanted(False, "Never about debts")


def test_a_recording_is_heard_by_who_may(line: Line) -> None:
    made = opened()
    assert made is not None
    for _ in range(2):
        actions.recording_started(made.interaction, "r1", "recordings/2026/11/22/r1.wav", announced=True, rule="Dutch lines")
    assert actions.recording_ended("r1", seconds=12.345)
    assert not actions.recording_ended("r1", seconds=99)
    row = Recording.objects.get()
    assert (row.seconds, row.announced) == (12.35, True)
    alice, carol, dave = person("alice", {LISTEN: "own"}), person("carol", {LISTEN: "all"}), person("dave", {})
    assert list(queries.recordings(carol)) == [row]
    assert not queries.recordings(alice).exists()
    assert not queries.recordings(dave).exists()
    Segment.objects.create(interaction_id=made.interaction, agent=alice, offered_at=timezone.now())
    assert list(queries.recordings(alice)) == [row]


def test_an_announcement_is_checked_by_its_content(tmp_path: Path) -> None:
    carol, dave = person("carol", {MANAGE: "all"}), person("dave", {})
    wav.write(tmp_path / "a.wav", np.zeros(8000, dtype=np.int16))
    good = (tmp_path / "a.wav").read_bytes()
    row = actions.set_prompt(carol, "welcome", "en", "Welcome.", good)
    kept = config().files / "prompts-uploaded" / row.file
    assert kept.read_bytes() == good
    again = actions.set_prompt(carol, "welcome", "en", "Welcome to us.")
    assert (again.pk, again.file, again.text) == (row.pk, row.file, "Welcome to us.")
    for bad in (b"", b"MZ\x90 not a sound", good[:20]):
        with pytest.raises(actions.BadPrompt):
            actions.set_prompt(carol, "welcome", "nl", "Welkom.", bad)
    with pytest.raises(actions.BadPrompt):
        actions.set_prompt(carol, "welcome", "nl", " ")
    with pytest.raises(PermissionDenied):
        actions.set_prompt(dave, "welcome", "nl", "Welkom.")
    assert Prompt.objects.count() == 1
    assert [path.name for path in kept.parent.iterdir()] == [row.file]


def test_the_place_in_the_log() -> None:
    assert actions.cursor("n1") == ""
    actions.keep_cursor("n1", "1:5")
    actions.keep_cursor("n1", "1:9")
    assert actions.cursor("n1") == "1:9"
