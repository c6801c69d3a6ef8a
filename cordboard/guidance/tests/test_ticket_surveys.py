"""A ticket is resolved: its customer is asked by a link how they were helped, and what they say stands on the ticket and on the live board."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cordboard.events.models import Event
from cordboard.events.topics import values
from cordboard.flows import actions as flows
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance import actions_ticket_survey as plans
from cordboard.guidance.models import SurveyInvitation, TicketSurvey
from cordboard.guidance.queries_satisfaction import given_since, on_five, summed
from cordboard.guidance.tests.test_survey_plans import SURVEY, noor
from cordboard.lib import config as configuration
from cordboard.lib.keeping import BadValue, Changed, mark
from cordboard.mail import actions as mail
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import Position, Role, Unit
from cordboard.parties import actions as parties
from cordboard.routing.tests.centre import Centre
from cordboard.tickets import actions as tickets
from cordboard.tickets.models import Task, Ticket, TicketKind

NOW = timezone.now()


@pytest.fixture
def shop(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """carol sets what is asked, alice works on tickets. The survey's scale is 1 to 5."""
    made = dataclasses.replace(configuration.config(), smtp="smtp://127.0.0.1:1", public_url="https://service.lampketel.example")
    for module in (mail, plans):
        monkeypatch.setattr(module, "config", lambda: made)
    for code, rights in (("manager", {"tickets.kinds": "all"}), ("agent", {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"})):
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, **rights}
        role.save()
    flows.publish(flows.create("thanks", "How were we", ["survey"], None, graph=SURVEY).pk, None)
    plans.set_plan("incident", {"code": "thanks", "rest_days": 30, "valid_days": 5}, centre.carol)
    return centre


def resolved(shop: Centre, **more: object) -> Ticket:
    given = {"title": "Machine shows E18", "kind": "incident", "party": noor(), "now": NOW, **more}
    ticket = tickets.open_ticket(shop.alice, **given)  # type: ignore[arg-type]
    return tickets.set_state(shop.alice, ticket.pk, "resolved", now=NOW)


def test_the_link_goes_out_once_in_the_customers_language_and_the_answer_stands_on_the_ticket(shop: Centre) -> None:
    shop.ready(shop.alice)
    call = shop.talk(shop.alice)
    ticket = resolved(shop, interaction=call)
    message = plans.after_ticket(ticket.pk, now=NOW)
    assert message is not None
    assert (message.address, message.language, str(ticket.number) in message.text) == ("noor@example.com", "nl", True)
    row = SurveyInvitation.objects.get()
    assert (row.queue, row.agent, row.interaction, row.expires_at) == (shop.support, shop.alice, call, NOW + timedelta(days=5))
    # resolved, opened and resolved again: once is enough
    tickets.set_state(shop.alice, ticket.pk, "open", now=NOW)
    assert plans.after_ticket(ticket.pk, now=NOW) is None, "it is being worked on again"
    tickets.set_state(shop.alice, ticket.pk, "resolved", now=NOW)
    assert plans.after_ticket(ticket.pk, now=NOW) is None
    assert OutgoingMail.objects.count() == 1

    link = re.search(r"https://service\.lampketel\.example/survey/(\S+)/\n", message.text)
    assert link is not None
    later = NOW + timedelta(hours=1)
    surveys.open_survey(link[1], now=later)
    assert not plans.rated(row.pk, now=later), "nothing was said yet"
    surveys.answer(link[1], "2", now=later)
    assert plans.rated(row.pk, now=later)
    assert not plans.rated(row.pk, now=later), "once"
    asked = TicketSurvey.objects.get(ticket=ticket)
    assert (asked.rating, asked.rated_at) == (2.0, later)
    assert Event.objects.get(kind="guidance.ticket_rated").body["low"] is True
    # On the live board: that of everybody, and that of whoever watches this queue.
    assert given_since(NOW).whole == summed([2.0])
    assert given_since(NOW, queues=[shop.support.pk], unit=shop.unit.pk).queues == {shop.support.pk: summed([2.0])}
    assert given_since(NOW, queues=[shop.sales.pk], unit=shop.unit.pk).whole.number == 0
    assert given_since(later + timedelta(seconds=1)).whole.mean is None
    one = {"mean": 2.0, "number": 1, "low": 1}
    assert values(shop.carol, "satisfaction") == {**one, "queues": {str(shop.support.pk): one}}


@pytest.mark.parametrize("why", ["other kind", "complaint", "nobody", "no address", "refused", "lately", "plan is off", "not resolved"])
def test_who_is_not_asked(shop: Centre, why: str) -> None:
    party = noor()
    more: dict[str, object] = {"party": party}
    match why:
        case "other kind" | "complaint":
            more["kind"] = "question" if why == "other kind" else "complaint"
        case "nobody":
            more["party"] = None
        case "no address":
            party.contact_points.all().delete()
        case "refused":
            parties.record_consent(party.pk, "any", "survey", False, "said so", None)
        case "lately":
            surveys.invite("thanks", None, party=party.pk, now=NOW - timedelta(days=3))
        case "plan is off":
            plans.set_plan("incident", {"code": "thanks", "active": False}, shop.carol)
    ticket = resolved(shop, **more)
    if why == "not resolved":
        tickets.set_state(shop.alice, ticket.pk, "open", now=NOW)
    assert plans.after_ticket(ticket.pk, now=NOW) is None
    assert not TicketSurvey.objects.exists()


def test_what_is_asked_is_set_by_who_may_and_refused_where_it_cannot_hold(shop: Centre) -> None:
    with pytest.raises(PermissionDenied):
        plans.set_plan("incident", {"code": "thanks"}, shop.alice)
    for field, value in (("code", "nothing-like-it"), ("rest_days", 400), ("valid_days", 0)):
        with pytest.raises(BadValue) as refused:
            plans.set_plan("incident", {"code": "thanks", field: value}, shop.carol)
        assert refused.value.field == field
    with pytest.raises(Changed):
        plans.set_plan("incident", {"code": "thanks"}, shop.carol, seen=mark({"code": "other"}))
    with pytest.raises(TicketKind.DoesNotExist):
        plans.set_plan("nothing-like-it", {"code": "thanks"}, shop.carol)
    assert plans.set_plan("incident", {"code": ""}, shop.carol) is None


def rated(shop: Centre, ticket: Ticket, stars: str) -> SurveyInvitation:
    assert plans.after_ticket(ticket.pk, now=NOW) is not None
    row = SurveyInvitation.objects.latest("pk")
    surveys.open_survey(surveys.token_of(row.pk), now=NOW)
    surveys.answer(surveys.token_of(row.pk), stars, now=NOW)
    assert plans.rated(row.pk, now=NOW)
    return row


def test_a_low_rating_brings_no_task_until_somebody_wants_one(shop: Centre) -> None:
    rated(shop, resolved(shop, owner=shop.alice), "1")
    assert not Task.objects.exists()


@pytest.mark.parametrize(("whom", "owner", "unit", "position"), [
    ("owner", "alice", "service", None), ("head", "carol", "service", None), ("position", None, "service", "complaints-desk"),
])  # fmt: skip
def test_a_low_rating_brings_one_task_to_whom_the_plan_says(shop: Centre, whom: str, owner: str | None, unit: str, position: str | None) -> None:
    desk = Position.objects.create(code="complaints-desk", name="Complaints desk", unit=shop.unit)
    Unit.objects.filter(pk=shop.unit.pk).update(head=shop.carol)
    plans.set_plan("incident", {"code": "thanks", "rest_days": 0, "follow_up": whom, "low": 2, "position": desk.pk, "hours": 4}, shop.carol)
    ticket = resolved(shop, owner=shop.alice, unit=shop.unit)
    row = rated(shop, ticket, "2")
    task = Task.objects.get()
    assert (task.kind, task.ticket, task.party, task.key) == ("rated", ticket, ticket.party, plans.task_key(row.pk))
    assert (task.owner and task.owner.username, task.unit and task.unit.code, task.position and task.position.code) == (owner, unit, position)
    assert task.why == {"code": "rated_low", "rating": 2.0, "low": 2.0}
    assert task.due_at is not None
    assert task.due_at > NOW
    plans.rated(row.pk, now=NOW)
    plans._bring_task(ticket, row.pk, 1.0, NOW)
    assert Task.objects.count() == 1, "once for each rating"
    rated(shop, resolved(shop, owner=shop.alice), "3")
    assert Task.objects.count() == 1, "three of five is not low here"


@pytest.mark.parametrize("whom", ["owner", "head", "position"])
def test_who_is_not_there_leaves_it_to_the_units_list(shop: Centre, whom: str) -> None:
    desk = Position.objects.create(code="complaints-desk", name="Complaints desk", unit=shop.unit)
    plans.set_plan("incident", {"code": "thanks", "follow_up": whom, "position": desk.pk}, shop.carol)
    desk.delete()
    ticket = resolved(shop)
    Ticket.objects.filter(pk=ticket.pk).update(owner=None, unit=shop.unit)
    rated(shop, ticket, "1")
    task = Task.objects.get()
    assert (task.owner, task.position, task.unit) == (None, None, shop.unit)


def test_without_owner_and_unit_the_rating_stands_without_a_task(shop: Centre) -> None:
    plans.set_plan("incident", {"code": "thanks", "follow_up": "owner"}, shop.carol)
    ticket = resolved(shop)
    Ticket.objects.filter(pk=ticket.pk).update(owner=None, unit=None)
    rated(shop, ticket, "1")
    assert (Task.objects.count(), TicketSurvey.objects.get().rating) == (0, 1.0)


@pytest.mark.parametrize(("field", "value"), [("follow_up", "everybody"), ("low", 5), ("low", 0), ("hours", 0), ("hours", 1000), ("position", None)])
def test_a_follow_up_that_cannot_hold_is_refused(shop: Centre, field: str, value: object) -> None:
    with pytest.raises(BadValue) as refused:
        plans.set_plan("incident", {"code": "thanks", "follow_up": "position", "position": 999, field: value}, shop.carol)
    assert refused.value.field in (field, "position")


def test_ratings_of_other_scales_are_put_on_five() -> None:
    assert [on_five(one, (0.0, 10.0)) for one in (0, 5, 10)] == [1.0, 3.0, 5.0]
    assert (summed([1.0, 2.0, 4.5]).mean, summed([1.0, 2.0, 4.5]).low) == (2.5, 2)
    assert (summed([]).mean, summed([]).number) == (None, 0)
