"""Many tickets at once: what they can become, the change, how far it is, what came of each, and its undo."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters import ticket_list as present
from cordboard.desktop.views import refused
from cordboard.desktop.views_ticket_list import asked, only_found
from cordboard.org.permissions import permitted
from cordboard.tickets import actions_bulk, queries_list, tasks
from cordboard.tickets.filter_facts import reader_of
from cordboard.tickets.filters import ME
from cordboard.tickets.models_view import BulkChange

CHANGE = "tickets.change"


@permitted(CHANGE)
@require_GET
def form(request: HttpRequest) -> HttpResponse:
    """What a selection can become."""
    return render(request, "desktop/tickets/bulk_form.html", {"changes": present.changes()})


@permitted(CHANGE)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """`ids`, or with `all` whatever fits the view of the address; `change` as "state:open", or a word in `tag` (with `untag` it is taken away)."""
    user: Any = request.user
    word = request.POST.get("tag", "").strip()
    what, _colon, to = request.POST.get("change", "").partition(":")
    if word:
        what, to = "untag" if request.POST.get("untag") else "tag", word
    try:
        ids = _all(request) if request.POST.get("all") else [int(pk) for pk in request.POST.getlist("ids") if pk.isdecimal()]
        with transaction.atomic():
            row = actions_bulk.ask(user, what, user.pk if (what, to) == ("owner", ME) else to, ids)
            tasks.bulk.enqueue(row.pk)
    except ValidationError as wrong:
        return refused(request, " ".join(wrong.messages), _("Nothing was changed."), 422)
    return _strip(request, row)


def _all(request: HttpRequest) -> list[int]:
    user: Any = request.user
    now = timezone.now()
    one = asked(request.POST, queries_list.kept_views(user), now, reader_of(user), strict=True)
    rows = queries_list.fitting(user, {} if one.q else one.condition, now)
    only, _partly = only_found(user, one)
    rows = rows.filter(only) if only is not None else rows
    return list(rows.order_by(*queries_list.SORTS[one.sort].by).values_list("pk", flat=True)[: actions_bulk.MOST + 1])


@permitted(CHANGE)
@require_GET
def strip(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is; asks for itself again while it goes on."""
    return _strip(request, get_object_or_404(BulkChange, pk=number, by=request.user.pk))


@permitted(CHANGE)
@require_GET
def page(request: HttpRequest, number: int) -> HttpResponse:
    """What came of each ticket, those that were left first."""
    row = get_object_or_404(BulkChange.objects.select_related("undoes"), pk=number, by=request.user.pk)
    context = _context(row) | {"lines": queries_list.bulk_results(row), "shown": 500}
    return render(request, "desktop/tickets/bulk.html", context)


@permitted(CHANGE)
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """stop, go-on, undo."""
    user: Any = request.user
    try:
        with transaction.atomic():
            match verb:
                case "stop":
                    actions_bulk.stop(user, number)
                    row = BulkChange.objects.get(pk=number)
                case "go-on" | "undo":
                    row = (actions_bulk.go_on if verb == "go-on" else actions_bulk.undo)(user, number)
                    tasks.bulk.enqueue(row.pk)
                case _:
                    raise Http404(verb)
    except BulkChange.DoesNotExist as gone:
        raise Http404 from gone
    except ValidationError as wrong:
        return refused(request, " ".join(wrong.messages), _("Nothing was changed."), 422)
    if request.headers.get("HX-Target") == "ticket-bulk":
        return _strip(request, row)
    return redirect("desktop:ticket_bulk", row.pk)


def _context(row: BulkChange) -> dict[str, Any]:
    progress = queries_list.bulk_progress(row)
    over = row.state in (BulkChange.State.DONE, BulkChange.State.STOPPED)
    seen = progress["total"] - progress["waiting"]
    return {
        "bulk": row,
        "words": present.change_words(row.change),
        "progress": progress,
        "seen": seen,
        "over": over,
        "rest": over and (progress["left"] > 0 or row.state == BulkChange.State.STOPPED),
        "may_undo": row.undoes_id is None and progress["done"] > 0 and not BulkChange.objects.filter(undoes=row).exists(),
    }


def _strip(request: HttpRequest, row: BulkChange) -> HttpResponse:
    context = _context(row)
    response = render(request, "desktop/tickets/bulk_strip.html", context)
    if context["over"]:
        response["HX-Trigger-After-Settle"] = "tickets-changed"
    return response
