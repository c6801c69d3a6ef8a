"""A ticket's conversation: notes among colleagues, replies to the customer, what the customer writes, and what is being written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.interactions.models import Interaction
from cordboard.org.models import User
from cordboard.org.permissions import require, user_may
from cordboard.parties import queries as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions_sla, changes, plain, states
from cordboard.tickets.actions import may_change, move_on, open_again
from cordboard.tickets.actions_access import access, link_of
from cordboard.tickets.actions_attachment import Stored, put_on
from cordboard.tickets.models import Ticket, TicketAttachment, TicketDraft, TicketInteraction, TicketMessage, TicketMove
from cordboard.tickets.outgoing import File, Letter, NotCarried, carry
from cordboard.tickets.queries import visible
from cordboard.tickets.telling import follow, tell, watchers

Kind = TicketMessage.Kind
MOST_ANSWERED = 10
"""Earlier messages that a reply names, so that the customer's mail program puts them together."""


def add_note(user: User, ticket_id: int, text: str, *, now: datetime | None = None) -> TicketMessage:
    """An internal note. Colleagues named by @ who may see the ticket are told, and follow it from now on. What `user` attached goes with it, the draft of it is done.
    Raises ValidationError, PermissionDenied, Ticket.DoesNotExist."""
    require(user, "tickets.change")
    now = now or timezone.now()
    text = plain.clean(text)
    if not text:
        raise ValidationError({"text": _("Write a note first.")})
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        named = mentioned(ticket, text)
        note = TicketMessage.objects.create(ticket=ticket, author=user, text=text, mentions=[one.pk for one in named], at=now)
        _written(user, ticket, note)
        log.record("tickets.noted", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, note=note.pk)
        if named:
            ids = [one.pk for one in named]
            follow(ticket, ids, f"user:{user.pk}", now)
            log.record("tickets.mentioned", actor=f"user:{user.pk}", ticket=ticket.pk, message=note.pk, users=ids)
            tell(user, ticket, ids, lambda: text[:300], now)
    return note


def mentioned(ticket: Ticket, text: str) -> list[User]:
    """The active colleagues named by @ and user name who may see the ticket. One query for the names, two for each colleague."""
    names = plain.mentions(text)[:20]
    if not names:
        return []
    found = User.objects.filter(username__in=names, is_active=True).order_by("pk")
    return [one for one in found if visible(one).filter(pk=ticket.pk).exists()]


class WrittenSince(Exception):
    """A reply or something of the customer's was written that whoever replies has not seen. Nothing was sent; `messages` are those, the oldest first."""

    def __init__(self, messages: list[TicketMessage]) -> None:
        super().__init__(f"{len(messages)} messages since")
        self.messages = messages


def reply(
    user: User, ticket_id: int, text: str, *, to: str = "", then: str = "", version: int | None = None, seen: int | None = None, now: datetime | None = None
) -> TicketMessage:
    """Answer the customer by mail: to their first address, or to the one of theirs given. What `user` attached goes along. `then`: the state that the ticket has after it ("" leaves it;
    "waiting" waits for the customer). `seen`: the number of the newest message that they know of; None: they do not ask. Raises ValidationError ("text", "to", "state", "value-..."),
    WrittenSince, Changed, PermissionDenied, Ticket.DoesNotExist; then nothing was sent."""
    require(user, "tickets.change")
    now = now or timezone.now()
    text = plain.clean(text)
    if not text:
        raise ValidationError({"text": _("Write a reply first.")})
    with transaction.atomic():
        ticket = may_change(user, ticket_id, version)
        if seen is not None and (
            newer := list(ticket.messages.select_related("author", "party").filter(pk__gt=seen).exclude(kind=Kind.NOTE).exclude(author=user).order_by("pk"))
        ):
            raise WrittenSince(newer)
        address = _address(ticket, to)
        first = not ticket.messages.filter(kind=Kind.REPLY).exists()
        made = TicketMessage.objects.create(ticket=ticket, kind=Kind.REPLY, author=user, text=text, address=address, at=now)
        files = _written(user, ticket, made)
        try:
            made.message_id = carry("email", _letter(ticket, made, files, user))
        except NotCarried as problem:
            raise ValidationError({"text": _("No mail can be sent here: %(why)s") % {"why": problem}}) from None
        made.save(update_fields=["message_id"])
        ticket.unanswered_since = None
        ticket.version += 1
        ticket.save(update_fields=["unanswered_since", "version"])
        log.record(
            "tickets.replied",
            actor=f"user:{user.pk}",
            **changes.about(ticket),
            message=made.pk,
            interaction=None,
            first=first,
        )
        actions_sla.answered(ticket, actor=f"user:{user.pk}", now=now)
        if then:
            move_on(ticket, then, f"user:{user.pk}", now)
    return made


