"""The only writers of what sales decides about customers."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of
from cordboard.rules.evaluate import CompiledPolicy, compile_policy
from cordboard.rules.models import Policy
from cordboard.sales import queries
from cordboard.sales.valuation import Judgement, judge

AREA = "value"


class NoPolicy(LookupError):
    """No policy of the area "value" is published."""


def value_policy() -> tuple[Policy, CompiledPolicy]:
    """The published policy and its compiled form. One query. Raises NoPolicy, rules.evaluate.BadPolicy."""
    row = Policy.objects.filter(area=AREA, state=Policy.State.PUBLISHED).order_by("code").first()
    if row is None:
        raise NoPolicy
    return row, compile_policy(row.body)


def revalue(party_id: int, *, now: datetime | None = None) -> Judgement:
    """Count a customer's value anew and keep segment, points and rule with the customer. Raises NoPolicy, Party.DoesNotExist."""
    now = now or timezone.now()
    row, policy = value_policy()
    ids = ids_of(party_id)
    since = Party.objects.values_list("customer_since", flat=True).get(pk=ids[0])
    judgement = judge(queries.purchases(ids), since, policy, now)
    parties.set_value(ids[0], judgement.segment, judgement.reason(row.code, row.version), now=now)
    return judgement
