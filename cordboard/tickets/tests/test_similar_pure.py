"""Likeness of tickets and groups of many alike: rules without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.knowledge.words import analyse
from cordboard.tickets import incident, similar
from cordboard.tickets.incident import New, Rule
from cordboard.tickets.similar import About, Found

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The machine of the tests may be busy."""
SAME = {
    "en": ("The app shows an error when I pay", "Paying in the app gives an error since this morning", "My dishwasher leaks at the door"),
    "nl": ("De app geeft een fout bij betalen", "Betalen in de app geeft sinds vanochtend een fout", "Mijn vaatwasser lekt bij de deur"),
    "ru": ("Приложение выдаёт ошибку при оплате", "Ошибка при оплате в приложении с утра", "Посудомоечная машина течёт у двери"),
    "th": ("แอปขึ้นข้อผิดพลาดตอนชำระเงิน", "ชำระเงินในแอปขึ้นข้อผิดพลาดตั้งแต่เช้า", "เครื่องล้างจานน้ำรั่วที่ประตู"),
    "zh-hans": ("应用付款时显示错误", "今天早上起在应用里付款显示错误", "洗碗机门口漏水"),
}


def words_of(text: str, language: str = "en") -> dict[str, float]:
    return similar.telling(analyse(text, language), ())


@pytest.mark.parametrize("language", SAME)
def test_the_same_problem_is_alike_in_each_language_and_another_is_not(language: str) -> None:
    one, same, other = (words_of(text, language) for text in SAME[language])
    assert similar.cosine(one, same, {}, 10) > 0.5
    assert similar.cosine(one, other, {}, 10) < similar.LEAST


def test_an_error_code_finds_the_ticket_across_languages() -> None:
    one, other = words_of("Machine toont E18 na spoelen", "nl"), words_of("显示E18，不排水", "zh-hans")
    assert similar.cosine(one, other, {}, 100) > similar.LEAST
    assert similar.rarest(one, {}, 100, 1) == ["e18"]


def test_the_same_product_alone_makes_no_likeness_and_another_family_halves_it() -> None:
    leak, pay = words_of("water leaks at the door"), words_of("paid twice")
    machine, fridge = About(1, "washing-machine"), About(2, "fridge")
    assert similar.likeness(leak, pay, {}, 10, machine, machine) == 0.0
    alike = similar.likeness(leak, leak, {}, 10, machine, fridge)
    assert alike == pytest.approx(similar.OTHER_FAMILY)
    half = words_of("water stands in the door, hinge broken")
    assert similar.likeness(leak, half, {}, 10, machine, machine) > similar.likeness(leak, half, {}, 10, machine, About())


WORDS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.1, 6), max_size=6)
COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 50))


@UNHURRIED
@given(WORDS, WORDS, COUNTS)
def test_likeness_is_even_handed_and_within_bounds(one: dict[str, float], other: dict[str, float], counts: dict[str, int]) -> None:
    value = similar.cosine(one, other, counts, 50)
    assert 0 <= value <= 1
    assert value == pytest.approx(similar.cosine(other, one, counts, 50))
    assert (value == 0) == (not set(one) & set(other))
    if one:
        assert similar.cosine(one, one, counts, 50) == pytest.approx(1)


def test_closings_count_what_closed_the_likest_and_prefer_the_level() -> None:
    found = [
        Found(1, 1, 0.9, 7, ""),
        Found(2, 2, 0.6, None, "Pump replaced"),
        Found(3, 2, 0.5, None, "pump  replaced"),
        Found(4, 2, 0.4, None, ""),
    ]
    at_two = similar.closings(found, rank=2)
    assert [(one.measure or one.article, one.count, one.here, one.of) for one in at_two] == [("Pump replaced", 2, 2, 4), (7, 1, 0, 4)]
    assert similar.closings(found, rank=1)[0].article == 7


# -- incidents ------------------------------------------------------------------------------------------------------


def come(count: int, text: str = "app error paying", *, first: int = 1, apart: int = 5, family: str = "", who: int | None = None) -> list[New]:
    return [New(first + n, NOW - timedelta(minutes=apart * n), family, (first + n) if who is None else who, words_of(text)) for n in range(count)]


def test_five_customers_with_the_same_words_within_the_hour_are_a_group() -> None:
    others = [New(90 + n, NOW, "", 90 + n, words_of(text)) for n, text in enumerate(("invoice lost", "new address", "cancel order", "door hinge"))]
    (group,) = incident.detect([*come(5), *others], NOW, {"": Rule(least=5)})
    assert set(group.tickets) == {1, 2, 3, 4, 5}
    assert group.customers == 5
    assert "app" in group.words
    assert incident.detect([*come(4), *others], NOW, {"": Rule(least=5)}) == []


def test_one_customer_who_writes_ten_times_is_no_incident() -> None:
    assert incident.detect(come(10, who=7), NOW, {"": Rule(least=2)}) == []
    assert incident.detect(come(10, who=0), NOW, {"": Rule(least=10)}) != []  # unknown ones count each


def test_what_came_before_the_window_does_not_count_nor_another_family() -> None:
    assert incident.detect(come(5, apart=20), NOW, {"": Rule(least=5, minutes=60)}) == []
    mixed = [*come(3, family="fridge"), *come(3, first=10, family="dishwasher")]
    assert incident.detect(mixed, NOW, {"": Rule(least=5)}) == []
    assert len(incident.detect(mixed, NOW, {"": Rule(least=5), "fridge": Rule(least=3)})) == 1
    assert incident.detect(come(9), NOW, {}) == []  # nobody asked to look


@UNHURRIED
@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["app error", "door leaks", "invoice lost"]), st.integers(1, 6)), max_size=25), st.integers(2, 6))
def test_groups_hold_enough_customers_share_no_ticket_and_lie_in_the_window(rows: list[tuple[int, str, int]], least: int) -> None:
    new = [New(n, NOW - timedelta(minutes=ago), "", who, words_of(text)) for n, (ago, text, who) in enumerate(rows)]
    by = {one.ticket: one for one in new}
    groups = incident.detect(new, NOW, {"": Rule(least=least, minutes=60)})
    seen: list[int] = [number for group in groups for number in group.tickets]
    assert len(seen) == len(set(seen))
    for group in groups:
        assert len({by[number].who for number in group.tickets}) == group.customers >= least
        assert all(by[number].at >= NOW - timedelta(minutes=60) for number in group.tickets)


def test_groups_are_the_same_when_half_of_the_smaller_is_in_both() -> None:
    assert incident.same([1, 2, 3, 4], [3, 4, 5, 6, 7])
    assert not incident.same([1, 2, 3], [3, 4, 5])
    assert not incident.same([], [1])
    assert incident.grown([1, 2], [1, 2, 3, 4])
    assert not incident.grown([1, 2], [1, 2, 3])
