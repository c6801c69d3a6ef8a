from __future__ import annotations

import pytest

from cordboard.desktop.presenters.greeting import addressed, say, standard

ENGLISH = "Good {daypart} {customer}, this is {agent}. What can I do for you?"


@pytest.mark.parametrize(
    ("sentence", "customer", "hour", "language", "said"),
    [
        (ENGLISH, "Mrs de Vries", 9, "en", "Good morning Mrs de Vries, this is Emma. What can I do for you?"),
        (ENGLISH, "", 14, "en", "Good afternoon, this is Emma. What can I do for you?"),
        ("Goede{daypart} {customer}, u spreekt met {agent}.", "", 20, "nl", "Goedenavond, u spreekt met Emma."),
        ("{daypart}, {customer}! Это {agent}.", "", 8, "ru", "Доброе утро! Это Emma."),
        ("{daypart}, {customer}! Это {agent}.", "Иван Петров", 13, "ru", "Добрый день, Иван Петров! Это Emma."),
        ("{customer}，{daypart}好！我是{agent}。", "", 9, "zh-hans", "早上好！我是Emma。"),
    ],
)
def test_the_greeting_reads_well_also_when_nobody_knows_who_calls(sentence: str, customer: str, hour: int, language: str, said: str) -> None:
    assert say(sentence, customer=customer, agent="Emma", hour=hour, language=language) == said


def test_the_customers_language_comes_first_then_english() -> None:
    greetings = {"nl": "Hallo", "en": "Hello"}
    assert standard(greetings, "nl") == ("nl", "Hallo")
    assert standard(greetings, "th") == ("en", "Hello")
    assert standard({"th": "สวัสดี"}, "nl") == ("th", "สวัสดี")
    assert standard({}, "en") == ("", "")


def test_people_are_addressed_as_their_language_does() -> None:
    assert addressed("mrs", "de Vries", "nl") == "mevrouw de Vries"
    assert addressed("Mrs.", "Ashworth", "en") == "Mrs Ashworth"
    assert addressed("mr", "李", "zh-hans") == "李先生"
    assert addressed("Dr", "Ashworth", "en") == "Dr Ashworth"
    assert addressed("", "Lamp & Ketel", "en") == "Lamp & Ketel"


def test_a_bare_family_name_is_never_said() -> None:
    assert addressed("Mrs", "Maud Smit", "nl", "Smit") == "mevrouw Smit"
    assert addressed("Baroness", "Maud Smit", "en", "Smit") == "Baroness Smit"
    assert addressed("", "Maud Smit", "nl", "Smit") == "Maud Smit"
