"""Days as people write them, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils import formats, timezone, translation
from django.utils.translation import pgettext

SMALL_MONTHS = ("nl", "ru")
"""Languages that write months without a capital: 9 nov."""


def day(moment: datetime | date, today: date) -> str:
    """9 Nov, or 9 Nov 2024 where it was another year."""
    on = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    return _day(on, today.year, translation.get_language() or "")


@lru_cache(maxsize=4_096)
def _day(on: date, year: int, language: str) -> str:
    # The patterns are of Django's date filter; translators put them into the order of their language.
    pattern = pgettext("date pattern, this year", "j M") if on.year == year else pgettext("date pattern, another year", "j M Y")
    if language in SMALL_MONTHS:
        pattern = pattern.replace("M", "b")  # Django's M begins with a capital in every language
    return formats.date_format(on, pattern)
