"""The manager's live board: queues, agents, today's service level by half hour."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cordboard.desktop.presenters import board as present
from cordboard.org.permissions import permitted
from cordboard.routing import board
from cordboard.routing.permissions import WATCH


@permitted(WATCH)
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """Seven queries, whatever the size of the centre. The shell takes its cursor before this reads, so nothing is missed in between."""
    snapshot = board.of_user(request.user)
    return render(request, "desktop/board.html", {"board": present.page(snapshot, timezone.now())})