def addresses(ticket: Ticket) -> list[str]:
    """Where the customer can be answered: from where they wrote last, then their own. Two queries."""
    last = ticket.messages.filter(kind=Kind.RECEIVED).exclude(address="").order_by("-pk").values_list("address", flat=True).first()
    own = [point.value for point in parties.profile(ticket.party_id).emails] if ticket.party_id is not None else []
    return list(dict.fromkeys([*([last] if last and "@" in last else []), *own]))


def _address(ticket: Ticket, wanted: str) -> str:
    known = addresses(ticket)
    if wanted:
        found = next((one for one in known if one.casefold() == wanted.strip().casefold()), "")
        if not found:
            raise ValidationError({"to": _("This is no address of the customer's. Add it to the customer first.")})
        return found
    if not known and ticket.party_id is None:
        raise ValidationError({"to": _("Nobody is known as the customer of this ticket yet. Put the customer on it under Change, then send the reply.")})
    if not known:
        raise ValidationError({"to": _("The customer has no e-mail address. Add one to the customer, or call.")})
    return known[0]


def _letter(ticket: Ticket, made: TicketMessage, files: list[TicketAttachment], user: User) -> Letter:
    way = access(ticket, made.address, now=made.at)
    languages = ticket.party.languages if ticket.party is not None else []
    language = way.language or (languages[0] if languages else user.language)
    before = ticket.messages.exclude(message_id="").exclude(pk=made.pk).order_by("-pk").values_list("message_id", flat=True)[:MOST_ANSWERED]
    with translation.override(language):
        subject = _("Re: %(title)s [%(number)s]") % {"title": ticket.title[:160], "number": ticket.number}
        foot = _("Read the whole conversation and answer here: %(link)s") % {"link": link_of(way)}
    return Letter(
        key=f"ticket-message:{made.pk}",
        address=made.address,
        subject=subject,
        text=f"{made.text}\n\n{foot}",
        party=ticket.party_id,
        by=user.pk,
        language=language,
        answers=tuple(reversed(list(before))),
        files=tuple(File(one.file, one.name, one.type) for one in files),
    )


def _written(user: User, ticket: Ticket, made: TicketMessage) -> list[TicketAttachment]:
    """What `user` had attached belongs to the message now, and nothing is being written any more."""
    files = list(TicketAttachment.objects.select_for_update().filter(ticket=ticket, by=user, message=None))
    TicketAttachment.objects.filter(pk__in=[one.pk for one in files]).update(message=made)
    TicketDraft.objects.filter(ticket=ticket, user=user).delete()
    return files


