"""Flows find free times and book one, for the customer of the contact and nobody else."""

from __future__ import annotations

import pytest

from cordboard.appointments.models import Appointment
from cordboard.appointments.tests.calendar import Calendar
from cordboard.flows import effects as fx
from cordboard.flows import errands
from cordboard.flows.steps import LOOKUPS, About
from cordboard.interactions.models import Interaction


@pytest.fixture
def call(calendar: Calendar) -> Interaction:
    row = calendar.centre.call()
    row.subject = calendar.noor
    row.save()
    return row


def test_a_flow_offers_the_first_time_and_books_it_once(calendar: Calendar, call: Interaction) -> None:
    about = About(f"interaction:{call.pk}", "ivr", "nl")
    read = LOOKUPS["free_times"].read
    assert read is not None
    found = read(about, {"kind": "repair"})
    assert len(found["times"]) == 3
    assert found["spoken"] == found["words"][0]
    errand = fx.Perform("visit", "appointment", {"kind": "repair", "time": found["times"][1]}, "run7:visit")
    first, again = errands.run(errand, about), errands.run(errand, about)
    row = Appointment.objects.get()
    assert (first.result["id"], again.result["id"], row.state, row.interaction_id) == (row.pk, row.pk, "booked", call.pk)
    taken = errands.run(fx.Perform("visit", "appointment", {"kind": "repair", "time": found["times"][1]}, "run8:visit"), about)
    assert taken.failed == "refused", "that time is gone"
    other = errands.run(fx.Perform("visit", "appointment", {"kind": "repair"}, "run9:visit"), about)
    assert other.result["id"] != row.pk, "without a time the earliest that is free"


@pytest.mark.parametrize("time", ["tomorrow", "2026-11-23T09:00+01:00", "2026-11-23T09:00/1", "x/1"])
def test_what_is_no_time_is_refused(calendar: Calendar, call: Interaction, time: str) -> None:
    about = About(f"interaction:{call.pk}", "ivr", "en")
    assert errands.run(fx.Perform("visit", "appointment", {"kind": "repair", "time": time}, "k"), about).failed == "refused"
    assert not Appointment.objects.exists()


def test_nobody_is_booked_for(calendar: Calendar) -> None:
    contact = calendar.centre.call()
    about = About(f"interaction:{contact.pk}", "ivr", "en")
    read = LOOKUPS["free_times"].read
    assert read is not None
    assert read(about, {"kind": "repair"}) is None
    assert errands.run(fx.Perform("visit", "appointment", {"kind": "repair"}, "k"), about).failed == "refused"
