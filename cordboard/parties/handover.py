"""Customers whose account owner leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.org.handover import Owned, offer
from cordboard.org.models import User
from cordboard.parties.actions_ownership import set_account_owner
from cordboard.parties.models import Deputy, HandOff, Party


def find(agent: int) -> Sequence[Owned]:
    """Two queries."""
    parties = list(Party.objects.filter(root=None, account_owner_id=agent).values_list("pk", flat=True))
    deputies: dict[int, list[int]] = {}
    for party, user in Deputy.objects.filter(party__in=parties, user__is_active=True).order_by("order").values_list("party_id", "user_id"):
        deputies.setdefault(party, []).append(user)
    return [Owned("customer", party, None, tuple(deputies.get(party, ()))) for party in parties]


def give(user: Any, agent: int, plan: Mapping[int, int], now: datetime) -> int:
    takers = User.objects.in_bulk(set(plan.values()))
    for party, owner in sorted(plan.items()):
        set_account_owner(party, takers[owner], user, how=HandOff.How.LEFT, now=now)
    return len(plan)


offer("customer", _("Customers owned"), find=find, give=give)
