"""The list of tickets: a view of it, its filter, the counts, views that are kept. Changes of many are in views_ticket_bulk.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters import ticket_list as present
from cordboard.desktop.presenters.masking import mask_of_list
from cordboard.desktop.views import refused
from cordboard.lib.addresses import reverse
from cordboard.lib.kept import Kept
from cordboard.org.permissions import permitted, user_may
from cordboard.tickets import actions_view, queries_list
from cordboard.tickets.actions_view import SHARE
from cordboard.tickets.filter_facts import BUILT_IN, EVERY, reader_of
from cordboard.tickets.filters import MaskedFilter, Reader, WrongFilter, problems
from cordboard.tickets.models_view import BulkChange, TicketView
from cordboard.tickets.search import search

BUILT = {one.code: one for one in BUILT_IN}
_GOING = Kept(lambda user: BulkChange.objects.filter(by=user, ended_at=None).order_by("-asked_at")[:1])
PAGE = 50
FOUND = 100
MOST_FILTER = 8_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    code: str
    view: TicketView | None
    name: str
    condition: dict[str, Any]
    sort: str
    filtered: bool
    """the condition is not the view's own"""
    q: str
    wrong: str = ""
    """why the filter that was given is not asked"""

    @property
    def query(self) -> str:
        """The address again, without a page of it."""
        parts = {"view": self.code, "sort": self.sort} | ({"filter": json.dumps(self.condition)} if self.filtered else {}) | ({"q": self.q} if self.q else {})
        return urlencode(parts)


def asked(params: QueryDict, kept: list[TicketView], now: datetime, reader: Reader, *, strict: bool = False) -> Asked:
    """Raises Http404 for a view that is not there; where `strict`, ValidationError for a filter that cannot be asked."""
    code = params.get("view") or "mine"
    view = next((one for one in kept if str(one.pk) == code), None)
    if view is None and code not in BUILT:
        raise Http404
    name, condition, sort = (
        (view.name, view.condition, view.sort) if view is not None else (str(BUILT[code].name), dict(BUILT[code].condition), BUILT[code].sort)
    )
    given, wrong = params.get("filter", ""), ""
    if given:
        try:
            condition = _read(given, now, reader)
        except ValidationError as refusal:
            if strict:
                raise
            given, wrong = "", " ".join(refusal.messages)
    elif found := problems(condition, EVERY, now, reader):  # somebody sees more than this reader, or it was kept by a version that knew more
        condition, wrong = {}, _why(found[0])
        if strict:
            raise ValidationError(wrong)
    chosen, typed = params.get("sort", ""), " ".join(params.get("q", "").split())[:200]
    return Asked(code, view, name, dict(condition), chosen if chosen in queries_list.SORTS else sort, bool(given), typed, wrong)


def _why(wrong: WrongFilter) -> str:
    return _("It asks for details of customers, which you see masked until you have checked who is calling.") if isinstance(wrong, MaskedFilter) else str(wrong)


def _read(given: str, now: datetime, reader: Reader) -> dict[str, Any]:
    try:
        condition = json.loads(given) if len(given) <= MOST_FILTER else None
    except (ValueError, RecursionError):
        condition = None
    if not isinstance(condition, dict):
        raise ValidationError(_("This filter cannot be read."))
    if found := problems(condition, EVERY, now, reader):
        raise ValidationError(_("This filter cannot be asked: %(why)s") % {"why": _why(found[0])})
    return condition


def _page(user: Any, one: Asked, now: datetime, after: str) -> tuple[queries_list.Page, bool]:
    """A page of the list, and whether a search looked at the newest alone. Raises WrongCursor."""
    if one.q and not after:
        found = search(user, one.q, limit=FOUND)
        return queries_list.Page(queries_list.found(found.ids), ""), found.partly
    only, partly = only_found(user, one)
    condition, sort = ({}, "newest") if one.q else (one.condition, one.sort)
    return queries_list.page(user, condition, sort, now, after=after, limit=FOUND if one.q else PAGE, only=only), partly


def only_found(user: Any, one: Asked) -> tuple[Q | None, bool]:
    """Of a search: which tickets, and whether only the newest were looked at."""
    if not one.q:
        return None, False
    found = search(user, one.q, limit=FOUND)
    return Q(pk__in=found.ids), found.partly


