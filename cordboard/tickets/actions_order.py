"""The only writers of service orders."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.appointments.models import Staff
from cordboard.catalogue.entitlement import GOODWILL
from cordboard.catalogue.models import Part, RegisteredProduct
from cordboard.catalogue.permissions import COVER
from cordboard.catalogue.queries_registered import entitled
from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties import addresses
from cordboard.parties.queries import ids_of, profile, root_id
from cordboard.tickets import order_states, queries_order, signature
from cordboard.tickets.actions_order_follow import order_moved
from cordboard.tickets.models_order import OrderLine, OrderSignature, ServiceOrder
from cordboard.tickets.numbers import save_numbered
from cordboard.tickets.permissions_service import ORDERS
from cordboard.tickets.queries import visible as visible_tickets

FIRST_NUMBER = 30_001
CURRENCIES = {"GB": "GBP", "RU": "RUB", "TH": "THB", "CN": "CNY", "US": "USD"}
"""Of a customer by country, where it is not the euro."""
MOST_LINES = 100
MOST = Decimal("999999.99")
STAMPS = {"on_the_way": "on_the_way_at", "working": "begun_at", "done": "done_at", "cancelled": "cancelled_at"}


PLANNED = ("technician", "planned_at", "planned_until")
"""Who and when: a visit's to say where one is booked."""


class OrderChanged(Exception):
    """Somebody else changed the order since it was read. Nothing was saved; `order` is how it stands."""

    def __init__(self, order: ServiceOrder) -> None:
        super().__init__(f"service order {order.number} has version {order.version}")
        self.order = order


def plan_order(
    user: User,
    *,
    ticket: int | None = None,
    party: int | None = None,
    product: int | None = None,
    title: str = "",
    text: str = "",
    technician: User | None = None,
    planned_at: datetime | None = None,
    planned_until: datetime | None = None,
    now: datetime | None = None,
) -> ServiceOrder:
    """A visit to a customer. From a ticket it takes customer, product, title and text; from the customer the address and telephone. Raises ValidationError by
    field, PermissionDenied, Ticket.DoesNotExist."""
    require(user, ORDERS)
    now = now or timezone.now()
    if ticket is not None:
        row = visible_tickets(user).get(pk=ticket)
        party, product = party or row.party_id, product or row.product_id
        title, text = title or row.title, text or row.text
    if party is None:
        raise ValidationError({"party": _("A visit is to a customer. Say first whom the ticket is about.")})
    title = " ".join(title.split())[:200]
    if not title:
        raise ValidationError({"title": _("Say in a few words what it is about.")})
    _check_times(planned_at, planned_until)
    if planned_at is not None or technician is not None:
        _check_calendar(technician)
    party = root_id(party)
    whole = profile(party)
    if product is not None and not RegisteredProduct.objects.filter(pk=product, party__in=whole.ids).exists():
        raise ValidationError({"product": _("This product is not the customer's.")})
    order = ServiceOrder(
        party_id=party, ticket_id=ticket, product_id=product, title=title, text=text.strip(), technician=technician, planned_at=planned_at,
        planned_until=planned_until, unit=(technician.unit if technician is not None else None) or user.unit,
        place=", ".join(part for part in addresses.lines(whole.address)) if whole.address is not None else "",
        phone=next((point.value for point in whole.phones), "")[:20], currency=CURRENCIES.get(whole.party.country, "EUR"), opened_by=user, opened_at=now,
    )  # fmt: skip
    with transaction.atomic():
        save_numbered(order, FIRST_NUMBER)
        _record("tickets.order_planned", order, user)
    return order


