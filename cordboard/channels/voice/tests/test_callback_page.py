"""Visitors of the web page ask to be called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from cordboard.channels.voice import actions_web
from cordboard.channels.voice.models import Line
from cordboard.org.models import Unit
from cordboard.routing.models import Callback, Entry, Queue

NOW = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)  # Thursday noon in Amsterdam
pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    unit = Unit.objects.create(code="service", name="Service", country="NL", timezone="Europe/Amsterdam")
    queue = Queue.objects.create(
        code="service", name="Service", unit=unit, hours={"timezone": "Europe/Amsterdam", "thu": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]}
    )
    return Line.objects.create(number="100", name="Service", flow="none", queue=queue, country="NL", languages=["en"])


def ask(line: Line, number: str = "020 555 0123", address: str = "192.0.2.1", at: datetime | None = None, now: datetime = NOW, token: str = "") -> Callback:
    token = token or actions_web.callback_form(now - timedelta(seconds=20))
    return actions_web.ask_callback(address, token, line=line, number=number, name="Noor", about="The seal", at=at, now=now)


def test_who_asks_stands_in_the_queue_at_once(line: Line) -> None:
    made = ask(line)
    assert (made.number, made.state, made.origin, made.name, made.about) == ("+31205550123", "queued", "web", "Noor", "The seal")
    assert Entry.objects.get().waiting_since == NOW


def test_who_asks_in_the_evening_is_called_when_the_queue_opens(line: Line) -> None:
    made = ask(line, now=NOW.replace(hour=18))
    assert (made.state, made.due_at) == ("scheduled", NOW.replace(day=20, hour=8))
    assert ask(line, number="020 555 0124", at=NOW.replace(day=20, hour=13)).due_at == NOW.replace(day=20, hour=13)


def test_a_form_is_good_for_one_wish_and_two_hours(line: Line) -> None:
    token = actions_web.callback_form(NOW - timedelta(seconds=20))
    ask(line, token=token)
    for bad in (token, "made up", actions_web.callback_form(NOW - timedelta(hours=3)), actions_web.callback_form(NOW)):
        with pytest.raises(actions_web.NotAsked):
            ask(line, number="020 555 0124", token=bad)
    assert Callback.objects.count() == 1


def test_nobody_asks_again_and_again(line: Line) -> None:
    for number in range(3):
        ask(line, address=f"192.0.2.{number}")
    with pytest.raises(actions_web.NotAsked, match="several times today"):
        ask(line, address="192.0.2.9")
    for number in range(6):
        ask(line, number=f"020 555 01{30 + number}", address="198.51.100.7")
    with pytest.raises(actions_web.NotAsked, match="ten minutes"):
        ask(line, number="020 555 0140", address="198.51.100.7")


def test_numbers_that_are_not_called(line: Line) -> None:
    for number in ("112", "0900 1234567", "x"):
        with pytest.raises(actions_web.NotAsked):
            ask(line, number=number)
    assert not Callback.objects.exists()


def test_the_page(line: Line) -> None:
    visitor = Client()
    page = visitor.get("/call/back").content.decode()
    assert "Call me back" in page
    token = actions_web.callback_form(datetime.now(UTC) - timedelta(seconds=20))
    wrong = visitor.post("/call/back", {"token": token, "number": "112"})
    assert (wrong.status_code, "Emergency" in wrong.content.decode()) == (422, True)
    done = visitor.post("/call/back", {"token": token, "number": "+31205550123", "name": "Noor"})
    assert (done.status_code, "We call you back" in done.content.decode()) == (200, True)
