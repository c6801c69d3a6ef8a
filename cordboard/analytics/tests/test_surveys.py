"""What came of surveys, as carol sees it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cordboard.flows import actions as flows
from cordboard.guidance import actions_survey as surveys
from cordboard.interactions.models import ContactReason, InteractionReason
from cordboard.mail.models import OutgoingMail
from cordboard.parties.models import Party
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre

ASKED: dict[str, Any] = {
    "schema": 1, "languages": ["en"], "start": "rate",
    "variables": {"rating": {"type": "number"}, "solved": {"type": "choice"}, "why": {"type": "text"}},
    "steps": {
        "rate": {"type": "ask", "kind": "rating", "max": 5, "texts": {"en": "How did we do?"}, "into": "rating", "next": "solved"},
        "solved": {"type": "ask", "kind": "choice", "texts": {"en": "Is it settled?"}, "into": "solved", "next": "why",
                   "choices": [{"value": "yes", "texts": {"en": "Settled it is"}}, {"value": "no", "texts": {"en": "Not settled"}}]},
        "why": {"type": "ask", "kind": "text", "optional": True, "texts": {"en": "Why?"}, "into": "why", "next": "end"},
        "end": {"type": "end", "reason": "thanks"},
    },
}  # fmt: skip


@pytest.fixture
def survey(centre: Centre) -> Centre:
    flows.publish(flows.create("thanks", "How were we", ["survey"], None, graph=ASKED).pk, None)
    centre.ready(centre.alice)
    return centre


@pytest.fixture
def carol(centre: Centre) -> Client:
    client = Client(headers={"accept-language": "en"})
    role = centre.carol.roles.get()
    role.permissions = {**role.permissions, "analytics.view": "all"}
    role.save()
    client.force_login(centre.carol)
    return client


def asked(centre: Centre, *answers: str, reason: str = "") -> int:
    """A customer of alice's who was asked, and gave these answers."""
    call = centre.talk(centre.alice)
    party = Party.objects.create(name=f"Customer {call.pk}", customer_number=f"9{call.pk:05d}", created_at=centre.now)
    type(call).objects.filter(pk=call.pk).update(subject=party)
    if reason:
        row, _made = ContactReason.objects.get_or_create(code=reason, defaults={"names": {"en": reason.title()}})
        InteractionReason.objects.create(interaction=call, reason=row, at=centre.now)
    routing.customer_left(call.pk, "customer", now=centre.now)
    routing.wrap_up(centre.alice, call.pk, now=centre.now)
    made = surveys.invite("thanks", None, interaction=call.pk, now=centre.now)
    if answers:
        surveys.open_survey(made.token, now=centre.now)
    for one in answers:
        surveys.answer(made.token, one, now=centre.now)
    return call.pk


def days(centre: Centre) -> str:
    return f"from={centre.now.date()}&to={centre.now.date()}"


@pytest.mark.django_db
def test_counts_ratings_and_words_of_a_survey(survey: Centre, carol: Client) -> None:
    assert "Nobody was asked in these days" in carol.get("/figures/surveys/").content.decode()
    asked(survey, "5", "yes", "Quick and kind", reason="delivery")
    asked(survey, "2", "no", "")
    asked(survey, "4")
    asked(survey)
    html = carol.get(f"/figures/surveys/?{days(survey)}").content.decode()
    assert html.count("3.7") >= 2, "the mean of 5, 2 and 4, over all and for alice"
    for words in ("How did we do?", "Settled it is", "Quick and kind", "Support", "Delivery", "No reason"):
        assert words in html, words
    assert "<dd>4</dd>" in html, "asked"
    assert "<dd>3</dd>" in html, "opened"
    assert "<dd>2 <small>50%</small></dd>" in html, "answered"


@pytest.mark.django_db
def test_every_figure_opens_those_behind_it(survey: Centre, carol: Client) -> None:
    asked(survey, "5", "yes", "Quick", reason="delivery")
    asked(survey, "2", "no", "")
    reason = ContactReason.objects.get(code="delivery").pk
    base = f"/figures/surveys/answers/?survey=thanks&{days(survey)}"
    wanted = {
        "": 2, "&answered=1": 2, f"&reason={reason}": 1, "&reason=0": 1, f"&queue={survey.support.pk}": 2, "&queue=0": 0, "&name=rating&value=5": 1,
        "&name=solved&value=no": 1, "&way=keys": 0, f"&agent={survey.bob.pk}": 0,
    }  # fmt: skip
    assert {more: carol.get(base + more).content.decode().count('href="/customers/') for more in wanted} == wanted


@pytest.mark.django_db
def test_the_file_has_a_row_for_each_and_a_column_for_each_question(survey: Centre, carol: Client) -> None:
    first = asked(survey, "5", "yes", "=1+1")
    asked(survey)
    answer = carol.get(f"/figures/surveys/export.csv?survey=thanks&{days(survey)}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == 2
    assert (rows[1]["contact"], rows[1]["rating"], rows[1]["solved"], rows[1]["why"]) == (str(first), "5", "yes", "'=1+1"), "no spreadsheet runs it"
    assert (rows[0]["answered_at"], rows[0]["rating"], rows[0]["queue"], rows[0]["agent"]) == ("", "", "support", "alice")


@pytest.mark.django_db
def test_links_that_were_not_sent_are_pointed_at(survey: Centre, carol: Client) -> None:
    asked(survey)
    OutgoingMail.objects.create(address="a@b.example", subject="S", text="T", purpose="survey", state="failed", made_at=survey.now, message_id="<1@x>")
    assert "1 link could not be sent by mail" in carol.get(f"/figures/surveys/?{days(survey)}").content.decode()


@pytest.mark.django_db
def test_as_many_queries_for_any_number(survey: Centre, carol: Client) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert carol.get(f"{path}?{days(survey)}").status_code == 200
        return len(seen)

    asked(survey, "5", "yes", "Good")
    queries("/figures/surveys/")  # what is read once and kept
    few = [queries(path) for path in ("/figures/surveys/", "/figures/surveys/answers/")]
    for _ in range(3):
        asked(survey, "3", "no", "So so")
    assert [queries(path) for path in ("/figures/surveys/", "/figures/surveys/answers/")] == few


@pytest.mark.django_db
def test_who_may_not_see_figures_does_not_see_these(centre: Centre) -> None:
    client = Client()
    client.force_login(centre.dave)
    assert [client.get(path).status_code for path in ("/figures/surveys/", "/figures/surveys/answers/", "/figures/surveys/export.csv")] == [403, 403, 403]
