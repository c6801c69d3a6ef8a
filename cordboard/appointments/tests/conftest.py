from __future__ import annotations

import pytest

from cordboard.appointments.tests.calendar import Calendar, make_calendar


@pytest.fixture
def calendar(db: None) -> Calendar:
    return make_calendar()
