"""What completes what is written on a ticket: colleagues after @, solutions after /."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import translation
from django.views.decorators.http import require_GET

from cordboard.desktop.views_tickets import ticket_of
from cordboard.knowledge import queries as knowledge
from cordboard.org.languages import best
from cordboard.org.permissions import permitted, user_may
from cordboard.tickets.models import Ticket
from cordboard.tickets.queries_mention import mentionable

SOLUTIONS = 6
LONGEST = 120


@permitted("tickets.change")
@require_GET
def complete(request: HttpRequest, number: int) -> JsonResponse:
    """`sign` (@ or /) and `q`, what was typed after it: {found: [{words, note, insert}]}."""
    user: Any = request.user
    ticket = ticket_of(request, number)
    typed = request.GET.get("q", "")[:LONGEST].strip()
    found: list[dict[str, str]] = []
    match request.GET.get("sign", ""):
        case "@":
            found = [{"words": one.name, "note": one.unit, "insert": f"@{one.username} "} for one in mentionable(ticket, typed, user.pk)]
        case "/" if typed and user_may(user, "knowledge.view") is not None:
            found = _solutions(ticket, typed)
    response = JsonResponse({"found": found})
    response["Cache-Control"] = "no-store"
    return response


def _solutions(ticket: Ticket, typed: str) -> list[dict[str, str]]:
    """In the customer's language where they have it, found by the words of any."""
    languages = ticket.party.languages if ticket.party is not None else []
    family = ticket.product.product.family if ticket.product is not None else None
    hits = knowledge.search(typed, best(languages) if languages else translation.get_language() or "en", family=family, limit=SOLUTIONS).hits
    return [{"words": hit.text.title, "note": hit.article.get_collection_display(), "insert": hit.text.solution} for hit in hits]
