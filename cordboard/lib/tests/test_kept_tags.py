"""Words and addresses of templates that are remembered are those that Django gives."""

from __future__ import annotations

from django.template import engines
from django.template.base import Template
from django.urls import reverse
from django.utils import translation


def rendered(template: Template, language: str, **values: object) -> str:
    with translation.override(language):
        return template.render(values)  # type: ignore[arg-type, return-value]


def test_constant_words_follow_the_reader_s_language() -> None:
    template = engines["django"].from_string(
        '{% load i18n %}{% translate "Take" %}, {% trans "Change" context "a ticket" %}, {% translate word %}, {% translate "Take" as it %}{{ it }}'
    )
    for _again in range(2):
        for language in ("en", "nl", "ru", "th", "zh-hans"):
            with translation.override(language):
                take, change = translation.gettext("Take"), translation.pgettext("a ticket", "Change")
                word = translation.gettext("Give")
            assert rendered(template, language, word="Give") == f"{take}, {change}, {word}, {take}"
    assert rendered(template, "nl", word="Give") != rendered(template, "en", word="Give")


def test_addresses_follow_what_stands_in_them() -> None:
    template = engines["django"].from_string(
        "{% url 'desktop:ticket' number %} {% url 'desktop:ticket_act' number 'give' %} {% url view number as there %}{{ there }}"
    )
    for number in (7, 8, 7):
        expected = [reverse("desktop:ticket", args=[number]), reverse("desktop:ticket_act", args=[number, "give"]), reverse("desktop:ticket", args=[number])]
        assert rendered(template, "en", number=number, view="desktop:ticket") == " ".join(expected)
