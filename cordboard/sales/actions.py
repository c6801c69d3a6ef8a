"""The only writers of what sales decides about customers."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of
from cordboard.rules.evaluate import CompiledPolicy
from cordboard.rules.published import Published, published
from cordboard.sales import queries
from cordboard.sales.valuation import Judgement, judge

AREA = "value"


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
