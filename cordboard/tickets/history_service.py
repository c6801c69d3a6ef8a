"""What service orders and what was granted add to a customer's timeline, and the documents that a case may hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.appointments import queries as appointments
from cordboard.appointments.history import entry as appointment_entry
from cordboard.interactions.history import Asked, Entry, source
from cordboard.interactions.permissions import VIEW
from cordboard.interactions.queries_history import entries_of as contacts
from cordboard.lib.days import day
from cordboard.lib.kept import Kept
from cordboard.org.permissions import user_may
from cordboard.tickets import case_documents, history, order_states, queries, queries_order
from cordboard.tickets.models_goodwill import Grant
from cordboard.tickets.models_order import ServiceOrder


def service_order_entries(asked: Asked) -> list[Entry]:
    """By title, report and number. One query."""
    if not asked.q:
        found = _ORDERS(*asked.given, limit=asked.limit)
    else:
        named = Q(title__icontains=asked.q) | Q(report__icontains=asked.q)
        rows = _orders(*asked.given).filter(named | Q(number=int(asked.q)) if asked.q.isdecimal() and len(asked.q) < 18 else named)
        found = list(rows[: asked.limit])
    return [_entry(order) for order in found]


def _orders(parties: Sequence[int], before: datetime | None = None) -> QuerySet[ServiceOrder]:
    rows = ServiceOrder.objects.filter(party__in=parties)
    rows = rows if before is None else rows.filter(opened_at__lte=before)
    return rows.select_related("technician").order_by("-opened_at", "-pk")


_ORDERS = Kept(lambda parties, before=None, *, limit: _orders(parties, before)[:limit])


def _entry(order: ServiceOrder) -> Entry:
    parts = [str(order.get_state_display())]
    if order.state in (order_states.PLANNED, order_states.ON_THE_WAY) and order.planned_at is not None:
        parts.append(_("visit %(day)s") % {"day": day(order.planned_at, timezone.localdate())})
    if order.technician is not None:
        parts.append(str(order.technician))
    return Entry(
        kind="service_order",
        id=order.pk,
        at=order.opened_at,
        title=_("Service order %(number)s: %(title)s") % {"number": order.number, "title": order.title},
        detail=", ".join(parts),
        icon="tool",
        tone="due" if order.state in order_states.OPEN else "",
        data={"number": order.number, "state": order.state},
    )


def grant_entries(asked: Asked) -> list[Entry]:
    """Goodwill, refunds, vouchers and replacements, by their reason. One query."""
    found = _GRANTS(*asked.given, limit=asked.limit) if not asked.q else _grants(*asked.given).filter(reason__icontains=asked.q)[: asked.limit]
    return [_granted(row) for row in found]


def _grants(parties: Sequence[int], before: datetime | None = None) -> QuerySet[Grant]:
    rows = Grant.objects.filter(party__in=parties)
    rows = rows if before is None else rows.filter(at__lte=before)
    return rows.select_related("by", "ticket").order_by("-at", "-pk")


_GRANTS = Kept(lambda parties, before=None, *, limit: _grants(parties, before)[:limit])


def _granted(row: Grant) -> Entry:
    amount = number_format(row.amount, 2, force_grouping=True)
    return Entry(
        kind="grant",
        id=row.pk,
        at=row.at,
        title=_("%(kind)s of %(currency)s %(amount)s: %(reason)s")
        % {"kind": row.get_kind_display(), "currency": row.currency, "amount": amount, "reason": row.reason},
        detail=", ".join(part for part in (str(row.get_state_display()), str(row.by or "")) if part),
        icon="receipt-2",
        tone="due" if row.state in (Grant.State.ASKED, Grant.State.APPROVED) else "good" if row.state == Grant.State.GIVEN else "",
        data={"number": row.ticket.number, "state": row.state},
    )


def _contacts(user: Any, ids: Sequence[int], language: str) -> list[Entry]:
    """Whoever may see customers' history sees these contacts there too: three queries."""
    return contacts(ids, language) if user_may(user, VIEW) is not None else []


def _tickets(user: Any, ids: Sequence[int], language: str) -> list[Entry]:
    return [history.entry(row) for row in queries.visible(user).filter(pk__in=ids).select_related("owner")]


def _service_orders(user: Any, ids: Sequence[int], language: str) -> list[Entry]:
    return [_entry(row) for row in queries_order.visible(user).filter(pk__in=ids).select_related("technician")]


def _appointments(user: Any, ids: Sequence[int], language: str) -> list[Entry]:
    return [appointment_entry(row) for row in appointments.visible(user).filter(pk__in=ids).select_related("kind", "staff__user")]


source("service_order", service_order_entries)
source("grant", grant_entries)
case_documents.offer(case_documents.Kind("appointment", later("Appointments"), "calendar", _appointments))
case_documents.offer(case_documents.Kind("interaction", later("Contacts"), "phone", _contacts))
case_documents.offer(case_documents.Kind("ticket", later("Tickets"), "ticket", _tickets))
case_documents.offer(case_documents.Kind("service_order", later("Service orders"), "tool", _service_orders))
