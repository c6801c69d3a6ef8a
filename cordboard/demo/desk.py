"""Tickets at work: what is promised beside the resolution, the public form and who asked by it, conversations, hand-overs to the technical desk and back, answers that became drafts of articles,
what customers said when their ticket was resolved, and the steps of service levels and of the escalation policy that fell due meanwhile. Made by the acts that real ones make, once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from cordboard.catalogue.models import RegisteredProduct
from cordboard.demo.complaints import RESULT
from cordboard.demo.draw import SEED
from cordboard.demo.sources import data
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance import actions_ticket_survey as ticket_surveys
from cordboard.guidance.models import TicketSurvey, TicketSurveyPlan
from cordboard.interactions.models import ContactReason
from cordboard.lib.keeping import mark
from cordboard.mail.models import OutgoingMail
from cordboard.org.languages import best
from cordboard.org.models import Unit, User
from cordboard.parties.models import ContactPoint
from cordboard.routing.board import day_began
from cordboard.routing.models import Broadcast, BroadcastReceipt
from cordboard.tickets import actions_complaint as complaints
from cordboard.tickets import actions_level, actions_portal, sweeper
from cordboard.tickets.actions import give, open_ticket, set_state
from cordboard.tickets.actions_article import draft_from
from cordboard.tickets.actions_calendar import keep_plan, plan_values
from cordboard.tickets.actions_form import keep_form
from cordboard.tickets.actions_message import add_note, receive_reply, reply
from cordboard.tickets.actions_similar import say_solution
from cordboard.tickets.models import Complaint, Ticket, TicketForm
from cordboard.tickets.models_sla import EscalationStep, ServicePlan
from cordboard.tickets.queries_level import where

DRAWN = "448"
"""Customer numbers of those who were drawn begin so; the others are told in stories of their own and are left alone."""
ASKED = 26
"""Customers of tickets that were resolved in the last two weeks."""
TODAY = 5
"""Of these so many answer today, for the live board."""
ROUND = timedelta(minutes=30)
"""Steps that fall due within this are taken together."""
DAY, OPENS, OPEN = timedelta(days=1), timedelta(hours=8, minutes=20), timedelta(hours=9)
OLD = timedelta(hours=10)
"""Notices from before have been read."""
PRAISE = {
    "en": ("Sorted within a day, thank you.", "The second colleague knew at once what it was."), "nl": ("Snel antwoord en een duidelijke uitleg.", "Het werkt weer, dank u."),
    "ru": ("Быстро и понятно ответили.",), "th": ("ตอบเร็วและเข้าใจง่าย",), "zh-hans": ("回复很快，说得很清楚。",),
}  # fmt: skip
BLAME = {
    "en": ("I had to send the photographs twice.",), "nl": ("Ik moest alles twee keer vertellen.",), "ru": ("Пришлось объяснять дважды.",),
    "th": ("ต้องอธิบายสองรอบ",), "zh-hans": ("同一件事要说两遍。",),
}  # fmt: skip


def promise() -> None:
    """What service levels promise, before the first ticket is opened. A level that a manager has changed stays as it is."""
    manager = User.objects.filter(username="femke").first()
    for code, targets in data("desk")["plans"].items():
        row = ServicePlan.objects.filter(code=code, version=1, steps=[]).first()
        if row is not None and manager is not None:
            values = plan_values(row)
            better = {kind: {**targets, **kept} for kind, kept in row.targets.items()}
            keep_plan(manager, row.pk, {**values, "targets": better, "steps": data("desk")["steps"]}, seen=mark(values))


def build(now: datetime | None = None) -> None:
    """Make what is missing: all of it in a centre that has no public form yet."""
    now = now or timezone.now()
    people = {user.username: user for user in User.objects.all()}
    told, spec = data("desk"), data("desk")["form"]
    unit = Unit.objects.filter(code=spec["unit"]).first()
    if "femke" not in people or unit is None or TicketForm.objects.exists():
        return
    form = keep_form(people["femke"], None, {"names": spec["names"], "unit_id": unit.pk, "kind": spec["kind"], "active": True}, code=spec["code"])
    began = day_began(people["femke"], now)
    for at, act in sorted([*_asked(form, told["asked"], people, now, began), *_threads(told["threads"], people, now, began)], key=lambda one: one[0]):
        if at <= now:
            _steps(at)
            act()
    _complaint_that_waits_for_a_call(now)
    _surveys(people["femke"], told["survey"], now)
    _were_sent()
    _steps(now)
    _were_read(now)


def _product(country: str, family: str, used: set[int]) -> RegisteredProduct | None:
    """Somebody's of that country who reads mail, each customer once."""
    mail = ContactPoint.objects.filter(kind="email").values("party")
    rows = RegisteredProduct.objects.filter(
        product__family=family, party__country=country, party__root=None, party__in=mail, party__customer_number__startswith=DRAWN
    )
    found = rows.exclude(party__in=used).select_related("product").order_by("pk").first()
    if found is not None:
        used.add(found.party_id)
    return found


