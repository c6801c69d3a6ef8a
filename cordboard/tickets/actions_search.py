"""The only writer of the words by which tickets are found. They follow the log (following_search.py), some moments behind, and can be made anew at any time."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from cordboard.tickets.models import Ticket
from cordboard.tickets.models_message import TicketMessage
from cordboard.tickets.models_view import SearchPosting, SearchWord
from cordboard.tickets.search_words import LONGEST, of_ticket

MESSAGES = 200
"""Of one ticket the newest that are read."""
LOOKED_AT = 5_000
TAKEN = 200


def index(ticket_id: int, *, message: int | None = None) -> int:
    """Have the index know a ticket's words; of its messages only this one, when it is given. What it knows already stays. Returns how many words were new to it."""
    row = Ticket.objects.filter(pk=ticket_id).values_list("number", "title", "text", "party__name", "party__languages").first()
    if row is None:
        return 0
    number, title, text, name, languages = row
    messages = TicketMessage.objects.filter(ticket=ticket_id)
    messages = messages.filter(pk=message) if message is not None else messages.order_by("-pk")
    texts = [title, text, *messages.values_list("text", flat=True)[:MESSAGES]]
    words = of_ticket(texts, name or "", languages[0] if languages else "en") | {str(number)[:LONGEST]}
    with transaction.atomic():
        known = dict(SearchWord.objects.filter(word__in=words).values_list("word", "pk"))
        if missing := sorted(words - known.keys()):
            SearchWord.objects.bulk_create([SearchWord(word=word) for word in missing], ignore_conflicts=True)
            known |= dict(SearchWord.objects.filter(word__in=missing).values_list("word", "pk"))
        there = set(SearchPosting.objects.filter(ticket_id=ticket_id, word_id__in=known.values()).values_list("word_id", flat=True))
        new = sorted(set(known.values()) - there)
        if new:
            SearchPosting.objects.bulk_create([SearchPosting(word_id=pk, ticket_id=ticket_id) for pk in new], ignore_conflicts=True)
            SearchWord.objects.filter(pk__in=new).update(tickets=F("tickets") + 1)
    return len(new)


@dataclass(slots=True)
class LeftOut:
    """Tickets that no event told of (taken in from elsewhere, put back from a backup, made before there was an index), found bit by bit: the number of each indexed
    ticket is a word of the index. A worker that begins anew looks through all of them once more."""

    seen: int = 0
    """the last ticket that was looked at"""

    def __call__(self) -> int:
        """Look at some more. Returns how many were indexed."""
        rows = list(Ticket.objects.filter(pk__gt=self.seen).order_by("pk").values_list("pk", "number")[:LOOKED_AT])
        there = set(SearchWord.objects.filter(word__in=[str(number) for _pk, number in rows]).values_list("word", flat=True)) if rows else set()
        taken = 0
        for pk, number in rows:
            if str(number) not in there:
                if taken >= TAKEN:
                    break
                index(pk)
                taken += 1
            self.seen = pk
        return taken


left_out = LeftOut()
