"""The only writers of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.catalogue.models import RegisteredProduct
from cordboard.events import log
from cordboard.interactions.models import ContactReason, Interaction, Note
from cordboard.org.models import Unit, User
from cordboard.org.permissions import require
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of
from cordboard.tickets import states
from cordboard.tickets.due import due, priority
from cordboard.tickets.models import Ticket, TicketInteraction, TicketMessage

FIRST_NUMBER = 10_001
SAFETY = "product-safety"
"""Code of the contact reason that makes a ticket urgent whatever its kind."""


class Changed(Exception):
    """Somebody else changed the ticket since it was read. Nothing was saved; `ticket` is how it stands."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"ticket {ticket.number} has version {ticket.version}")
        self.ticket = ticket


def open_ticket(
    user: User | None,
    *,
    title: str,
    text: str = "",
    kind: str = Ticket.Kind.INCIDENT,
    party: Party | int | None = None,
    product: RegisteredProduct | int | None = None,
    reason: ContactReason | int | None = None,
    interaction: Interaction | int | None = None,
    owner: User | None = None,
    unit: Unit | None = None,
    due_at: datetime | None = None,
    now: datetime | None = None,
) -> Ticket:
    """A new ticket, numbered and due by its kind. From a contact it takes the customer and, where no text is given, the scratch pad of
    `user`; the contact is linked. Owner is who opens it, unless said otherwise; `user` None: a rule opens it. Raises ValidationError by field, PermissionDenied."""
    if user is not None:
        require(user, "tickets.open")
    now = now or timezone.now()
    row = Interaction.objects.get(pk=interaction) if isinstance(interaction, int) else interaction
    party_id = (party if isinstance(party, int) else party.pk) if party is not None else (row.subject_id if row else None)
    product_id = product if isinstance(product, int) or product is None else product.pk
    reason_id = reason if isinstance(reason, int) or reason is None else reason.pk
    if not text.strip() and row is not None and user is not None:
        text = Note.objects.filter(interaction=row, author=user).values_list("text", flat=True).first() or ""
    title = " ".join(title.split()) or text.strip().split("\n", 1)[0][:80]
    if not title:
        raise ValidationError({"title": _("Say in a few words what it is about.")})
    if kind not in Ticket.Kind.values:
        raise ValidationError({"kind": _("Choose a kind.")})
    if product_id is not None and not RegisteredProduct.objects.filter(pk=product_id, party__in=ids_of(party_id) if party_id else []).exists():
        raise ValidationError({"product": _("This product is not the customer's.")})
    owner = owner or user
    unit = unit or (owner.unit if owner is not None else None)
    safety = reason_id is not None and ContactReason.objects.filter(pk=reason_id, code=SAFETY).exists()
    segment = Party.objects.values_list("value_segment", flat=True).get(pk=party_id) if party_id else ""
    ticket = Ticket(
        kind=kind,
        state=Ticket.State.NEW,
        priority=priority(kind, segment=segment, safety=safety),
        title=title[:200],
        text=text.strip(),
        party_id=party_id,
        product_id=product_id,
        reason_id=reason_id,
        owner=owner,
        unit=unit,
        opened_by=user,
        opened_at=now,
        due_at=due_at or due(kind, now, unit.timezone if unit else "UTC", segment=segment, safety=safety),
    )
    with transaction.atomic():
        _number(ticket)
        if row is not None:
            TicketInteraction.objects.create(ticket=ticket, interaction=row, at=now)
        log.record(
            "tickets.opened",
            actor=f"user:{user.pk}" if user is not None else "rule",
            ticket=ticket.pk,
            party=party_id,
            interaction=row.pk if row else None,
            owner=owner.pk if owner is not None else None,
            kind=ticket.kind,
        )
    return ticket


def _number(ticket: Ticket) -> None:
    """Save under the next free number; two who take the same one at a time: the second takes the next."""
    for _try in range(20):
        last = Ticket.objects.order_by("-number").values_list("number", flat=True).first()
        ticket.number = max(FIRST_NUMBER, (last or 0) + 1)
        try:
            with transaction.atomic():
                ticket.save(force_insert=True)
        except IntegrityError:
            if not Ticket.objects.filter(number=ticket.number).exists():
                raise
            continue
        return
    raise RuntimeError("no free ticket number after twenty tries")


