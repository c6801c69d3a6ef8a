"""Products proposed to customers, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.catalogue.models import Product
from cordboard.events import log
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import HANDLE, require_part
from cordboard.sales.models import ProductProposal


def propose(user: Any, interaction: int, product: str, *, rule: str = "", now: datetime | None = None) -> ProductProposal | None:
    """The agent has proposed a product (its code) to the customer of this contact: once. None when there is no such product, or nobody knows the customer.
    Raises PermissionDenied, Interaction.DoesNotExist."""
    with transaction.atomic():
        row = Interaction.objects.select_related("agent").get(pk=interaction)
        require_part(user, HANDLE, row)
        found = Product.objects.filter(code=product).first()
        if found is None or row.subject_id is None:
            return None
        made, new = ProductProposal.objects.get_or_create(
            interaction=row, product=found, defaults={"party_id": row.subject_id, "rule": rule[:120], "by": user, "at": now or timezone.now()}
        )
        if new:
            log.record("sales.product_proposed", actor=f"user:{user.pk}", **_fields(made))
    return made


def answer(user: Any, proposal: int, state: str) -> ProductProposal:
    """What the customer said: wanted or declined; said again it may change. Raises ValueError, PermissionDenied, ProductProposal.DoesNotExist."""
    if state not in (ProductProposal.State.WANTED, ProductProposal.State.DECLINED):
        raise ValueError(f"a proposal cannot become {state!r}")
    with transaction.atomic():
        row = ProductProposal.objects.select_for_update(of=("self",)).select_related("interaction__agent").get(pk=proposal)
        require_part(user, HANDLE, row.interaction)
        if row.state != state:
            row.state = state
            row.save(update_fields=["state"])
            log.record("sales.proposal_answered", actor=f"user:{user.pk}", **_fields(row), state=state)
    return row


def _fields(row: ProductProposal) -> dict[str, Any]:
    return {"proposal": row.pk, "interaction": row.interaction_id, "party": row.party_id, "product": row.product_id}
