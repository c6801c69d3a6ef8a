"""Customers hear of their appointments by mail, with the entry for their calendar: over SMTP, read again by another program's parser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import icalendar
import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cordboard.appointments import actions as appointments
from cordboard.appointments.models import Appointment
from cordboard.appointments.tests.calendar import MONDAY, NINE, Calendar, make_calendar
from cordboard.events import subscribers
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction
from cordboard.lib.testing.mailbox import Mailbox
from cordboard.mail import actions, sending
from cordboard.mail import appointments as letters
from cordboard.mail import visit_ways as ways
from cordboard.mail.models import MailAttachment, OutgoingMail, VisitTold
from cordboard.mail.subscribers import WHAT
from cordboard.parties.actions import add_contact_point
from cordboard.parties.models import Party
from cordboard.tickets.models import Task

At = Callable[[str], None]


@pytest.fixture
def calendar(db: None) -> Calendar:
    made = make_calendar()
    add_contact_point(made.noor.pk, "email", "noor@example.com", None)
    return made


def invitation(message: EmailMessage) -> tuple[str, icalendar.Event]:
    """The method and the entry of the part that calendar programs act on."""
    part = next(one for one in message.walk() if one.get_content_type() == "text/calendar" and one.get_param("method"))
    return str(part.get_param("method")), icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]


def test_booked_moved_and_cancelled_are_told_in_the_customers_language(
    calendar: Calendar, post: Mailbox, mail_server: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_server(post.url)
    monkeypatch.setattr(letters, "config", actions.config)
    row = appointments.book(calendar.visit(place="Keizersgracht 12, 1015 CN Amsterdam"), calendar.tess.pk, NINE, now=MONDAY)
    letters.tell(row.pk, letters.BOOKED, 0, now=MONDAY)
    moved = appointments.move(calendar.alice, row.pk, NINE + timedelta(days=1), now=MONDAY)
    assert letters.tell(row.pk, letters.BOOKED, 0, now=MONDAY) is None, "what has moved is not confirmed as it was"
    letters.tell(row.pk, letters.MOVED, moved.sequence, now=MONDAY)
    letters.tell(row.pk, letters.MOVED, moved.sequence, now=MONDAY)
    gone = appointments.cancel(calendar.alice, row.pk)
    letters.tell(row.pk, letters.CANCELLED, gone.sequence, now=MONDAY)
    assert sending.work(MONDAY) == 3
    messages = [message for _from, _to, message in post.received]
    assert [to for _from, to, _message in post.received] == [["noor@example.com"]] * 3
    (asked, first), (again, second), (ended, third) = (invitation(one) for one in messages)
    assert (asked, again, ended) == ("REQUEST", "REQUEST", "CANCEL")
    assert {first["UID"], second["UID"], third["UID"]} == {row.uid}
    assert [one["SEQUENCE"] for one in (first, second, third)] == [0, 1, 2]
    assert (first.decoded("DTSTART"), second.decoded("DTSTART")) == (NINE, NINE + timedelta(days=1))
    assert (third["STATUS"], first["LOCATION"]) == ("CANCELLED", "Keizersgracht 12, 1015 CN Amsterdam")
    assert str(first["ORGANIZER"]) == "mailto:hello@lampketel.example"
    text = messages[0].get_body(("plain",))
    assert text is not None
    assert "maandag 23 nov 2026" in text.get_content(), "in Dutch"
    assert "Reparatie aan huis" in text.get_content()
    assert [one.get_filename() for one in messages[0].iter_attachments()] == ["appointment.ics"]


def test_the_worker_writes_once_when_it_is_asked_twice(calendar: Calendar, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    subscription = next(one for one in subscribers.subscriptions() if one.name == "mail.appointments")
    assert "appointments.booked" in subscription.kinds
    row = appointments.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    for _ in range(2):
        letters.tell(row.pk, letters.BOOKED, 0, now=MONDAY)
    letters.tell(row.pk, letters.REMINDED, 0, now=MONDAY)
    assert sorted(OutgoingMail.objects.values_list("key", flat=True)) == [f"appointment:{row.pk}:{what}:0" for what in ("booked", "reminded")]
    assert MailAttachment.objects.count() == 2, "a reminder needs no second invitation"


def test_nobody_to_write_to(calendar: Calendar) -> None:
    row = appointments.book(calendar.visit(party=None), calendar.tess.pk, NINE, now=MONDAY)
    assert letters.tell(row.pk, letters.BOOKED, 0, now=MONDAY) is None
    assert letters.tell(row.pk + 1, letters.BOOKED, 0, now=MONDAY) is None
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("language", ["en", "nl", "ru", "th", "zh-hans"])
def test_every_language_says_the_day_and_the_hours(calendar: Calendar, language: str) -> None:
    row = appointments.book(calendar.visit(language=language), calendar.tess.pk, NINE, now=MONDAY)
    for what in (letters.BOOKED, letters.MOVED, letters.CANCELLED, letters.REMINDED):
        written = letters.letter(row, what, language)
        assert "23" in written.subject
        assert all(hour in written.text for hour in ("9:00", "10:30"))
        assert calendar.noor.name in written.text


def test_too_much_is_not_attached(calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="attachments"):
        actions.send("noor@example.com", "Hello", "Text", attached=[actions.Attached("a", "text/plain", b"x" * (actions.MOST_ATTACHED + 1))])
    assert not OutgoingMail.objects.filter(made_at__lte=timezone.now()).exists()


def test_who_else_comes_and_what_cannot_be_kept_are_said_as_such(calendar: Calendar, post: Mailbox, mail_server: At, monkeypatch: pytest.MonkeyPatch) -> None:
    mail_server(post.url)
    monkeypatch.setattr(letters, "config", actions.config)
    row = appointments.book(calendar.visit(language="en"), calendar.tess.pk, NINE, now=MONDAY)
    appointments.move(calendar.alice, row.pk, NINE, staff=calendar.theo.pk, now=MONDAY)
    appointments.send_back(calendar.carol, row.pk, now=MONDAY)
    told = list(Event.objects.filter(kind__in=WHAT).order_by("pk"))
    assert [event.kind for event in told] == ["appointments.booked", "appointments.moved", "appointments.sent_back"]
    assert letters.tell(row.pk, letters.HANDED_ON, 1, now=MONDAY) is None, "it is off by now"
    letters.tell(row.pk, letters.SENT_BACK, 2, now=MONDAY)
    assert letters.tell(row.pk, letters.BOOKED, 2, now=MONDAY) is None
    assert sending.work(MONDAY) == 1
    ((_from, _to, message),) = post.received
    assert "We cannot come on" in str(message["Subject"])
    method, event = invitation(message)
    assert (method, event["SEQUENCE"], event["STATUS"]) == ("CANCEL", 2, "CANCELLED")


def test_the_letter_names_who_comes_instead(calendar: Calendar) -> None:
    row = appointments.book(calendar.visit(language="en"), calendar.tess.pk, NINE, now=MONDAY)
    row = appointments.move(calendar.alice, row.pk, NINE, staff=calendar.theo.pk, now=MONDAY)
    written = letters.letter(row, letters.HANDED_ON, "en")
    assert "Theo comes" in written.subject
    assert "The time stays as it is." in written.text


def test_who_wants_to_be_called_is_called_and_gets_no_mail(calendar: Calendar) -> None:
    Party.objects.filter(pk=calendar.noor.pk).update(preferred_way="phone")
    add_contact_point(calendar.noor.pk, "phone", "+31205550123", None)
    row = appointments.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    for _twice in range(2):
        assert letters.tell(row.pk, letters.BOOKED, 0, now=MONDAY) is None
    task = Task.objects.get()
    assert (task.kind, task.owner, task.party, task.due_at) == ("call", calendar.alice, calendar.noor, NINE)
    assert "Reparatie aan huis" in task.text
    assert not OutgoingMail.objects.exists()
    # what is booked while they are on the line is told already
    call = Interaction.objects.create(channel="voice", state="active", subject=calendar.noor, started_at=MONDAY)
    again = appointments.book(calendar.visit(interaction=call.pk), calendar.theo.pk, NINE, now=MONDAY)
    assert letters.tell(again.pk, letters.BOOKED, 0, now=MONDAY) is None
    assert Task.objects.count() == 1


def how(row: Appointment) -> list[tuple[str, str, str]]:
    return list(VisitTold.objects.filter(appointment=row).order_by("pk").values_list("what", "way", "why"))


def test_who_wants_to_be_called_is_reminded_by_a_call_before_the_visit(calendar: Calendar) -> None:
    Party.objects.filter(pk=calendar.noor.pk).update(preferred_way="phone")
    add_contact_point(calendar.noor.pk, "phone", "+31205550123", None)
    later = NINE + timedelta(hours=6)
    row = appointments.book(calendar.visit(), calendar.tess.pk, later, now=MONDAY - timedelta(days=4))
    for _twice in range(2):
        assert letters.tell(row.pk, letters.REMINDED, 0, now=MONDAY) is None
    task = Task.objects.get()
    assert (task.kind, task.owner, task.due_at) == ("call", calendar.alice, later - letters.BEFORE)
    assert how(row) == [("reminded", "call", "")]
    assert not OutgoingMail.objects.exists()


def test_a_letter_would_come_after_the_visit_that_it_reminds_of(calendar: Calendar) -> None:
    Party.objects.filter(pk=calendar.noor.pk).update(preferred_way="post")
    row = appointments.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    assert letters.tell(row.pk, letters.BOOKED, 0, now=MONDAY) is None
    assert letters.tell(row.pk, letters.REMINDED, 0, now=MONDAY) is not None
    assert how(row) == [("booked", "letter", ""), ("reminded", "mail", "post_too_slow")]


@pytest.mark.parametrize("what", [letters.BOOKED, letters.REMINDED])
def test_a_worker_that_was_away_writes_nothing_of_a_visit_that_is_past(calendar: Calendar, what: str) -> None:
    row = appointments.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    for _twice in range(2):
        assert letters.tell(row.pk, what, 0, now=NINE + timedelta(hours=3)) is None
    assert not OutgoingMail.objects.exists()
    assert not Task.objects.exists()
    assert how(row) == [(what, "nothing", "too_late")]
    event = Event.objects.get(kind="mail.visit_told")
    assert (event.body["appointment"], event.body["way"], event.why) == (row.pk, "nothing", "too_late")


def test_what_was_told_in_time_stays_told(calendar: Calendar) -> None:
    row = appointments.book(calendar.visit(), calendar.tess.pk, NINE, now=MONDAY)
    assert letters.tell(row.pk, letters.BOOKED, 0, now=MONDAY) is not None
    assert letters.tell(row.pk, letters.BOOKED, 0, now=NINE + timedelta(days=1)) is None, "the worker reads the log again"
    assert how(row) == [("booked", "mail", "")]


def test_a_mail_server_that_was_away_gets_no_mail_of_what_is_over(calendar: Calendar, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    past = actions.send("noor@example.com", "Your appointment comes soon", "Tomorrow.", until=timezone.now() - timedelta(minutes=1))
    coming = actions.send("noor@example.com", "Another one", "Next week.", until=timezone.now() + timedelta(days=1))
    assert sending.work() == 2
    past.refresh_from_db()
    coming.refresh_from_db()
    assert (past.state, past.error, past.next_at) == ("failed", actions.TOO_LATE, None)
    assert coming.state == "sent"
    assert [str(message["Subject"]) for _from, _to, message in post.received] == ["Another one"]


@given(
    what=st.sampled_from(ways.WHAT), wish=st.sampled_from(["", ways.EMAIL, ways.PHONE, ways.POST]), mail=st.booleans(), phone=st.booleans(), begun=st.booleans(),
    in_call=st.booleans(),
)  # fmt: skip
def test_ways_of_telling(what: str, wish: str, mail: bool, phone: bool, begun: bool, in_call: bool) -> None:
    found = ways.way_for(what, wish, mail=mail, phone=phone, begun=begun, in_call=in_call)
    assert mail or found.way != ways.MAIL, "nobody is written to without an address"
    assert not begun or found.way == ways.NOTHING
    assert found.way != ways.NOTHING or found.why, "why nobody is told is said"
    if mail and not begun and wish in ("", ways.EMAIL):
        assert found == ways.Way(ways.MAIL)
    if wish == ways.PHONE and phone and not begun and what in (ways.MOVED, ways.CANCELLED, ways.REMINDED):
        assert found == ways.Way(ways.CALL)
