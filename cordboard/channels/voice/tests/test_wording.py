"""What callers hear: numbers as people say them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.channels.voice import wording

LANGUAGES = st.sampled_from(wording.LANGUAGES)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "You will probably wait between three and six minutes."),
        ("nl", "De wachttijd is waarschijnlijk tussen drie en zes minuten."),
        ("ru", "Время ожидания, вероятно, от трёх до шести минут."),
        ("th", "คาดว่าจะรอระหว่างสามถึงหกนาที"),
        ("zh-hans", "预计等候时间为三到六分钟。"),
    ],
)
def test_a_band_of_minutes(language: str, said: str) -> None:
    assert wording.wait(3, 6, language) == said


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("en", 43, "forty-three"),
        ("nl", 22, "tweeëntwintig"),
        ("nl", 43, "drieënveertig"),
        ("nl", 51, "eenenvijftig"),
        ("ru", 21, "двадцать один"),
        ("th", 21, "ยี่สิบเอ็ด"),
        ("zh-hans", 10, "十"),
        ("zh-hans", 32, "三十二"),
    ],
)
def test_numbers_in_words(language: str, value: int, said: str) -> None:
    assert wording.number(value, language) == said


def test_russian_counts_its_minutes() -> None:
    assert "менее одной минуты" in wording.wait(0, 1, "ru")
    assert "двадцати одной минуты" in wording.wait(20, 21, "ru")
    assert "одиннадцати минут" in wording.wait(0, 11, "ru")


def test_digits_are_spelled_in_breaths() -> None:
    assert wording.digits("+31 20 555", "en") == "three one two, zero five five, five"
    assert wording.digits("4471 2260", "zh-hans") == "四四七，一二二，六零"


@given(st.integers(0, 99), LANGUAGES)
def test_every_number_is_words(value: int, language: str) -> None:
    words = wording.number(value, language)
    assert words
    assert not any(one.isascii() and one.isdigit() for one in words)


@given(st.integers(-5, 200), st.integers(-5, 200), LANGUAGES)
def test_every_wait_can_be_said(low: int, high: int, language: str) -> None:
    said = wording.wait(low, high, language)
    assert said
    assert not any(one.isascii() and one.isdigit() for one in said)


def test_every_sentence_has_every_language() -> None:
    tables = [value for name, value in vars(wording).items() if name.isupper() and isinstance(value, dict) and not name.startswith("_")]
    assert len(tables) >= 7
    for table in tables:
        assert set(table) == set(wording.LANGUAGES)


def test_when_we_open() -> None:
    sunday = datetime(2026, 11, 22, 20, 0)
    assert wording.closed(datetime(2026, 11, 23, 8, 30), sunday, "en") == "We are closed now. We open tomorrow at eight thirty."
    assert wording.closed(datetime(2026, 11, 24, 9, 0), sunday, "nl") == "We zijn nu gesloten. We zijn er weer op dinsdag om negen uur."
    assert wording.closed(datetime(2026, 11, 24, 9, 0), sunday, "ru") == "Сейчас мы не работаем. Мы откроемся во вторник в девять часов."
    assert wording.closed(None, sunday, "en") == "We are closed now."


@pytest.mark.parametrize(("given_", "ours"), [("nl-BE", "nl"), ("zh-CN", "zh-hans"), ("zh_Hans", "zh-hans"), ("fr", "en"), ("", "en"), ("TH", "th")])
def test_the_nearest_language(given_: str, ours: str) -> None:
    assert wording.known(given_) == ours
