"""The only writers of tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cordboard.catalogue.models import RegisteredProduct
from cordboard.events import log
from cordboard.interactions.models import ContactReason, Interaction
from cordboard.org.models import Unit, User
from cordboard.org.permissions import require
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of
from cordboard.sales.models import Order
from cordboard.tickets import actions_sla, changes, kinds, states
from cordboard.tickets.due import priority
from cordboard.tickets.models import Ticket, TicketInteraction, TicketMessage
from cordboard.tickets.plain import clean
from cordboard.tickets.queries_contact import Told, of_contact, talked
from cordboard.tickets.queries_kind import Terms, terms_of, usual_terms

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
    order: Order | int | None = None,
    interaction: Interaction | int | None = None,
    owner: User | None = None,
    unit: Unit | None = None,
    due_at: datetime | None = None,
    values: Mapping[str, Any] | None = None,
    actor: str = "",
    now: datetime | None = None,
) -> Ticket:
    """A new ticket, numbered and due by its kind. From a contact it takes the customer and, where they are not given, the scratch pad of `user`, the contact reason,
    the order and the product that the contact is about; the contact is linked, and by it its context and thread. `values` are those of the kind's own fields. Owner
    is who opens it, unless said otherwise; `user` None: a rule opens it, or the `actor` named. Raises ValidationError by field ("value-<code>" for an own one), PermissionDenied."""
    if user is not None:
        require(user, "tickets.open")
    now = now or timezone.now()
    actor = actor or (f"user:{user.pk}" if user is not None else "rule")
    row = Interaction.objects.get(pk=interaction) if isinstance(interaction, int) else interaction
    party_id = (party if isinstance(party, int) else party.pk) if party is not None else (row.subject_id if row else None)
    told = of_contact(row, user, party_id) if row is not None else Told()
    product_id = (product if isinstance(product, int) else product.pk) if product is not None else told.product
    reason_id = (reason if isinstance(reason, int) else reason.pk) if reason is not None else told.reason
    order_id = (order if isinstance(order, int) else order.pk) if order is not None else told.order
    text = text if text.strip() else told.text
    title = " ".join(title.split()) or text.strip().split("\n", 1)[0][:80]
    if not title:
        raise ValidationError({"title": _("Say in a few words what it is about.")})
    terms = terms_of(kind)
    if terms is None or not terms.active:
        raise ValidationError({"kind": _("Choose a kind.")})
    ids = ids_of(party_id) if party_id else []
    if product_id is not None and not RegisteredProduct.objects.filter(pk=product_id, party__in=ids).exists():
        raise ValidationError({"product": _("This product is not the customer's.")})
    if order_id is not None and not Order.objects.filter(pk=order_id, party__in=ids).exists():
        raise ValidationError({"order": _("This order is not the customer's.")})
    kept, wrong = kinds.read(terms.fields, values or {})
    first = terms.machine.first
    refuse(terms, [*wrong, *kinds.missing(terms.fields, kept, first.code, first.like)])
    owner = owner or user
    unit = unit or (owner.unit if owner is not None else None)
    safety = reason_id is not None and ContactReason.objects.filter(pk=reason_id, code=SAFETY).exists()
    segment = Party.objects.values_list("value_segment", flat=True).get(pk=party_id) if party_id else ""
    ticket = Ticket(
        kind=kind,
        state=first.like,
        stage=first.code if first.code != first.like else "",
        priority=priority(terms.like, segment=segment, safety=safety),
        title=title[:200],
        text=clean(text),
        party_id=party_id,
        product_id=product_id,
        reason_id=reason_id,
        order_id=order_id,
        owner=owner,
        unit=unit,
        opened_by=user,
        opened_at=now,
        due_at=due_at,
        values=kept,
    )
    with transaction.atomic():
        _number(ticket)
        if row is not None:
            TicketInteraction.objects.create(ticket=ticket, interaction=row, at=now)
        log.record(
            "tickets.opened",
            actor=actor,
            **changes.about(ticket),
            interaction=row.pk if row else None,
            kind=ticket.kind,
        )
        actions_sla.begin(ticket, due_at=due_at, actor=actor, now=now)
        if row is not None and talked(row.pk):
            actions_sla.answered(ticket, actor=actor, now=now)
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
    """Write something down on a ticket; colleagues named by @ hear of it. Raises ValidationError, PermissionDenied, Ticket.DoesNotExist."""
    from cordboard.tickets.actions_message import add_note as write  # it needs `may_change` of here

    return write(user, ticket_id, text, now=now)


def set_state(user: User | None, ticket_id: int, state: str, *, version: int | None = None, now: datetime | None = None) -> Ticket:
    """Move a ticket on: to one of the five states, or to one of its kind's own. Setting what it is changes nothing; `user` None: a rule does it. Raises ValidationError when
    the state cannot follow ("state") or asks for what is not filled in ("value-<code>"), Changed, PermissionDenied."""
    with transaction.atomic():
        ticket = may_change(user, ticket_id, version)
        return move_on(ticket, state, f"user:{user.pk}" if user is not None else "rule", now or timezone.now())


def move_on(ticket: Ticket, state: str, actor: str, now: datetime, *, why: str = "") -> Ticket:
    """The same for a ticket that the caller has locked, in its transaction."""
    terms = terms_of(ticket.kind) or usual_terms(ticket.kind)
    here = ticket.stage or ticket.state
    new = terms.machine.towards(here, state)
    if new is None:
        raise ValidationError({"state": _("Choose a state.")})
    if new.code == here or (state in states.STATES and ticket.state == state):
        return ticket
    if new not in terms.machine.following(here):
        words = {"old": ticket.get_state_display(), "new": terms.state_name(new.code)}
        raise ValidationError({"state": _("A ticket that is %(old)s cannot become %(new)s.") % words})
    refuse(terms, kinds.missing(terms.fields, ticket.values, new.code, new.like))
    old, ticket.state, ticket.stage = ticket.state, new.like, new.code if new.code != new.like else ""
    ticket.resolved_at = (ticket.resolved_at or now) if new.like in states.DONE else None
    ticket.version += 1
    ticket.save(update_fields=["state", "stage", "resolved_at", "version"])
    changes.state(ticket, old, here, actor=actor, now=now, why=why)
    actions_sla.state_changed(ticket, old, actor=actor, now=now)
    return ticket


def open_again(ticket: Ticket, now: datetime, why: str, *, actor: str) -> None:
    """What the customer wrote or said opens it again: its kind's own state like open; where its kind has no way there, the five states' own way. The caller has it locked."""
    try:
        move_on(ticket, "open", actor, now, why=why)
    except ValidationError:
        old, here = ticket.state, ticket.stage or ticket.state
        ticket.state, ticket.stage, ticket.resolved_at = Ticket.State.OPEN, "", None
        ticket.version += 1
        ticket.save(update_fields=["state", "stage", "resolved_at", "version"])
        actions_sla.state_changed(ticket, old, actor=actor, now=now)
        changes.state(ticket, old, here, actor=actor, now=now, why=why)


def refuse(terms: Terms, wrong: Sequence[kinds.Wrong]) -> None:
    """Raises ValidationError by field, in words, when there is anything wrong with values of own fields."""
    language = get_language() or "en"
    names = {one.code: one.name_in(language) for one in terms.fields}
    words = {
        "required": _("%(field)s must be filled in."),
        "number": _("%(field)s must be a number."),
        "date": _("%(field)s must be a date."),
        "choice": _("%(field)s must be one of its choices."),
        "long": _("%(field)s is too long."),
    }
    if wrong:
        raise ValidationError({f"value-{one.field}": words[one.code] % {"field": names[one.field]} for one in wrong})


def give(user: User, ticket_id: int, owner: User, *, version: int | None = None, now: datetime | None = None) -> Ticket:
    """Another owner, and with that the owner's unit."""
    with transaction.atomic():
        ticket = may_change(user, ticket_id, version)
        if ticket.owner_id == owner.pk:
            return ticket
        old, place = ticket.owner_id, ticket.unit_id
        ticket.owner, ticket.unit = owner, owner.unit or ticket.unit
        ticket.version += 1
        ticket.save(update_fields=["owner", "unit", "version"])
        changes.owner(ticket, old, actor=f"user:{user.pk}", old_unit=place, now=now)
    return ticket


