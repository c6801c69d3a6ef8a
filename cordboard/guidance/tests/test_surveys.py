"""A survey by link: signed, once, until it expires; its answers stand in the contact that it asks about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cordboard.flows import actions
from cordboard.flows.models import Run
from cordboard.guidance import actions_survey as surveys
from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import ContextValue
from cordboard.routing.tests.centre import Centre, told

ASKED: dict[str, Any] = {
    "schema": 1, "languages": ["en", "nl"], "start": "rate", "variables": {"rating": {"type": "number"}, "why": {"type": "text"}},
    "steps": {
        "rate": {"type": "ask", "kind": "rating", "texts": {"en": "How did {agent.name} do?", "nl": "Hoe deed {agent.name} het?"}, "into": "rating", "next": "low"},
        "low": {"type": "decide", "branches": [{"when": {"fact": "rating", "op": "at_most", "value": 2}, "next": "why"}], "next": "end"},
        "why": {"type": "ask", "kind": "text", "optional": True, "texts": {"en": "Why?", "nl": "Waarom?"}, "into": "why", "next": "end"},
        "end": {"type": "end", "reason": "thanks"},
    },
}  # fmt: skip


def test_a_customer_answers_by_link_once(centre: Centre) -> None:
    actions.publish(actions.create("thanks", "Thanks", ["survey"], None, graph=ASKED).pk, None)
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    invited = surveys.invite("thanks", centre.alice, interaction=call.pk, language="nl", now=centre.now)
    page = surveys.open_survey(invited.token, now=centre.now)
    assert page.question.prompt[0].text == f"Hoe deed {centre.alice.name} het?"
    assert surveys.answer(invited.token, "7", now=centre.now).wrong == "large"
    page = surveys.answer(invited.token, "1", now=centre.now)
    assert page.question.prompt[0].text == "Waarom?"
    page = surveys.back(invited.token, now=centre.now)
    assert page.standing == "1"
    surveys.answer(invited.token, "2", now=centre.now)
    page = surveys.answer(invited.token, "", now=centre.now)
    assert page.ended == "thanks"
    assert newest(call.pk)["rating"] == 2
    assert ContextValue.objects.filter(interaction=call, name="rating").first().by == "survey"
    run = Run.objects.get(surface="survey")
    assert (run.ended_by, run.ended_at) == ("thanks", centre.now)
    for act in (lambda: surveys.open_survey(invited.token, now=centre.now), lambda: surveys.answer(invited.token, "5", now=centre.now)):
        with pytest.raises(surveys.SurveyClosed) as closed:
            act()
        assert closed.value.code == "answered"
    assert len(told("guidance.survey_answered")) == 1


def test_who_stops_half_way_is_counted_when_the_time_is_over(centre: Centre) -> None:
    actions.publish(actions.create("thanks", "Thanks", ["survey"], None, graph=ASKED).pk, None)
    begun, unopened = (surveys.invite("thanks", None, days=3, now=centre.now) for _ in range(2))
    surveys.open_survey(begun.token, now=centre.now)
    surveys.answer(begun.token, "2", now=centre.now)
    assert surveys.close_expired(centre.now + timedelta(days=2)) == 0
    over = centre.now + timedelta(days=3)
    assert surveys.close_expired(over) == 1
    run = Run.objects.get(surface="survey")
    assert (run.ended_by, run.ended_at) == ("expired", over)
    assert surveys.close_expired(over) == 0
    assert unopened.invitation.run is None


def test_links_that_open_nothing(centre: Centre) -> None:
    actions.publish(actions.create("thanks", "Thanks", ["survey"], None, graph=ASKED).pk, None)
    invited = surveys.invite("thanks", None, days=3, now=centre.now)
    later = centre.now + timedelta(days=3)
    cases = [
        (invited.token, later, "expired"), ("", centre.now, "no_such"), ("1:x", centre.now, "no_such"), (invited.token[:-1], centre.now, "no_such"),
        (surveys.token_of(invited.invitation.pk + 1), centre.now, "no_such"),
    ]  # fmt: skip
    for token, now, code in cases:
        with pytest.raises(surveys.SurveyClosed) as closed:
            surveys.open_survey(token, now=now)
        assert closed.value.code == code
    surveys.withdraw(invited.invitation.pk, None, now=centre.now)
    with pytest.raises(surveys.SurveyClosed) as closed:
        surveys.open_survey(invited.token, now=centre.now)
    assert closed.value.code == "withdrawn"
    with pytest.raises(surveys.SurveyClosed):
        surveys.invite("nothing", None)
    with pytest.raises(ValueError, match="days"):
        surveys.invite("thanks", None, days=0)
