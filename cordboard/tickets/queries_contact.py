"""What a contact tells about the ticket that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from cordboard.catalogue.models import RegisteredProduct
from cordboard.interactions.models import ContextValue, Interaction, InteractionReason, Note, Segment
from cordboard.org.models import User
from cordboard.parties.queries import ids_of
from cordboard.routing.models import Outgoing
from cordboard.sales.models import Order
from cordboard.tickets.models import Ticket, TicketMessage

LIVE = (Interaction.Channel.VOICE, Interaction.Channel.VIDEO, Interaction.Channel.CHAT)
"""Channels on which one is answered while one is there."""
ORDERS = ("order", "order_number")
SERIALS = ("serial", "serial_number", "product")
"""Names of context values that name an order or a product: IVR, look-ups and scripts set them."""


@dataclass(frozen=True, slots=True)
class Told:
    text: str = ""
    reason: int | None = None
    order: int | None = None
    product: int | None = None


def _spoken() -> Q:
    """Of interactions: a colleague and the customer talked with each other. A message that a caller left was heard, and a call of ours that nobody took rang: neither is a talk."""
    heard = Segment.objects.filter(interaction=OuterRef("pk"), kind=Segment.Kind.MESSAGE)
    rang = Outgoing.objects.filter(interaction=OuterRef("pk"), answered_at=None)
    reached = Outgoing.objects.filter(interaction=OuterRef("pk")).exclude(answered_at=None)
    return Q(channel__in=LIVE, answered_at__isnull=False) & ~Q(Exists(rang)) & (~Q(Exists(heard)) | Q(Exists(reached)))


def talked(contact: int) -> bool:
    """Whether a colleague has talked with the customer in this contact. One query."""
    return Interaction.objects.filter(_spoken(), pk=contact).exists()


def was_answered(ticket: Ticket) -> bool:
    """Whether the customer has had an answer on this ticket: a reply, or a talk about it. At most two queries."""
    if ticket.messages.filter(kind=TicketMessage.Kind.REPLY).exists():
        return True
    return Interaction.objects.filter(_spoken(), tickets__ticket=ticket).exists()


def of_contact(contact: Interaction, user: User | None, party_id: int | None) -> Told:
    """The pad of `user`, the newest contact reason, and the customer's order and product that the context names. Three queries, one more for each of order and product that it names, and one
    for the customer's records then."""
    text = Note.objects.filter(interaction=contact, author=user).values_list("text", flat=True).first() if user is not None else None
    reason = InteractionReason.objects.filter(interaction=contact).order_by("-at", "-pk").values_list("reason_id", flat=True).first()
    context: dict[str, Any] = dict(ContextValue.objects.filter(interaction=contact, name__in=(*ORDERS, *SERIALS)).order_by("pk").values_list("name", "value"))
    order = _named(context, ORDERS)
    serial = _named(context, SERIALS)
    ids: Sequence[int] = ids_of(party_id) if party_id is not None and (order or serial) else []
    return Told(
        text=text or "",
        reason=reason,
        order=Order.objects.filter(party__in=ids, number=order).values_list("pk", flat=True).first() if order and ids else None,
        product=RegisteredProduct.objects.filter(party__in=ids, serial=serial).values_list("pk", flat=True).first() if serial and ids else None,
    )


def _named(context: dict[str, Any], names: Sequence[str]) -> str:
    return next((text for name in names if (text := str(context.get(name) or "").strip())), "")
