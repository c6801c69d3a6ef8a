"""Reading what may be given on a ticket and what was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects

from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.parties.queries import ids_of
from cordboard.rules.facts import REGISTRY
from cordboard.rules.published import published
from cordboard.rules.words import sentences
from cordboard.tickets import goodwill
from cordboard.tickets.facts_goodwill import AREA
from cordboard.tickets.goodwill import Limit
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_goodwill import Grant, GrantStep
from cordboard.tickets.queries import visible

YEAR = timedelta(days=365)
CURRENCY = "EUR"
"""Where no rule, no product and no earlier grant says another."""


@dataclass(frozen=True, slots=True)
class Decided:
    limit: Limit
    told: list[dict[str, Any]]
    """why, as rules/words.py says it"""
    trace: dict[str, Any]
    """policy, version and what its rules met, to be kept with what is given"""
    times: int


_GIVEN = Kept(
    lambda parties, since: Grant.objects.filter(party__in=parties, given_at__gte=since, state=Grant.State.GIVEN).values_list("kind", "amount", "currency")
)


def given_within(party_ids: Sequence[int], since: datetime, currency: str) -> tuple[Decimal, Decimal, int]:
    """Given as goodwill in this currency, refunded, and how often anything was given. One query."""
    found = _GIVEN(list(party_ids), since)
    goodwill_ = sum((amount for kind, amount, of in found if kind != Grant.Kind.REFUND and of == currency), Decimal(0))
    refunded = sum((amount for kind, amount, of in found if kind == Grant.Kind.REFUND and of == currency), Decimal(0))
    return goodwill_, refunded, len(found)


def decide(ticket: Ticket, kind: str, now: datetime) -> Decided:
    """What may be given now on this ticket, by the published policies of the area "goodwill", with the reasons. Refunds are counted apart from goodwill."""
    currency = ticket.product.product.currency if ticket.product is not None else CURRENCY
    ids = ids_of(ticket.party_id) if ticket.party_id is not None else []
    given, refunded, times = given_within(ids, now - YEAR, currency)
    known = {"kind": kind, "given": (given, currency), "refunded": (refunded, currency), "times": times, "currency": currency}
    situation = {"ticket": ticket, "party": ticket.party, "now": now, "goodwill": known}
    actions: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for one in published(AREA):
        if one.compiled is None:
            continue
        outcome = one.compiled.evaluate(REGISTRY.reader(situation), now)
        actions += outcome.actions
        told += sentences(outcome.trace, held_only=True)
        kept.append({"policy": one.code, "version": one.version, "trace": outcome.trace})
    own = refunded if kind == Grant.Kind.REFUND else given
    limit = goodwill.limit(actions, own, currency)
    if limit.currency != currency:
        given, refunded, times = given_within(ids, now - YEAR, limit.currency)
        limit = goodwill.limit(actions, refunded if kind == Grant.Kind.REFUND else given, currency)
    return Decided(limit, [one for one in told if one["code"] != "policy.nothing"], {"policies": kept}, times)


def tickets_of(user: User, approvals: Iterable[int]) -> dict[int, int]:
    """Approval -> number of the ticket on which something is to be given, where the user may see it. One query."""
    rows = GrantStep.objects.filter(approval__in=list(approvals), grant__ticket__in=visible(user))
    return dict(rows.values_list("approval_id", "grant__ticket__number"))


def of_ticket(ticket_id: int) -> list[Grant]:
    """What was given and asked on a ticket, the newest first, with its steps. Two queries."""
    rows = _OF_TICKET(ticket_id)
    prefetch_related_objects(rows, "steps__unit__head", "steps__approval__approver", "steps__approval__decided_by", "steps__approval__unit__head")
    return rows


_OF_TICKET = Kept(lambda ticket: Grant.objects.filter(ticket=ticket).select_related("by", "given_by"))
