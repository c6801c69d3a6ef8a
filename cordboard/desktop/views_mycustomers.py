"""One-to-one service: an account owner's customers and who of them needs attention; and the customer's account owner and deputies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop import queries_mycustomers as queries
from cordboard.desktop.presenters import mycustomers as presenter
from cordboard.desktop.presenters.work import for_whom as for_words
from cordboard.desktop.presenters.work import stand_in
from cordboard.desktop.queries_mycustomers import Mine
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.org.models import User
from cordboard.org.permissions import permitted
from cordboard.org.queries_absence import for_whom
from cordboard.parties import actions_ownership as ownership
from cordboard.parties.models import Party
from cordboard.parties.queries import root_id, visible

A_PAGE = 50
WHOSE = ("mine", "stand_in", "deputy")
OLDEST = datetime.min.replace(tzinfo=timezone.get_default_timezone())

FILTERS: dict[str, Callable[[Mine], object]] = {
    "attention": lambda one: one.attention.points,
    "orders": lambda one: one.known.orders or one.known.visits,
    "feedback": lambda one: one.known.tickets,
    "complaints": lambda one: one.known.complaints,
    "own": lambda one: one.known.own_work,
    "low": lambda one: one.known.rating is not None and one.known.rating <= 2,
}
SORTS: dict[str, Callable[[Mine], Any]] = {
    "attention": lambda one: (-one.attention.points, queries.SEGMENTS.index(one.segment) if one.segment in queries.SEGMENTS else 9, one.name.casefold()),
    "name": lambda one: one.name.casefold(),
    "contact": lambda one: (one.known.last_contact or OLDEST, one.name.casefold()),
    "rating": lambda one: (one.known.rating is None, one.known.rating or 0.0, one.name.casefold()),
    "due": lambda one: (one.known.first_due is None, one.known.first_due or OLDEST, one.name.casefold()),
}


@permitted("parties.own")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """`?whose=` mine, stand_in (of colleagues who are away), deputy; `?show=`, `?segment=`, `?sort=`, `?page=`."""
    user: Any = request.user
    given = {name: request.GET.get(name, first) for name, first in (("whose", "mine"), ("show", ""), ("segment", ""), ("sort", "attention"))}
    if given["whose"] not in WHOSE or given["show"] not in ("", *FILTERS) or given["sort"] not in SORTS or given["segment"] not in ("", *Party.Segment.values):
        raise Http404
    now = timezone.now()
    stands_in = for_whom(user.pk, now)
    match given["whose"]:
        case "mine":
            whose = queries.owned([user.pk])
        case "stand_in":
            whose = queries.owned(stands_in)
        case _:
            whose = queries.owned((), deputy_of=user.pk)
    made = queries.board(user, whose, now)
    wanted = [
        one for one in made.rows if (not given["show"] or FILTERS[given["show"]](one)) and (not given["segment"] or one.segment == given["segment"])
    ]  # fmt: skip
    wanted.sort(key=SORTS[given["sort"]])
    page = Paginator(wanted, A_PAGE).get_page(request.GET.get("page"))
    names = dict(User.objects.filter(pk__in={one.owner for one in page.object_list if one.owner is not None}).values_list("pk", "name"))

    def address(**more: Any) -> str:
        return f"?{urlencode({name: value for name, value in {**given, **more}.items() if value})}"

    people = {one.pk: one for one in User.objects.filter(pk__in=list(stands_in)).order_by("name")}
    context = {
        "rows": [presenter.row(one, now, owner=_owner(one, given["whose"], names, stands_in)) for one in page.object_list],
        "tabs": [
            {"words": words, "url": f"?whose={code}", "current": code == given["whose"]}
            for code, words in (("mine", _("Mine")), ("stand_in", _("I stand in")), ("deputy", _("I am deputy of")))
            if code != "stand_in" or stands_in or given["whose"] == "stand_in"
        ],
        "shows": [{"words": words, "n": n, "url": address(show=code, page=""), "current": code == given["show"]} for code, words, n in _shows(made)],
        "segments": Party.Segment.choices,
        "sorts": presenter.sorts(),
        "given": given,
        "page": page,
        "before": address(page=page.previous_page_number()) if page.has_previous() else "",
        "after": address(page=page.next_page_number()) if page.has_next() else "",
        "count": made.count,
        "more": made.more,
        "stands_in": [stand_in(str(people[pk]), away.last_day) for pk, away in stands_in.items() if pk in people],
        "topics": f"user:{user.pk}",
    }
    return render(request, "desktop/my_customers.html", context)


def _shows(made: queries.Board) -> list[tuple[str, str, int]]:
    words = {
        "": _("All"),
        "attention": _("Need attention"),
        "orders": _("Orders in execution"),
        "feedback": _("Open tickets"),
        "complaints": _("Complaints"),
        "own": _("Work for me"),
        "low": _("Not satisfied"),
    }
    return [(code, said, made.count if not code else sum(bool(FILTERS[code](one)) for one in made.rows)) for code, said in words.items()]


def _owner(one: Mine, whose: str, names: dict[int, str], stands_in: dict[int, Any]) -> str:
    """Whose customer it is, where it is not the reader's own: "for Joris until 3 Dec"."""
    if whose == "mine" or one.owner is None:
        return ""
    name = names.get(one.owner, "")
    return for_words(name, stands_in[one.owner].last_day) if one.owner in stands_in else name


# ---- of one customer ------------------------------------------------------------------------------------------------------


def _party(request: HttpRequest, number: int) -> int:
    try:
        root = root_id(number)
    except Party.DoesNotExist:
        raise Http404 from None
    if not visible(request.user).filter(pk=root).exists():  # type: ignore[arg-type]
        raise Http404
    return root


@permitted("parties.assign")
@require_POST
def hand_over(request: HttpRequest, number: int) -> HttpResponse:
    """Another account owner (owner; empty: whom the rules choose), and why."""
    root = _party(request, number)
    owner, why = request.POST.get("owner", ""), request.POST.get("why", "").strip()
    if not why:
        return refused(request, _("Say why the customer is handed over."), _("The reason stands in the log of hand-offs. Nothing was changed."), 422)
    to = User.objects.filter(pk=owner, is_active=True).first() if owner.isdigit() else None
    if owner and to is None:
        return refused(request, _("This colleague has no account any more."), _("Nothing was changed."), 422)
    ownership.set_account_owner(root, to, request.user, why=why)  # type: ignore[arg-type]
    return answer(request, Act(Came.DONE), go=reverse("desktop:customer", args=[root]))


@permitted("parties.assign")
@require_POST
def deputies(request: HttpRequest, number: int) -> HttpResponse:
    """Who answers while the owner is away, in this order (deputy: several)."""
    root = _party(request, number)
    try:
        ownership.set_deputies(root, [int(one) for one in request.POST.getlist("deputy") if one.isdigit()], request.user)
    except ValidationError as wrong:
        return refused(request, " ".join(wrong.messages), _("Nothing was changed."), 422)
    return answer(request, Act(Came.DONE), go=reverse("desktop:customer", args=[root]))
