"""Service orders as screens and paper show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.catalogue.entitlement import THINGS, Cover, Entitlement
from cordboard.catalogue.models import Cover as CoverRow
from cordboard.catalogue.permissions import COVER
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import OPEN, Mask
from cordboard.lib.addresses import reverse
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets import order_states, queries_order, signature
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_order import OrderLine, ServiceOrder
from cordboard.tickets.permissions_service import ORDERS
from cordboard.tickets.queries_order import Detail, Signed

THING_WORDS = {"part": later("Parts"), "time": later("Labour"), "travel": later("Travel")}
STEP_WORDS = {
    order_states.PLANNED: later("Back to planned"),
    order_states.ON_THE_WAY: later("On the way"),
    order_states.WORKING: later("Begin work"),
    order_states.DONE: later("Work is done"),
    order_states.CANCELLED: later("Cancel the visit"),
}
CONTENT_WORDS = {
    "customer": later("customer"), "place": later("address"), "product": later("product"), "title": later("matter"), "report": later("report"),
    "lines": later("parts and time"), "total": later("total"), "billed": later("what is billed"), "currency": later("currency"), "number": later("number"),
}  # fmt: skip
"""Of what was signed, by its keys."""
SHOWN_ON_TICKET = 3


def cover_name(kind: str) -> str:
    return _("Warranty") if kind == "warranty" else str(CoverRow.Kind(kind).label)


def payer(line: OrderLine) -> str:
    """Who pays a line, with the reason where somebody decided it."""
    who = cover_name(line.covered_by) if line.covered_by else _("billed")
    return _("%(who)s: %(why)s") % {"who": who, "why": line.why} if line.why else who


def entitlement_rows(found: Entitlement, today: date) -> list[dict[str, Any]]:
    """What is covered, until when and why, thing by thing."""
    return [_entitled(str(THING_WORDS[thing]), found.by[thing], found, today) for thing in THINGS]


def _entitled(name: str, cover: Cover | None, found: Entitlement, today: date) -> dict[str, Any]:
    if cover is not None:
        words = _("%(cover)s until %(day)s") % {"cover": cover_name(cover.kind), "day": say.day(cover.ends, today)}
        return {"name": name, "covered": True, "words": words, "why": cover.why}
    last = found.ended[0] if found.ended else None
    words = (
        _("not covered")
        if last is None
        else _("not covered: %(cover)s ended %(day)s") % {"cover": cover_name(last.kind).lower(), "day": say.day(last.ends, today)}
    )
    return {"name": name, "covered": False, "words": words, "why": ""}


def visit_time(order: ServiceOrder, now: datetime) -> str:
    if order.planned_at is None:
        return _("no time yet")
    begins = say.when(order.planned_at, now)
    if order.planned_until is None:
        return begins
    same = timezone.localtime(order.planned_at).date() == timezone.localtime(order.planned_until).date()
    ends = formats.date_format(timezone.localtime(order.planned_until), "H:i") if same else say.when(order.planned_until, now)
    return _("%(begins)s to %(ends)s") % {"begins": begins, "ends": ends}


def lines(rows: Sequence[OrderLine], currency: str) -> list[dict[str, Any]]:
    units = {"part": "", "time": _("h"), "travel": ""}
    return [
        {
            "pk": row.pk,
            "name": row.name,
            "kind": row.get_kind_display(),
            "quantity": f"{formats.number_format(row.quantity.normalize())} {units[row.kind]}".strip()
            if row.quantity % 1
            else f"{int(row.quantity)} {units[row.kind]}".strip(),
            "price": say.money(row.price, currency),
            "amount": say.money(queries_order.summed([row]).total, currency),
            "payer": payer(row),
            "covered": bool(row.covered_by),
        }
        for row in rows
    ]


def signed(found: Signed, now: datetime) -> dict[str, Any]:
    """The signature, and whether it still stands for what is written."""
    changed = ", ".join(str(CONTENT_WORDS.get(name, name)) for name in found.changed)
    return {
        "name": found.row.name,
        "at": say.when(found.row.at, now),
        "by": str(found.row.by or ""),
        "path": signature.path(found.row.strokes),
        "box": f"0 0 {signature.WIDTH} {signature.HEIGHT}",
        "seal": found.row.seal[:12],
        "whole": found.whole,
        "changed": changed,
    }


def card(user: Any, found: Detail, language: str, now: datetime, mask: Mask = OPEN) -> dict[str, Any]:
    """All that the page of an order shows. No query but for what `user_may` asks once a request."""
    order, currency = found.order, found.order.currency
    steps = [
        {"code": code, "words": STEP_WORDS[code], "why": code in (order_states.CANCELLED, order_states.PLANNED) or order.state == order_states.CONFIRMED}
        for code in found.may_become
    ]
    if order.state in (order_states.DONE, order_states.CONFIRMED):
        steps = [{**step, "words": _("Take up again")} for step in steps]
    return {
        "order": order,
        "mask": mask,
        "state": order.get_state_display(),
        "when": visit_time(order, now),
        "product": order.product.product.name_in(language) if order.product is not None else "",
        "product_url": reverse("desktop:product", args=[order.product_id]) if order.product_id else "",
        "entitled": entitlement_rows(found.entitlement, timezone.localtime(now).date()) if found.entitlement is not None else [],
        "lines": lines(found.lines, currency),
        "total": say.money(found.sums.total, currency),
        "covered": say.money(found.sums.covered, currency),
        "billed": say.money(found.sums.billed, currency),
        "parts": [
            {"code": part.code, "name": part.name_in(language), "price": say.money(part.price, part.currency)}
            for part in found.parts
            if part.code not in (queries_order.LABOUR, queries_order.TRAVEL)
        ],
        "steps": [step for step in steps if not step["why"]],
        "steps_back": [step for step in steps if step["why"]],
        "changes": order.state in order_states.CHANGES,
        "to_sign": order.state == order_states.DONE,
        "works": order.state == order_states.WORKING,
        "signed": signed(found.signed, now) if found.signed is not None else None,
        "goodwill": user_may(user, COVER) is not None,
        "url": reverse("desktop:service_order", args=[order.number]),
        "visit_url": reverse("desktop:visit", args=[order.number]),
    }


def row(order: ServiceOrder, language: str, now: datetime, mask: Mask = OPEN) -> dict[str, Any]:
    return {
        "number": order.number,
        "url": reverse("desktop:service_order", args=[order.number]),
        "visit_url": reverse("desktop:visit", args=[order.number]),
        "title": mask(order.title),
        "customer": order.party.name,
        "product": order.product.product.name_in(language) if order.product is not None else "",
        "when": visit_time(order, now),
        "late": order.state in (order_states.PLANNED, order_states.ON_THE_WAY) and order.planned_at is not None and order.planned_at < now,
        "place": mask.code(order.place),
        "technician": str(order.technician or ""),
        "state": order.get_state_display(),
    }


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """On a ticket: its visits, and the way to a new one. One query."""
    if user_may(user, ORDERS) is None or ticket.party_id is None:
        return None
    now = timezone.now()
    found = queries_order.of_ticket(user, ticket.pk)
    return {
        "template": "desktop/ticket/order.html",
        "orders": [
            {
                "number": one.number,
                "url": reverse("desktop:service_order", args=[one.number]),
                "line": ", ".join(part for part in (visit_time(one, now), str(one.technician or "")) if part),
                "state": one.get_state_display(),
            }
            for one in found[:SHOWN_ON_TICKET]
        ],
        "new_url": f"{reverse('desktop:service_order_new')}?ticket={ticket.number}",
    }
