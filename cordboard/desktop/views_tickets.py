"""A ticket's own page: what it is about, the conversation, and what every part of the service desk says of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET

from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.ticket_sections import sections
from cordboard.org.permissions import permitted
from cordboard.tickets import queries
from cordboard.tickets.models import Ticket


@permitted("tickets.view")
@require_GET
def page(request: HttpRequest, number: int) -> HttpResponse:
    """One ticket, by its number."""
    user: Any = request.user
    try:
        found = queries.detail_by_number(user, number)
    except Ticket.DoesNotExist:
        raise Http404 from None
    now = timezone.now()
    row = found.ticket
    context = {
        "ticket": row,
        "kind": row.get_kind_display(),
        "state": row.get_state_display(),
        "opened": say.when(row.opened_at, now),
        "notes": [{"author": note.author or "", "at": say.when(note.at, now), "text": note.text} for note in found.notes],
        "sections": sections(user, row, translation.get_language() or "en"),
    }
    return render(request, "desktop/ticket.html", context)
