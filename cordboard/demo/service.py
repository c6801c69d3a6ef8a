"""The service desk at work: business hours with holidays, service orders of this week's visits (one signed for, one that waits for it, one under way), cases, and something that waits for
an approval. Made by the acts that real ones make, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from math import cos, pi, sin
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cordboard.appointments.models import Appointment
from cordboard.catalogue.models import Part
from cordboard.interactions.models import ContactReason, Interaction
from cordboard.org.models import Unit, User
from cordboard.parties.models import Party
from cordboard.tickets import actions_calendar, actions_case, actions_goodwill, actions_order
from cordboard.tickets.actions import open_ticket, set_state
from cordboard.tickets.actions_appointment import tie
from cordboard.tickets.actions_order_visit import order_for
from cordboard.tickets.models import Complaint, Ticket
from cordboard.tickets.models_case import Case
from cordboard.tickets.models_goodwill import Grant
from cordboard.tickets.models_order import ServiceOrder
from cordboard.tickets.models_sla import BusinessCalendar

WEEK = [["08:00", "18:00"]]
CALENDARS: tuple[tuple[str, str, str, str, dict[str, list[list[str]]]], ...] = (
    ("Lamp & Ketel NL", "service-nl", "Europe/Amsterdam", "NL", {"sat": [["09:00", "13:00"]]}),
    ("Lamp & Ketel UK", "service-uk", "Europe/London", "GB-ENG", {"sat": [["09:00", "13:00"]]}),
    ("Lamp & Ketel international", "service-international", "Europe/Amsterdam", "", {}),
)
MATTERS: dict[str, dict[str, tuple[str, str, str]]] = {
    "nl": {
        "repair-large": ("Wasmachine pompt niet af", "E18 komt steeds terug, het filter is schoon.", "Afvoerpomp vervangen, proefwas gedraaid."),
        "installation": ("Vaatwasser aansluiten", "Nieuwe D14, kraan zit links onder het aanrecht.", "Aangesloten, waterpas gezet en laten proefdraaien."),
        "inspection": ("Veiligheidscontrole na schok", "De klant voelde een tik bij de deur.", "Aarding gemeten en in orde, snoer vervangen."),
    },
    "en": {
        "repair-large": ("Washing machine does not drain", "E18 comes back every time; the filter is clean.", "Drain pump replaced, test wash run."),
        "installation": ("Connect the dishwasher", "New D14; the tap is under the sink, on the left.", "Connected, levelled and run once."),
        "inspection": ("Safety inspection after a shock", "The customer felt a tingle at the door.", "Earth measured and sound, cable replaced."),
    },
}  # fmt: skip
REASONS = {"repair-large": "product-fault"}
PARTS = {"repair-large": "drain-pump", "installation": "aquastop", "inspection": ""}
FAMILIES = {"repair-large": ("washing-machine",), "installation": ("dishwasher",), "inspection": ("washing-machine", "dishwasher", "fridge")}
ORDERS = 7
"""Of visits of this week and the next."""


def build(now: datetime | None = None) -> None:
    """Make what is missing."""
    now = now or timezone.now()
    users = {user.username: user for user in User.objects.filter(username__in=("emma", "joris", "anna", "femke"))}
    if len(users) < 4:
        return
    if not BusinessCalendar.objects.exists():
        _calendars(users["femke"])
    if not ServiceOrder.objects.exists():
        _orders(users["emma"], now)
    if not Case.objects.exists():
        _cases(users, now)
    if not Grant.objects.exists():
        _goodwill(users["anna"], now)


def _calendars(manager: User) -> None:
    for name, unit, zone, holidays, saturday in CALENDARS:
        row = Unit.objects.filter(code=unit).first()
        if row is None:
            continue
        hours = {**dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WEEK), **saturday}
        given = {"name": name, "unit_id": row.pk, "segment": "", "timezone": zone, "holidays": holidays, "hours": hours, "exceptions": []}
        if unit == "service-nl":
            year = timezone.localdate().year
            given["exceptions"] = [[f"{year}-12-05", "Pakjesavond", [["08:00", "16:00"]]], [f"{year}-12-24", "Kerstavond", [["08:00", "16:00"]]]]
        actions_calendar.keep_calendar(manager, None, given)


# -- service orders -------------------------------------------------------------------------------------------------------


def _orders(emma: User, now: datetime) -> None:
    """The last visits that were made have orders that were carried out; the next ones are planned."""
    made = _visits().filter(state=Appointment.State.DONE).order_by("-starts_at", "pk")[:3]
    coming = _visits().filter(state=Appointment.State.BOOKED, starts_at__gt=now - timedelta(hours=1)).order_by("starts_at", "pk")[: ORDERS - len(made)]
    for place, visit in enumerate([*reversed(made), *coming]):
        order = _order(emma, visit, now, from_ticket=place % 2 == 0)
        if visit.state == Appointment.State.DONE:
            if order.ticket_id is not None:
                set_state(None, order.ticket_id, "resolved", now=visit.ends_at)
            _carried_out(order, visit, signed=place != len(made) - 1, now=now)


def _visits() -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(kind__code__in=FAMILIES, party__isnull=False, of_order=None)
    return rows.select_related("kind", "party", "staff__user")


def _matter(visit: Appointment) -> tuple[str, str, str]:
    assert visit.party is not None
    return MATTERS.get(visit.party.language, MATTERS["en"]).get(visit.kind.code, MATTERS["en"]["inspection"])


def _order(emma: User, visit: Appointment, now: datetime, *, from_ticket: bool) -> ServiceOrder:
    title, text, _report = _matter(visit)
    party: Any = visit.party
    at = min(visit.made_at, now)
    product = party.registered_products.filter(product__family__in=FAMILIES[visit.kind.code]).order_by("pk").first()
    if from_ticket:
        reason = ContactReason.objects.filter(code=REASONS.get(visit.kind.code, "")).first()
        ticket = open_ticket(emma, title=title, text=text, kind="request", party=party.pk, product=product, reason=reason, owner=emma, now=at)
        tie(emma, ticket.pk, visit.pk, now=at)
    order = order_for(emma, visit.pk, now=at)
    values: dict[str, Any] = {} if from_ticket else {"title": title, "text": text}
    if product is not None and order.product_id is None:
        values["product"] = product.pk
    return actions_order.change_order(emma, order.pk, **values) if values else order


def _carried_out(order: ServiceOrder, visit: Appointment, *, signed: bool, now: datetime) -> None:
    who, report = visit.staff.user, _matter(visit)[2]
    actions_order.move_on(who, order.pk, "on_the_way", now=visit.starts_at - timedelta(minutes=20))
    actions_order.move_on(who, order.pk, "working", now=visit.starts_at)
    part = PARTS.get(visit.kind.code, "")
    if part and Part.objects.filter(code=part).exists():
        _line(who, order, "part", part=part, now=visit.ends_at)
    _line(who, order, "time", quantity=Decimal(visit.ends_minute - visit.starts_minute) / 60, now=visit.ends_at)
    _line(who, order, "travel", now=visit.ends_at)
    actions_order.move_on(who, order.pk, "done", report=report, now=visit.ends_at)
    if signed:
        assert visit.party is not None
        actions_order.confirm(who, order.pk, name=visit.party.name, strokes=scribble(visit.pk), now=visit.ends_at)


def _line(who: User, order: ServiceOrder, kind: str, *, part: str = "", quantity: Decimal = Decimal(1), now: datetime) -> None:
    """Where the list of parts has no price in the order's money, the pound is said to be worth 1.15 euros."""
    listed = Part.objects.get(code=part or {"time": "work-hour", "travel": "call-out"}[kind])
    price = None if listed.currency == order.currency else (listed.price / Decimal("1.15")).quantize(Decimal("0.01"))
    actions_order.add_line(who, order.pk, kind, part=part, quantity=quantity.quantize(Decimal("0.01")), price=price, now=now)


