"""What is kept of how well a call was heard, and how it is said."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cordboard.channels.voice import actions, queries
from cordboard.channels.voice.models import Line
from cordboard.desktop.presenters import heard
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction, Segment
from cordboard.org.tests.people import person
from cordboard.routing.models import Queue
from cordboard.telephony import driver

pytestmark = pytest.mark.django_db

GOOD = driver.LegQuality("c1.0", 4.3, 4.1, 0.001, 0.004, codec="PCMU", seconds=61.5, final=True)
BAD = driver.LegQuality("c1.a1", 2.9, 1.8, 0.08, 0.03, 0.11, 0.02, 0.21, 58.0, "opus", True)


@pytest.fixture
def call() -> Interaction:
    queue = Queue.objects.create(code="service", name="Service", hours={"timezone": "Europe/Amsterdam"})
    Line.objects.create(number="100", name="Service", flow="none", queue=queue, country="NL", languages=["en"])
    opened = actions.open_call("c1", ani="0205550123", dnis="100", kind="sip")
    assert opened is not None
    return Interaction.objects.get(pk=opened.interaction)


def test_each_leg_is_kept_once_with_whose_it_was(call: Interaction, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    alice = person("alice", {})
    part = Segment.objects.create(interaction=call, agent=alice, kind=Segment.Kind.OFFER, state="ended", offered_at=timezone.now())
    assert actions.leg_heard(call.pk, GOOD)
    assert actions.leg_heard(call.pk, BAD, part.pk)
    assert not actions.leg_heard(call.pk, BAD, part.pk), "told again by a new switch"
    assert Event.objects.filter(kind="voice.leg_heard").count() == 2
    with django_assert_num_queries(1):
        customer, agent = heard.legs(call.pk)
    assert (customer["who"], customer["grade"]) == ("Customer", "good")
    assert customer["more"] == "0.1% lost, jitter 4 ms, PCMU"
    assert (agent["who"], agent["grade"], agent["words"]) == (alice.name, "bad", "2.9 of 4.4, at worst 1.8")
    assert agent["more"] == "11.0% lost, jitter 30 ms, round trip 210 ms, opus"


def test_a_segment_of_another_call_is_not_believed(call: Interaction) -> None:
    actions.leg_heard(call.pk, BAD, 4711)
    actions.leg_heard(call.pk, driver.LegQuality("c1.a2", 4.0, 4.0, 0, 0, final=True), -3)
    assert [one.segment for one in queries.qualities(call.pk)] == [None, None]
