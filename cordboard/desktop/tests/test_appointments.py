"""Calendars on the screen: seen, moved, booked beside a call, and read by calendar programs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordboard.appointments import actions, actions_feed, slots
from cordboard.appointments.models import Appointment, Feed
from cordboard.appointments.tests.calendar import Calendar, make_calendar
from cordboard.desktop.tests.conftest import signed_in
from cordboard.mail.appointments import tell
from cordboard.mail.visit_ways import BOOKED, REMINDED
from cordboard.org import staff as accounts
from cordboard.org.models import Role
from cordboard.parties.actions import add_contact_point
from cordboard.parties.models import Party
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.models import Ticket, TicketAppointment


@pytest.fixture
def calendar(db: None) -> Calendar:
    made = make_calendar()
    for code, more in (("agent", ("parties.view", "tickets.view", "tickets.open", "tickets.change")), ("manager", ("parties.view",))):
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, **dict.fromkeys(more, "all")}
        role.save()
    return made


@pytest.fixture
def alice(calendar: Calendar) -> Client:
    return signed_in(calendar.alice)


def tuesday() -> datetime:
    """Ten in Amsterdam on the next Tuesday but one: within the hours, in the future."""
    today = timezone.now().date()
    day = today + timedelta(days=(1 - today.weekday()) % 7 + 7)
    return slots.moment(slots.utc("Europe/Amsterdam", day, 600))


def booked(calendar: Calendar, **more: object) -> Appointment:
    return actions.book(calendar.visit(**more), calendar.tess.pk, tuesday())


def test_day_week_and_team_show_the_visit(calendar: Calendar, alice: Client, django_assert_max_num_queries: Any) -> None:
    row = booked(calendar)
    day = row.starts_at.date().isoformat()
    for view in ("day", "week", "team"):
        with django_assert_max_num_queries(40):
            page = alice.get("/appointments/", {"view": view, "day": day, "staff": calendar.tess.pk if view == "week" else ""})
        assert page.status_code == 200
        assert "Noor de Vries" in page.content.decode(), view
    assert alice.get("/appointments/", {"view": "year"}).status_code == 404
    assert alice.get("/appointments/", {"day": "yesterday"}).status_code == 200


def test_the_queries_of_a_day_do_not_grow_with_its_visits(calendar: Calendar, alice: Client) -> None:
    row = booked(calendar)
    day = row.starts_at.date().isoformat()
    alice.get("/appointments/", {"day": day})
    with CaptureQueriesContext(connection) as one:
        alice.get("/appointments/", {"day": day})
    for hours in (2, 4):
        actions.book(calendar.visit(), calendar.tess.pk, row.starts_at + timedelta(hours=hours))
    with CaptureQueriesContext(connection) as three:
        alice.get("/appointments/", {"day": day})
    assert len(three) == len(one)


def test_who_may_not_see_does_not(calendar: Calendar) -> None:
    row = booked(calendar)
    assert signed_in(calendar.dave).get("/appointments/").status_code == 403
    assert signed_in(calendar.theo.user).get(f"/appointments/{row.pk}/").status_code == 404, "another's calendar"
    assert signed_in(calendar.tess.user).get(f"/appointments/{row.pk}/").status_code == 200


def test_it_is_moved_and_a_conflict_says_who_and_what_is_free(calendar: Calendar, alice: Client) -> None:
    row = booked(calendar)
    later = slots.minute(row.starts_at) + 60
    moved = alice.post(f"/appointments/{row.pk}/move/", {"start": later, "staff": calendar.tess.pk, "version": row.version})
    assert (moved.status_code, "cb:notice" in moved["HX-Trigger"]) == (204, True)
    stale = alice.post(f"/appointments/{row.pk}/move/", {"start": later + 60, "version": row.version})
    assert stale.status_code == 409
    assert "Somebody else changed this appointment" in stale.content.decode()
    other = actions.book(calendar.visit(by=calendar.bob), calendar.theo.pk, tuesday())
    refused = alice.post(f"/appointments/{other.pk}/move/", {"start": later + 30, "staff": calendar.tess.pk})
    assert refused.status_code == 409
    assert "Alice has booked" in refused.content.decode()
    assert "Free are:" in refused.content.decode()
    assert alice.post(f"/appointments/{row.pk}/move/", {"day": "x", "time": "y"}).status_code == 400


def test_cancelled_done_and_nobody_there(calendar: Calendar, alice: Client) -> None:
    row = booked(calendar)
    assert alice.post(f"/appointments/{row.pk}/cancel/", {"reason": "Works again"}).status_code == 204
    page = alice.get(f"/appointments/{row.pk}/").content.decode()
    assert "Works again" in page
    again = alice.post(f"/appointments/{row.pk}/done/")
    assert again.status_code == 409
    assert "This appointment is over" in again.content.decode()


def test_three_times_are_offered_in_a_call_and_one_press_books(calendar: Calendar, alice: Client) -> None:
    calendar.centre.ready(calendar.alice)
    call = calendar.centre.talk(calendar.alice)
    call.subject = calendar.noor
    call.save()
    ticket = open_ticket(calendar.alice, title="Leaks", interaction=call)
    asked = alice.get(f"/desk/?interaction={call.pk}&tab=appointment").content.decode()
    assert "Offer the earliest three" in asked
    assert "Keizersgracht 12" in asked
    answer = alice.post("/appointments/offer/", {"party": calendar.noor.pk, "kind": "repair", "interaction": call.pk, "note": "Bring a pump"})
    assert answer.status_code == 204, answer.content
    held = list(Appointment.objects.filter(state="held").order_by("starts_at"))
    assert len(held) == 3
    shown = alice.get(f"/desk/?interaction={call.pk}&tab=appointment").content.decode()
    assert all(f'data-number="{key}"' in shown for key in (1, 2, 3))
    first = held[0]
    booking = alice.post(f"/appointments/book/{first.pk}/", {"note": "Bring two pumps"})
    assert booking.status_code == 204, booking.content
    first.refresh_from_db()
    assert (first.state, first.note, first.interaction_id) == ("booked", "Bring two pumps", call.pk)
    assert TicketAppointment.objects.get(appointment=first).ticket_id == ticket.pk, "tied to the ticket of the call"
    assert not Appointment.objects.filter(state="held").exists()
    assert "Repair at home" in alice.get(f"/desk/?interaction={call.pk}&tab=history").content.decode()
    gone = alice.post(f"/appointments/book/{held[1].pk}/")
    assert gone.status_code == 409
    assert "not held any more" in gone.content.decode()


def test_a_ticket_out_of_reach_does_not_undo_what_the_customer_was_promised(calendar: Calendar, alice: Client) -> None:
    role = Role.objects.get(code="agent")
    role.permissions = {code: scope for code, scope in role.permissions.items() if not code.startswith("tickets.")}
    role.save()
    theirs = Ticket.objects.create(number=20_999, title="Of another unit", kind="incident", opened_at=calendar.now)
    assert b"20999" not in alice.get(f"/appointments/new/?party={calendar.noor.pk}&ticket={theirs.pk}").content
    assert alice.post("/appointments/offer/", {"party": calendar.noor.pk, "kind": "repair"}).status_code == 204
    held = Appointment.objects.filter(state="held").order_by("starts_at")[0]
    answer = alice.post(f"/appointments/book/{held.pk}/", {"ticket": theirs.pk})
    assert answer.status_code in (200, 204), answer.content
    held.refresh_from_db()
    assert held.state == "booked"
    assert "not yours to change" in str(answer.headers) + answer.content.decode()
    assert not TicketAppointment.objects.exists()


def test_an_address_outside_all_areas_says_what_to_do(calendar: Calendar, alice: Client) -> None:
    calendar.noor.addresses.update(postcode="9999 ZZ")
    answer = alice.post("/appointments/offer/", {"party": calendar.noor.pk, "kind": "repair"})
    assert answer.status_code == 409
    assert "none of our areas" in answer.content.decode()


def test_a_calendar_program_reads_the_visits_until_the_address_is_revoked(calendar: Calendar) -> None:
    row = booked(calendar, note="Bring a pump", place="Keizersgracht 12")
    tess = signed_in(calendar.tess.user)
    made = tess.post("/appointments/address/", {"do": "make"})
    address = made.content.decode().partition('id="feed-address">')[2].partition("<")[0]
    path = "/" + address.partition("://")[2].partition("/")[2]
    assert path.endswith(".ics")
    assert address not in tess.get("/appointments/address/").content.decode(), "shown once"
    anybody = Client()
    file = anybody.get(path)
    assert (file.status_code, file["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    event = icalendar.Calendar.from_ical(file.content).walk("VEVENT")[0]
    assert (event["UID"], event.decoded("DTSTART"), event["LOCATION"]) == (row.uid, row.starts_at, "Keizersgracht 12")
    assert Feed.objects.get().hash not in address, "only the hash is kept"
    assert anybody.get(path.replace(".ics", "x.ics")).status_code == 404
    tess.post("/appointments/address/", {"do": "revoke"})
    assert anybody.get(path).status_code == 404


def test_the_address_of_somebody_who_leaves_holds_no_longer(calendar: Calendar) -> None:
    _row, secret = actions_feed.make(calendar.tess.user)
    assert Client().get(f"/appointments/feed/{secret}.ics").status_code == 200
    accounts.changed(calendar.carol, calendar.tess.user_id, accounts.Change.CLOSED, timezone.now())
    assert Client().get(f"/appointments/feed/{secret}.ics").status_code == 404
    assert Feed.objects.filter(revoked_at=None).count() == 0


def chosen(page: str) -> str:
    """The kind of visit that a page proposes."""
    found = re.search(r'value="([a-z-]+)"[^>]*(?:checked|selected)', page)
    assert found is not None, page
    return found[1]


def test_the_kind_of_visit_that_fits_the_ticket_is_proposed(calendar: Calendar, alice: Client) -> None:
    def ticket(kind: str) -> Ticket:
        return open_ticket(calendar.alice, title="It leaks", kind=kind, party=calendar.noor)

    page = f"/appointments/new/?party={calendar.noor.pk}"
    for place, (kind, visit) in enumerate((("incident", calendar.repair), ("question", calendar.call), ("question", calendar.call))):
        row = actions.book(calendar.visit(kind=visit), calendar.tess.pk, tuesday() + timedelta(days=place))
        TicketAppointment.objects.create(ticket=ticket(kind), appointment=row, at=timezone.now())
    assert chosen(alice.get(f"{page}&ticket={ticket('incident').pk}").content.decode()) == calendar.repair.code
    assert chosen(alice.get(f"{page}&ticket={ticket('question').pk}").content.decode()) == calendar.call.code
    assert chosen(alice.get(page).content.decode()) == calendar.call.code, "what is booked most"


def test_the_visit_says_how_the_customer_hears_of_it(calendar: Calendar, alice: Client) -> None:
    row = booked(calendar)
    assert "No e-mail address is known." in alice.get(f"/appointments/{row.pk}/").content.decode()
    add_contact_point(calendar.noor.pk, "phone", "+31205550123", None)
    Party.objects.filter(pk=calendar.noor.pk).update(preferred_way="phone")
    tell(row.pk, BOOKED, 0)
    page = alice.get(f"/appointments/{row.pk}/").content.decode()
    assert "A colleague calls: the customer wants it so." in page
    tell(row.pk, REMINDED, 0, now=row.starts_at + timedelta(minutes=1))
    assert "Not told: the visit had begun by then." in alice.get(f"/appointments/{row.pk}/").content.decode()
    answer = alice.post(f"/appointments/{row.pk}/cancel/")
    assert "The customer wants to be called: it stands in the work list." in answer["HX-Trigger"]
    nobody = actions.book(calendar.visit(party=None), calendar.theo.pk, tuesday())
    assert "Nobody is known for this visit yet" in alice.get(f"/appointments/{nobody.pk}/").content.decode()