@permitted("tickets.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """A view, filtered otherwise by `filter`, in another order by `sort`, searched by `q` (in all tickets, whatever the view), from `after` on."""
    user: Any = request.user
    now = timezone.now()
    kept = queries_list.kept_views(user)
    try:
        one = asked(request.GET, kept, now, reader_of(user))
        page, partly = _page(user, one, now, request.GET.get("after", ""))
    except queries_list.WrongCursor:
        raise Http404 from None
    columns = present.columns_of(one.view)
    may_change = user_may(user, "tickets.change") is not None
    url = reverse("desktop:tickets")
    context: dict[str, Any] = {
        "rows": present.rows(page.lines, now, columns, may_choose=may_change, mask=mask_of_list(user, [line.party for line in page.lines]))
        if page.lines
        else "",
        "first": page.lines[0].pk if page.lines else 0,
        "heads": present.heads(columns),
        "span": len(columns) + 1 + may_change,
        "next": f"{url}?{one.query}&{urlencode({'after': page.next})}" if page.next else "",
        "asked": one,
        "partly": partly,
        "may_open": user_may(user, "tickets.open") is not None,
    }
    if request.headers.get("HX-Target", "").startswith("ticket-more"):
        return render(request, "desktop/tickets/rows.html", context)
    context |= {
        "self_url": f"{url}?{one.query}",
        "filter_url": f"{reverse('desktop:ticket_filter')}?{one.query}",
        "sentence": present.sentence(one.condition),
        "sorts": [(code, words, f"{url}?{urlencode({**_plain(one), 'sort': code})}") for code, words in present.SORT_WORDS.items()],
        "may_change": may_change,
        "topics": _topics(user),
    }
    if request.headers.get("HX-Target") == "ticket-list":
        return render(request, "desktop/tickets/part.html", context)
    context |= {
        "groups": present.views(user, kept, "" if one.q else one.code),
        "counts_url": reverse("desktop:ticket_counts"),
        "bulk": _GOING.first(user.pk),
    }
    return render(request, "desktop/tickets/list.html", context)


def _topics(user: Any) -> str:
    """What this list hears, beside what is the reader's own: all tickets, or those of the unit."""
    match user_may(user, "tickets.view"):
        case "all":
            return "tickets"
        case "unit" if user.unit_id is not None:
            return f"unit:{user.unit_id}"
    return ""


def _plain(one: Asked) -> dict[str, str]:
    return {"view": one.code} | ({"filter": json.dumps(one.condition)} if one.filtered else {})


@permitted("tickets.view")
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """How many each view shows now. A query for each view, each counting to a thousand at most."""
    user: Any = request.user
    now = timezone.now()
    kept, reader = queries_list.kept_views(user), reader_of(user)
    found = []
    for code, condition in queries_list.conditions_of(kept).items():
        if problems(condition, EVERY, now, reader):  # masked for this reader, or a fact that a later version has no more
            continue
        number = queries_list.count(user, condition, now)
        found.append({"code": code, "count": present.counted(number), "warn": code == "late" and number > 0})
    return render(request, "desktop/tickets/counts.html", {"counts": found})


@permitted("tickets.view")
@require_GET
def edit_filter(request: HttpRequest) -> HttpResponse:
    """The filter of the address, to be edited and kept."""
    user: Any = request.user
    now = timezone.now()
    one = asked(request.GET, queries_list.kept_views(user), now, reader_of(user))
    own = one.view if one.view is not None and one.view.owner_id == user.pk else None
    columns = present.columns_of(one.view)
    context = {
        "asked": one,
        "own": own,
        "editor": present.editor(user, one.condition),
        "sorts": [(code, words, code == one.sort) for code, words in present.SORT_WORDS.items()],
        "columns": [(code, str(words), code in columns) for code, words in present.COLUMN_WORDS.items()],
        "roles": user.roles.all() if user_may(user, SHARE) is not None else None,
        "list_url": reverse("desktop:tickets"),
    }
    return render(request, "desktop/tickets/filter.html", context)


@permitted("tickets.view")
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a view: name, filter (JSON), sort, columns, share ("unit", "role:7" or nothing), view and version of one's own that it takes the place of."""
    user: Any = request.user
    share, view, version = request.POST.get("share", ""), request.POST.get("view", ""), request.POST.get("version", "")
    role = share.removeprefix("role:")
    try:
        condition = _read(request.POST.get("filter") or "{}", timezone.now(), reader_of(user))
        row = actions_view.keep(
            user,
            request.POST.get("name", ""),
            condition,
            sort=request.POST.get("sort", "due"),
            columns=[code for code in request.POST.getlist("columns") if code in actions_view.COLUMNS],
            role=int(role) if share.startswith("role:") and role.isdecimal() else None,
            unit=user.unit_id if share == "unit" else None,
            view=int(view) if view.isdecimal() else None,
            version=int(version) if version.isdecimal() else None,
        )
    except ValidationError as wrong:
        return refused(request, " ".join(wrong.messages), _("Nothing was kept."), 422)
    except PermissionDenied as denied:
        return refused(request, str(denied), _("Keep it for yourself alone."), 403)
    except actions_view.Stale:
        return refused(request, _("Somebody changed this view in another window."), _("Nothing was kept. Open the view once more to see how it stands."), 409)
    except TicketView.DoesNotExist:
        raise Http404 from None
    return redirect(f"{reverse('desktop:tickets')}?view={row.pk}")


@permitted("tickets.view")
@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    try:
        actions_view.remove(request.user, number)  # type: ignore[arg-type]
    except TicketView.DoesNotExist:
        raise Http404 from None
    return redirect("desktop:tickets")