def add_note(user: User, ticket_id: int, text: str, *, now: datetime | None = None) -> TicketMessage:
    """Write something down on a ticket. Raises ValidationError, PermissionDenied, Ticket.DoesNotExist."""
    require(user, "tickets.change")
    if not text.strip():
        raise ValidationError({"text": _("Write a note first.")})
    with transaction.atomic():
        ticket = _may_change(user, ticket_id)
        note = TicketMessage.objects.create(ticket=ticket, author=user, text=text.strip(), at=now or timezone.now())
        log.record("tickets.noted", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, note=note.pk)
    return note


def set_state(user: User, ticket_id: int, state: str, *, version: int | None = None, now: datetime | None = None) -> Ticket:
    """Move a ticket on. Setting what it is changes nothing. Raises ValidationError when the state cannot follow, Changed, PermissionDenied."""
    require(user, "tickets.change")
    if state not in Ticket.State.values:
        raise ValidationError({"state": _("Choose a state.")})
    with transaction.atomic():
        ticket = _may_change(user, ticket_id, version)
        if ticket.state == state:
            return ticket
        if not states.may_follow(state, ticket.state):
            raise ValidationError(
                {"state": _("A ticket that is %(old)s cannot become %(new)s.") % {"old": ticket.get_state_display(), "new": Ticket.State(state).label}}
            )
        old, ticket.state = ticket.state, state
        done = state in (Ticket.State.RESOLVED, Ticket.State.CLOSED)
        ticket.resolved_at = (ticket.resolved_at or now or timezone.now()) if done else None
        ticket.version += 1
        ticket.save(update_fields=["state", "resolved_at", "version"])
        log.record("tickets.state_changed", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, owner=ticket.owner_id, old=old, new=state)
    return ticket


def give(user: User, ticket_id: int, owner: User, *, version: int | None = None) -> Ticket:
    """Another owner, and with that the owner's unit."""
    require(user, "tickets.change")
    with transaction.atomic():
        ticket = _may_change(user, ticket_id, version)
        if ticket.owner_id == owner.pk:
            return ticket
        old, ticket.owner, ticket.unit = ticket.owner_id, owner, owner.unit or ticket.unit
        ticket.version += 1
        ticket.save(update_fields=["owner", "unit", "version"])
        log.record("tickets.given", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, owner=owner.pk, old=old)
    return ticket


def link(user: User, ticket_id: int, interaction_id: int, *, now: datetime | None = None) -> None:
    """This contact is about that ticket. Once is enough."""
    require(user, "tickets.change")
    with transaction.atomic():
        ticket = _may_change(user, ticket_id)
        _row, made = TicketInteraction.objects.get_or_create(ticket=ticket, interaction_id=interaction_id, defaults={"at": now or timezone.now()})
        if made:
            log.record("tickets.linked", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, interaction=interaction_id)


def move_to_party(ids: Sequence[int], party_id: int, actor: str) -> list[int]:
    """Tickets opened for a customer who was the wrong one, in the caller's transaction. One about a product of the wrong customer stays:
    the product is not the other's. Returns what moved."""
    moved = []
    for ticket in Ticket.objects.select_for_update().filter(pk__in=ids, product=None).order_by("pk"):
        old, ticket.party_id = ticket.party_id, party_id
        ticket.version += 1
        ticket.save(update_fields=["party", "version"])
        log.record("tickets.moved", actor=actor, ticket=ticket.pk, party=party_id, old=old)
        moved.append(ticket.pk)
    return moved


def _may_change(user: User, ticket_id: int, version: int | None = None) -> Ticket:
    """The ticket, locked, when the user's scope reaches it and nobody changed it since `version`."""
    scope = require(user, "tickets.change")
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    own = user.pk in (ticket.owner_id, ticket.opened_by_id)
    if not (scope == "all" or own or (scope == "unit" and ticket.unit_id is not None and ticket.unit_id == user.unit_id)):
        raise PermissionDenied(_("This ticket is not yours."))
    if version is not None and ticket.version != version:
        raise Changed(ticket)
    return ticket
