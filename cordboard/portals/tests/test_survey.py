"""A customer opens the link of a survey: without scripts, without cookies, on a telephone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cordboard.flows import actions
from cordboard.flows.models import Flow
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance.models import SurveyAnswer, SurveyInvitation
from cordboard.interactions import actions as interactions
from cordboard.interactions.actions_context import newest
from cordboard.portals import views_survey
from cordboard.portals.limits import Limit
from cordboard.routing.tests.centre import Centre, make_centre

EVERYTHING: dict[str, Any] = {
    "schema": 1,
    "languages": ["en", "nl"],
    "start": "rate",
    "variables": {
        "rating": {"type": "number"}, "why": {"type": "text"}, "what": {"type": "list"}, "channel": {"type": "choice"}, "day": {"type": "date"},
        "number": {"type": "text"}, "mail": {"type": "text"}, "people": {"type": "number"},
    },
    "steps": {
        "rate": {
            "type": "ask", "kind": "rating", "max": 5, "texts": {"en": "How did we do?", "nl": "Hoe deden wij het?"}, "into": "rating",
            "help": {"en": "5 is best.", "nl": "5 is het best."}, "next": "why",
        },
        "why": {"type": "ask", "kind": "text", "optional": True, "max": 40, "texts": {"en": "Why?", "nl": "Waarom?"}, "into": "why", "next": "what"},
        "what": {
            "type": "ask", "kind": "multiple", "min": 1, "texts": {"en": "What did you buy?", "nl": "Wat kocht u?"}, "into": "what", "next": "channel",
            "choices": [{"value": "lamp", "texts": {"en": "A lamp", "nl": "Een lamp"}}, {"value": "kettle", "texts": {"en": "A kettle", "nl": "Een ketel"}}],
        },
        "channel": {
            "type": "ask", "kind": "choice", "open": True, "texts": {"en": "How?", "nl": "Hoe?"}, "into": "channel", "next": "day",
            "choices": [{"value": "shop", "texts": {"en": "In the shop", "nl": "In de winkel"}}],
        },
        "day": {"type": "ask", "kind": "date", "range": "past", "texts": {"en": "When?", "nl": "Wanneer?"}, "into": "day", "next": "people"},
        "people": {"type": "ask", "kind": "number", "min": 1, "max": 9, "texts": {"en": "How many?", "nl": "Met hoeveel?"}, "into": "people", "next": "number"},
        "number": {"type": "ask", "kind": "telephone", "region": "NL", "texts": {"en": "Your number?", "nl": "Uw nummer?"}, "into": "number", "next": "mail"},
        "mail": {"type": "ask", "kind": "email", "texts": {"en": "Your address?", "nl": "Uw adres?"}, "into": "mail", "next": "bye"},
        "bye": {"type": "say", "texts": {"en": "Thank you for all that.", "nl": "Dank u wel."}, "next": "end"},
        "end": {"type": "end", "reason": "thanks"},
    },
}  # fmt: skip


@pytest.fixture
def centre(db: None) -> Centre:
    actions.publish(actions.create("thanks", "How were we", ["survey"], None, graph=EVERYTHING).pk, None)
    return make_centre()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_survey, "LIMIT", Limit(1_000, 60.0))


class Visitor:
    """Somebody with the link, and a browser that keeps no cookies and runs no scripts."""

    def __init__(self, token: str, **headers: str) -> None:
        self.path = f"/survey/{token}/"
        self.headers = headers
        self.status = 0
        self.page = ""

    def _seen(self, response: Any) -> Visitor:
        self.status, self.page, self.response = response.status_code, response.content.decode(), response
        return self

    def open(self) -> Visitor:
        return self._seen(Client(enforce_csrf_checks=True).get(self.path, headers=self.headers))

    def send(self, **fields: Any) -> Visitor:
        """As the form on the page would."""
        moves = re.search(r'name="moves" value="(\d+)"', self.page)
        sent = {"moves": moves[1] if moves else "", **fields}
        return self._seen(Client(enforce_csrf_checks=True).post(self.path, sent, headers=self.headers, follow=True))


def invited(centre: Centre, **terms: Any) -> tuple[Visitor, SurveyInvitation]:
    call = centre.talk(ready(centre))
    made = surveys.invite("thanks", centre.alice, interaction=call.pk, **terms)
    return Visitor(made.token), made.invitation


def ready(centre: Centre) -> Any:
    centre.ready(centre.alice)
    return centre.alice


def test_every_kind_of_question_is_answered_and_wrong_answers_are_explained(centre: Centre) -> None:
    customer, row = invited(centre, language="en")
    page = customer.open().page
    assert customer.status == 200
    assert "How did we do?" in page
    assert "5 is best." in page
    assert "Question 1 of at most 8" in page
    assert '<script type="module"' not in page
    assert customer.send(value="9").status == 422
    assert "The number must be at most 5." in customer.page or "too large" in customer.page
    assert "Why?" in customer.send(value="4").page
    assert customer.send(value="x" * 60).status == 422
    assert ("x" * 60 in customer.page, "At most 40 characters fit here." in customer.page) == (True, True)
    assert "What did you buy?" in customer.send(value="Friendly").page
    assert (customer.send(several="1").status, "This question needs an answer." in customer.page) == (422, True)
    assert "How?" in customer.send(several="1", value=["lamp", "kettle"]).page
    assert "When?" in customer.send(value="by telephone").page
    assert (customer.send(value="2999-01-01").status, "still to come" in customer.page) == (422, True)
    assert "How many?" in customer.send(value="2026-01-05").page
    assert (customer.send(value="12").status, "at most 9" in customer.page) == (422, True)
    assert "Your number?" in customer.send(value="2").page
    assert (customer.send(value="hello").status, "with the area code" in customer.page) == (422, True)
    assert "Your address?" in customer.send(value="020 555 0123").page
    assert (customer.send(value="noor").status, "name@example.com" in customer.page) == (422, True)
    assert "Thank you for all that." in customer.send(value="noor@example.com").page
    assert "Your answers have been received" in customer.page
    row.refresh_from_db()
    assert row.answered_at is not None
    assert row.opened_at is not None
    kept = {one.name: one.value for one in SurveyAnswer.objects.filter(invitation=row)}
    assert kept == {
        "rating": 4, "why": "Friendly", "what": ["lamp", "kettle"], "channel": "by telephone", "day": "2026-01-05", "people": 2, "number": "+31205550123",
        "mail": "noor@example.com",
    }  # fmt: skip
    assert SurveyAnswer.objects.get(invitation=row, name="rating").number == 4
    assert newest(row.interaction_id)["rating"] == 4
    assert (row.queue, row.agent) == (centre.support, centre.alice)


def test_back_loses_nothing_and_the_survey_is_taken_up_again_later(centre: Centre) -> None:
    customer, _row = invited(centre, language="en")
    customer.open().send(value="2").send(value="Slow")
    assert "Slow" in customer.send(do="back").page
    assert 'value="2" checked' in customer.send(do="back").page
    assert "Slow" in customer.send(value="3").page
    later = Visitor(customer.path.split("/")[2]).open()
    assert "Slow" in later.page
    assert {one.name: one.value for one in SurveyAnswer.objects.all()} == {"rating": 3}, "what was answered behind is not on the way any more"


def test_another_language_is_a_press_away_and_keeps_the_answers(centre: Centre) -> None:
    customer, _row = invited(centre, language="nl")
    assert 'lang="nl"' in customer.open().page
    assert "Hoe deden wij het?" in customer.page
    assert "Why?" in customer.send(value="5").send(language="en").page
    assert 'value="5" checked' in customer.send(do="back").page
    assert "Waarom?" in customer.send(language="nl").send(value="5").page
    assert "Waarom?" in customer.send(language="xx").page, "a language that it does not speak changes nothing"


def test_nobody_answers_by_what_was_known_before(centre: Centre) -> None:
    """Another survey of the same contact, or an agent, may have set the same value."""
    customer, row = invited(centre, language="en")
    interactions.set_context(row.interaction_id, {"rating": 2}, by="agent", now=centre.now)
    assert "checked" not in customer.open().page
    assert customer.send().status == 422


def test_who_has_no_language_gets_the_browsers(centre: Centre) -> None:
    made = surveys.invite("thanks", None)
    assert "Hoe deden wij het?" in Visitor(made.token, **{"accept-language": "nl-BE,nl;q=0.9"}).open().page


def test_two_windows_of_one_survey(centre: Centre) -> None:
    here, row = invited(centre, language="en")
    there = Visitor(here.path.split("/")[2]).open()
    here.open().send(value="4")
    assert (there.send(value="1").status, "answered further in another window" in there.page) == (409, True)
    assert SurveyAnswer.objects.get(invitation=row).value == 4
    assert "Why?" in there.page
    assert "What did you buy?" in there.send(value="Here").page


def test_links_that_open_nothing_say_why(centre: Centre) -> None:
    customer, row = invited(centre, language="nl")
    token = customer.path.split("/")[2]
    for bad in (token[:-1], token[:-1] + ("a" if token[-1] != "a" else "b"), "1", "9" * 300, surveys.token_of(row.pk + 1), "%00"):
        seen = Visitor(bad, **{"accept-language": "en"}).open()
        assert (seen.status, "There is no such survey" in seen.page) == (404, True), bad
        assert Visitor(bad).send(value="5").status == 404
    SurveyInvitation.objects.filter(pk=row.pk).update(expires_at=row.made_at - timedelta(seconds=1))
    assert customer.open().status == 410
    assert customer.send(value="5").status == 410
    SurveyInvitation.objects.filter(pk=row.pk).update(expires_at=row.made_at + timedelta(days=3), withdrawn_at=row.made_at)
    assert customer.open().status == 410
    assert not SurveyAnswer.objects.exists()
    assert row.run is None


def test_a_running_survey_finishes_on_the_version_it_began_with(centre: Centre) -> None:
    customer, row = invited(centre, language="en")
    customer.open()
    short = {**EVERYTHING, "steps": {"rate": {**EVERYTHING["steps"]["rate"], "next": "end"}, "end": EVERYTHING["steps"]["end"]}}
    draft = actions.open_draft("thanks", None)
    actions.publish(actions.save_draft(draft.pk, short, draft.revision, None).pk, None)
    assert "Why?" in customer.send(value="4").page
    row.refresh_from_db()
    assert row.run is not None
    assert row.run.flow.version < Flow.objects.get(code="thanks", state="published").version
    fresh = Visitor(surveys.invite("thanks", None).token, **{"accept-language": "en"})
    assert "Your answers have been received" in fresh.open().send(value="4").page


def test_nobody_asks_without_end(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_survey, "LIMIT", Limit(3, 60.0))
    customer, _row = invited(centre, language="en")
    seen = [customer.open().status for _ in range(5)]
    assert seen == [200, 200, 200, 429, 429]
    monkeypatch.setattr(views_survey, "LIMIT", Limit(1_000, 60.0))
    monkeypatch.setattr(surveys, "MOST_MOVES", 4)
    customer.open()
    for _ in range(2):
        customer.send(value="4").send(do="back")
    assert customer.send(value="4").status == 429


def test_programs_that_look_whether_links_live_open_nothing(centre: Centre) -> None:
    customer, row = invited(centre)
    assert Client().head(customer.path).status_code == 200
    row.refresh_from_db()
    assert row.opened_at is None


def test_what_others_see_of_the_address(centre: Centre) -> None:
    customer, _row = invited(centre)
    headers = customer.open().response.headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in headers["Cache-Control"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_bucket_fills_again() -> None:
    limit = Limit(2, 10.0)
    assert [limit.allows("a", 0.0), limit.allows("a", 0.0), limit.allows("a", 0.0), limit.allows("b", 0.0)] == [True, True, False, True]
    assert [limit.allows("a", 4.9), limit.allows("a", 5.1)] == [False, True]
