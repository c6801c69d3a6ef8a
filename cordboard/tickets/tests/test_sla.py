"""Deadlines of tickets: which service level holds, what stops the clocks, and how the ticket explains it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from cordboard.events.feed import FeedEvent
from cordboard.events.models import Event
from cordboard.interactions.models import ContactReason
from cordboard.lib.opening import DAYS
from cordboard.org.models import Unit, User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.rules.models import Policy
from cordboard.tickets import actions, actions_sla, escalation, following_sla, queries_sla, sla, sla_words
from cordboard.tickets.calendar import Timeline, Week
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import BusinessCalendar, CalendarException, ServicePlan, TicketClock, TicketPause
from cordboard.tickets.tasks_sla import compute_again

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
OFFICE = [["09:00", "12:30"], ["13:00", "17:30"]]


def clock(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Amsterdam")).astimezone(UTC)


MONDAY = clock("2026-11-16T14:00")


@pytest.fixture(autouse=True)
def _no_calendars_of_other_tests() -> None:
    queries_sla.forget()


@pytest.fixture
def service(db: None) -> Unit:
    made = unit()
    made.timezone = "Europe/Amsterdam"
    made.save()
    return made


@pytest.fixture
def alice(service: Unit) -> User:
    return person("alice", WORKS, unit=service, timezone="Europe/Amsterdam")


@pytest.fixture
def office(service: Unit) -> BusinessCalendar:
    return BusinessCalendar.objects.create(name="Office hours", unit=service, hours=dict.fromkeys(DAYS[:5], OFFICE), holidays="NL")


@pytest.fixture
def quick(db: None) -> ServicePlan:
    """Everything within hours of the office."""
    plan, _made = ServicePlan.objects.update_or_create(
        code="standard", defaults={"name": "Quick", "targets": {"": {"first_response": "1h", "next_response": "2h", "resolution": "8h"}}, "steps": []}
    )
    return plan


def clocks(ticket: Ticket) -> dict[str, TicketClock]:
    return {one.kind: one for one in ticket.clocks.filter(ended_at=None)}


def test_a_ticket_has_the_nearest_of_its_deadlines(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    ticket = actions.open_ticket(alice, title="E18", now=MONDAY)
    assert ticket.due_at == clock("2026-11-16T15:00")
    assert clocks(ticket)["resolution"].due_at == clock("2026-11-17T14:00")
    actions_sla.answered(ticket, actor=f"user:{alice.pk}", now=clock("2026-11-16T14:20"))
    assert ticket.due_at == clock("2026-11-17T14:00")
    assert ticket.clocks.get(kind="first_response").met_at == clock("2026-11-16T14:20")
    ticket.refresh_from_db()
    assert ticket.due_at == clock("2026-11-17T14:00")


def test_waiting_for_the_customer_stops_the_work_but_not_the_first_answer(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    ticket = actions.open_ticket(alice, title="E18", now=MONDAY)
    actions.set_state(alice, ticket.pk, "waiting", now=clock("2026-11-16T14:30"))
    ticket.refresh_from_db()
    assert clocks(ticket)["resolution"].paused
    assert ticket.due_at == clock("2026-11-16T15:00"), "nobody has written to the customer yet"
    ticket = actions.set_state(alice, ticket.pk, "open", now=clock("2026-11-16T17:30"))
    resolution = clocks(ticket)["resolution"]
    assert (resolution.paused, resolution.paused_seconds) == (False, 3 * 3600)
    assert resolution.due_at == clock("2026-11-17T17:00")
    pause = TicketPause.objects.get()
    assert (pause.by, pause.begun_at, pause.ended_at) == (alice, clock("2026-11-16T14:30"), clock("2026-11-16T17:30"))
    said = " ".join(sla_words.explain(resolution))
    assert "8 working hours" in said
    assert "breaks" in said
    assert "Paused for 3 h" in said


def test_a_clock_set_back_while_waiting_takes_nothing_away(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    ticket = actions.open_ticket(alice, title="E18", now=MONDAY)
    actions.set_state(alice, ticket.pk, "waiting", now=clock("2026-11-16T16:00"))
    ticket = actions.set_state(alice, ticket.pk, "open", now=clock("2026-11-16T15:00"))
    assert clocks(ticket)["resolution"].due_at == clock("2026-11-17T14:00")


def test_the_customers_message_waits_for_an_answer_of_its_own(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    ticket = actions.open_ticket(alice, title="E18", now=MONDAY)
    actions_sla.customer_wrote(ticket, now=clock("2026-11-16T14:05"))
    assert "next_response" not in clocks(ticket), "the first answer is owed anyway"
    actions_sla.answered(ticket, now=clock("2026-11-16T14:10"))
    actions_sla.customer_wrote(ticket, now=clock("2026-11-16T14:15"))
    actions_sla.customer_wrote(ticket, now=clock("2026-11-16T15:00"))
    assert clocks(ticket)["next_response"].due_at == clock("2026-11-16T16:15")
    actions_sla.answered(ticket, now=clock("2026-11-16T17:00"))
    late = ticket.clocks.get(kind="next_response")
    assert late.breached_at == clock("2026-11-16T16:15")


def test_a_ticket_opened_again_goes_on_where_it_was(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    ticket = actions.open_ticket(alice, title="E18", now=MONDAY)
    actions.set_state(alice, ticket.pk, "resolved", now=clock("2026-11-16T16:00"))
    assert not clocks(ticket)
    ticket = actions.set_state(alice, ticket.pk, "open", now=clock("2026-11-18T09:00"))
    assert clocks(ticket)["resolution"].due_at == clock("2026-11-18T15:30"), "six hours were left, with lunch between"
    assert ticket.due_at == clock("2026-11-18T15:30")


def test_a_better_segment_and_a_rule_choose_another_level(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    noor = parties.create(None, name="Noor de Vries", country="NL")
    ticket = actions.open_ticket(alice, title="E18", party=noor, now=MONDAY)
    assert clocks(ticket)["resolution"].plan == "standard"
    Party.objects.filter(pk=noor.pk).update(value_segment="gold")
    actions_sla.settle(ticket, "segment", now=MONDAY)
    assert (clocks(ticket)["resolution"].plan, clocks(ticket)["resolution"].target) == ("gold", "1d")
    assert "first_response" not in clocks(ticket), "gold promises none, so none is asked for any more"
    ServicePlan.objects.create(code="vip", name="Vip", targets={"": {"resolution": "2h"}})
    rules = [
        {
            "id": "washers",
            "name": "Urgent",
            "when": {"fact": "ticket.priority", "op": "at_most", "value": 2},
            "actions": [{"do": "service_level", "plan": "vip"}],
        }
    ]
    Policy.objects.create(code="levels", name="Levels", area="tickets", version=1, state="published", body={"schema": 1, "rules": rules})
    Ticket.objects.filter(pk=ticket.pk).update(priority=1)
    ticket.refresh_from_db()
    actions_sla.settle(ticket, "changed", now=MONDAY)
    resolution = clocks(ticket)["resolution"]
    assert (resolution.plan, resolution.due_at) == ("vip", clock("2026-11-16T16:00"))
    assert "by the rule Urgent" in " ".join(sla_words.explain(resolution))
    assert Event.objects.filter(kind="tickets.due_changed").exists()


def test_a_rule_that_names_no_level_falls_back_and_says_so(alice: User) -> None:
    rules = [{"id": "all", "name": "All", "actions": [{"do": "service_level", "plan": "nowhere"}]}]
    Policy.objects.create(code="levels", name="Levels", area="tickets", version=1, state="published", body={"schema": 1, "rules": rules})
    ticket = actions.open_ticket(alice, title="x", now=MONDAY)
    resolution = clocks(ticket)["resolution"]
    assert (resolution.plan, resolution.target) == ("standard", "3d")
    assert "nowhere" in " ".join(sla_words.explain(resolution))


def published_now(area: str) -> None:
    """The worker hears that a policy was published, and does what it is asked for."""
    following_sla.policies_changed(FeedEvent(1, "rules.published", 1, MONDAY, "user:1", "", (), {"area": area}, 1, ""))
    worked()


def worked() -> None:
    for row in DBTaskResult.objects.filter(task_path__endswith="compute_again"):
        compute_again.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        row.delete()


def test_a_policy_that_is_published_holds_for_open_tickets_also_those_without_a_clock(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    ServicePlan.objects.filter(pk=quick.pk).update(targets={"incident": {"resolution": "8h"}})
    ServicePlan.objects.create(code="vip", name="VIP", targets={"": {"resolution": "1h"}}, steps=[])
    timed, free = actions.open_ticket(alice, title="E18", now=MONDAY), actions.open_ticket(alice, title="A wish", kind="wish", now=MONDAY)
    assert (clocks(timed)["resolution"].plan, clocks(free)) == ("standard", {})
    rules = [{"id": "all", "name": "All", "actions": [{"do": "service_level", "plan": "vip"}]}]
    Policy.objects.create(code="levels", name="Levels", area="tickets", version=1, state="published", body={"schema": 1, "rules": rules})
    published_now("routing")
    assert not clocks(free)
    published_now("tickets")
    assert {(clocks(one)["resolution"].plan, clocks(one)["resolution"].due_at) for one in (timed, free)} == {("vip", clock("2026-11-16T15:00"))}


def test_a_unit_in_another_time_zone_has_other_deadlines(alice: User, service: Unit, office: BusinessCalendar, quick: ServicePlan) -> None:
    team = Unit.objects.create(code="team", name="Team", parent=service, timezone="Europe/Amsterdam")
    ticket, other = actions.open_ticket(alice, title="E18", unit=team, now=MONDAY), actions.open_ticket(alice, title="E19", unit=unit("elsewhere"), now=MONDAY)
    before = clocks(ticket)["resolution"].due_at
    Unit.objects.filter(pk=team.pk).update(timezone="Asia/Bangkok")
    following_sla.unit_changed(FeedEvent(1, "org.unit_changed", 1, MONDAY, "user:1", "", (), {"unit": service.pk, "change": "changed"}, 1, ""))
    worked()
    due = clocks(ticket)["resolution"].due_at
    assert due is not None
    assert (due != before, due.astimezone(ZoneInfo("Asia/Bangkok")).hour < 18) == (True, True)
    assert not other.clock_changes.filter(why="unit").exists()


def test_a_calendar_without_any_open_hour_gives_no_deadline_and_the_ticket_says_so(alice: User, service: Unit) -> None:
    BusinessCalendar.objects.create(name="Closed for good", unit=service, hours={})
    ticket = actions.open_ticket(alice, title="x", now=MONDAY)
    assert ticket.due_at is None
    said = " ".join(sla_words.explain(clocks(ticket)["resolution"]))
    assert "has no deadline" in said
    assert "Closed for good" in said
    assert not ticket.escalations.exists()


def test_an_exception_counts_from_its_new_version_on(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    ticket = actions.open_ticket(alice, title="x", now=MONDAY)
    CalendarException.objects.create(calendar=office, date="2026-11-17", name="Stocktaking")
    office.version += 1
    office.save()
    actions_sla.settle(ticket, "calendar", now=MONDAY)
    resolution = clocks(ticket)["resolution"]
    assert resolution.due_at == clock("2026-11-18T14:00")
    assert "Stocktaking" in " ".join(sla_words.explain(resolution))
    assert [one.why for one in resolution.changes.all()] == ["opened", "calendar"]
    assert "before" in sla_words.change(resolution.changes.last())  # type: ignore[arg-type]


def test_safety_waits_for_no_weekend(alice: User, office: BusinessCalendar) -> None:
    reason = ContactReason.objects.create(code="product-safety", names={"en": "Safety"})
    saturday = clock("2026-11-21T22:00")
    assert actions.open_ticket(alice, title="It smokes", reason=reason, now=saturday).due_at == saturday + timedelta(hours=4)


def test_a_promised_moment_is_moved_by_nothing(alice: User, office: BusinessCalendar, quick: ServicePlan) -> None:
    promised = clock("2026-11-20T12:00")
    ticket = actions.open_ticket(alice, title="x", due_at=promised, now=MONDAY)
    actions_sla.answered(ticket, now=MONDAY)
    actions.set_state(alice, ticket.pk, "waiting", now=MONDAY)
    ticket.refresh_from_db()
    assert ticket.due_at == promised
    actions_sla.promise(ticket, clock("2026-11-23T12:00"), actor=f"user:{alice.pk}", now=MONDAY)
    assert ticket.due_at == clock("2026-11-23T12:00")
    assert [one.why for one in clocks(ticket)["resolution"].changes.all()] == ["opened", "promised"]


def test_the_most_particular_calendar_holds(service: Unit) -> None:
    team = Unit.objects.create(name="Team", code="team", parent=service, timezone="Asia/Bangkok")
    make = BusinessCalendar.objects.create
    rows = [make(name="all"), make(name="gold", segment="gold"), make(name="service", unit=service), make(name="service gold", unit=service, segment="gold")]
    parents: dict[int, int | None] = {team.pk: service.pk, service.pk: None}

    def chosen(of: int | None, segment: str) -> str:
        found = queries_sla.choose(rows, of, parents, segment)
        return found.name if found is not None else ""

    assert [chosen(team.pk, "gold"), chosen(team.pk, "silver"), chosen(None, "gold"), chosen(None, "")] == ["service gold", "service", "gold", "all"]
    parents[service.pk] = team.pk
    assert chosen(team.pk, "gold") == "service gold", "a tree that goes in a circle ends"
    assert queries_sla.calendar_for(team, "")[1].week.timezone == "Asia/Bangkok", "on the wall clock of the ticket's unit"


# ---- pure ----
LINE = Timeline(Week("Europe/Amsterdam", dict.fromkeys(DAYS[:5], (("09:00", "12:30"), ("13:00", "17:30"))), "NL"))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0))


@given(moments, st.integers(1, 80), st.lists(st.tuples(st.integers(-100, 400), st.integers(-10, 100)), max_size=6))
def test_working_time_without_the_pauses_is_the_target(start: datetime, hours: int, pauses: list[tuple[int, int]]) -> None:
    spans = [sla.Span(start + timedelta(hours=begin), start + timedelta(hours=begin + length)) for begin, length in pauses]
    found = sla.deadline(LINE, start, sla.Target(hours, "h"), spans)
    assert found.due is not None
    assert found.paused <= sum(LINE.working_between(start, span.end) for span in spans if span.end is not None)
    assert LINE.working_between(start, found.due) == 3600 * hours + found.paused
    once = sla.deadline(LINE, start, sla.Target(hours, "h"), [*spans, *spans])
    assert once.due == found.due, "the same pause twice counts once"


@given(moments, st.integers(1, 60), st.integers(1, 200))
def test_a_step_at_a_share_comes_before_the_deadline_or_after_it(start: datetime, hours: int, percent: int) -> None:
    due = sla.deadline(LINE, start, sla.Target(hours, "h")).due
    assert due is not None
    at = escalation.moment(LINE, start, 3600 * hours, 0, due, escalation.Step("resolution", "notify_owner", percent=percent))
    assert at is not None
    assert (at <= due) is (percent <= 100)
    before = escalation.moment(LINE, start, 3600 * hours, 0, due, escalation.Step("resolution", "notify_owner", before=percent))
    assert before is not None
    assert start - timedelta(seconds=1) <= before <= due


@pytest.mark.parametrize("text", ["", " "])
def test_an_empty_target_is_none(text: str) -> None:
    assert sla.read_target(text) is None


@pytest.mark.parametrize("text", ["8", "h", "0h", "-1h", "1.5h", "99999d", "8x", "8hh"])
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(sla.BadTarget):
        sla.read_target(text)


@pytest.mark.parametrize(
    ("step", "wrong"),
    [
        ({"clock": "resolution", "do": "notify_owner", "percent": 80}, ""),
        ({"clock": "resolution", "do": "notify_owner", "percent": 80, "before": 3}, "when"),
        ({"clock": "resolution", "do": "notify_owner", "percent": 0}, "when"),
        ({"clock": "resolution", "do": "notify_owner", "percent": True}, "when"),
        ({"clock": "resolution", "do": "breach", "percent": 80}, "do"),
        ({"clock": "lunch", "do": "notify_owner", "percent": 80}, "clock"),
    ],
)
def test_steps_that_are_none(step: dict[str, Any], wrong: str) -> None:
    assert escalation.finding(step) == wrong
