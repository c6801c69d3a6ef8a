"""Keeping the index of what tickets say and of what closed them. Called by the subscriber, and by the agent who says what closed a ticket."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.interactions.models import ContactReason
from cordboard.knowledge.analysis.language import language as language_of
from cordboard.knowledge.models import Article, ArticleUse
from cordboard.knowledge.words import analyse
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.tickets import actions, events_level, similar, states
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_message import TicketMessage
from cordboard.tickets.models_similar import ClosingCount, RequestCount, SolvedTerm, SolvedTicket, TermCount, TicketSolution, TicketWords
from cordboard.tickets.queries_level import family_of, where

READ = 2_000
"""Signs of a ticket's text that are read; the first message says what it is about."""
MOST_MESSAGE = 1_000
MOST_MEASURE = 200


def say_solution(user: User, ticket_id: int, *, article: int | None = None, measure: str = "", now: datetime | None = None) -> TicketSolution:
    """What closed it, or will: an article, a measure, or both. Said again, it takes the place of what was said. Raises ValidationError, PermissionDenied."""
    require(user, "tickets.change")
    measure = " ".join(measure.split())[:MOST_MEASURE]
    if article is None and not measure:
        raise ValidationError({"measure": _("Say what solved it: choose an article, or write it in a few words.")})
    if article is not None and not Article.objects.filter(pk=article).exists():
        raise ValidationError({"article": _("This article is not there any more.")})
    with transaction.atomic():
        ticket = actions._may_change(user, ticket_id)
        row, _made = TicketSolution.objects.update_or_create(
            ticket=ticket, defaults={"article_id": article, "measure": measure, "by": user, "at": now or timezone.now()}
        )
        log.record(events_level.SOLUTION, actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, article=article)
    return row


def read_words(ticket_id: int) -> TicketWords | None:
    """Read a ticket's telling words, or read them again. None when the ticket is gone."""
    ticket = Ticket.objects.select_related("product__product", "party").filter(pk=ticket_id).first()
    if ticket is None:
        return None
    text = f"{ticket.title}\n{ticket.text[:READ]}"
    guess = language_of(text)
    spoken = ticket.party.languages[0] if ticket.party is not None and ticket.party.languages else "en"
    language = guess.value if guess is not None and guess.value in LANGUAGES else spoken if spoken in LANGUAGES else "en"
    words = similar.telling(analyse(ticket.title, language), analyse(ticket.text[:READ], language))
    row, _made = TicketWords.objects.update_or_create(
        ticket=ticket, defaults={"language": language, "family": family_of(ticket), "words": words, "at": ticket.opened_at}
    )
    return row


def keep(ticket_id: int) -> bool:
    """Make index and counts say how the ticket stands now: in them when it is over, out of them when not, or when it went on in another ticket. Returns whether it is in. Doing it again changes nothing."""
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(of=("self",)).select_related("product__product", "unit").filter(pk=ticket_id).first()
        old = SolvedTicket.objects.select_related("request", "closing").filter(pk=ticket_id).first()
        over = ticket is not None and ticket.state in states.DONE and ticket.merged_into_id is None
        if old is not None:
            _take_out(old)
        if ticket is None or not over:
            return False
        words = read_words(ticket.pk)
        assert words is not None
        article, measure = _closed_by(ticket)
        family, at = family_of(ticket), where(ticket)
        request = _request(at.rank, family, ticket.reason_id)
        closing = _closing(request, article, measure)
        made = SolvedTicket.objects.create(
            ticket=ticket,
            rank=at.rank,
            family=family,
            product_id=ticket.product.product_id if ticket.product is not None else None,
            reason_id=ticket.reason_id,
            article_id=article,
            measure=measure,
            message=_last_reply(ticket),
            closing=closing,
            request=request,
            at=ticket.resolved_at or timezone.now(),
        )
        counts = dict(TermCount.objects.filter(word__in=[*words.words, ""]).values_list("word", "count"))
        terms = similar.rarest(words.words, counts, counts.get("", 0), similar.INDEXED)
        SolvedTerm.objects.bulk_create(SolvedTerm(word=word, solved=made) for word in terms)
        _count(terms, 1)
    return True


def _closed_by(ticket: Ticket) -> tuple[int | None, str]:
    """What the agent said; else the article that helped in one of its contacts, the last one given where none is known to have helped."""
    said = TicketSolution.objects.filter(pk=ticket.pk).first()
    if said is not None:
        return said.article_id, said.measure
    uses = ArticleUse.objects.filter(interaction__tickets__ticket=ticket, kind__in=(ArticleUse.Kind.HELPED, ArticleUse.Kind.GIVEN))
    rows = list(uses.order_by("at").values_list("kind", "article_id"))
    helped = [article for kind, article in rows if kind == ArticleUse.Kind.HELPED] or [article for _kind, article in rows]
    return (helped[-1] if helped else None), ""


def _last_reply(ticket: Ticket) -> str:
    found = TicketMessage.objects.filter(ticket=ticket, kind=TicketMessage.Kind.REPLY).order_by("-pk").values_list("text", flat=True).first()
    return (found or "")[:MOST_MESSAGE]


def _request(rank: int, family: str, reason: int | None) -> RequestCount:
    if reason is not None and not ContactReason.objects.filter(pk=reason).exists():
        reason = None
    row, _made = RequestCount.objects.get_or_create(key=f"{rank}/{family}/{reason or ''}", defaults={"rank": rank, "family": family, "reason_id": reason})
    RequestCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row


def _closing(request: RequestCount, article: int | None, measure: str) -> ClosingCount | None:
    key = similar.closing_key(article, measure)
    if not key:
        return None
    row, _made = ClosingCount.objects.get_or_create(
        request=request, key=key, defaults={"article_id": article, "measure": "" if article is not None else measure}
    )
    ClosingCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row


def _take_out(row: SolvedTicket) -> None:
    if row.request_id is not None:
        RequestCount.objects.filter(pk=row.request_id, count__gt=0).update(count=F("count") - 1)
    if row.closing_id is not None:
        ClosingCount.objects.filter(pk=row.closing_id, count__gt=0).update(count=F("count") - 1)
    _count(list(SolvedTerm.objects.filter(solved=row).values_list("word", flat=True)), -1)
    row.delete()


def _count(words: Iterable[str], by: int) -> None:
    """In the order of the words: two who count at a time wait for one another instead of locking each other out."""
    every = sorted({*words, ""})
    if by > 0:
        TermCount.objects.bulk_create((TermCount(word=word) for word in every), ignore_conflicts=True)
        TermCount.objects.filter(word__in=every).update(count=F("count") + 1)
    else:
        TermCount.objects.filter(word__in=every, count__gt=0).update(count=F("count") - 1)
