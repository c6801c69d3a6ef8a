"""Who is there in most stories: alice and bob work at the desk that carol heads; Noor is a customer. A story that wants somebody else makes them itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cordboard.org.models import Unit, User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.tickets.models_sla import ServicePlan

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def desk(db: None) -> Unit:
    return unit()


@pytest.fixture
def alice(desk: Unit) -> User:
    return person("alice", WORKS, unit=desk)


@pytest.fixture
def bob(desk: Unit) -> User:
    return person("bob", WORKS, unit=desk)


@pytest.fixture
def carol(desk: Unit) -> User:
    head = person("carol", WORKS, unit=desk)
    desk.head = head
    desk.save()
    return head


@pytest.fixture
def noor(db: None) -> Party:
    return parties.create(None, name="Noor de Vries", phone="+31205550123", email="noor@example.com", languages=["nl"], country="NL")


Plan = Callable[..., None]


@pytest.fixture
def ten_hours(db: None) -> Plan:
    """Everything is to be resolved within ten hours, around the clock; called with the steps that are taken before."""

    def plan(*steps: dict[str, Any]) -> None:
        kept = [{"clock": "resolution", **one} for one in steps]
        values = {"name": "Ten hours", "targets": {"": {"resolution": "10h"}}, "around_the_clock": True, "steps": kept}
        for code in ("standard", "gold"):
            ServicePlan.objects.update_or_create(code=code, defaults=values)

    plan()
    return plan
