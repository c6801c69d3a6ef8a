"""Days as people write them, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import formats, timezone, translation
from django.utils.translation import pgettext

SMALL_MONTHS = ("nl", "ru")
"""Languages that write months without a capital: 9 nov."""


def day(moment: datetime | date, today: date) -> str:
    """9 Nov, or 9 Nov 2024 where it was another year."""
    on = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    # The patterns are of Django's date filter; translators put them into the order of their language.
    pattern = pgettext("date pattern, this year", "j M") if on.year == today.year else pgettext("date pattern, another year", "j M Y")
    if (translation.get_language() or "") in SMALL_MONTHS:
        pattern = pattern.replace("M", "b")  # Django's M begins with a capital in every language
    return formats.date_format(on, pattern)
