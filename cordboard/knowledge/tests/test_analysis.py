"""Language, mood and intent of short texts, with the words that customers really use."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.demo.sources import data
from cordboard.interactions.models import ContactReason, Note
from cordboard.knowledge import facts
from cordboard.knowledge.analysis import intent, language, registry, sentiment
from cordboard.knowledge.analysis.registry import Example, Found
from cordboard.knowledge.analysis.spoken import customer_text
from cordboard.routing.tests.centre import Centre, make_centre
from cordboard.rules.facts import REGISTRY

ANY = ("en", "nl", "ru", "th", "zh-hans")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Waar blijft mijn pakket", "nl"), ("Where is my order", "en"), ("Мой заказ не пришёл", "ru"), ("ของอยู่ที่ไหน", "th"), ("我的订单在哪里", "zh-hans"),
        ("W8 显示 E18，不排水", "zh-hans"), ("เครื่อง W8 ขึ้น E18 ไม่ระบายน้ำ", "th"), ("Wo ist mein Paket?", "de"), ("Bonjour, où est mon colis ?", "fr"),
        ("Hola, ¿dónde está mi pedido?", "es"), ("Привіт, де моє замовлення?", "uk"), ("洗濯機が動きません", "ja"), ("세탁기가 고장났어요", "ko"),
    ],
)  # fmt: skip
def test_the_language_of_a_short_text(text: str, spoken: str) -> None:
    found = language.language(text)
    assert found is not None
    assert (found.value, found.sure >= facts.SURE) == (spoken, True)


@pytest.mark.parametrize("text", ["", "E18", "12345 - 67", "ok", "\0\ud800", "🙂🙂"])
def test_what_has_no_language_is_not_guessed(text: str) -> None:
    found = language.language(text)
    assert found is None or found.sure < facts.SURE


def test_nearly_all_notes_of_the_demo_are_known_by_their_language() -> None:
    texts = [(spoken, text) for topic in data("topics") for part in ("headline", "note") for spoken, text in topic[part].items()]
    right = [spoken for spoken, text in texts if (found := language.language(text)) is not None and found.value == spoken]
    wrong = [text for spoken, text in texts if (found := language.language(text)) is not None and found.value != spoken and found.sure >= facts.SURE]
    assert len(texts) > 100
    assert len(right) >= 0.97 * len(texts)
    assert len(wrong) <= 1


@pytest.mark.parametrize(
    ("text", "spoken", "mood"),
    [
        ("Great service, thank you.", "en", "positive"), ("I am not happy, it is broken again", "en", "negative"), ("Not bad at all", "en", "positive"),
        ("It was not good.", "en", "negative"), ("Where is my order", "en", "neutral"), ("Het werkt niet", "nl", "negative"),
        ("Heel fijn geholpen, dank u", "nl", "positive"), ("Ik ben niet tevreden", "nl", "negative"), ("Не работает, я недоволен", "ru", "negative"),
        ("Спасибо, отличный сервис", "ru", "positive"), ("Неплохо, быстро помогли", "ru", "positive"), ("ไม่ดีเลย รอนานมาก", "th", "negative"),
        ("ขอบคุณ บริการดีมาก", "th", "positive"), ("不满意，太慢了", "zh-hans", "negative"), ("非常好，谢谢", "zh-hans", "positive"), ("我不高兴", "zh-hans", "negative"),
    ],
)  # fmt: skip
def test_the_mood_of_a_text_with_what_turns_it_round(text: str, spoken: str, mood: str) -> None:
    found = sentiment.sentiment(text, spoken)
    assert found is not None
    assert found.value == mood
    assert -1 <= found.score <= 1


def test_a_language_without_lists_has_no_mood() -> None:
    assert sentiment.sentiment("Sehr gut", "de") is None
    assert sentiment.sentiment("12 ?", "en") is None


def reasons() -> list[Example]:
    found = []
    for top in data("reasons"):
        for one in top["children"]:
            found += [Example(one["code"], f"{name}. {top['names'][spoken]}", spoken) for spoken, name in one["names"].items()]
    for topic in data("topics"):
        found += [Example(topic["reason"], text, spoken) for spoken, text in topic["headline"].items()]
    return found


@pytest.mark.parametrize(
    ("text", "spoken", "reason"),
    [
        ("hello, where is my parcel, it should be here", "en", "delivery-where"), ("waar blijft mijn pakket nou", "nl", "delivery-where"),
        ("I want my refund, it is not there yet", "en", "return-refund"), ("Где моя посылка?", "ru", "delivery-where"), ("พัสดุของฉันอยู่ที่ไหน", "th", "delivery-where"),
        ("我的包裹在哪里", "zh-hans", "delivery-where"), ("I have a complaint", "en", "opinion-complaint"), ("er komt rook uit de machine", "nl", "product-safety"),
    ],
)  # fmt: skip
def test_what_a_text_is_about(text: str, spoken: str, reason: str) -> None:
    found = intent.intent(text, spoken, reasons())
    assert found is not None
    assert found.value == reason


def test_words_that_no_reason_has_are_about_nothing() -> None:
    assert intent.intent("xyzzy plugh", "en", reasons()) is None
    assert intent.intent("", "en", reasons()) is None
    assert intent.intent("anything", "en", []) is None


@given(text=st.text(max_size=300), spoken=st.sampled_from([*ANY, "de", "", "xx"]))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_an_analyser_fail(text: str, spoken: str) -> None:
    found = language.language(text)
    assert found is None or 0 <= found.sure <= 1
    mood = sentiment.sentiment(text, spoken)
    assert mood is None or (-1 <= mood.score <= 1 and 0 <= mood.sure <= 1)
    intent.intent(text, spoken, [Example("one", "hello there", "en"), Example("two", "你好", "zh-hans")])
    customer_text({"a": text, "words": text})


@pytest.mark.parametrize("piece", ["not ", "ไม่", "不", "the ", "ü", "e18 ", "\u0301", "a'"])
def test_a_megabyte_is_read_as_far_as_it_is_kept(piece: str) -> None:
    """Each reads a beginning of fixed length: ten times the text is no more work, and the answer the same."""
    text = piece * (1_000_000 // len(piece))
    assert language.language(text) == language.language(text[: language.LONGEST])
    for spoken in ANY:
        assert sentiment.sentiment(text, spoken) == sentiment.sentiment(text[: sentiment.LONGEST], spoken)
    assert intent.intent(text, "en", reasons()) == intent.intent(text[: intent.LONGEST], "en", reasons())


def test_another_analyser_may_take_the_place_and_a_broken_one_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_offered", dict(registry._offered))
    monkeypatch.setattr(registry, "_used", dict(registry._used))
    registry.offer("sentiment", "house", lambda text, spoken: Found("positive", 1.0, 1.0))
    assert registry.offered("sentiment") == ["built-in", "house"]
    registry.use("sentiment", "house")
    assert registry.sentiment("terrible", "en") == Found("positive", 1.0, 1.0)

    def broken(text: str, spoken: str) -> Found | None:
        raise RuntimeError(text)

    registry.offer("sentiment", "broken", broken)
    registry.use("sentiment", "broken")
    found = registry.sentiment("terrible", "en")
    assert found is not None
    assert found.value == "negative"
    with pytest.raises(KeyError):
        registry.use("sentiment", "none")


@pytest.mark.parametrize(
    ("context", "text"),
    [
        ({"matter": "order", "customer.number": "50000001"}, ""),
        ({"matter": "order", "words": "rook"}, "rook"),
        ({"first": "my machine leaks water", "second": "it is a W8 indeed"}, "it is a W8 indeed"),
        ({"matter": "my machine leaks water", "number": "1 2 3"}, "my machine leaks water"),
        ({"answer": "我的订单在哪里"}, "我的订单在哪里"),
        ({"_hidden": "not for any rule to read", "n": 4}, ""),
    ],
)
def test_which_value_is_the_customers_own_text(context: dict[str, Any], text: str) -> None:
    assert customer_text(context) == text


@pytest.fixture
def centre(db: None) -> Centre:
    facts.forget()
    return make_centre()


def test_rules_may_ask_for_language_mood_and_intent(centre: Centre, django_assert_num_queries: Any) -> None:
    for one in data("reasons"):
        above = ContactReason.objects.update_or_create(code=one["code"], defaults={"names": one["names"]})[0]
        for child in one["children"]:
            ContactReason.objects.update_or_create(code=child["code"], defaults={"names": child["names"], "parent": above})
    row = centre.call()
    situation = {"interaction": row, "party": None, "context": {"words": "Ik ben boos, waar is mijn bestelling?"}, "now": centre.now}
    read = REGISTRY.reader(situation)
    with django_assert_num_queries(2):
        assert [read(f"text.{name}") for name in ("language", "sentiment", "intent")] == ["nl", "negative", "delivery-where"]
    assert read("text.sentiment_score") < 0
    with django_assert_num_queries(1):  # the note
        bare = REGISTRY.reader({**situation, "context": {}, "_text_read": {}})
        assert [bare(f"text.{name}") for name in ("words", "language", "sentiment", "intent")] == [None] * 4
    centre.ready(centre.alice)
    centre.offer(row, centre.alice)
    Note.objects.create(interaction=row, author=centre.alice, text="Washing machine leaks, customer is angry", saved_at=centre.now)
    noted = REGISTRY.reader({**situation, "context": {}, "_text_read": {}})
    assert noted("text.sentiment") == "negative"
