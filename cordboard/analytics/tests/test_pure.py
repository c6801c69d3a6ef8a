"""Parts, intervals and states without a database: what is counted once is counted once, wherever the clock is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.analytics.intervals import STEPS, between, key_of, laid, stretches, written
from cordboard.analytics.parts import Contact, Promise, Stint, Visit, cut, slot_of
from cordboard.analytics.sums import MEASURES, Sums, total
from cordboard.analytics.timeline import Change, logged_in, spans, totals

AMSTERDAM, KATHMANDU, LORD_HOWE = ZoneInfo("Europe/Amsterdam"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe")
ZONES = [AMSTERDAM, KATHMANDU, LORD_HOWE, ZoneInfo("UTC"), ZoneInfo("America/St_Johns")]
NINE = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def visit(number: int = 1, *, state: str = "answered", at: float = 0, left: float | None = 10, segment: int | None = None, **more: object) -> Visit:
    terms: dict = {"queue": 3, "counted": True, "consult": False, "in_target": None, "short": None, "target_seconds": 20, "short_seconds": 5} | more
    return Visit(id=number, state=state, entered_at=after(at), left_at=None if left is None else after(left), segment=segment, **terms)


def stint(
    number: int = 1, agent: int = 7, *, kind: str = "offer", at: float = 5, accepted: float | None = 10, ended: float | None = 70, **more: object
) -> Stint:
    values: dict = {"wrapped_up_at": None, "held_seconds": 0.0, "end_cause": "hung_up"} | more
    moments = [None if one is None else after(one) for one in (accepted, ended)]
    return Stint(number, agent, kind, after(at), moments[0], moments[1], **values)


# ---- parts ------------------------------------------------------------------------------------------------------------


def test_an_answered_call_is_one_part_with_the_queue_and_the_agent() -> None:
    call = Contact("voice", [visit(segment=1)], [stint(held_seconds=12.5, wrapped_up_at=after(100))])
    (part,) = cut(call)
    assert (part.at, part.queue, part.agent) == (NINE, 3, 7)
    assert part.sums == Sums(
        offered=1, answered=1, answered_within=1, wait_answered_ms=10_000, offers=1, handled=1, talk_ms=47_500, hold_ms=12_500, acw_ms=30_000
    )
    assert part.sums.aht == 90.0
    assert part.sums.asa == 10.0


def test_a_ring_without_answer_counts_for_the_agent_in_the_interval_of_the_contact() -> None:
    """Offered at 9:00 to alice, who does not answer; to bob at 9:20 plus."""
    call = Contact("voice", [visit(left=1250, segment=2)], [stint(1, 7, accepted=None, end_cause="no_answer"), stint(2, 8, at=1230, accepted=1250, ended=1300)])
    for_bob, for_alice = cut(call)
    assert (for_alice.agent, for_alice.sums) == (7, Sums(offers=1, rona=1))
    assert (for_bob.agent, for_bob.sums.offered, for_bob.sums.answered, for_bob.sums.answered_within) == (8, 1, 1, 0)
    assert for_alice.slot == for_bob.slot == slot_of(NINE), "both belong to the moment at which the contact entered the queue"


@pytest.mark.parametrize(
    ("state", "left", "wanted"),
    [
        ("waiting", None, Sums(offered=1)),
        ("offered", None, Sums(offered=1)),
        ("left", 8, Sums(offered=1, elsewhere=1)),
        ("abandoned", 4.999, Sums(offered=1, abandoned=1, short_abandoned=1, wait_abandoned_ms=4_999)),
        ("abandoned", 5, Sums(offered=1, abandoned=1, wait_abandoned_ms=5_000)),
        ("abandoned", 20.001, Sums(offered=1, abandoned=1, abandoned_after=1, wait_abandoned_ms=20_001)),
    ],
)
def test_what_became_of_a_contact_that_nobody_answered(state: str, left: float | None, wanted: Sums) -> None:
    assert [part.sums for part in cut(Contact("voice", [visit(state=state, left=left)]))] == [wanted]


def test_a_transfer_in_person_is_no_second_contact_but_the_work_on_it_counts() -> None:
    handed = [visit(1, segment=1), visit(2, counted=False, at=70, left=75, segment=2)]
    call = Contact("voice", handed, [stint(1, end_cause="transferred"), stint(2, 8, kind="transfer", at=70, accepted=75, ended=135)])
    first, second = cut(call)
    assert (first.sums.offered, first.sums.transferred, second.sums.offered) == (1, 1, 0)
    assert (second.agent, second.sums.handled, second.sums.talk_ms) == (8, 1, 60_000)


def test_a_consulted_colleague_does_not_make_the_handling_time_longer() -> None:
    call = Contact("voice", [visit(1, segment=1), visit(2, counted=False, consult=True, at=30, left=33, segment=2)],
                   [stint(1), stint(2, 8, kind="consult", at=30, accepted=33, ended=53)])  # fmt: skip
    asked = cut(call)[1]
    assert asked.sums == Sums(offers=1, consults=1, consult_ms=20_000)


def test_whoever_listens_in_is_in_no_figure() -> None:
    call = Contact("voice", [visit(segment=1)], [stint(1), stint(2, 9, kind="supervise")])
    assert [part.agent for part in cut(call)] == [7]


def test_a_call_that_we_make_belongs_to_its_own_moment_and_the_queue_it_is_made_for() -> None:
    made = stint(kind="outbound", at=3600, accepted=3600, ended=3640)
    (part,) = cut(Contact("voice", [], [made], queue=5, dialled=True, reached_at=after(3612)))
    assert (part.at, part.queue, part.sums) == (after(3600), 5, Sums(handled=1, outbound=1, talk_ms=28_000)), "talk begins when the customer answers"
    (part,) = cut(Contact("voice", [], [made], queue=5, dialled=True))
    assert part.sums == Sums(outbound=1), "nobody answered: that is no handling time"


def test_a_callback_belongs_to_the_visit_in_which_it_was_promised() -> None:
    waited = Contact("voice", [visit(state="left", left=95)], promises=[Promise(4, 3, after(94))])
    assert [part.sums for part in cut(waited)] == [Sums(offered=1, elsewhere=1), Sums(callbacks=1)]
    assert {part.at for part in cut(waited)} == {NINE}
    by_web = Contact("web", promises=[Promise(4, 3, after(94))])
    assert [(part.at, part.queue) for part in cut(by_web)] == [(after(94), 3)]


moments = st.floats(0, 50_000).map(lambda value: round(value, 3))
sums = st.builds(Sums, *(st.integers(0, 10_000) for _ in MEASURES))


@st.composite
def a_contact(draw: st.DrawFn) -> Contact:
    visits, stints = [], []
    for number in range(draw(st.integers(0, 3))):
        at, waited, talk = draw(moments), draw(st.floats(0, 300)), draw(st.floats(0, 600))
        state = draw(st.sampled_from(["waiting", "answered", "abandoned", "left"]))
        if state == "answered":
            stints.append(
                stint(number + 1, draw(st.integers(1, 3)), at=at, accepted=at + waited, ended=at + waited + talk, held_seconds=draw(st.floats(0, 900)))
            )
        visits.append(
            visit(number + 1, state=state, at=at, left=None if state == "waiting" else at + waited, segment=number + 1, queue=draw(st.integers(1, 2)))
        )
    for number in range(draw(st.integers(0, 2))):
        stints.append(stint(10 + number, at=draw(moments), accepted=None, end_cause=draw(st.sampled_from(["no_answer", "rejected", "withdrawn"]))))
    return Contact("voice", visits, stints)


@given(st.lists(a_contact(), max_size=8), st.sampled_from(ZONES))
def test_intervals_add_up_to_the_day_and_the_day_to_its_contacts(contacts: list[Contact], zone: ZoneInfo) -> None:
    parts = [part for contact in contacts for part in cut(contact)]
    assert total(part.sums for part in parts).offered == sum(len(contact.visits) for contact in contacts)
    assert total(part.sums for part in parts).offers == sum(len(contact.stints) for contact in contacts)
    days = {part.at.astimezone(zone).date() for part in parts} or {date(2026, 11, 17)}
    whole = total(part.sums for part in parts)
    for step in STEPS:
        rules = stretches(min(days), max(days), zone, step)
        grid: dict[int, Sums] = {interval.key: Sums() for interval in laid(min(days), max(days), zone, step)}
        for part in parts:
            key = key_of(part.slot, rules)
            assert key is not None
            grid[key] = grid[key] + part.sums
        assert total(grid.values()) == whole


@given(sums, sums, sums)
def test_sums_may_be_made_in_any_order(one: Sums, two: Sums, three: Sums) -> None:
    assert one + (two + three) == (three + one) + two
    assert one + two - two == one


# ---- intervals --------------------------------------------------------------------------------------------------------


@given(st.dates(date(2020, 1, 1), date(2030, 12, 30)), st.integers(0, 40), st.sampled_from(ZONES), st.sampled_from(sorted(STEPS)))
def test_intervals_cover_every_moment_of_their_days_once(first: date, more: int, zone: ZoneInfo, step: str) -> None:
    last = first + timedelta(days=more)
    made = list(laid(first, last, zone, step))
    begin, end = between(first, last, zone)
    assert (made[0].begin, made[-1].end) == (begin, end)
    assert all(one.end == two.begin for one, two in zip(made, made[1:], strict=False))
    rules = stretches(first, last, zone, step)
    for one in made:  # what the database works out is the same raster
        assert {key_of(slot, rules) for slot in range(one.key, int(one.end.timestamp()), 900)} == {one.key}
    assert key_of(int(end.timestamp()), rules) is None
    assert key_of(int(begin.timestamp()) - 900, rules) is None


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(ZONES))
def test_a_half_hour_is_two_quarters(day: date, zone: ZoneInfo) -> None:
    quarters = stretches(day, day, zone, "15")
    for half in laid(day, day, zone, "30"):
        assert {key_of(slot, quarters) for slot in range(half.key, int(half.end.timestamp()), 900)} <= {half.key, half.key + 900}


@pytest.mark.parametrize(("day", "half_hours", "hours"), [(date(2026, 3, 29), 46, 23), (date(2026, 10, 25), 50, 25), (date(2026, 11, 17), 48, 24)])
def test_the_days_on_which_the_clock_is_changed(day: date, half_hours: int, hours: int) -> None:
    assert len(list(laid(day, day, AMSTERDAM, "30"))) == half_hours
    assert len(list(laid(day, day, AMSTERDAM, "60"))) == hours
    (whole,) = laid(day, day, AMSTERDAM, "day")
    assert (whole.end - whole.begin) == timedelta(hours=hours)


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    names = [written(one.begin, AMSTERDAM) for one in laid(date(2026, 10, 25), date(2026, 10, 25), AMSTERDAM, "60")]
    assert names[2:4] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]
    assert len(set(names)) == 25


def test_a_month_with_a_change_of_the_clock_is_three_rules_for_days_and_one_for_half_hours() -> None:
    assert len(stretches(date(2026, 10, 1), date(2026, 10, 31), AMSTERDAM, "day")) == 3
    assert len(stretches(date(2026, 10, 1), date(2026, 10, 31), AMSTERDAM, "30")) == 1


# ---- states -----------------------------------------------------------------------------------------------------------

changes = st.lists(
    st.tuples(st.floats(-5000, 90_000), st.sampled_from(["ready", "not_ready", "talking", "offline"]), st.sampled_from([None, "break"])), max_size=30
)


@given(changes, st.floats(0, 90_000))
def test_the_states_add_up_to_the_time_logged_in_exactly(drawn: list[tuple[float, str, str | None]], now: float) -> None:
    log = [Change(after(seconds), state, reason) for seconds, state, reason in sorted(drawn, key=lambda one: one[0])]
    day = spans(log, NINE, NINE + timedelta(days=1), after(now))
    assert sum(one.seconds for one in totals(day)) == logged_in(day)
    assert all(one.end == two.begin and (one.state, one.reason) != (two.state, two.reason) for one, two in zip(day, day[1:], strict=False))
    assert sum(one.seconds for one in day) == int(min(now, 86_400))


def test_alices_day_to_the_second() -> None:
    log = [
        Change(after(-60), "ready"),
        Change(after(10.9), "talking"),
        Change(after(70.2), "wrapup"),
        Change(after(70.7), "not_ready", "break"),
        Change(after(100), "offline"),
    ]
    day = spans(log, NINE, after(86_400), after(200))
    assert [(one.state, one.reason, one.seconds) for one in day] == [
        ("ready", None, 10),
        ("talking", None, 60),
        ("not_ready", "break", 30),
        ("offline", None, 100),
    ]
    assert logged_in(day) == 100
    assert day[-1].open
