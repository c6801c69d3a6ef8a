"""Registered products as screens show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.catalogue.models import RegisteredProduct
from cordboard.catalogue.permissions import COVER
from cordboard.catalogue.queries_registered import Detail, Frequent, entitled, frequent
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import OPEN, Mask, mask_of_customer
from cordboard.desktop.presenters.service_order import THING_WORDS, cover_name, entitlement_rows
from cordboard.lib.addresses import reverse
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.parties.queries import ids_of
from cordboard.tickets.models import Ticket

FREQUENT_ON_TICKET = 4


def card(user: Any, found: Detail, language: str, now: datetime, mask: Mask = OPEN) -> dict[str, Any]:
    row, today = found.registered, timezone.localtime(now).date()
    return {
        "row": row,
        "mask": mask,
        "serial": mask.code(row.serial),
        "name": row.product.name_in(language),
        "icon": row.product.icon or "package",
        "bought": say.day(row.bought_on, today),
        "warranty": say.day(row.warranty_until, today),
        "entitled": entitlement_rows(found.entitlement, today),
        "covers": [
            {
                "pk": one.pk,
                "name": cover_name(one.kind),
                "line": _("%(begins)s to %(ends)s") % {"begins": say.day(one.begins_on, today), "ends": say.day(one.ends_on, today)},
                "things": _things(one.parts, one.labour, one.travel),
                "why": mask(one.why),
                "by": str(one.by or ""),
                "open": one.ends_on >= today,
            }
            for one in found.covers
        ],
        "faults": [{"at": say.day(one.at, today), "code": one.code, "text": mask(one.text), "remedy": mask(one.remedy)} for one in found.faults],
        "owners": [{"at": say.day(one.at, today), "old": one.old, "new": one.new, "why": mask(one.why), "by": str(one.by or "")} for one in found.owners],
        "may_change": user_may(user, "catalogue.change") is not None,
        "may_cover": user_may(user, COVER) is not None,
        "today": today.isoformat(),
    }


def _things(parts: bool, labour: bool, travel: bool) -> str:
    given = {"part": parts, "time": labour, "travel": travel}
    return ", ".join(str(THING_WORDS[thing]) for thing, on in given.items() if on)


def rows(products: Sequence[RegisteredProduct], language: str, today: date, mask: Mask = OPEN) -> list[dict[str, Any]]:
    """Of a customer: each with what is covered. One query."""
    stand = entitled(products, today)
    return [
        {
            "url": reverse("desktop:product", args=[one.pk]),
            "name": one.product.name_in(language),
            "icon": one.product.icon or "package",
            "serial": mask.code(one.serial),
            "bought": say.day(one.bought_on, today),
            "bought_at": one.bought_at,
            "covered": not stand[one.pk].none,
            "words": _("covered until %(day)s") % {"day": say.day(until, today)} if (until := stand[one.pk].until) is not None else _("not covered"),
        }
        for one in products
    ]


def faults(found: Sequence[Frequent]) -> list[dict[str, str]]:
    """What breaks, and how often here, with this customer, with everybody."""
    return [{"code": one.code, "text": one.text, "often": _often(one)} for one in found]


def _often(one: Frequent) -> str:
    if one.own:
        return ngettext("%(n)d time here", "%(n)d times here", one.own) % {"n": one.own}
    if one.customer:
        return ngettext("%(n)d time with this customer", "%(n)d times with this customer", one.customer) % {"n": one.customer}
    return ngettext("%(n)d time with others", "%(n)d times with others", one.family) % {"n": one.family}


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """On a ticket: the product, what is covered today, and what breaks most often. Four queries at most."""
    if ticket.product is None or user_may(user, "catalogue.view") is None:
        return None
    product = ticket.product
    today = timezone.localdate()
    return {
        "template": "desktop/ticket/product.html",
        "name": product.product.name_in(language),
        "serial": mask_of_customer(user, product.party_id).code(product.serial),
        "url": reverse("desktop:product", args=[product.pk]),
        "entitled": entitlement_rows(entitled([product], today)[product.pk], today),
        "faults": faults(frequent(product, ids_of(product.party_id), FREQUENT_ON_TICKET)),
    }
