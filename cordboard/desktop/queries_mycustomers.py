"""An account owner's customers with what is in execution for each. The number of queries is the same for ten customers and for thousands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from cordboard.desktop.attention import OFTEN_WITHIN, Attention, Known, attention
from cordboard.guidance.models import SurveyAnswer
from cordboard.guidance.queries_satisfaction import HIGHEST, LOWEST, on_five, scales
from cordboard.interactions.models import Interaction
from cordboard.parties.models import Party
from cordboard.sales.models import Invoice, Order
from cordboard.tickets import order_states
from cordboard.tickets.models import Complaint, Task, Ticket
from cordboard.tickets.models_order import ServiceOrder

MOST = 5000
"""Customers of one owner that the board weighs; who has more sees those of the highest value."""
RATED_SINCE = timedelta(days=400)
SEGMENTS = ("gold", "silver", "bronze", "new")
ON_SALE = (Order.State.OPEN, Order.State.SHIPPED)


@dataclass(slots=True)
class Mine:
    """One customer of the board."""

    party: int
    name: str
    segment: str
    number: str | None
    owner: int | None
    known: Known
    attention: Attention


@dataclass(slots=True)
class Board:
    rows: list[Mine]
    count: int
    """all that were weighed, before the filter"""
    more: bool
    """there are customers beyond those"""


@dataclass(slots=True)
class _Gathered:
    """What is added up for each customer while the queries are read."""

    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    root: dict[int, int] = field(default_factory=dict)

    def add(self, party: int, **more: int) -> None:
        mine = self.values[self.root[party]]
        for name, number in more.items():
            mine[name] = mine.get(name, 0) + number

    def least(self, party: int, name: str, value: Any) -> None:
        mine = self.values[self.root[party]]
        if value is not None and (mine.get(name) is None or value < mine[name]):
            mine[name] = value

    def newest(self, party: int, at: datetime | None, **more: Any) -> None:
        """`more` names the moment first: it holds where it is later than what stands."""
        mine = self.values[self.root[party]]
        name = next(iter(more))
        if at is not None and (mine.get(name) is None or at > mine[name]):
            mine.update(more)


def owned(people: Iterable[int], deputy_of: int | None = None) -> QuerySet[Party]:
    """The customers of these account owners; with `deputy_of`, those whose deputy that user is. No query yet."""
    rows = Party.objects.filter(root=None)
    return rows.filter(deputies__user=deputy_of) if deputy_of is not None else rows.filter(account_owner__in=list(people))


def board(user: Any, whose: QuerySet[Party], now: datetime) -> Board:
    """All customers of `whose` with what is in execution, weighed. Twelve queries."""
    # by value first, so that of more than can be weighed those of the highest stay
    rows = list(whose.order_by("pk").values_list("pk", "name", "value_segment", "customer_number", "account_owner_id", "customer_since")[: 4 * MOST + 1])
    rows.sort(key=lambda row: (SEGMENTS.index(row[2]) if row[2] in SEGMENTS else 9, row[0]))
    more, rows = len(rows) > MOST, rows[:MOST]
    got = _Gathered({row[0]: {} for row in rows}, {row[0]: row[0] for row in rows})
    got.root.update(Party.objects.filter(root__in=[row[0] for row in rows]).values_list("pk", "root_id"))
    _execution(list(got.root), got, user, now)
    _contacts(list(got.root), got, now)
    made = []
    for pk, name, segment, number, owner, since in rows:
        known = Known(segment=segment, since=since, **got.values[pk])
        made.append(Mine(pk, name, segment, number, owner, known, attention(known, now)))
    return Board(made, len(made), more)


def _execution(ids: Sequence[int], got: _Gathered, user: Any, now: datetime) -> None:
    """What sales and service have in hand, and one's own work. Seven queries."""
    today = now.date()
    late = Count("pk", filter=Q(expected_on__lt=today))
    for party, count, overdue in Order.objects.filter(party__in=ids, state__in=ON_SALE).values_list("party").annotate(n=Count("pk"), late=late):
        got.add(party, orders=count, orders_late=overdue)
    for party, count in ServiceOrder.objects.filter(party__in=ids, state__in=order_states.OPEN).values_list("party").annotate(n=Count("pk")):
        got.add(party, visits=count)
    tickets = Ticket.objects.filter(party__in=ids, resolved_at=None).values_list("party").annotate(
        n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now) & ~Q(state=Ticket.State.WAITING)), complaints=Count("pk", filter=Q(kind=Ticket.Kind.COMPLAINT)),
        own=Count("pk", filter=Q(owner=user.pk)), own_late=Count("pk", filter=Q(owner=user.pk, due_at__lt=now) & ~Q(state=Ticket.State.WAITING)), due=Min("due_at"),
    )  # fmt: skip
    for party, count, overdue, complaints, own, own_late, due in tickets:
        got.add(party, tickets=count, tickets_late=overdue - own_late, complaints=complaints, own_work=own, own_late=own_late)
        got.least(party, "first_due", due)
    tasks = Task.objects.filter(party__in=ids, state=Task.State.OPEN, owner=user.pk).values_list("party")
    for party, count, overdue, due in tasks.annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)), due=Min("due_at")):
        got.add(party, own_work=count, own_late=overdue)
        got.least(party, "first_due", due)
    for party in Invoice.objects.filter(party__in=ids, paid_on=None, due_on__lt=today).values_list("party", flat=True).distinct():
        got.values[got.root[party]]["owes_late"] = True
    for party, rating, at in Complaint.objects.filter(ticket__party__in=ids, rating__isnull=False).values_list("ticket__party", "rating", "rated_at"):
        got.newest(party, at, rated_at=at, rating=rating)


def _contacts(ids: Sequence[int], got: _Gathered, now: datetime) -> None:
    """The last contact, how many there were lately, and the latest answer to a survey. Three queries."""
    lately = Count("pk", filter=Q(started_at__gte=now - OFTEN_WITHIN, direction=Interaction.Direction.INBOUND))
    contacts = Interaction.objects.filter(subject__in=ids).values_list("subject").annotate(last=Max("started_at"), n=lately)
    for party, last, count in contacts:
        got.newest(party, last, last_contact=last)
        got.add(party, contacts_lately=count)
    answers = SurveyAnswer.objects.filter(invitation__party__in=ids, kind="rating", number__isnull=False, invitation__answered_at__gte=now - RATED_SINCE)
    # Of one survey the first rating counts: it is read last, and what is read last of one moment holds.
    found = list(answers.order_by("-order").values_list("invitation__party", "number", "invitation__answered_at", "invitation__run__flow", "name"))
    known = scales({flow for _party, _number, _at, flow, _name in found if flow is not None})
    for party, number, at, flow, name in found:
        before = got.values[got.root[party]].get("rated_at")
        if number is not None and (before is None or at >= before):
            got.values[got.root[party]].update(rated_at=at, rating=round(on_five(number, known.get((flow, name), (LOWEST, HIGHEST))), 1))