def change_order(user: User, order_id: int, *, version: int | None = None, **values: Any) -> ServiceOrder:
    """title, text, place, phone, report, technician (a User or None), planned_at, planned_until, product (id or None). What is not given stays. Raises ValidationError,
    OrderChanged, PermissionDenied."""
    known = {"title", "text", "place", "phone", "report", "technician", "planned_at", "planned_until", "product"}
    if unknown := values.keys() - known:
        raise TypeError(f"a service order has no {sorted(unknown)}")
    with transaction.atomic():
        order = _may_change(user, order_id, version)
        if "product" in values:
            product = values.pop("product")
            if product is not None and not RegisteredProduct.objects.filter(pk=product, party__in=ids_of(order.party_id)).exists():
                raise ValidationError({"product": _("This product is not the customer's.")})
            values["product_id"] = product
        planned = {name: value for name, value in values.items() if name in PLANNED and value != getattr(order, name)}
        if planned:
            if order.visits.filter(appointment__state="booked").exists():
                raise ValidationError({"planned_at": _("The visit that is booked says who comes and when. Move the visit.")})
            _check_calendar(values.get("technician", order.technician))
        for name, value in values.items():
            setattr(order, name, value.strip() if isinstance(value, str) else value)
        if not order.title:
            raise ValidationError({"title": _("Say in a few words what it is about.")})
        _check_times(order.planned_at, order.planned_until)
        order.version += 1
        order.save(update_fields=[*values, "version"])
        _record("tickets.order_changed", order, user)
    return order


def add_line(
    user: User,
    order_id: int,
    kind: str,
    *,
    part: str = "",
    name: str = "",
    quantity: Decimal = Decimal(1),
    price: Decimal | None = None,
    covered_by: str | None = None,
    why: str = "",
    now: datetime | None = None,
) -> OrderLine:
    """A part (by its code, or in words with a price), hours, or the way. Who pays follows from the product's covers on the day, unless `covered_by` says otherwise: ""
    bills the customer, "goodwill" does not; both ask for a reason, goodwill for the right to show it. Raises ValidationError by field, PermissionDenied."""
    now = now or timezone.now()
    if kind not in OrderLine.Kind.values:
        raise ValidationError({"kind": _("Choose a kind.")})
    with transaction.atomic():
        order = _may_change(user, order_id)
        if order.lines.count() >= MOST_LINES:
            raise ValidationError({"name": _("This order has %(n)d lines. Plan another one.") % {"n": MOST_LINES}})
        listed = Part.objects.filter(code=part or {"time": queries_order.LABOUR, "travel": queries_order.TRAVEL}.get(kind, "")).first()
        if part and listed is None:
            raise ValidationError({"part": _("There is no such part.")})
        if price is None and listed is not None:
            price = queries_order.price_of(listed, order.currency)
        language = order.party.language or "en"
        name = " ".join(name.split())[:120] or (listed.name_in(language) if listed is not None else "")
        if not name:
            raise ValidationError({"name": _("Say what was used.")})
        if price is None:
            raise ValidationError({"price": _("Say what it costs; the list of parts does not.")})
        if not 0 < quantity <= MOST or not 0 <= price <= MOST:
            raise ValidationError({"quantity": _("This number cannot be right.")})
        paid_by, reason = _payer(user, order, kind, covered_by, " ".join(why.split())[:200], now)
        line = OrderLine.objects.create(
            order=order, kind=kind, part=listed, name=name, quantity=quantity, price=price, covered_by=paid_by, why=reason, by=user, at=now
        )
        _touched(order, user)
    return line


def _payer(user: User, order: ServiceOrder, kind: str, wanted: str | None, why: str, now: datetime) -> tuple[str, str]:
    """Kind of the cover that pays, and the reason where somebody decided it."""
    if wanted is None:
        product = order.product
        cover = entitled([product], timezone.localdate(order.planned_at or now))[product.pk].by[kind] if product is not None else None  # type: ignore[index]
        return (cover.kind if cover is not None else "", "")
    if wanted not in ("", GOODWILL):
        raise ValidationError({"covered_by": _("Choose who pays.")})
    if wanted == GOODWILL:
        require(user, COVER)
    if not why:
        raise ValidationError({"why": _("Say why.")})
    return wanted, why


def remove_line(user: User, order_id: int, line_id: int) -> None:
    """Gone already: nothing changes."""
    with transaction.atomic():
        order = _may_change(user, order_id)
        gone, _kinds = order.lines.filter(pk=line_id).delete()
        if gone:
            _touched(order, user)


