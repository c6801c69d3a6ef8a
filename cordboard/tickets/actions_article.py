"""Requests become knowledge: a solved ticket's question and solution as an unreviewed article, without whose they were."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.knowledge.actions_draft import draft, drafts_from_requests
from cordboard.knowledge.anonymous import ADDRESS, EMAIL, NAME, NUMBER, Known, cleaned
from cordboard.org.languages import best
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties.queries import profile
from cordboard.tickets import states
from cordboard.tickets.models import Ticket, TicketMessage
from cordboard.tickets.models_case import TicketArticle
from cordboard.tickets.models_similar import TicketSolution
from cordboard.tickets.queries import visible

KINDS = (Ticket.Kind.QUESTION, Ticket.Kind.INCIDENT, Ticket.Kind.REQUEST)
"""Whose question others ask too. A complaint, a wish, a task is about one customer alone."""
LEAST_SOLUTION = 12
"""Characters: "Done." teaches nobody."""


def draft_by_itself(ticket_id: int, *, now: datetime | None = None) -> TicketArticle | None:
    """When a ticket was solved. None when it is switched off, the ticket is no question, an article solved it anyway, or nobody wrote down what helped. Once."""
    ticket = Ticket.objects.select_related("product__product").filter(pk=ticket_id).first()
    if ticket is None or ticket.kind not in KINDS or ticket.state not in states.DONE or ticket.merged_into_id is not None or not drafts_from_requests():
        return None
    known = TicketSolution.objects.filter(ticket=ticket, article__isnull=False).exists()
    return None if known else _make(ticket, None, now)


def draft_from(user: User, ticket_id: int, *, now: datetime | None = None) -> TicketArticle:
    """Because somebody asks for it, whatever its kind. Made before: the one that stands. Raises ValidationError when there is no solution yet, PermissionDenied."""
    require(user, "tickets.change")
    ticket = visible(user).select_related("product__product").filter(pk=ticket_id).first()
    if ticket is None:
        raise PermissionDenied(_("This ticket is not yours."))
    made = _make(ticket, user, now)
    if made is None:
        raise ValidationError({"solution": _("Nobody has written down yet what helped. Answer the customer or say what closed it, then make it knowledge.")})
    return made


def _make(ticket: Ticket, by: User | None, now: datetime | None) -> TicketArticle | None:
    before = TicketArticle.objects.filter(ticket=ticket).select_related("article").first()
    if before is not None:
        return before
    solution, language = _solution(ticket)
    if len(solution) < LEAST_SOLUTION:
        return None
    known = _known(ticket)
    with translation.override(language):
        words = {NAME: _("[name]"), NUMBER: _("[number]"), ADDRESS: _("[address]"), EMAIL: _("[e-mail address]")}
    parts = {name: cleaned(text, known, words) for name, text in (("title", ticket.title), ("problem", ticket.text or ticket.title), ("solution", solution))}
    removed: dict[str, int] = {}
    for part in parts.values():
        for kind, times in part.removed.items():
            removed[kind] = removed.get(kind, 0) + times
    family = ticket.product.product.family if ticket.product is not None else ""
    now = now or timezone.now()
    with transaction.atomic():
        article = draft(
            f"ticket-{ticket.number}", language, **{name: part.text for name, part in parts.items()}, family=family, unit=ticket.unit_id, by=by, now=now
        )
        row, made = TicketArticle.objects.get_or_create(ticket=ticket, defaults={"article": article, "removed": removed, "by": by, "at": now})
        if made:
            log.record("tickets.drafted", actor=f"user:{by.pk}" if by is not None else "system", ticket=ticket.pk, article=article.pk)
    return row


def _solution(ticket: Ticket) -> tuple[str, str]:
    """What helped, in whose language: what the agent said closed it, else the last answer to the customer, else the last note."""
    owner = best([ticket.owner.language] if ticket.owner is not None else [])
    said = TicketSolution.objects.filter(ticket=ticket).values_list("measure", flat=True).first() or ""
    written = dict(TicketMessage.objects.filter(ticket=ticket).order_by("pk").values_list("kind", "text"))  # the last of each kind
    reply = written.get(TicketMessage.Kind.REPLY, "").strip()
    if reply:
        customer = best(ticket.party.languages) if ticket.party is not None else owner
        return "\n\n".join(part for part in (said.strip(), reply) if part), customer
    return (said or written.get(TicketMessage.Kind.NOTE, "")).strip(), owner


def _known(ticket: Ticket) -> Known:
    names, numbers, places, emails = [str(ticket.owner or ""), str(ticket.opened_by or "")], [str(ticket.number)], [], []
    if ticket.product is not None:
        numbers.append(ticket.product.serial)
    if ticket.party_id is not None:
        whole = profile(ticket.party_id)
        party = whole.party
        names += [party.name, f"{party.given_name} {party.family_name}", *(one.party.name for one in whole.related)]
        names += [party.company.name] if party.company is not None else []
        numbers += [party.customer_number or "", *(one.display for one in whole.phones), *(one.value for one in whole.phones)]
        emails += [one.value for one in whole.emails]
        names += [one.value for one in whole.socials]
        if whole.address is not None:
            places += [whole.address.street, whole.address.postcode]
    for author in TicketMessage.objects.filter(ticket=ticket, author__isnull=False).values_list("author__name", flat=True).distinct():
        names.append(author)
    return Known(names, numbers, places, emails)
