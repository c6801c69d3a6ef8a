"""Surveys after tickets, on their screens: carol says what is asked, and alice reads on the ticket how the customer answered."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_settings import shown
from cordboard.flows import actions as flows
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance import actions_ticket_survey as plans
from cordboard.guidance.models import SurveyInvitation, TicketSurveyPlan
from cordboard.guidance.tests.test_survey_plans import SURVEY, noor
from cordboard.org.models import Role
from cordboard.routing.tests.centre import Centre
from cordboard.tickets import actions as tickets
from cordboard.tickets.models import Task, TicketKind


def may(code: str, **rights: str) -> None:
    role = Role.objects.get(code=code)
    role.permissions = {**role.permissions, **{name.replace("__", "."): scope for name, scope in rights.items()}}
    role.save()


def test_carol_sets_what_is_asked_and_others_may_not(centre: Centre) -> None:
    may("manager", tickets__kinds="all")
    flows.publish(flows.create("thanks", "How were we", ["survey"], None, graph=SURVEY).pk, None)
    carol, incident = signed_in(centre.carol), TicketKind.objects.get(code="incident")
    listed = carol.get("/settings/ticket-surveys/").content.decode()
    assert "Incident" in listed
    assert "Complaint" not in listed.split("<tbody>")[1], "its result asks"
    page = f"/settings/ticket-surveys/{incident.pk}/"
    given = {**shown(carol, page), "survey": "thanks"}
    refused = carol.post(page, {**given, "rest_days": "400"})
    assert (refused.status_code, "less than or equal to 365" in refused.content.decode()) == (422, True)
    assert carol.post(page, given).status_code == 302
    assert TicketSurveyPlan.objects.get().code == "thanks"
    assert "How were we" in carol.get("/settings/ticket-surveys/").content.decode()
    assert "Somebody has changed this" in carol.post(page, {**given, "rest_days": "3"}).content.decode(), "of a page from before"
    assert signed_in(centre.alice).get(page).status_code == 403
    assert carol.get("/settings/ticket-surveys/999999/").status_code == 404


def test_the_ticket_says_what_became_of_it(centre: Centre) -> None:
    may("manager", tickets__kinds="all")
    may("agent", tickets__view="all", tickets__open="all", tickets__change="all")
    flows.publish(flows.create("thanks", "How were we", ["survey"], None, graph=SURVEY).pk, None)
    plans.set_plan("incident", {"code": "thanks"}, centre.carol)
    ticket = tickets.open_ticket(centre.alice, title="Machine shows E18", party=noor())
    page, alice = reverse("desktop:ticket", args=[ticket.number]), signed_in(centre.alice)
    assert "ticket-satisfaction" not in alice.get(page).content.decode()
    tickets.set_state(centre.alice, ticket.pk, "resolved")
    assert plans.after_ticket(ticket.pk) is not None
    assert "has not answered yet" in alice.get(page).content.decode()
    row = SurveyInvitation.objects.get()
    surveys.open_survey(surveys.token_of(row.pk))
    surveys.answer(surveys.token_of(row.pk), "4")
    assert plans.rated(row.pk)
    assert "4 of 5" in alice.get(page).content.decode()
    SurveyInvitation.objects.update(answered_at=None, expires_at=timezone.now())
    assert "has not answered in time" in alice.get(page).content.decode()


def test_a_low_rating_is_followed_up_from_the_work_list(centre: Centre) -> None:
    may("manager", tickets__kinds="all")
    may("agent", tickets__view="all", tickets__open="all", tickets__change="all")
    flows.publish(flows.create("thanks", "How were we", ["survey"], None, graph=SURVEY).pk, None)
    carol, incident = signed_in(centre.carol), TicketKind.objects.get(code="incident")
    page = f"/settings/ticket-surveys/{incident.pk}/"
    given = {**shown(carol, page), "survey": "thanks", "follow_up": "position"}
    assert "Choose the position in whose list the task stands." in carol.post(page, given).content.decode()
    assert carol.post(page, {**given, "follow_up": "owner", "low": "2.5"}).status_code == 302
    ticket = tickets.open_ticket(centre.alice, title="Machine shows E18", party=noor(), owner=centre.alice)
    tickets.set_state(centre.alice, ticket.pk, "resolved")
    assert plans.after_ticket(ticket.pk) is not None
    row = SurveyInvitation.objects.get()
    surveys.open_survey(surveys.token_of(row.pk))
    surveys.answer(surveys.token_of(row.pk), "2")
    assert plans.rated(row.pk)
    task = Task.objects.get()
    alice = signed_in(centre.alice)
    on_ticket = alice.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert "a rating up to 2.5 of 5 is followed up" in on_ticket
    assert reverse("desktop:task", args=[task.pk]) in on_ticket
    listed = alice.get("/worklist/").content.decode()
    assert "Follow up a low rating" in listed
    assert reverse("desktop:task", args=[task.pk]) in listed, "where it is done"
