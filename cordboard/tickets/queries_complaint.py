"""Reading for complaints: what one is weighed by, who answers for a department, and what stands on a ticket. Fixed numbers of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from cordboard.interactions.models import ContactReason, Interaction
from cordboard.knowledge.analysis import registry as analysis
from cordboard.lib.kept import Kept
from cordboard.org.languages import best
from cordboard.org.models import Unit, User
from cordboard.parties.queries import ids_of
from cordboard.tickets import complaint_scheme as schemes
from cordboard.tickets.departments import Answering, Place, head_of
from cordboard.tickets.models import Complaint, ComplaintScheme, Task, Ticket, TicketKind, TicketMessage
from cordboard.tickets.severity import Matter, grade
from cordboard.tickets.severity_words import harm_in

MOST_MESSAGES = 20
"""Of the customer's, that are weighed."""


def newest_scheme() -> ComplaintScheme | None:
    """What holds now; None: as it begins (complaint_scheme.BEGIN). One query."""
    return _NEWEST.first()


_NEWEST = Kept(lambda: ComplaintScheme.objects.order_by("-version")[:1])


def body_of(row: ComplaintScheme | None) -> dict[str, Any]:
    return schemes.filled(row.body if row is not None else None)


def matter_of(ticket: Ticket, body: dict[str, Any], given: Complaint | None, now: datetime) -> tuple[Matter, str]:
    """What the complaint is weighed by, and its business grade. `ticket` with reason__parent, product__product and party. Six queries at most."""
    text = _said(ticket, given)
    party = ticket.party
    ids = ids_of(ticket.party_id) if ticket.party_id is not None else []
    found = analysis.language(text)
    language = best([found.value] if found is not None else [], party.language if party is not None else "en")
    mood = analysis.sentiment(text, language)
    reason: ContactReason | None = ticket.reason
    harm, harm_from, word = _harm(ticket, text, language, body, given)
    like = Q(kind=Ticket.Kind.COMPLAINT) | Q(kind__in=TicketKind.objects.filter(like=Ticket.Kind.COMPLAINT).values("code"))
    complaints = Ticket.objects.filter(
        like, party__in=ids, merged_into=None, opened_at__gte=ticket.opened_at - timedelta(days=body["look_back"]), opened_at__lt=ticket.opened_at
    )
    contacts = Interaction.objects.filter(
        subject__in=ids, started_at__gte=ticket.opened_at - timedelta(days=body["contact_days"]), started_at__lt=ticket.opened_at
    )
    group = (reason.parent_id or reason.pk) if reason is not None else None
    matter_or_part = ContactReason.objects.filter(Q(pk=group) | Q(parent=group))
    contacts = contacts.filter(given_reasons__reason__in=matter_or_part) if group else contacts.none()
    own = ticket.contacts.values_list("interaction_id", flat=True)
    product = ticket.product
    segment = party.value_segment if party is not None else ""
    covered = product is not None and product.warranty_until >= ticket.opened_at.date()
    matter = Matter(
        reason=reason.code if reason is not None else "",
        group=reason.parent.code if reason is not None and reason.parent is not None else "",
        family=product.product.family if product is not None else "",
        harm=harm,
        harm_from=harm_from,
        harm_word=word,
        segment=segment,
        complaints=complaints.exclude(pk=ticket.pk).count() if ids else 0,
        contacts=contacts.exclude(pk__in=own).distinct().count() if ids and group else 0,
        mood=mood.score if mood is not None else None,
        language=language,
    )
    return matter, grade(segment, covered)


def _said(ticket: Ticket, given: Complaint | None) -> str:
    """What the customer said: when it was opened, and in messages since, until the result was told. One query."""
    messages = ticket.messages.filter(kind=TicketMessage.Kind.RECEIVED)
    if given is not None and given.answered_at is not None:
        messages = messages.filter(at__lt=given.answered_at)
    return "\n".join([ticket.title, ticket.text, *messages.order_by("pk").values_list("text", flat=True)[:MOST_MESSAGES]])


def _harm(ticket: Ticket, text: str, language: str, body: dict[str, Any], given: Complaint | None) -> tuple[str, str, str]:
    """(harm, from what, the word): set by somebody, else by the reason, else by the words of the text."""
    if given is not None and given.harm_set:
        return given.harm, "agent", ""
    by_reason = body["reason_harm"].get(ticket.reason.code if ticket.reason is not None else "")
    if by_reason:
        return by_reason, "reason", ""
    harm, word = harm_in(text, language)
    return harm, "words" if word else "", word


def answering(unit: Unit | None) -> tuple[Answering, dict[int, Unit]]:
    """Who answers for a department, and the units by id. Two queries."""
    units = {one.pk: one for one in Unit.objects.all()}
    heads = dict(User.objects.filter(pk__in=[one.head_id for one in units.values() if one.head_id]).values_list("pk", "is_active"))
    places = {pk: Place(one.parent_id, one.head_id, heads.get(one.head_id or 0, False)) for pk, one in units.items()}
    return head_of(unit.pk if unit is not None else None, places), units


@dataclass(frozen=True, slots=True)
class Shown:
    """What a ticket's page shows of a complaint."""

    complaint: Complaint
    tasks: list[Task]


def of_ticket(ticket: Ticket) -> Shown | None:
    """Two queries; one where the ticket is no complaint or was not weighed yet."""
    found = _OF_TICKET.first(ticket.pk)
    return Shown(found, _TASKS(ticket.pk)) if found is not None else None


_RELATED = ("unit", "head", "head_unit", "proposed_handler", "decided_by", "answered_by", "rated_by", "harm_by", "scheme")
_OF_TICKET = Kept(lambda ticket: Complaint.objects.select_related(*_RELATED).filter(ticket=ticket))
_TASKS = Kept(lambda ticket: Task.objects.filter(ticket=ticket).select_related("owner", "unit", "position", "done_by").order_by("made_at", "pk"))
