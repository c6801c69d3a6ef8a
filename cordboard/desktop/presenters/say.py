"""Times, money, numbers and places as people say them, in the reader's language."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.interactions.sentences import Sentence
from cordboard.lib.days import day as day
from cordboard.parties import normalise

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "RUB": "₽", "THB": "฿", "CNY": "¥"}


def moment(at: datetime, now: datetime) -> str:
    """14:32 today, else the day."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    return f"{local:%H:%M}" if local.date() == today else day(local.date(), today)


def when(at: datetime, now: datetime) -> str:
    """14:32 today, else the day as well. Lists say it a hundred times: the clock is written the same in all our languages."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    return f"{local:%H:%M}" if local.date() == today else f"{day(local.date(), today)} {local:%H:%M}"


def money(amount: Decimal, currency: str) -> str:
    """€ 64.90, with the reader's decimal sign."""
    return f"{SYMBOLS.get(currency, currency)} {formats.number_format(amount, 2, force_grouping=True)}"


def telephone(number: str) -> str:
    """+31 20 555 0123; a withheld number says so."""
    if not number:
        return _("Number withheld")
    return normalise.phone_shown(number) if number.startswith("+") else number


POINT_LABELS = {"home": later("home"), "work": later("work"), "mobile": later("mobile"), "billing": later("invoices"), "delivery": later("delivery")}
"""Labels of contact points that everybody uses; any other is the customer's own word and stands as it was given."""


def point_label(label: str) -> str:
    return str(POINT_LABELS.get(label.lower(), label))


def customer_number(number: str | None) -> str:
    """4471 0938"""
    text = number or ""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def sentence(said: Sentence) -> SafeString:
    """A sentence with its values strong."""
    return format_html_join("", "{}", ((format_html("<b>{}</b>", text) if strong else conditional_escape(text),) for text, strong in said.parts))
