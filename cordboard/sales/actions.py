"""The only writers of what sales decides about customers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of
from cordboard.rules.evaluate import CompiledPolicy
from cordboard.rules.published import Published, published
from cordboard.sales import queries
from cordboard.sales.valuation import Judgement, judge

AREA = "value"
STALE = timedelta(days=1)
"""A value older than this is counted anew: points fall with time alone."""
A_TIME = 100
"""Customers that one round of the clock counts: a million are round in a week, and nobody waits for it."""


class NoPolicy(LookupError):
    """No policy of the area "value" is in force."""


def value_policy() -> tuple[Published, CompiledPolicy]:
    """The published policy and its compiled form. One query, one more the first time. Raises NoPolicy when there is none or it does not compile."""
    found = next(iter(published(AREA)), None)
    if found is None or found.compiled is None:
        raise NoPolicy
    return found, found.compiled


def revalue(party_id: int, *, now: datetime | None = None) -> Judgement:
    """Count a customer's value anew and keep segment, points and rule with the customer. Raises NoPolicy, Party.DoesNotExist."""
    now = now or timezone.now()
    row, policy = value_policy()
    ids = ids_of(party_id)
    since = Party.objects.values_list("customer_since", flat=True).get(pk=ids[0])
    judgement = judge(queries.purchases(ids), since, policy, now)
    parties.set_value(ids[0], judgement.segment, judgement.reason(row.code, row.version), now=now)
    return judgement


def revalue_stale(limit: int = A_TIME, *, now: datetime | None = None) -> int:
    """Count anew the customers whose value is the oldest, if older than a day, new ones first; returns how many. Without a policy, none."""
    now = now or timezone.now()
    try:
        value_policy()
    except NoPolicy:
        return 0
    living = Party.objects.filter(root=None)
    # two questions, since databases differ in where they sort what has no value
    found = list(living.filter(value_at=None).order_by("pk").values_list("pk", flat=True)[:limit])
    found += living.filter(value_at__lt=now - STALE).order_by("value_at", "pk").values_list("pk", flat=True)[: limit - len(found)]
    for party in found:
        revalue(party, now=now)
    return len(found)
