"""Tests that commit empty all tables when they end; what migrations put there is back for whoever comes next."""

from __future__ import annotations

import pytest

from cordboard.tickets.models import TicketKind

BUILT_IN = {"request", "question", "incident", "complaint", "wish", "praise", "return", "task"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_the_built_in_kinds_are_there_each_time(time: str) -> None:
    assert set(TicketKind.objects.values_list("code", flat=True)) == BUILT_IN
    TicketKind.objects.create(code=time)
