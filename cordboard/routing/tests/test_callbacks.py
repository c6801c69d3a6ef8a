"""When a customer is called back: quiet hours, tries, the end of it, and whose it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.routing.callbacks import Next, Terms, Then, Whose, after_try, allowed_from, first_due, quiet_until, whose, zone_of

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ALICE, BOB, CAROL = 1, 2, 3
NOON = datetime(2026, 11, 19, 11, 0, tzinfo=UTC)  # Thursday, 12:00 in Amsterdam
FAR = NOON + timedelta(days=30)


def local(year: int, month: int, day: int, hour: int, minute: int = 0, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM, fold=fold).astimezone(UTC)


def test_nobody_is_called_in_the_night() -> None:
    assert quiet_until(NOON, "NL", AMSTERDAM) is None
    assert quiet_until(local(2026, 11, 19, 21), "NL", AMSTERDAM) == local(2026, 11, 20, 8)
    assert quiet_until(local(2026, 11, 20, 7, 59), "NL", AMSTERDAM) == local(2026, 11, 20, 8)
    assert quiet_until(local(2026, 11, 20, 8), "NL", AMSTERDAM) is None


def test_a_country_has_quiet_hours_of_its_own() -> None:
    quiet = {"*": ("21:00", "08:00"), "TH": ("12:00", "13:00"), "GB": ("09:00", "09:00")}
    bangkok = ZoneInfo("Asia/Bangkok")
    assert quiet_until(datetime(2026, 11, 19, 5, 30, tzinfo=UTC), "TH", bangkok, quiet) == datetime(2026, 11, 19, 6, 0, tzinfo=UTC)
    assert quiet_until(datetime(2026, 11, 19, 18, 0, tzinfo=UTC), "TH", bangkok, quiet) is None
    assert quiet_until(datetime(2026, 11, 19, 2, 0, tzinfo=UTC), "GB", ZoneInfo("Europe/London"), quiet) is None


def test_the_clock_goes_forward_in_a_quiet_night() -> None:
    ends = quiet_until(local(2026, 3, 28, 22), "NL", AMSTERDAM)
    assert ends == local(2026, 3, 29, 8)
    assert ends - local(2026, 3, 28, 22) == timedelta(hours=9)


def test_the_clock_goes_back_in_a_quiet_night() -> None:
    ends = quiet_until(local(2026, 10, 24, 22), "NL", AMSTERDAM)
    assert ends == local(2026, 10, 25, 8)
    assert ends - local(2026, 10, 24, 22) == timedelta(hours=11)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001  made aware below
    st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Bangkok", "Australia/Lord_Howe", "UTC"]),
    st.tuples(st.integers(0, 23), st.integers(0, 59)),
    st.tuples(st.integers(0, 23), st.integers(0, 59)),
)
def test_whenever_it_is_wanted_it_is_allowed_within_a_day(at: datetime, zone: str, begin: tuple[int, int], end: tuple[int, int]) -> None:
    quiet = {"*": (f"{begin[0]:02}:{begin[1]:02}", f"{end[0]:02}:{end[1]:02}")}
    wanted = at.replace(tzinfo=UTC)
    first = allowed_from(wanted, "NL", ZoneInfo(zone), quiet)
    assert wanted <= first <= wanted + timedelta(hours=25)
    if first > wanted:
        assert first.astimezone(ZoneInfo(zone)).strftime("%H:%M") == quiet["*"][1] or quiet_until(first, "NL", ZoneInfo(zone), quiet) is None


def test_three_tries_with_growing_intervals() -> None:
    first = after_try("no_answer", 0, NOON, not_after=FAR, country="NL", zone=AMSTERDAM)
    assert first == Next(Then.SCHEDULED, NOON + timedelta(minutes=15), counted=True)
    second = after_try("busy", 1, NOON, not_after=FAR, country="NL", zone=AMSTERDAM)
    assert second == Next(Then.SCHEDULED, NOON + timedelta(minutes=60), counted=True)
    assert after_try("no_answer", 2, NOON, not_after=FAR).then is Then.FAILED


def test_a_try_in_the_evening_goes_on_in_the_morning() -> None:
    late = local(2026, 11, 19, 20, 50)
    assert after_try("no_answer", 0, late, not_after=FAR, country="NL", zone=AMSTERDAM).due == local(2026, 11, 20, 8)


def test_what_ends_it_and_what_does_not_count() -> None:
    assert after_try("answered", 0, NOON, not_after=FAR).then is Then.DONE
    assert after_try("unknown_number", 0, NOON, not_after=FAR).then is Then.FAILED
    assert after_try("failed", 2, NOON, not_after=FAR) == Next(Then.SCHEDULED, NOON + timedelta(minutes=1), counted=False)
    assert after_try("no_answer", 0, NOON, not_after=NOON + timedelta(minutes=10)).then is Then.EXPIRED


@given(st.lists(st.sampled_from(["busy", "no_answer", "rejected", "cancelled", "failed", "unknown_number", "answered", "voicemail"]), max_size=30))
def test_never_more_tries_than_promised(outcomes: list[str]) -> None:
    tried, now, terms = 0, NOON, Terms()
    for outcome in outcomes:
        then = after_try(outcome, tried, now, not_after=FAR, country="NL", zone=AMSTERDAM, terms=terms)
        tried += then.counted
        assert tried <= terms.tries
        if then.then is not Then.SCHEDULED:
            assert then.due is None
            break
        assert then.due is not None
        assert then.due > now
        assert quiet_until(then.due, "NL", AMSTERDAM) is None
        now = then.due


def test_a_wish_for_the_past_is_due_now_and_one_beyond_its_window_never() -> None:
    assert first_due(NOON - timedelta(hours=1), NOON, not_after=FAR, country="NL", zone=AMSTERDAM).due == NOON
    assert first_due(NOON, NOON, not_after=NOON).then is Then.EXPIRED


def test_whose_it_is() -> None:
    moment = timedelta()
    assert whose(None, [BOB], {ALICE, BOB}, moment) == Whose(None)
    assert whose(ALICE, [BOB], {ALICE, BOB}, moment) == Whose(ALICE, "owner")
    assert whose(ALICE, [CAROL, BOB], {BOB}, moment) == Whose(BOB, "deputy")
    assert whose(ALICE, [BOB], {CAROL}, moment) == Whose(None)
    assert whose(ALICE, [BOB], {ALICE, BOB}, timedelta(hours=1)) == Whose(BOB, "deputy")


@pytest.mark.parametrize(
    ("number", "own", "house", "zone"),
    [
        ("+31205550123", "", "UTC", "Europe/Amsterdam"),
        ("+31205550123", "Asia/Bangkok", "UTC", "Asia/Bangkok"),
        ("+79161234567", "", "Europe/Moscow", "Europe/Moscow"),
        ("+12125550123", "", "Europe/Amsterdam", "America/New_York"),
        ("nothing", "Nowhere/At_All", "Europe/Amsterdam", "Europe/Amsterdam"),
    ],
)
def test_where_the_customers_clock_is(number: str, own: str, house: str, zone: str) -> None:
    assert zone_of(number, own, house).key == zone


def test_terms_of_a_policy_keep_what_they_leave_out() -> None:
    terms = Terms.of({"callback": {"tries": 5, "intervals": [5, "x"], "quiet": {"NL": ["20:00", "09:00"], "GB": "no"}, "key": "12", "ring": -1}})
    assert (terms.tries, terms.intervals, terms.key, terms.ring) == (5, (5.0,), "1", 30.0)
    assert terms.quiet == {"*": ("21:00", "08:00"), "NL": ("20:00", "09:00")}
    assert Terms.of({}) == Terms()
