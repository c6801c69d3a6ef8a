"""Business hours and service levels as carol sets them, what a ticket shows of them, and who waits oddly often."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cordboard.desktop.forms_sla import exceptions
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_settings import shown
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.tickets import actions, actions_sla, queries_sla
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import BusinessCalendar, ServicePlan, TicketPause
from cordboard.tickets.sla_pauses import Agent, judged
from cordboard.tickets.tasks_sla import compute_again

pytestmark = pytest.mark.django_db
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
NEW, LIST = "/settings/calendars/new/", "/settings/calendars/"


@pytest.fixture(autouse=True)
def _no_calendars_of_other_tests() -> None:
    queries_sla.forget()


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def carol() -> Client:
    return signed_in(person("carol", {**WORKS, "tickets.service_levels": "all"}, unit=unit()))


def text(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(page.content.decode())).split())


def test_carol_sets_business_hours_and_open_tickets_follow(carol: Client, alice: User) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    form = shown(carol, NEW)
    assert form["mon"] == "09:00-12:30, 13:00-17:30"
    form |= {"name": "Closed", **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ""), "exceptions": "2026-12-24 9-12 Christmas Eve\n2026-12-31"}
    assert carol.post(NEW, form).status_code == 302
    row = BusinessCalendar.objects.get()
    assert [(str(one.date), one.name, one.hours) for one in row.exceptions.all()] == [
        ("2026-12-24", "Christmas Eve", [["09:00", "12:00"]]),
        ("2026-12-31", "", []),
    ]
    assert "never open" in text(carol.get(LIST))
    compute_again.func("calendar")
    ticket.refresh_from_db()
    assert ticket.due_at is None
    page = text(signed_in(alice).get(f"/tickets/{ticket.number}/"))
    assert "no deadline" in page
    assert "The calendar Closed has no open hours for it." in page
    kept = shown(carol, f"{LIST}{row.pk}/")
    assert kept["exceptions"].splitlines() == ["2026-12-24 09:00-12:00 Christmas Eve", "2026-12-31"]
    assert carol.post(f"{LIST}{row.pk}/", kept | {"mon": "9-17"}).status_code == 302
    row.refresh_from_db()
    assert row.version == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mon": "18-9"}, "Write spans in their order"),
        ({"holidays": "XX"}, "Holidays are known by a country"),
        ({"exceptions": "Christmas closed"}, "Christmas is no date"),
        ({"exceptions": "2026-12-24\n2026-12-24 9-12"}, "2026-12-24 is there twice"),
        ({"exceptions": "2026-12-24 12-9"}, "Hours of 2026-12-24"),
    ],
)
def test_what_is_no_calendar_is_refused_with_reasons(carol: Client, change: dict[str, str], said: str) -> None:
    page = carol.post(NEW, shown(carol, NEW) | {"name": "Hours"} | change)
    assert page.status_code == 422
    assert said in text(page)
    assert not BusinessCalendar.objects.exists()


def test_a_second_calendar_for_the_same_customers_is_refused(carol: Client) -> None:
    form = shown(carol, NEW) | {"name": "Hours"}
    assert carol.post(NEW, form).status_code == 302
    assert "already" in text(carol.post(NEW, form))


def test_carol_tries_hours_before_anybody_depends_on_them(carol: Client) -> None:
    carol.post(NEW, shown(carol, NEW) | {"name": "Hours", "timezone": "Europe/Amsterdam"})
    row = BusinessCalendar.objects.get()
    seen = text(carol.post(f"{LIST}{row.pk}/try/", {"at": "2026-04-24 12:00"}))
    assert "8 working hours" in seen
    assert "Koningsdag" in seen
    assert "This is no moment" in text(carol.post(f"{LIST}{row.pk}/try/", {"at": "tomorrow"}))


def test_carol_changes_a_service_level_and_adds_a_step(carol: Client, alice: User) -> None:
    plan = ServicePlan.objects.update_or_create(code="standard", defaults={"name": "Standard", "targets": {"incident": {"resolution": "3d"}}})[0]
    ticket = actions.open_ticket(alice, title="E18")
    path = f"/settings/service-levels/{plan.pk}/"
    form = shown(carol, path)
    form |= {"target-incident-first_response": "1 H", "step-0-do": "notify_owner", "step-0-clock": "resolution", "step-0-percent": "80"}
    assert carol.post(path, form).status_code == 302
    plan.refresh_from_db()
    assert plan.targets["incident"]["first_response"] == "1h"
    assert plan.steps == [{"do": "notify_owner", "clock": "resolution", "percent": 80}]
    assert compute_again.func("plan", "standard") == 1
    assert set(ticket.clocks.filter(ended_at=None).values_list("kind", flat=True)) == {"first_response", "resolution"}
    assert "tell the owner, at 80 % of Resolution" in text(signed_in(alice).get(f"/tickets/{ticket.number}/"))
    seen = text(carol.post(f"{path}try/", {"kind": "incident", "at": "2026-11-20 12:00"}))
    assert "First response due" in seen
    assert "Left out: Saturdays, Sundays." in seen


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target-incident-resolution": "soon"}, "Write 30m, 8h or 3d"),
        ({"step-0-do": "notify_owner", "step-0-clock": "resolution", "step-0-percent": "", "step-0-before": ""}, "Say when"),
        ({"step-0-do": "notify_owner", "step-0-clock": "resolution", "step-0-percent": "50", "step-0-before": "5"}, "Say when"),
    ],
)
def test_what_is_no_service_level_is_refused_at_its_field(carol: Client, change: dict[str, str], said: str) -> None:
    new = "/settings/service-levels/new/"
    page = carol.post(new, shown(carol, new) | {"name": "Vip", "code": "vip", "target-other-resolution": "1d"} | change)
    assert page.status_code == 422
    assert said in text(page)
    assert not ServicePlan.objects.filter(code="vip").exists()


def test_only_who_may_sets_service_levels(alice: User) -> None:
    for path in ("/settings/calendars/", "/settings/service-levels/", "/settings/service-levels/pauses/"):
        assert signed_in(alice).get(path).status_code == 403


def test_who_waits_for_customers_oddly_often_is_named_with_examples(carol: Client, alice: User) -> None:
    bob = person("bob", WORKS, unit=unit())
    now = timezone.now() - timedelta(days=1)
    for number in range(12):
        actions.open_ticket(bob, title=f"b{number}", now=now)
    ticket = actions.open_ticket(alice, title="Again and again", now=now)
    for number in range(6):
        at = now + timedelta(minutes=number)
        actions.set_state(alice, ticket.pk, "waiting", now=at)
        actions.set_state(alice, ticket.pk, "open", now=at + timedelta(seconds=20))
    assert TicketPause.objects.filter(by=alice).count() == 6
    seen = text(carol.get("/settings/service-levels/pauses/"))
    assert "more often than the others" in seen
    assert f"{ticket.number} (6)" in seen
    assert Ticket.objects.count() == 13


def test_an_empty_report_says_so(carol: Client) -> None:
    assert "Nobody worked on tickets in this time." in text(carol.get("/settings/service-levels/pauses/?days=7"))


def test_lines_of_dates() -> None:
    assert exceptions(" 2026-12-24 9.00-12:00, 13-14 Short day\n\n2026-12-31\n") == [
        ["2026-12-24", "Short day", [["09:00", "12:00"], ["13:00", "14:00"]]],
        ["2026-12-31", "", []],
    ]


def test_odd_is_more_than_chance_gives() -> None:
    usual = [Agent(one, 1, 40, 8) for one in range(5)]
    found = {one.agent: one for one in judged([*usual, Agent(9, 1, 40, 30), Agent(10, 1, 40, 8, shortly=6), Agent(11, 2, 4, 40)])}
    assert [one for one in found if found[one].odd] == [9, 10]
    assert (found[10].near, found[9].near) == (True, False)
    assert not found[11].odd, "nobody else is in that unit to be held against"


def test_clocks_on_the_page(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    actions_sla.promise(ticket, timezone.now() - timedelta(hours=2), actor=f"user:{alice.pk}", now=timezone.now())
    page = signed_in(alice).get(f"/tickets/{ticket.number}/")
    assert 'data-sla="breached"' in page.content.decode()
    assert "promised for this moment" in text(page)
