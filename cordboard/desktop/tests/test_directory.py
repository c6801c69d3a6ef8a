"""The directory: whom a call can go to, with states of now, also in a big centre."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.events.topics import may_listen
from cordboard.interactions.models import Interaction
from cordboard.org.models import User
from cordboard.routing import actions as routing
from cordboard.routing.models import QueueMember
from cordboard.routing.tests.centre import Centre

pytestmark = pytest.mark.django_db


def box(centre: Centre, call: Interaction, more: str = "", mode: str = "transfer") -> str:
    answer = signed_in(centre.alice).get(f"/desk/transfer/?mode={mode}&interaction={call.pk}{more}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def hire(centre: Centre, count: int) -> None:
    people = User.objects.bulk_create(User(username=f"agent{n}", name=f"Agent {n:03}", unit=centre.unit) for n in range(count))
    QueueMember.objects.bulk_create(QueueMember(queue=centre.sales, agent=one) for one in people)


def test_it_shows_state_since_queues_and_what_is_possible(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    centre.support.caller_id = "+31850001000"
    centre.support.save()
    call = centre.talk(centre.alice)
    shown = box(centre, call)
    line = shown[shown.index(f'data-key="a{centre.bob.pk}"') :].partition("</li>")[0]
    for words in ('data-state="ready">Bob', "Sales, Support", "<span data-said>Ready</span> <time", f"/desk/{call.pk}/transfer/?agent={centre.bob.pk}"):
        assert words in line, words
    assert " disabled" not in line
    assert f'data-hears="colleagues interaction:{call.pk}"' in shown
    assert shown.count("data-box=") == 3
    assert f'data-live-value="queue:{centre.support.pk}.waiting"' in shown
    assert "shows +31 85 000 1000, we pay" in shown, "who pays"
    assert "If it is busy or nobody answers, the customer is back with you, and you read why." in shown, "and what happens when it fails"
    routing.set_not_ready(centre.bob, "break", now=centre.now)
    line = box(centre, call)
    line = line[line.index(f'data-key="a{centre.bob.pk}"') :].partition("</li>")[0]
    assert ">Break</span>" in line
    assert " disabled" in line


def test_the_script_knows_every_state_in_the_readers_words(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    found = re.search(r'id="directory-words">(.*?)</script>', box(centre, call))
    assert found is not None
    words = json.loads(found[1])
    assert words["not_ready:break"] == {"sign": "break", "words": "Break"}
    assert {"ready", "not_ready", "offered", "talking", "wrapup", "offline"} <= set(words)


def test_a_big_centre_shows_some_and_finds_all(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    box(centre, call)
    with CaptureQueriesContext(connection) as few:
        box(centre, call)
    hire(centre, 500)
    with CaptureQueriesContext(connection) as many:
        shown = box(centre, call)
    assert len(many) == len(few), "as many queries for five hundred as for one"
    assert shown.count('data-key="a') == 60
    assert "And 441 more: type a part of the name or of the queue." in shown
    assert 'data-beyond="441"' in shown
    assert shown.index("Bob") < shown.index("Agent 000"), "who is free comes first"
    shown = box(centre, call, "&q=agent 499")
    assert shown.count('data-key="a') == 1
    assert "Agent 499" in shown
    assert "Nobody of that name" in box(centre, call, "&q=zzz")
    assert box(centre, call, "&q=sales").count('data-key="a') == 60, "by queue as well"


def test_a_change_of_state_is_heard_by_those_who_take_contacts(centre: Centre) -> None:
    centre.ready(centre.alice)
    event = Event.objects.filter(kind="routing.agent_state_changed").latest("pk")
    assert "colleagues" in event.topics
    for user, allowed in ((centre.alice, True), (centre.carol, False), (centre.dave, False)):
        assert may_listen(user, "colleagues") is allowed
        assert may_listen(user, "parked") is allowed


@pytest.mark.parametrize("mode", ["transfer", "consult", "conference"])
def test_each_way_says_what_a_failure_means(centre: Centre, mode: str) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    words: Any = {"transfer": "is back with you", "consult": "resume with the customer", "conference": "nothing changes"}
    assert words[mode] in box(centre, call, mode=mode)
