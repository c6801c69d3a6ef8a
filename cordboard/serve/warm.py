"""What the first request of a process would wait for, done before the Django processes are forked, so that all of them share it."""

from __future__ import annotations

import structlog
from django.db import DatabaseError
from django.utils import timezone

from cordboard.lib.opening import public_holidays


def warm() -> None:
    """The public holidays of the countries in which units are: loading a country's rules takes some 60 ms. A database that does not answer yet is left alone: the
    first search pays then."""
    from cordboard.org.models import Unit

    try:
        countries = list(Unit.objects.exclude(country="").values_list("country", flat=True).distinct())
    except DatabaseError as problem:
        structlog.get_logger(__name__).warning("not warmed", problem=str(problem))
        return
    for country in countries:
        try:
            public_holidays(country, timezone.now().year)
        except (NotImplementedError, KeyError):  # a country without known holidays: there is nothing to load
            continue
