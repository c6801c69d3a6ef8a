"""From a visit to its service order and back, from the ticket to both, and visits of somebody who leaves on the page for handing over."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from cordboard.appointments import actions
from cordboard.appointments.models import Appointment
from cordboard.appointments.tests.calendar import Calendar, make_calendar
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_appointments import tuesday
from cordboard.org.models import Role
from cordboard.tickets import actions_order
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_appointment import tie
from cordboard.tickets.models import Task
from cordboard.tickets.models_order import ServiceOrder


@pytest.fixture
def calendar(db: None) -> Calendar:
    made = make_calendar()
    rights = ("parties.view", "tickets.view", "tickets.open", "tickets.change", "tickets.orders", "catalogue.view")
    for code, more in (("agent", rights), ("technician", rights), ("manager", (*rights, "org.hand_over"))):
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, **dict.fromkeys(more, "all")}
        role.save()
    return made


@pytest.fixture
def alice(calendar: Calendar) -> Client:
    return signed_in(calendar.alice)


def booked(calendar: Calendar) -> Appointment:
    return actions.book(calendar.visit(place="Keizersgracht 12"), calendar.tess.pk, tuesday())


def test_a_visit_makes_its_order_and_both_pages_lead_to_each_other(calendar: Calendar, alice: Client) -> None:
    ticket = open_ticket(calendar.alice, title="E18 on the display", party=calendar.noor.pk)
    visit = booked(calendar)
    tie(calendar.alice, ticket.pk, visit.pk)
    page = reverse("desktop:appointment", args=[visit.pk])
    assert "Make the service order" in alice.get(page).content.decode()
    answer = alice.post(reverse("desktop:appointment_order", args=[visit.pk]))
    order = ServiceOrder.objects.get()
    assert (answer.status_code, answer["X-Desk-Go"]) == (204, reverse("desktop:service_order", args=[order.number]))
    assert str(order.number) in alice.get(page).content.decode()
    shown = alice.get(reverse("desktop:service_order", args=[order.number])).content.decode()
    assert page in shown
    assert "Without a calendar" not in shown, "the visit says who and when"
    assert "Tess" in shown
    on_ticket = alice.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert reverse("desktop:service_order", args=[order.number]) in on_ticket
    assert page in on_ticket
    assert f"order {order.number}" in on_ticket
    history = alice.get(f"/customers/{calendar.noor.pk}/").content.decode()
    assert page in history
    assert reverse("desktop:service_order", args=[order.number]) in history


def test_a_visit_is_booked_from_its_order(calendar: Calendar, alice: Client) -> None:
    ticket = open_ticket(calendar.alice, title="E18 on the display", party=calendar.noor.pk)
    order = actions_order.plan_order(calendar.alice, ticket=ticket.pk)
    shown = alice.get(reverse("desktop:service_order", args=[order.number])).content.decode()
    address = f"/appointments/new/?party={calendar.noor.pk}&amp;order={order.number}&amp;ticket={ticket.pk}"
    assert address in shown
    page = alice.get(address.replace("&amp;", "&")).content.decode()
    assert f"For service order {order.number}" in page
    terms = {"party": calendar.noor.pk, "order": order.number, "ticket": ticket.pk, "page": 1}
    offered = alice.post("/appointments/offer/", {**terms, "kind": "repair"})
    assert f"order={order.number}" in offered["X-Desk-Go"]
    held = Appointment.objects.filter(state="held").order_by("starts_at").first()
    assert held is not None
    answer = alice.post(f"/appointments/book/{held.pk}/", terms)
    assert answer["X-Desk-Go"] == reverse("desktop:service_order", args=[order.number])
    order.refresh_from_db()
    assert (order.planned_at, order.technician_id) == (held.starts_at, held.staff.user_id)
    assert "Book another visit" not in alice.get(reverse("desktop:service_order", args=[order.number])).content.decode(), "one at a time"
    again = actions.offer(calendar.visit())
    refused = alice.post(f"/appointments/book/{again[0].pk}/", terms)
    assert (refused.status_code, "The visit is booked, but not for this service order." in refused.content.decode()) == (422, True)


def test_a_technician_makes_the_order_on_the_telephone(calendar: Calendar) -> None:
    visit = booked(calendar)
    Appointment.objects.filter(pk=visit.pk).update(starts_at=actions.timezone.now())
    tess = signed_in(calendar.tess.user)
    assert "Make the service order" in tess.get("/visits/").content.decode()
    answer = tess.post(reverse("desktop:appointment_order", args=[visit.pk]), {"telephone": 1})
    order = ServiceOrder.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("desktop:visit", args=[order.number]))
    listed = tess.get("/visits/").content.decode()
    assert "Make the service order" not in listed
    assert reverse("desktop:visit", args=[order.number]) in listed
    assert signed_in(calendar.dave).post(reverse("desktop:appointment_order", args=[visit.pk])).status_code == 403


def test_visits_of_who_leaves_are_shown_with_who_is_free(calendar: Calendar) -> None:
    visit, taken = booked(calendar), actions.book(calendar.visit(), calendar.tess.pk, tuesday() + actions.timedelta(hours=3))
    actions.book(calendar.visit(), calendar.theo.pk, taken.starts_at)
    carol = signed_in(calendar.carol)
    page = carol.get("/hand-over/", {"agent": calendar.tess.user_id}).content.decode()
    assert "Free then: Theo." in page
    assert "Nobody is free then." in page
    answer = carol.post(f"/hand-over/{calendar.tess.user_id}/", {"kind": ["appointment"], "to": [calendar.theo.user_id]})
    assert "1 visit is left" in answer["HX-Trigger"]
    visit.refresh_from_db()
    assert visit.staff_id == calendar.theo.pk
    back = carol.post(reverse("desktop:visit_anew", args=[taken.pk]), {"go": f"/hand-over/?agent={calendar.tess.user_id}"})
    assert back["X-Desk-Go"] == f"/hand-over/?agent={calendar.tess.user_id}"
    assert Task.objects.get().owner == calendar.alice
    assert carol.post(reverse("desktop:visit_anew", args=[taken.pk])).status_code == 409
    assert signed_in(calendar.dave).post(reverse("desktop:visit_anew", args=[visit.pk])).status_code == 403