def move_on(
    user: User, order_id: int, state: str, *, report: str | None = None, why: str = "", version: int | None = None, now: datetime | None = None
) -> ServiceOrder:
    """On the way, working, done (with a report), cancelled or back to planned (both with a reason). Being in it already changes nothing. Raises ValidationError,
    OrderChanged, PermissionDenied."""
    if state not in ServiceOrder.State.values or state == order_states.CONFIRMED:
        raise ValidationError({"state": _("Choose a state.")})
    now = now or timezone.now()
    why = " ".join(why.split())[:200]
    with transaction.atomic():
        order = locked(user, order_id, version)
        if order.state == state:
            return order
        if not order_states.may_follow(state, order.state):
            words = {"old": order.get_state_display(), "new": ServiceOrder.State(state).label}
            raise ValidationError({"state": _("A service order that is %(old)s cannot become %(new)s.") % words})
        if report is not None:
            order.report = report.strip()
        if state == order_states.DONE and not order.report:
            raise ValidationError({"report": _("Say what was done.")})
        back = state in (order_states.CANCELLED, order_states.PLANNED) or order.state == order_states.CONFIRMED
        if back and not why:
            raise ValidationError({"why": _("Say why.")})
        old, order.state, order.why = order.state, state, why if back else order.why
        if state in STAMPS:
            setattr(order, STAMPS[state], now)
        order.confirmed_at = None
        order.version += 1
        order.save()
        _record("tickets.order_moved_on", order, user, old=old, new=state)
        order_moved(order, old, why, user, now)
    return order


def confirm(user: User, order_id: int, *, name: str, strokes: object, version: int | None = None, now: datetime | None = None) -> OrderSignature:
    """The customer signs for what was done. Sealed together with the order as it stands, so that later changes show. Raises ValidationError by field (`state`: it is not
    done; `name`; `strokes`: nothing was drawn), OrderChanged, PermissionDenied."""
    name = " ".join(name.split())[:120]
    if not name:
        raise ValidationError({"name": _("Say who signs.")})
    try:
        drawn = signature.strokes(strokes)
    except ValueError as problem:
        words = {"empty": _("Nothing is drawn yet."), "long": _("This drawing is too long. Clear it and sign again.")}
        raise ValidationError({"strokes": words.get(str(problem), _("The drawing did not arrive whole. Sign again."))}) from problem
    now = now or timezone.now()
    with transaction.atomic():
        order = locked(user, order_id, version)
        if order.state != order_states.DONE:
            raise ValidationError({"state": _("Only what is done can be signed for.")})
        signed = queries_order.content(order, list(order.lines.all()))
        row = OrderSignature.objects.create(
            order=order, name=name, strokes=drawn, content=signed, seal=signature.seal(signed, drawn, name, now.isoformat()), by=user, at=now
        )
        order.state, order.confirmed_at = order_states.CONFIRMED, now
        order.version += 1
        order.save(update_fields=["state", "confirmed_at", "version"])
        _record("tickets.order_confirmed", order, user, signature=row.pk)
    return row


def _check_calendar(technician: User | None) -> None:
    """Whoever has a calendar is booked in it, so that nobody is in two places."""
    if technician is not None and Staff.objects.filter(user=technician, active=True).exists():
        raise ValidationError({"technician": _("%(name)s has a calendar: book the visit there.") % {"name": technician}})


def _check_times(begins: datetime | None, ends: datetime | None) -> None:
    if ends is not None and (begins is None or ends <= begins):
        raise ValidationError({"planned_until": _("It would end before it begins.")})


def _touched(order: ServiceOrder, user: User) -> None:
    order.version += 1
    order.save(update_fields=["version"])
    _record("tickets.order_changed", order, user)


def _record(kind: str, order: ServiceOrder, user: User, **more: Any) -> None:
    log.record(kind, actor=f"user:{user.pk}", order=order.pk, party=order.party_id, ticket=order.ticket_id, technician=order.technician_id, **more)


def locked(user: User, order_id: int, version: int | None = None) -> ServiceOrder:
    require(user, ORDERS)
    order = ServiceOrder.objects.select_for_update(of=("self",)).select_related("party", "product__product").get(pk=order_id)
    if not queries_order.visible(user).filter(pk=order.pk).exists():
        raise PermissionDenied(_("This service order is not yours."))
    if version is not None and order.version != version:
        raise OrderChanged(order)
    return order


def _may_change(user: User, order_id: int, version: int | None = None) -> ServiceOrder:
    order = locked(user, order_id, version)
    if order.state not in order_states.CHANGES:
        raise ValidationError({"state": _("This service order is finished. Take it up again to change it.")})
    return order
