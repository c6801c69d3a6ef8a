"""What is taken out of a text before others learn from it, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.knowledge.anonymous import Known, cleaned

WORDS = {"name": "[name]", "number": "[number]", "address": "[address]", "email": "[e-mail]"}
NOOR = Known(
    names=["Noor de Vries", "Emma Bakker"], numbers=["+31205550123", "020 555 0123", "44710938", "W8-2411-100023"],
    addresses=["Prinsengracht 12", "1015 DV"], emails=["noor@example.nl"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mevrouw De Vries (noor) belde.", "Mevrouw De [name] ([name]) belde."),
        ("Dear Noor de Vries, call +31 20 555 01 23 or 020-5550123.", "Dear [name], call [number] or [number]."),
        ("Customer 4471 0938, serial w8 2411 100023", "Customer [number], serial [number]"),
        ("She lives at prinsengracht 12, 1015DV.", "She lives at [address], [address]."),
        ("Write to NOOR@example.nl or her.sister@mail.example.org", "Write to [e-mail] or [e-mail]"),
        ("Refund to NL91 ABNA 0417 1643 00", "Refund to [number]"),
        ("E18 on the W8: open the filter, 30 minutes at 60 °C, 1400 turns.", "E18 on the W8: open the filter, 30 minutes at 60 °C, 1400 turns."),
        ("Bakkerij next door; a noordelijk wind", "Bakkerij next door; a noordelijk wind"),
        ("Order of 2026-11-22, part 3.14", "Order of [number], part 3.14"),
    ],
)
def test_people_go_and_what_helps_stays(text: str, left: str) -> None:
    assert cleaned(text, NOOR, WORDS).text == left


def test_names_are_found_where_words_have_no_spaces() -> None:
    assert cleaned("请联系李伟先生", Known(names=["李伟"]), WORDS).text == "请联系[name]先生"
    assert cleaned("คุณสมชายโทรมา", Known(names=["สมชาย"]), WORDS).text == "คุณ[name]โทรมา"
    assert cleaned("Звонила Анна Петрова.", Known(names=["анна петрова", "Петрова"]), WORDS).text.endswith("[name].")


def test_it_says_how_much_was_taken_out() -> None:
    found = cleaned("Noor and Noor, 0612345678", NOOR, WORDS)
    assert found.removed == {"name": 2, "number": 1}


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = cleaned(text, NOOR, WORDS).text
    assert cleaned(once, NOOR, WORDS).text == once


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_known_address_never_stays(before: str, after: str) -> None:
    assert "noor@example.nl" not in cleaned(f"{before} noor@example.nl {after}", NOOR, WORDS).text


def test_long_rows_of_digits_take_no_long_time() -> None:
    assert cleaned("1 " * 50_000, Known(), WORDS).text