def receive_reply(
    ticket: Ticket | int,
    from_party: Party | int | None,
    text: str,
    *,
    html: str = "",
    address: str = "",
    message_id: str = "",
    interaction: Interaction | int | None = None,
    files: Sequence[Stored] = (),
    by: User | None = None,
    now: datetime | None = None,
) -> TicketMessage:
    """The customer wrote about a ticket: by mail, in the portal, in a chat; `by` a colleague, who wrote down what they said. What comes for a ticket that was merged goes to where its work goes on. One that waited, was resolved or
    closed is open again; since when the customer has no answer is remembered. The same `message_id` twice is one message. `html` counts where there is no text.
    `files` are within `taken`. Raises ValidationError: there is nothing in it; Ticket.DoesNotExist."""
    now = now or timezone.now()
    text = plain.clean(text) or plain.of_html(html)
    if not text and not files:
        raise ValidationError({"text": _("There is nothing in it.")})
    actor = f"user:{by.pk}" if by is not None else "customer"
    if address:
        try:
            validate_email(address)
        except ValidationError:
            address = ""
    with transaction.atomic():
        row = Ticket.objects.select_for_update().get(pk=ticket if isinstance(ticket, int) else ticket.pk)
        passed = []
        while row.merged_into_id is not None:
            passed.append(row.pk)
            row = Ticket.objects.select_for_update().get(pk=row.merged_into_id)
        if message_id and (known := TicketMessage.objects.filter(message_id=message_id[:250], kind=Kind.RECEIVED).first()) is not None:
            return known
        contact = interaction if isinstance(interaction, int) or interaction is None else interaction.pk
        made = TicketMessage.objects.create(
            ticket=row,
            kind=Kind.RECEIVED,
            author=by,
            party_id=from_party if isinstance(from_party, int) or from_party is None else from_party.pk,
            text=text,
            address=address[:254],
            message_id=message_id[:250],
            interaction_id=contact,
            at=now,
        )
        for one in files:
            put_on(row, one, by, made, now)
        for merged in passed:
            _late(merged, made)
        if contact is not None:
            TicketInteraction.objects.get_or_create(ticket=row, interaction_id=contact, defaults={"at": now})
        row.unanswered_since = row.unanswered_since or now
        row.version += 1
        row.save(update_fields=["unanswered_since", "version"])
        reopened = row.state in (*states.DONE, "waiting")
        if reopened:
            open_again(row, now, "the customer has written", actor=actor)
        log.record(
            "tickets.received",
            actor=actor,
            **changes.about(row),
            message=made.pk,
            interaction=contact,
            reopened=reopened,
        )
        actions_sla.customer_wrote(row, now=now)
        tell(by, row, {*watchers(row), *([row.owner_id] if row.owner_id is not None else [])}, lambda: _("The customer has written."), now)
    return made


def _late(merged: int, made: TicketMessage) -> None:
    """A message for a ticket that was merged, or that went through it: undoing the merge brings it back to where it was meant for."""
    move = TicketMove.objects.select_for_update().filter(source=merged, kind=TicketMove.Kind.MERGE, undone_at=None).order_by("-pk").first()
    if move is not None:
        move.plan = {**move.plan, "late": [*move.plan.get("late", []), made.pk]}
        move.save(update_fields=["plan"])


def customer_said(user: User, ticket_id: int, text: str, *, now: datetime | None = None) -> TicketMessage:
    """What the customer told a colleague, or another system: it counts as if they had written it. What `user` attached goes with it. On a ticket that was merged it goes to where its
    work goes on. Raises ValidationError ("text"), PermissionDenied, Ticket.DoesNotExist."""
    require(user, "tickets.change")
    with transaction.atomic():
        row = Ticket.objects.select_for_update().get(pk=ticket_id)
        at = row
        while at.merged_into_id is not None:
            at = Ticket.objects.select_for_update().get(pk=at.merged_into_id)
        may_change(user, at.pk)
        made = receive_reply(row, at.party_id, text, by=user, now=now)
        _written(user, at, made)
    return made


# -- drafts ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saved:
    """`saved` False: a newer one stands, and this is it."""

    saved: bool
    text: str
    kind: str
    revision: int


def save_draft(user: User, ticket_id: int, kind: str, text: str, revision: int, *, now: datetime | None = None) -> Saved:
    """Keep what `user` is writing, as typed. An older revision never takes the place of a newer one. It is nobody else's to see and no act on the ticket, so it leaves no event.
    Raises PermissionDenied, ValidationError, Ticket.DoesNotExist."""
    require(user, "tickets.change")
    if kind not in Kind.values or len(text) > plain.LONGEST:
        raise ValidationError({"text": _("It is too long to be kept.")})
    with transaction.atomic():
        ticket = visible(user).get(pk=ticket_id)
        row = TicketDraft.objects.select_for_update().filter(ticket=ticket, user=user).first()
        if row is not None and row.revision >= revision:
            return Saved(row.text == text, row.text, row.kind, row.revision)
        values: dict[str, Any] = {"kind": kind, "text": text.replace("\x00", ""), "revision": revision, "at": now or timezone.now()}
        TicketDraft.objects.update_or_create(ticket=ticket, user=user, defaults=values)
    return Saved(True, text, kind, revision)


def may_write(user: User, ticket: Ticket) -> bool:
    """Whether the page offers to write: as `may_change` would have it, without locking. No query."""
    scope = user_may(user, "tickets.change")
    own = user.pk in (ticket.owner_id, ticket.opened_by_id)
    return ticket.merged_into_id is None and (
        scope == "all" or (scope is not None and own) or (scope == "unit" and ticket.unit_id is not None and ticket.unit_id == user.unit_id)
    )
