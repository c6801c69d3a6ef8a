"""A page's values and its cursor are of one moment: what the events after the cursor bring is not counted in the values already."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from cordboard.events import feed, log
from cordboard.events.models import Event
from cordboard.org.models import Unit


def elsewhere() -> None:
    """Another process changes a row and records it."""
    try:
        with transaction.atomic():
            Unit.objects.create(name="Night desk")
            log.record("events.test_pressed", actor="system")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_commits_while_values_are_read_is_either_in_them_or_after_the_cursor() -> None:
    from cordboard.events.catalogue import declare

    declare("events.test_pressed")
    with feed.one_moment():
        reader = feed.of_django()
        cursor = reader.now_cursor()
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join(30)
        assert not other.is_alive()
        seen = Unit.objects.filter(name="Night desk").count()
    later, _ = reader.read_since(cursor)
    assert seen == 0
    assert [event.kind for event in later] == ["events.test_pressed"]
    assert Unit.objects.filter(name="Night desk").count() == 1
    with transaction.atomic():  # the connection writes again afterwards
        log.record("events.test_pressed", actor="system")
    assert Event.objects.count() == 2