# -- conversations --------------------------------------------------------------------------------------------------------------

Told = Iterator[tuple[datetime, Callable[[], None]]]
"""What was done, and when."""


def _at(now: datetime, hours: float, began: datetime) -> datetime:
    """So many hours ago. Of the days before today (it `began` at midnight) the hours are those of the working day, in the same order."""
    at = now - timedelta(hours=hours)
    if at >= began:
        return at
    days, into = divmod(at - began, DAY)
    return began + days * DAY + OPENS + into * (OPEN / DAY)


def _asked(form: TicketForm, asked: Sequence[Mapping[str, Any]], people: Mapping[str, User], now: datetime, began: datetime) -> Told:
    for place, one in enumerate(asked):
        at, made = _at(now, one["hours"], began), _Made()
        yield at, partial(_by_form, made, form, one, place, at)
        yield from _then(made, one, people, now, began)


def _threads(threads: Sequence[Mapping[str, Any]], people: Mapping[str, User], now: datetime, began: datetime) -> Told:
    reasons = {one.code: one for one in ContactReason.objects.all()}
    used: set[int] = set()
    for one in threads:
        product = _product(one["country"], one["family"], used)
        if product is not None:
            at, made = _at(now, one["hours"], began), _Made()
            yield at, partial(_opened, made, one, product, reasons[one["reason"]], people[one["owner"]], at)
            yield from _then(made, one, people, now, began)


@dataclass(slots=True)
class _Made:
    """A ticket, once it is there."""

    ticket: int = 0


def _by_form(made: _Made, form: TicketForm, one: Mapping[str, Any], place: int, at: datetime) -> None:
    asked = actions_portal.Asked(one["name"], one["email"], one.get("phone", ""), one["title"], one["text"])
    page = actions_portal.fresh_key(at - timedelta(minutes=4))
    made.ticket = actions_portal.open_by_form(form, f"198.51.100.{10 + place}", page, asked, language=one["language"], now=at).ticket_id


def _opened(made: _Made, one: Mapping[str, Any], product: RegisteredProduct, reason: ContactReason, owner: User, at: datetime) -> None:
    made.ticket = open_ticket(
        owner, title=one["title"], text=one["text"], kind=one["kind"], party=product.party_id, product=product, reason=reason, owner=owner, now=at
    ).pk


def _then(made: _Made, one: Mapping[str, Any], people: Mapping[str, User], now: datetime, began: datetime) -> Told:
    for part in one.get("then", ()):
        at = _at(now, one["hours"] - part["after"], began)
        yield at, partial(_part, made, part, people.get(part.get("who", "")), at)


def _part(made: _Made, part: Mapping[str, Any], who: User | None, at: datetime) -> None:
    ticket = made.ticket
    if who is None:
        row = Ticket.objects.get(pk=ticket)
        wrote = row.messages.exclude(address="").values_list("address", flat=True).first() or ""
        receive_reply(row, row.party_id, part["said"], address=wrote, now=at)
        return
    if "note" in part:
        add_note(who, ticket, part["note"], now=at)
    if "take" in part or not Ticket.objects.filter(pk=ticket, owner__isnull=False).exists():
        give(who, ticket, who, now=at)
    if "up" in part:
        asked = where(Ticket.objects.select_related("product__product", "unit").get(pk=ticket)).items
        words = {"check": "yes"}
        answers = {item.id: words.get(item.asks) or (part.get("code", "") if item.required else part["tried"]) for item in asked}
        actions_level.send_on(who, ticket, answers=answers, why=part["up"], now=at)
    if "down" in part:
        actions_level.hand_back(who, ticket, part["down"], now=at)
    if "reply" in part:
        reply(who, ticket, part["reply"], then=part.get("state", ""), now=at)
    if "measure" in part:
        say_solution(who, ticket, measure=part["measure"], now=at)
        set_state(who, ticket, part["state"], now=at)
        draft_from(who, ticket, now=at)


