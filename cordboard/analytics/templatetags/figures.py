"""Template tags of the figures: `{% load figures %}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from cordboard.analytics.presenters import Cell

register = template.Library()

_TO_STAGE = 'hx-target="#stage" hx-select="#stage" hx-swap="outerHTML show:none"'


@register.simple_tag
def swaps(get: str = "") -> SafeString:
    """Attributes by which links (or a form that gets `get`, whenever it changes; the last change wins) put the next page into the standing shell."""
    if get:
        return format_html('hx-get="{}" hx-trigger="change, submit" hx-sync="this:replace" hx-push-url="true" {}', get, mark_safe(_TO_STAGE))
    return mark_safe(f'hx-boost="true" {_TO_STAGE}')


@register.simple_tag
def cells(row: Sequence[Cell]) -> SafeString:
    """The cells of one line. In Python, since 500 agents by twelve figures take a template five times as long."""
    return mark_safe("".join(map(_cell, row)))


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    tone = f" cb-{cell.tone}" if cell.tone else ""
    return f'<td class="r{tone}"><a href="{escape(cell.url)}">{text}</a></td>' if cell.url else f'<td class="r{tone}">{text}</td>'


@register.simple_tag
def item(values: Mapping[str, Any], key: str) -> Any:
    return values[key]


@register.simple_tag
def same(more: Mapping[str, str], page: int) -> str:
    """This page's address with another page number."""
    return f"?{urlencode({**more, 'page': page})}"


@register.filter
def wall(moment: datetime, pattern: str = "") -> str:
    """A moment by the clock that it carries (of the unit), where `date` would turn it into the reader's; its day and its time to the second when no pattern is given."""
    clock = moment.replace(tzinfo=None)
    return date_format(clock, pattern) if pattern else f"{date_format(clock, 'MONTH_DAY_FORMAT')} {date_format(clock, 'H:i:s')}"