def scribble(seed: int) -> list[list[list[int]]]:
    """A drawn name: a row of loops, other for each seed, and a line under it."""
    loops = [
        [round(150 + 9 * step + 60 * sin(step * pi / 5 + seed)), round(190 + (70 + 20 * sin(seed + step / 9)) * cos(step * pi / 7))]
        for step in range(78)
    ]  # fmt: skip
    return [loops, [[170, 320], [500, 300], [840, 312]]]


# -- cases and approvals --------------------------------------------------------------------------------------------------


def _cases(users: dict[str, User], now: datetime) -> None:
    """One that goes on about a customer's machine, one about a dangerous product over several customers, one that is closed."""
    joris, anna, femke = users["joris"], users["anna"], users["femke"]
    noor = Party.objects.filter(customer_number="44710938").first()
    if noor is not None:
        documents = _documents(noor, joris)
        case = actions_case.open_case(
            joris, title="E18 for the third time", text="Machine of 2025, filter cleaned twice. Replace it, or repair once more?", party=noor.pk, documents=documents,
            now=now - timedelta(days=6),
        )  # fmt: skip
        actions_case.give_part(joris, case.pk, party=noor.pk, part="Whose machine it is", now=now - timedelta(days=6))
        actions_case.give_part(joris, case.pk, colleague=femke.pk, part="Decides on a replacement", now=now - timedelta(days=5))
        actions_case.add_note(joris, case.pk, "The supplier asks for pictures of the drum before they pay.", now=now - timedelta(days=4))
    smoke = [("ticket", row.ticket_id) for row in Complaint.objects.filter(ticket__reason__code="product-safety").order_by("pk")[:4]]
    danger = actions_case.open_case(
        femke, title="Kettles that smoke", text="Reports of smoke and smell. Are they of one batch?", documents=smoke, now=now - timedelta(days=9)
    )
    actions_case.give_part(femke, danger.pk, colleague=anna.pk, part="Calls the customers", now=now - timedelta(days=9))
    order = ServiceOrder.objects.filter(state="confirmed").order_by("pk").first()
    if order is not None:
        closed = actions_case.open_case(
            anna, title="Damage after an installation", party=order.party_id, documents=[("service_order", order.pk)], now=order.opened_at
        )
        actions_case.close_case(anna, closed.pk, "The insurer has paid; the customer is content.", now=now - timedelta(days=1))


def _documents(party: Party, user: User) -> list[tuple[str, int]]:
    tickets = [("ticket", pk) for pk in Ticket.objects.filter(party=party).order_by("pk").values_list("pk", flat=True)[:2]]
    calls = Interaction.objects.filter(subject=party).order_by("-started_at").values_list("pk", flat=True)[:2]
    return [*tickets, *(("interaction", pk) for pk in calls)]


def _goodwill(anna: User, now: datetime) -> None:
    """Margaret's repair out of warranty: the head of the desk is asked."""
    ticket = Ticket.objects.filter(title="F4 after the first cycle").order_by("pk").first()
    if ticket is not None:
        actions_goodwill.give(
            anna, ticket.pk, Grant.Kind.GOODWILL, "180", "Two months out of warranty, gold, third contact on the same fault", now=now - timedelta(hours=1)
        )