def _complaint_that_waits_for_a_call(now: datetime) -> None:
    """Decided and answered a moment ago; whoever handles it has still to tell the customer."""
    row = (
        Complaint.objects.filter(decided_at=None, handed_at__isnull=False, head__isnull=False, ticket__party__isnull=False)
        .select_related("head")
        .order_by("-pk")
        .first()
    )
    if row is None or row.head is None:
        return
    complaints.decide(row.head, row.ticket_id, now=now - timedelta(minutes=50))
    complaints.answer(row.head, row.ticket_id, RESULT.get(row.language, RESULT["en"]), way="phone", now=now - timedelta(minutes=35))


# -- what customers say -----------------------------------------------------------------------------------------------------------


def _surveys(manager: User, spec: Mapping[str, Any], now: datetime) -> None:
    """Customers of resolved tickets were asked; some answered, the last of them today."""
    for kind in spec["kinds"]:
        if not TicketSurveyPlan.objects.filter(kind=kind).exists():
            ticket_surveys.set_plan(kind, {"code": spec["code"]}, manager)
    dice = random.Random(f"{SEED}-ticket-surveys")
    done = Ticket.objects.filter(
        kind__in=spec["kinds"], resolved_at__gt=now - timedelta(days=13), resolved_at__lt=now - timedelta(hours=1), party__isnull=False
    )
    asked: list[tuple[TicketSurvey, datetime]] = []
    for number, resolved in done.order_by("-resolved_at", "pk").values_list("pk", "resolved_at")[: 3 * ASKED]:
        if resolved is not None and len(asked) < ASKED and ticket_surveys.after_ticket(number, now=resolved + timedelta(minutes=1)) is not None:
            asked.append((TicketSurvey.objects.select_related("invitation").get(ticket=number), resolved))
    began = day_began(manager, now)
    today = (now - began) / (TODAY + 1)
    for place, (row, resolved) in enumerate(asked):
        if place < TODAY:
            _answers(row, max(resolved + timedelta(minutes=2), now - (place + 1) * min(today, timedelta(minutes=50))), dice, now)
        elif dice.random() < 0.7:
            _answers(row, resolved + timedelta(minutes=dice.randint(10, 900)), dice, now)


def _answers(row: TicketSurvey, at: datetime, dice: random.Random, now: datetime) -> None:
    if at >= now - timedelta(minutes=1):
        return
    token = surveys.token_of(row.invitation_id)
    rating = dice.choices((1, 2, 3, 4, 5), (1, 1, 3, 9, 9))[0]
    solved = "yes" if rating > 3 else dice.choice(("partly", "no"))
    language = best([row.invitation.language])
    words = dice.choice((PRAISE if rating > 3 else BLAME)[language]) if dice.random() < 0.6 else ""
    surveys.open_survey(token, now=at)
    for number, value in enumerate((str(rating), solved, words)):
        surveys.answer(token, value, now=min(now, at + timedelta(seconds=15 * (number + 1))))
    ticket_surveys.rated(row.invitation_id, now=min(now, at + timedelta(minutes=1)))


def _were_sent() -> None:
    """The mails of this past were sent in it: nothing goes out to people who are not, and no ticket says that a mail is kept back."""
    for row in OutgoingMail.objects.exclude(state=OutgoingMail.State.SENT):
        row.state, row.error, row.next_at, row.sent_at, row.attempts = OutgoingMail.State.SENT, "", None, row.made_at, 1
        row.save(update_fields=["state", "error", "next_at", "sent_at", "attempts"])


# -- what fell due ----------------------------------------------------------------------------------------------------------------


def _steps(upto: datetime) -> None:
    """The sweeper's work until then, at about the times at which it would have done it."""
    planned = EscalationStep.objects.filter(state=EscalationStep.State.PLANNED, at__lte=upto).order_by("at").values_list("at", flat=True)
    while (first := planned.first()) is not None:
        sweeper.sweep(min(upto, first + ROUND))


def _were_read(now: datetime) -> None:
    """Notices of days past."""
    sent = Broadcast.objects.filter(pk=OuterRef("broadcast")).values("at")
    old = BroadcastReceipt.objects.filter(read_at=None, broadcast__at__lt=now - OLD, broadcast__sender=None)
    old.update(read_at=Subquery(sent[:1]))
