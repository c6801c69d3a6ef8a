"""What agents may do to the recording of their call."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cordboard.channels.voice import actions, actions_recording, wishes_recording
from cordboard.channels.voice.models import Call, Line
from cordboard.channels.voice.permissions import RECORD
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction, Segment
from cordboard.org.tests.people import person
from cordboard.routing.models import Queue
from cordboard.telephony.calls.happenings import Private, RecordCall, StopRecord, Wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> Call:
    queue = Queue.objects.create(code="service", name="Service", hours={"timezone": "Europe/Amsterdam"})
    Line.objects.create(number="100", name="Service", flow="none", queue=queue, country="NL", languages=["en"])
    opened = actions.open_call("c1", ani="0205550123", dnis="100", kind="sip")
    assert opened is not None
    return Call.objects.get(pk=opened.interaction)


def has(agent: object, call: Call, kind: str = Segment.Kind.OFFER) -> Segment:
    return Segment.objects.create(
        interaction=Interaction.objects.get(pk=call.pk), agent=agent, kind=kind, state=Segment.State.ACTIVE, offered_at=timezone.now()
    )


def wished() -> list[Wish]:
    """All wishes of the log, as the switch reads them."""
    found = Event.objects.filter(kind__in=wishes_recording.KINDS).order_by("id")
    return [wish for event in found for wish in wishes_recording.from_event(event.kind, event.body, lambda name: f"/r/{name}.wav")]


def test_whoever_is_in_the_call_keeps_it_private_and_takes_it_back(call: Call) -> None:
    alice, bob, carol = (person(name, {}) for name in ("alice", "bob", "carol"))
    has(alice, call)
    has(carol, call, Segment.Kind.SUPERVISE)
    for other in (bob, carol):
        with pytest.raises(PermissionDenied):
            actions_recording.keep_private(other, call.pk, on=True)
    assert actions_recording.keep_private(alice, call.pk, on=True)
    assert not actions_recording.keep_private(alice, call.pk, on=True), "pressed twice"
    call.refresh_from_db()
    assert call.private_at is not None
    assert actions_recording.keep_private(None, call.pk, on=False), "a flow's step"
    assert wished() == [Private(True), Private(False)]


def test_recording_on_demand_is_for_those_who_may(call: Call) -> None:
    alice, dave = person("alice", {RECORD: "own"}), person("dave", {})
    has(alice, call)
    has(dave, call, Segment.Kind.CONFERENCE)
    with pytest.raises(PermissionDenied):
        actions_recording.record(dave, call.pk)
    assert not actions_recording.stop_recording(alice, call.pk), "nothing runs"
    reference = actions_recording.record(alice, call.pk)
    actions.recording_started(call.pk, reference, "r.wav", announced=False, rule="")
    assert actions_recording.record(alice, call.pk) == "", "it runs already"
    assert actions_recording.stop_recording(alice, call.pk)
    assert wished() == [RecordCall(reference, f"/r/{reference}.wav"), StopRecord()]
    assert reference.startswith("c1.")


def test_a_call_that_is_over_cannot_be_paused_or_recorded(call: Call) -> None:
    alice = person("alice", {RECORD: "all"})
    has(alice, call)
    Call.objects.filter(pk=call.pk).update(ended_at=timezone.now())
    assert not actions_recording.keep_private(alice, call.pk, on=True)
    assert actions_recording.record(alice, call.pk) == ""
    assert wished() == []
