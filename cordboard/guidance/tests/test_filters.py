"""Views of tickets by how their customers rated them: after the ticket, or the result of a complaint."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cordboard.guidance.models import SurveyInvitation, TicketSurvey
from cordboard.org.tests.people import person
from cordboard.tickets import queries_list
from cordboard.tickets.models import Complaint, Ticket

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)


@pytest.mark.django_db
def test_tickets_by_their_rating() -> None:
    alice = person("alice", {"tickets.view": "all"})
    rows = [Ticket.objects.create(number=number, title="t", opened_at=NOW) for number in range(1, 6)]
    for row, rating in zip(rows, (1.5, 5.0, None), strict=False):
        invitation = SurveyInvitation.objects.create(code="s", made_at=NOW, expires_at=NOW)
        TicketSurvey.objects.create(invitation=invitation, ticket=row, rating=rating)
    Complaint.objects.create(ticket=rows[3], rating=2, weighed_at=NOW)

    def found(op: str, value: object = None) -> list[int]:
        condition = {"fact": "ticket.rating", "op": op} | ({} if value is None else {"value": value})
        return sorted(queries_list.fitting(alice, condition, NOW).values_list("number", flat=True))

    assert found("at_most", 2) == [1, 4]
    assert found("between", [2, 5]) == [2, 4]
    assert found("known") == [1, 2, 4]
    assert found("unknown") == [3, 5]
    assert found("is_not", 5) == [1, 3, 4, 5], "what nobody rated is not rated 5 either"
