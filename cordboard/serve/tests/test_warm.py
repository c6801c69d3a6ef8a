"""What is made ready before the Django processes are forked."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from cordboard.lib import opening
from cordboard.org.models import Unit
from cordboard.serve.warm import warm


@pytest.mark.django_db
def test_public_holidays_are_there_before_the_first_search() -> None:
    Unit.objects.create(name="Field service", code="field", country="NL", timezone="Europe/Amsterdam")
    Unit.objects.create(name="Nowhere", code="nowhere", country="ZZ", timezone="UTC")
    opening.public_holidays.cache_clear()

    warm()

    before = opening.public_holidays.cache_info().misses
    assert opening.public_holidays("NL", timezone.now().year)
    assert opening.public_holidays.cache_info().misses == before


@pytest.mark.django_db
def test_a_database_that_is_not_prepared_yet_keeps_nothing_from_starting() -> None:
    with connection.execute_wrapper(lambda execute, sql, params, many, context: execute("SELECT 1 FROM no_such_table", None, many, context)):
        warm()
