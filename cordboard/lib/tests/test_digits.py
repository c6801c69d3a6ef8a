"""Numbers in templates: a key goes into addresses and attributes as it is, a figure is grouped only where it is written so."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from cordboard.desktop.presenters import say


@pytest.mark.parametrize("language", ["en", "nl", "ru", "th", "zh-hans"])
def test_a_key_over_a_thousand_is_the_same_digits_in_every_language(language: str) -> None:
    with translation.override(language):
        assert Template('<a data-interaction="{{ key }}">').render(Context({"key": 1279})) == '<a data-interaction="1279">'


def test_figures_and_money_are_grouped_as_their_readers_do() -> None:
    figure = Template('{{ n|floatformat:"0g" }}')
    with translation.override("nl"):
        assert figure.render(Context({"n": 100_000})) == "100.000"
        assert say.money(Decimal("1234.5"), "EUR") == "€ 1.234,50"
    with translation.override("en"):
        assert figure.render(Context({"n": 100_000})) == "100,000"
        assert say.money(Decimal("1234.5"), "EUR") == "€ 1,234.50"
