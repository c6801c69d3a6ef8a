"""Timers fire in time, once, in order, and not when stopped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony.sip.guard import Guard, networks_of, trusted
from cordboard.telephony.sip.wheel import Wheel


def test_a_timer_fires_once_and_not_before_its_time() -> None:
    wheel, fired = Wheel(), []
    wheel.after(0.5, lambda: fired.append("a"))
    wheel.advance(0.49)
    assert fired == []
    wheel.advance(0.54)
    wheel.advance(60.0)
    assert fired == ["a"]


def test_a_stopped_timer_never_fires() -> None:
    wheel, fired = Wheel(), []
    timer = wheel.after(0.5, lambda: fired.append("a"))
    timer.cancel()
    timer.cancel()
    wheel.advance(10.0)
    assert (fired, len(wheel)) == ([], 0)


def test_a_timer_stopped_by_another_of_the_same_tick_does_not_fire() -> None:
    wheel, fired = Wheel(), []
    wheel.after(0.5, lambda: second.cancel())
    second = wheel.after(0.5, lambda: fired.append("b"))
    wheel.advance(1.0)
    assert fired == []


def test_a_failing_timer_stops_no_other() -> None:
    wheel, fired = Wheel(), []
    wheel.after(0.5, lambda: 1 / 0)
    wheel.after(0.5, lambda: fired.append("b"))
    wheel.advance(1.0)
    assert fired == ["b"]


def test_what_is_due_fires_after_a_long_sleep() -> None:
    wheel, fired = Wheel(), []
    for delay in (1.0, 50.0, 300.0, 7200.0):
        wheel.after(delay, lambda delay=delay: fired.append(delay))
    wheel.advance(3600.0)
    assert sorted(fired) == [1.0, 50.0, 300.0]
    wheel.advance(7300.0)
    assert len(fired) == 4


@given(st.lists(st.tuples(st.floats(0.0, 200.0), st.booleans()), max_size=40), st.lists(st.floats(0.01, 60.0), max_size=12))
def test_as_a_sorted_list_would(timers: list[tuple[float, bool]], steps: list[float]) -> None:
    wheel, fired = Wheel(), []
    for number, (delay, stopped) in enumerate(timers):
        timer = wheel.after(delay, lambda number=number: fired.append(number))
        if stopped:
            timer.cancel()
    now = 0.0
    for step in steps:
        now += step
        wheel.advance(now)
        late = {number for number, (delay, stopped) in enumerate(timers) if not stopped and delay < now - 0.05}
        early = {number for number, (delay, stopped) in enumerate(timers) if stopped or delay > now + 0.001}
        assert late <= set(fired)
        assert not early & set(fired)
    assert len(fired) == len(set(fired))


# ---- the guard --------------------------------------------------------------------------------------------------


def test_a_source_has_its_burst_and_then_its_rate() -> None:
    guard = Guard(rate=10, burst=20)
    assert sum(guard.allow("192.0.2.1", 0.0) for _ in range(50)) == 20
    assert sum(guard.allow("192.0.2.1", 1.0) for _ in range(50)) == 10


def test_one_source_does_not_use_up_anothers() -> None:
    guard = Guard(rate=10, burst=20)
    for _ in range(1000):
        guard.allow("192.0.2.1", 0.0)
    assert guard.allow("192.0.2.2", 0.0)


def test_all_addresses_of_an_ipv6_network_are_one_source() -> None:
    guard = Guard(rate=1, burst=2)
    passed = [guard.allow(f"2001:db8::{host:x}", 0.0) for host in range(10)]
    assert passed.count(True) == 2


def test_memory_stays_the_same_for_any_number_of_sources() -> None:
    guard = Guard(rate=1, burst=2, cells=64)
    for number in range(5000):
        guard.allow(f"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}", 0.0)
    assert sum(len(row) for row in guard._tokens) == 128


def test_trusted_networks() -> None:
    networks = networks_of(("192.0.2.0/24", "2001:db8::5"))
    assert trusted("192.0.2.99", networks)
    assert trusted("2001:db8::5", networks)
    assert not trusted("198.51.100.1", networks)
    assert not trusted("not an address", networks)
