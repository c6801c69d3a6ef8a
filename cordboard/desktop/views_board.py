"""The manager's live board: queues, agents, today's service level by half hour; and the wallboard, the same for a big screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cordboard.desktop.presenters import board as present
from cordboard.events import feed
from cordboard.org.permissions import permitted, user_may
from cordboard.routing import board, waits
from cordboard.routing.permissions import BROADCAST, WATCH


@permitted(WATCH)
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """Seven queries, whatever the size of the centre. The shell takes its cursor before this reads, so nothing is missed in between."""
    snapshot = board.of_user(request.user)
    return render(request, "desktop/board.html", {"board": present.page(snapshot, timezone.now(), may_broadcast=user_may(request.user, BROADCAST) is not None)})


@permitted(WATCH)
@require_GET
@never_cache
def standing(request: HttpRequest) -> HttpResponse:
    """What no event tells, asked by the board now and then: usual handling times. One query beside the reader's own."""
    return JsonResponse(present.standing(waits.handling_by_queue(timezone.now())))


@permitted(WATCH)
@require_GET
def wallboard(request: HttpRequest) -> HttpResponse:
    """A page without shell or menus, to be read from across the room."""
    cursor = feed.of_django().now_cursor()  # before the snapshot
    page = present.page(board.of_user(request.user), timezone.now())
    return render(request, "desktop/wallboard.html", {"board": page, "cursor": cursor})
