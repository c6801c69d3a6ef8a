"""Days as people write them, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import pgettext


def day(moment: datetime | date, today: date) -> str:
    """9 Nov, or 9 Nov 2024 where it was another year."""
    on = timezone.localtime(moment).date() if isinstance(moment, datetime) else moment
    # The patterns are of Django's date filter; translators put them into the order of their language.
    pattern = pgettext("date pattern, this year", "j M") if on.year == today.year else pgettext("date pattern, another year", "j M Y")
    return formats.date_format(on, pattern)
