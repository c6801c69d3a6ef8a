"""What the analysers make of notes as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.knowledge.words import STOP, analyse, words
from cordboard.org.languages import LANGUAGES


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "The machine is not draining", "machines drain"),
        ("nl", "de wasmachines pompen niet af", "wasmachine pompt af"),
        ("ru", "стиральная машина не сливает воду", "стиральные машины слива воды"),
        ("ru", "Чёрный чайник", "черного чайника"),
        ("en", "café", "cafe"),
        ("nl", "de koffiezetapparaten", "koffiezetapparaat"),
    ],
)
def test_forms_of_a_word_meet_in_its_stem(language: str, one: str, other: str) -> None:
    assert set(words(one, language)) & set(words(other, language)) or words(one, language) == words(other, language)


@pytest.mark.parametrize("written", ["E18", "e18", "E-18", "E 18", "Е18", "Ｅ18", "шE18"[1:], "显示E18了"[2:5]])
def test_an_error_code_is_one_however_it_is_typed(written: str) -> None:
    for language in LANGUAGES:
        (token,) = analyse(written, language)
        assert (token.word, token.code) == ("e18", True)


def test_codes_are_found_inside_thai_and_chinese_without_spaces() -> None:
    assert "e18" in words("洗衣机显示E18不排水", "zh-hans")
    assert "e18" in words("ขึ้นE18น้ำไม่ระบาย", "th")


def test_a_number_after_a_word_is_no_code() -> None:
    assert words("in 2 weeks", "en") == ["2", "week"]
    assert [token.code for token in analyse("an order of 88 214", "en")] == [False, False, False]


def test_thai_and_chinese_are_cut_into_words() -> None:
    assert words("เครื่องซักผ้าไม่ระบายน้ำ", "th") == ["เครื่องซักผ้า", "ระบาย", "น้ำ"]
    assert words("洗衣机不排水", "zh-hans") == ["洗衣", "洗衣机", "排水"]


def test_other_scripts_in_a_note_are_not_lost() -> None:
    assert {"москв", "machin"} <= set(words("machine in Москва", "en"))
    assert "wi" in words("Wi-Fi ไม่ทำงาน", "th")


def test_common_words_say_nothing() -> None:
    assert words("and what is it that they have", "en") == []
    assert words("het is niet van mij", "nl") == []


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_every_token_stands_where_it_says(text: str, language: str) -> None:
    before = 0
    for token in analyse(text, language):
        assert 0 <= token.start < token.end <= len(text)
        assert text[token.start : token.end].strip()
        assert token.word
        assert len(token.word) <= 80
        assert token.code or token.word not in STOP[language]
        assert token.start >= before or language == "zh-hans" or any("\u3400" <= sign <= "\u9fff" for sign in text)
        before = token.start


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_monstrous_note_is_cut_off_and_read(language: str) -> None:
    assert len(analyse("water " * 100_000 + "a" * 100_000, language)) <= 20_000
