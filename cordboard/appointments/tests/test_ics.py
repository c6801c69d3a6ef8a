"""Calendar files, read again by another program's parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from cordboard.appointments import ics

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=1)))


def entry(**fields: object) -> ics.Entry:
    return ics.Entry(**{"uid": "a@b", "sequence": 2, "starts_at": NINE, "ends_at": NINE + timedelta(hours=1), "stamp": NINE, "summary": "Visit", **fields})  # type: ignore[arg-type]


def read(file: bytes) -> icalendar.Event:
    return icalendar.Calendar.from_ical(file).walk("VEVENT")[0]


def test_a_request_is_read_as_it_was_meant() -> None:
    file = ics.calendar(
        [entry(location="Keizersgracht 12, Amsterdam", organizer=ics.Person('Lamp "en" Ketel', "hello@lampketel.example"), attendee=ics.Person("Noor; de Vries", "noor@example.com"))],
        ics.REQUEST,
    )  # fmt: skip
    calendar = icalendar.Calendar.from_ical(file)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    event = read(file)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"], event["LOCATION"]) == ("a@b", 2, "CONFIRMED", "Keizersgracht 12, Amsterdam")
    assert event.decoded("DTSTART") == NINE
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)
    assert (str(event["ATTENDEE"]), event["ATTENDEE"].params["CN"]) == ("mailto:noor@example.com", "Noor; de Vries")
    assert event["ORGANIZER"].params["CN"].replace("^'", '"') == 'Lamp "en" Ketel'


def test_a_cancellation_says_so() -> None:
    file = ics.calendar([entry(cancelled=True, sequence=3, remind=timedelta(hours=1))], ics.CANCEL)
    assert icalendar.Calendar.from_ical(file)["METHOD"] == "CANCEL"
    assert (read(file)["STATUS"], read(file)["SEQUENCE"], read(file).walk("VALARM")) == ("CANCELLED", 3, [])


def test_an_alarm() -> None:
    alarm = read(ics.calendar([entry(remind=timedelta(hours=2))])).walk("VALARM")[0]
    assert alarm.decoded("TRIGGER") == -timedelta(hours=2)


def test_no_line_of_the_file_can_be_put_in_through_a_text() -> None:
    file = ics.calendar([entry(summary="A\r\nATTENDEE:mailto:evil@example.com", attendee=ics.Person("X\r\nY:1", "a@b.example"))])
    assert [line for line in file.decode().split("\r\n") if line.startswith(("ATTENDEE:", "Y:"))] == []


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\\;,:\n\"'งЖ字"), max_size=300),
    st.sampled_from(["summary", "description", "location"]),
)
def test_any_text_comes_back_and_no_line_is_too_long(text: str, field: str) -> None:
    file = ics.calendar([entry(**{field: f"x{text}"})])
    assert all(len(line) <= 75 for line in file.split(b"\r\n"))
    assert b"\n" not in file.replace(b"\r\n", b"")
    file.decode()
    assert str(read(file)[field.upper()]) == f"x{text}"


def test_times_are_in_utc() -> None:
    assert ics.utc(NINE) == "20261123T080000Z"
    assert ics.utc(datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == "20260329T013000Z"