def link(user: User, ticket_id: int, interaction_id: int, *, now: datetime | None = None) -> None:
    """This contact is about that ticket. Once is enough. A talk answers the customer; one that they began opens a ticket that waited for them."""
    now = now or timezone.now()
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        _row, made = TicketInteraction.objects.get_or_create(ticket=ticket, interaction_id=interaction_id, defaults={"at": now})
        if made:
            log.record("tickets.linked", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, interaction=interaction_id)
            heard(ticket, interaction_id, f"user:{user.pk}", now)


def heard(ticket: Ticket, contact: int, actor: str, now: datetime) -> None:
    """What a contact about a ticket that was there before does to it. The caller has it locked."""
    if ticket.state == Ticket.State.WAITING and Interaction.objects.filter(pk=contact, direction=Interaction.Direction.INBOUND).exists():
        open_again(ticket, now, "the customer has been in touch", actor=actor)
    if talked(contact):
        if ticket.unanswered_since is not None:
            ticket.unanswered_since = None
            ticket.version += 1
            ticket.save(update_fields=["unanswered_since", "version"])
        actions_sla.answered(ticket, actor=actor, now=now)


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


def may_change(user: User | None, ticket_id: int, version: int | None = None) -> Ticket:
    """The ticket, locked, when the user's scope reaches it and nobody changed it since `version`; `user` None: a rule, which may change all. Raises PermissionDenied, Changed,
    Ticket.DoesNotExist; ValidationError ("ticket") when it was merged into another, where work goes on."""
    scope = require(user, "tickets.change") if user is not None else "all"
    ticket = Ticket.objects.select_for_update().get(pk=ticket_id)
    own = user is not None and user.pk in (ticket.owner_id, ticket.opened_by_id)
    if not (scope == "all" or own or (scope == "unit" and ticket.unit_id is not None and user is not None and ticket.unit_id == user.unit_id)):
        raise PermissionDenied(_("This ticket is not yours."))
    if ticket.merged_into_id is not None:
        raise merged(ticket)
    if version is not None and ticket.version != version:
        raise Changed(ticket)
    return ticket


def merged(ticket: Ticket) -> ValidationError:
    """What is said of a ticket that was merged. One query."""
    number = Ticket.objects.values_list("number", flat=True).get(pk=ticket.merged_into_id or 0)
    return ValidationError({"ticket": _("This ticket was merged into %(number)s. Work goes on there.") % {"number": number}})


_may_change = may_change
