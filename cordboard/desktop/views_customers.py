"""Customers beside the desk: find one, see all about one, make a new one, put details right."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_GET, require_http_methods

from cordboard.desktop.presenters import masking, responsible, say, timeline
from cordboard.desktop.presenters.account import Customer, customer_facts, product_card
from cordboard.desktop.presenters.panels import entries
from cordboard.interactions import queries_history as contact_history
from cordboard.interactions.history import kinds as history_kinds
from cordboard.org.permissions import masks, permitted, user_may
from cordboard.parties import actions, addresses
from cordboard.parties import queries as parties
from cordboard.parties.identity import masked
from cordboard.parties.models import Party
from cordboard.parties.search import search
from cordboard.tickets import queries_case

WHY = {
    "customer_number": later("customer number"),
    "phone": later("telephone"),
    "email": later("e-mail"),
    "social": later("social"),
    "postcode": later("postcode"),
    "name": later("name"),
    "place": later("place"),
    "order": later("order"),
    "serial": later("serial number"),
}
OWN_SHOWN = 50
HISTORY_SHOWN = 30


def _row(party: Party, place: str, phone: str, matched: str = "") -> dict[str, Any]:
    return {
        "url": reverse("desktop:customer", args=[party.pk]),
        "name": party.name,
        "number": say.customer_number(party.customer_number),
        "segment": party.get_value_segment_display(),
        "segment_code": party.value_segment,
        "place": place,
        "party": party.pk,
        "phone": phone,
        "owner": str(party.account_owner or ""),
        "matched": matched,
    }


def _found(request: HttpRequest, typed: str) -> list[dict[str, Any]]:
    user: Any = request.user
    region = user.unit.country if user.unit else parties.DEFAULT_REGION
    hidden = masks(user)
    return [
        _row(
            hit.party,
            masked(hit.place) if hidden else hit.place,
            "" if hidden else hit.phone,
            "" if hit.why in ("name", "place") else f"{WHY.get(hit.why, hit.why)} {masked(hit.matched) if hidden else hit.matched}",
        )
        for hit in search(user, typed, region=region)
    ]


def _own(request: HttpRequest) -> list[dict[str, Any]]:
    """The customers whose account owner the reader is."""
    ids = list(Party.objects.filter(root=None, account_owner=request.user.pk).order_by("name_key").values_list("pk", flat=True)[:OWN_SHOWN])
    loaded, hidden = parties.cards(ids), masks(request.user)
    rows = []
    for pk in ids:
        party = loaded[pk]
        address = next(iter(party.addresses.all()), None)
        phone = next((point.value for point in party.contact_points.all() if point.kind == "phone"), "")
        place = addresses.short(address) if address else ""
        rows.append(_row(party, masked(place), "") if hidden else _row(party, place, phone))
    return rows


@permitted("parties.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Found by whatever is typed; without words, the reader's own customers."""
    typed = request.GET.get("q", "").strip()
    context = {
        "typed": typed,
        "rows": _found(request, typed) if typed else _own(request),
        "may_create": user_may(request.user, "parties.create") is not None,
        "create_url": reverse("desktop:customer_new"),
    }
    only_rows = request.headers.get("HX-Target") == "customer-rows"
    return render(request, "desktop/customers_rows.html" if only_rows else "desktop/customers.html", context)


@permitted("parties.view")
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One customer: facts, contact points, products, and everything that ever was between us."""
    user: Any = request.user
    try:
        root = parties.root_id(number)
    except Party.DoesNotExist:
        raise Http404 from None
    if not parties.visible(user).filter(pk=root).exists():
        raise Http404
    if root != number:
        return redirect("desktop:customer", root)
    now = timezone.now()
    customer = Customer(root, 0, now)
    party = customer.profile.party
    words = request.GET.get("q", "").strip()
    kind = request.GET.get("kind", "")
    kind = kind if kind in history_kinds() else ""
    try:
        only = (kind,) if kind else ()
        page = contact_history.history(customer.profile.ids, q=words, before=request.GET.get("before", ""), limit=HISTORY_SHOWN, only=only)
    except ValueError:
        raise Http404 from None
    hidden = masking.hides_party(user, customer.profile.ids)
    points = [*customer.profile.phones, *customer.profile.emails, *customer.profile.socials]
    return render(
        request,
        "desktop/customer.html",
        {
            "party": party,
            "segment": party.get_value_segment_display(),
            "number": say.customer_number(party.customer_number),
            "facts": customer_facts(customer, hidden=hidden),
            "hidden": hidden,
            "may_open": user_may(user, "tickets.open") is not None,
            "responsible": responsible.shown(party, user, now),
            "points": [
                {
                    "kind": point.kind,
                    "number": point.value if point.kind == "phone" and not hidden else "",
                    "shown": masked(point.display) if hidden else point.display,
                    "label": say.point_label(point.label),
                    "verified": point.verified_at,
                }
                for point in points
            ],
            "products": [product_card(one, customer.today, hidden=hidden) for one in customer.products],
            "related": customer.profile.related,
            "entries": entries(page.entries, now, masking.covering(customer.profile.ids) if hidden else masking.OPEN),
            "words": words,
            "kind": kind,
            "kinds": timeline.kinds(kind),
            "cases": queries_case.of_party(user, customer.profile.ids),
            "next": page.next,
            "changes": [
                {
                    "field": change.field,
                    "old": masked(change.old) if hidden else change.old,
                    "new": masked(change.new) if hidden else change.new,
                    "by": change.by or _("The system"),
                    "at": say.moment(change.at, now),
                }
                for change in parties.changes(root, limit=8)
            ],
        },
    )


@permitted("parties.create")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new customer: a name is enough."""
    user: Any = request.user
    given = {
        name: request.POST.get(name, request.GET.get(name, "")).strip()
        for name in ("name", "phone", "email", "language", "country", "street", "postcode", "city")
    }
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            party = actions.create(
                user,
                name=given["name"],
                kind=Party.Kind.ORGANISATION if request.POST.get("organisation") else Party.Kind.PERSON,
                languages=[given["language"]] if given["language"] else [],
                country=given["country"],
                phone=given["phone"],
                email=given["email"],
                address={part: given[part] for part in ("street", "postcode", "city")},
            )
        except ValidationError as refused:
            faults = {field: messages[0] for field, messages in refused.message_dict.items()}
        else:
            return redirect("desktop:customer", party.pk)
    if not given["country"]:
        given["country"] = user.unit.country if user.unit else parties.DEFAULT_REGION
    return render(request, "desktop/customer_new.html", {"given": given, "faults": faults, "countries": COUNTRIES.items()}, status=422 if faults else 200)


COUNTRIES = {
    "NL": later("Netherlands"),
    "GB": later("United Kingdom"),
    "RU": later("Russia"),
    "TH": later("Thailand"),
    "CN": later("China"),
    "BE": later("Belgium"),
    "DE": later("Germany"),
    "FR": later("France"),
    "US": later("United States"),
}
