"""The rows of "my customers": figures, and in words who needs attention and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.desktop.attention import LOW, Reason
from cordboard.desktop.presenters import say
from cordboard.desktop.queries_mycustomers import Mine
from cordboard.parties.models import Party

WORDS_SHOWN = 3


def row(one: Mine, now: datetime, *, owner: str = "") -> dict[str, Any]:
    """No query."""
    known = one.known
    words = [reason(each) for each in one.attention.reasons]
    return {
        "url": reverse("desktop:customer", args=[one.party]),
        "name": one.name,
        "number": say.customer_number(one.number),
        "segment": str(dict(Party.Segment.choices).get(one.segment, one.segment)),
        "segment_code": one.segment,
        "orders": known.orders + known.visits,
        "orders_late": known.orders_late,
        "tickets": known.tickets,
        "tickets_late": bool(known.tickets_late or known.own_late),
        "complaints": known.complaints,
        "own": known.own_work,
        "own_late": known.own_late,
        "rating": number_format(known.rating, 1) if known.rating is not None else "",
        "rating_low": known.rating is not None and known.rating <= LOW,
        "contact": say.moment(known.last_contact, now) if known.last_contact is not None else "",
        "points": one.attention.points,
        "why": words[:WORDS_SHOWN],
        "more": len(words) - WORDS_SHOWN,
        "owner": owner,
    }


def reason(one: Reason) -> str:
    """Why, in words."""
    n = {"n": one.n}
    match one.code:
        case "own_late":
            return ngettext("%(n)d thing of yours is overdue", "%(n)d things of yours are overdue", one.n) % n
        case "tickets_late":
            return ngettext("%(n)d ticket with others is overdue", "%(n)d tickets with others are overdue", one.n) % n
        case "complaints":
            return ngettext("%(n)d open complaint", "%(n)d open complaints", one.n) % n
        case "orders_late":
            return ngettext("%(n)d order is later than promised", "%(n)d orders are later than promised", one.n) % n
        case "low_rating":
            return _("rated us %(rating)s of 5") % {"rating": number_format(one.value, 1)}
        case "contacts_lately":
            return ngettext("%(n)d contact within a week", "%(n)d contacts within a week", one.n) % n
        case "due_soon":
            return _("something is due within a day")
        case "owes_late":
            return _("an invoice is overdue")
        case "quiet":
            return ngettext("no contact for %(n)s day", "no contact for %(n)s days", one.n) % {"n": number_format(one.n, force_grouping=True)}
        case "never":
            return _("no contact since they became a customer")
    raise KeyError(one.code)


def sorts() -> list[tuple[str, str]]:
    return [
        ("attention", _("who needs attention first")),
        ("due", _("what is due first")),
        ("contact", _("longest without contact first")),
        ("rating", _("least satisfied first")),
        ("name", _("name")),
    ]
