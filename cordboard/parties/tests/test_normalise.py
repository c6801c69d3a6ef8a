from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.parties import normalise
from cordboard.parties.normalise import NotNormal, fold, words


@pytest.mark.parametrize(
    ("given_", "region", "wanted"),
    [
        ("+31 20 555 0123", "GB", "+31205550123"),
        ("020-555 01 23", "NL", "+31205550123"),
        ("0031205550123", "NL", "+31205550123"),
        ("07700 900182", "GB", "+447700900182"),
        ("8 (495) 555-01-42", "RU", "+74955550142"),
        ("๐๒ ๕๕๕ ๐๑๒๓", "TH", "+6625550123"),
        ("tel:+31-20-555-0123", "NL", "+31205550123"),
    ],
)
def test_a_number_is_one_however_it_is_written(given_: str, region: str, wanted: str) -> None:
    assert normalise.phone(given_, region) == wanted


@pytest.mark.parametrize("given_", ["", "  ", "anonymous", "100", "unknown@sip.example", "+", "+31 20 5550123 44 55 66 77", "no number at all"])
def test_what_is_no_number_is_refused(given_: str) -> None:
    with pytest.raises(NotNormal):
        normalise.phone(given_, "NL")
    assert normalise.phone_or_none(given_, "NL") is None


def test_mail_is_lower_case_with_its_domain_in_idna() -> None:
    assert normalise.email(" Noor.deVries@Example.ORG ") == "noor.devries@example.org"
    assert normalise.email("mailto:Иван@почта.рф") == "иван@xn--80a1acny.xn--p1ai"
    for wrong in ("noor", "noor@", "@example.org", "a b@example.org", "noor@example..org"):
        with pytest.raises(NotNormal):
            normalise.email(wrong)


def test_handles_are_one_from_address_and_from_name() -> None:
    assert normalise.social("@Noor", "telegram") == normalise.social("https://t.me/noor?x=1") == normalise.social("telegram:NOOR") == "telegram:noor"
    assert normalise.social("https://www.facebook.com/noor.dv/") == "facebook:noor.dv"
    with pytest.raises(NotNormal):
        normalise.social("@noor")


def test_numbers_are_shown_nationally_to_compatriots() -> None:
    assert normalise.phone_shown("+31205550123", "NL") == "020 555 0123"
    assert normalise.phone_shown("+31205550123", "GB") == "+31 20 555 0123"


def test_accents_and_case_do_not_hide_a_name() -> None:
    assert fold("O’Brien-Çelik") == "obrien celik"
    assert fold("ФЁДОР Йованович") == "федор иованович"
    assert fold("Łukasz Ørsted, jr.") == "lukasz orsted jr"
    assert fold("Weißgerber") == "weissgerber"


def test_thai_keeps_its_vowels_and_chinese_its_signs() -> None:
    assert fold("พลอย ศรีสุข") == "พลอย ศรีสุข"
    assert words("李伟") == ["李伟", "伟"]
    assert words("Noor de Vries") == ["noor", "de", "vries"]


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once == " ".join(once.split())


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_name_is_found_by_each_of_its_words(one: str, other: str) -> None:
    assert set(words(f"{one} {other}")) >= {word[:40] for word in fold(one).split()}


@given(st.integers(min_value=0, max_value=9_999_999))
def test_normalising_a_normal_number_gives_itself(last: int) -> None:
    number = normalise.phone(f"+3120{last:07d}", "GB")
    assert normalise.phone(number, "NL") == number


@given(st.text(max_size=40))
def test_no_text_breaks_the_customer_number(text: str) -> None:
    assert normalise.customer_number(text).isascii()
