"""Complaints are weighed, proposed for, handed to the head of the department, decided, answered, and rated by the customer. The only writers of it.

The steps, each safe to be done twice: `weigh_complaint` (score and proposal) → `hand_complaint` (head of the department, tracking task) → `decide` (time, handler,
measure) → `answer` (the result to the customer; complaint_ways.py sends it) → `rate` (a low rating brings a new tracking task, once).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.kept import Kept
from cordboard.org.languages import best
from cordboard.org.models import Unit, User
from cordboard.org.permissions import require
from cordboard.org.queries_absence import away, instead
from cordboard.parties.queries_ownership import answers
from cordboard.rules.facts import REGISTRY
from cordboard.rules.published import published
from cordboard.tickets import actions, actions_sla, changes, complaint_scheme, complaint_time, complaint_ways, queries_complaint, states
from cordboard.tickets import events_complaint as events
from cordboard.tickets.actions_task import end_tasks, make_task
from cordboard.tickets.facts_complaint import AREA
from cordboard.tickets.models import Complaint, Task, Ticket, TicketKind
from cordboard.tickets.models_message import TicketMessage
from cordboard.tickets.queries_heads import head_now
from cordboard.tickets.severity import HARMS, Matter, weigh

PRIORITY = {"critical": 1, "high": 2, "medium": 4, "low": 6}
"""Of tasks, by severity."""
MOST_COMMENT = 4000


_LIKE_COMPLAINTS = Kept(lambda kind: TicketKind.objects.filter(code=kind, like=Ticket.Kind.COMPLAINT).order_by().values_list("pk", flat=True)[:1])


def is_complaint(ticket: Ticket) -> bool:
    """Of the kind complaint, or of a kind that managers made like it. One query at most."""
    return ticket.kind == Ticket.Kind.COMPLAINT or bool(_LIKE_COMPLAINTS(ticket.kind))


def weigh_complaint(ticket_id: int, *, harm: str | None = None, by: User | None = None, now: datetime | None = None) -> Complaint | None:
    """Count the score, with every part, and propose time, department, handler and measure; the proposal stays as it is once the head has decided. `harm`: somebody says
    what was done. None for a ticket that is no complaint, or goes on in another one. Raises ValidationError, PermissionDenied, Ticket.DoesNotExist."""
    now = now or timezone.now()
    if harm is not None and harm not in HARMS:
        raise ValidationError({"harm": _("Choose the harm that was done.")})
    with transaction.atomic():
        if by is not None:
            may_change(by, ticket_id)
        ticket = _locked(ticket_id)
        if ticket.merged_into_id is not None or not is_complaint(ticket):
            return None
        row = Complaint.objects.filter(ticket=ticket).first() or Complaint(ticket=ticket, weighed_at=now)
        was = row.score if row.pk is not None else None
        if harm is not None:
            row.harm, row.harm_by, row.harm_set = harm, by, True
        newest = queries_complaint.newest_scheme()
        body = queries_complaint.body_of(newest)
        matter, row.grade = queries_complaint.matter_of(ticket, body, row, now)
        found = weigh(matter, complaint_scheme.scheme(body))
        parts = [{"name": one.name, "weight": one.weight, "value": one.value, "points": one.points, "given": dict(one.given)} for one in found.parts]
        if row.pk is not None and (row.score, row.band, row.parts, row.harm) == (found.score, found.band, parts, matter.harm) and by is None:
            return row  # an event that came twice, or a change that weighs nothing
        row.score, row.band, row.parts, row.harm, row.scheme, row.weighed_at = found.score, found.band, parts, matter.harm, newest, now
        if row.answered_at is None:
            row.language = best([*(ticket.party.languages if ticket.party is not None else ()), matter.language])
        if row.decided_at is None:
            _propose(row, ticket, matter, body, now)
        row.save()
        log.record(events.WEIGHED, actor=_actor(by), ticket=ticket.pk, party=ticket.party_id, score=row.score, band=row.band, was=was)
    return row


def _propose(row: Complaint, ticket: Ticket, matter: Matter, body: Mapping[str, Any], now: datetime) -> None:
    """What the policies of the area say, the first that says anything; the scheme's times where none does."""
    asked, row.proposed_by = _asked(row, matter, now)
    unit = Unit.objects.filter(code=asked["department"]).first() if asked.get("department") else None
    row.unit = unit or ticket.unit or (ticket.owner.unit if ticket.owner is not None else None)
    try:
        hours = min(complaint_scheme.LONGEST_HOURS, max(1, round(float(asked.get("complete_within") or 0))))
    except (TypeError, ValueError, OverflowError):
        hours = 1
    row.proposed_hours = hours if asked.get("complete_within") else body["hours"][row.band]
    row.proposed_due_at = complaint_time.after(row.unit, ticket.opened_at, row.proposed_hours, matter.segment)
    row.proposed_measure = str(asked.get("measure") or "")[:40]
    found, units = queries_complaint.answering(row.unit)
    row.head_id, row.head_unit_id = found.head, found.unit if found.passed else None
    row.passed = [units[one].name for one in found.passed]
    row.proposed_handler = _handler(str(asked.get("handled_by") or ""), row, ticket, now)


def _asked(row: Complaint, matter: Matter, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what is asked for by verb, which policy and rules asked)."""
    situation = {
        "complaint.score": row.score, "complaint.band": row.band, "complaint.harm": row.harm, "complaint.grade": row.grade, "complaint.reason": matter.reason or None,
        "complaint.group": matter.group or matter.reason or None, "complaint.family": matter.family or None, "complaint.earlier": matter.complaints,
        "complaint.language": matter.language, "complaint.segment": matter.segment or None, "now": now,
    }  # fmt: skip
    for policy in published(AREA):
        if policy.compiled is None:
            continue
        outcome = policy.compiled.evaluate(REGISTRY.reader(situation), now)
        said: dict[str, Any] = {}
        for action in outcome.actions:
            value = next((action.get(name) for name in ("hours", "unit", "who", "measure") if name in action), None)
            said.setdefault(str(action["do"]), value)
        if said:
            names = {rule["id"]: rule.get("name", "") for rule in outcome.trace["rules"]}
            rules = [{"id": one, "name": names.get(one, "")} for one in dict.fromkeys(str(action["rule"]) for action in outcome.actions)]
            return said, {"policy": policy.code, "name": policy.name, "version": policy.version, "rules": rules}
    return {}, {}


def _handler(who: str, row: Complaint, ticket: Ticket, now: datetime) -> User | None:
    """Who is proposed: as a rule says, else the ticket's owner, else the head. While one is away, who stands in; nobody who has left."""
    absent = away(now)
    wanted: dict[str, Callable[[], User | None]] = {
        "account_owner": lambda: answers(ticket.party, now) if ticket.party is not None else None,
        "head": lambda: instead(row.head_id, absent),
        "owner": lambda: instead(ticket.owner_id, absent),
    }
    found = next((one for code in dict.fromkeys((who, "owner", "head")) if code in wanted and (one := wanted[code]()) is not None), None)
    return found or next((one for one in (ticket.owner, row.head) if one is not None and one.is_active), None)


def hand_complaint(ticket_id: int, *, unit: Unit | None = None, by: User | None = None, now: datetime | None = None) -> Complaint:
    """Give the complaint to the head of the department in charge, with a tracking task in that department's work list. Another `unit` than proposed becomes the one in
    charge. Handed over to the same department again changes nothing. Raises ValidationError, PermissionDenied, Ticket.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        if by is not None:
            may_change(by, ticket_id)
        ticket = _locked(ticket_id)
        row = Complaint.objects.select_related("unit", "head", "head_unit").filter(ticket=ticket).first() or weigh_complaint(ticket_id, now=now)
        if row is None:
            raise ValidationError({"ticket": _("This ticket is no complaint.")})
        if ticket.merged_into_id is not None:
            raise actions.merged(ticket)
        if row.handed_at is not None and (unit is None or unit == row.unit):
            return row
        moved = row.handed_at is not None
        row.unit = unit or row.unit
        found, units = queries_complaint.answering(row.unit)
        row.head_id, row.head_unit_id = found.head, found.unit if found.passed else None
        row.passed = [units[one].name for one in found.passed]
        row.handed_at = now
        row.save()
        if row.unit is None:
            raise ValidationError({"unit": _("Say which department is in charge of this complaint.")})
        if ticket.unit_id != row.unit_id:
            ticket.unit = row.unit
            ticket.version += 1
            ticket.save(update_fields=["unit", "version"])
        if moved:
            end_tasks(Task.objects.filter(ticket=ticket, kind=Task.Kind.TRACK), Task.State.DROPPED, "", by, now)
        _track(row, ticket, now)
        log.record(events.HANDED, actor=_actor(by), ticket=ticket.pk, party=ticket.party_id, owner=row.head_id, unit=row.unit_id)
    return row


def _track(row: Complaint, ticket: Ticket, now: datetime) -> None:
    """The department's own task: to see that the complaint is dealt with, part of the time before it must be done. Its owner is the department's head; where the head is of
    a unit further up, the task stands in the department's list and is that head's all the same. While the head is away it is who stands in's, or the next head's above who is at work."""
    body = queries_complaint.body_of(row.scheme)
    due = complaint_time.after(row.unit, now, max(0.25, row.proposed_hours * body["follow"] / 100), _segment(ticket))
    owner, instead_of = _tracker(row, row.head, now)
    why = {"code": "complaint", "score": row.score, "band": row.band, "unit": row.unit.name if row.unit else "", "passed": list(row.passed), **instead_of}
    stem = f"complaint:{ticket.pk}:track:{row.unit_id}"
    before = Task.objects.filter(Q(key=stem) | Q(key__startswith=f"{stem}:")).count()  # it was here before
    make_task(
        None, ticket.title, kind=Task.Kind.TRACK, ticket=ticket, owner=owner, unit=row.unit, due_at=due, priority=PRIORITY[row.band], why=why,
        key=f"{stem}:{before}" if before else stem, now=now,
    )  # fmt: skip


def _tracker(row: Complaint, head: User | None, now: datetime) -> tuple[User | None, dict[str, str]]:
    """Who sees to it at this moment, and for whom, where that is not the head."""
    if head is None or head.pk not in away(now):
        return head, {}
    found, _whose = head_now(row.unit_id, now)
    return (found, {"instead_of": str(head)}) if found is not None and found.pk != head.pk else (head, {})


def decide(
    user: User, ticket_id: int, *, due_at: datetime | None = None, handler: User | None = None, measure: str | None = None, now: datetime | None = None
) -> Complaint:
    """The head (or who may work on the ticket) takes the proposal, or says otherwise: by when, by whom, with which measure. It becomes the ticket's time and owner.
    Raises ValidationError, PermissionDenied, Complaint.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        may_change(user, ticket_id)
        ticket = _locked(ticket_id)
        row = Complaint.objects.select_related("proposed_handler", "scheme").get(ticket=ticket)
        due_at = due_at or row.proposed_due_at
        handler = handler or row.proposed_handler
        measure = row.proposed_measure if measure is None else measure
        known = {one["code"] for one in queries_complaint.body_of(queries_complaint.newest_scheme())["measures"]} | {row.proposed_measure, ""}
        if measure not in known:
            raise ValidationError({"measure": _("There is no such measure any more. Choose another.")})
        if handler is None or not handler.is_active:
            raise ValidationError({"handler": _("Say who handles this complaint.")})
        if due_at is None or due_at < ticket.opened_at:
            raise ValidationError({"due_at": _("A complaint cannot be due before it came in.")})
        row.measure, row.decided_by, row.decided_at = measure, user, now
        row.save(update_fields=["measure", "decided_by", "decided_at"])
        old = ticket.owner_id
        ticket.owner = handler
        ticket.version += 1
        ticket.save(update_fields=["owner", "version"])
        actions_sla.promise(ticket, due_at, actor=_actor(user), now=now)
        if old != handler.pk:
            changes.owner(ticket, old, actor=_actor(user), now=now)
        log.record(events.DECIDED, actor=_actor(user), ticket=ticket.pk, party=ticket.party_id, owner=handler.pk, measure=measure)
    return row


def answer(user: User, ticket_id: int, text: str, *, way: str = "", language: str = "", now: datetime | None = None) -> Complaint:
    """Tell the customer the result, in their language: by e-mail it is sent, by telephone or post it becomes a task of whoever handles the complaint. The ticket is resolved and
    the tracking ends. `way` empty: as the customer wishes (complaint_ways.way_for). Raises ValidationError, PermissionDenied, Complaint.DoesNotExist."""
    now = now or timezone.now()
    text = text.strip()
    if not text:
        raise ValidationError({"result": _("Write what the customer is told.")})
    with transaction.atomic():
        may_change(user, ticket_id)
        ticket = _locked(ticket_id)
        row = Complaint.objects.select_for_update(of=("self",)).select_related("scheme").get(ticket=ticket)
        if row.answered_at is not None:
            raise ValidationError({"result": _("The customer was told the result already. Write a reply on the ticket to add to it.")})
        address = complaint_ways.address_of(ticket)
        way = way or complaint_ways.way_for(ticket, address)
        if way not in Complaint.Way.values:
            raise ValidationError({"way": _("Choose how the customer is told.")})
        if way == Complaint.Way.EMAIL and not address:
            raise ValidationError({"way": _("No e-mail address of the customer is known. Tell them by telephone or by post, or add the address first.")})
        row.result, row.way, row.answered_by, row.answered_at = text, way, user, now
        row.language = best([language, row.language])
        row.account_owner_id = ticket.party.account_owner_id if ticket.party is not None else None
        row.save()
        log.record(events.ANSWERED, actor=_actor(user), ticket=ticket.pk, party=ticket.party_id, way=way)
        subject, whole = message_of(row, ticket, queries_complaint.body_of(queries_complaint.newest_scheme()))
        if way == Complaint.Way.EMAIL:
            name = complaint_ways.send(ticket, row, address, subject, whole, user, now)
            TicketMessage.objects.create(ticket=ticket, kind=TicketMessage.Kind.REPLY, author=user, text=whole, address=address, message_id=name[:250], at=now)
            actions_sla.answered(ticket, actor=_actor(user), now=now)
        else:
            make_task(
                None, ticket.title, kind=Task.Kind.CALL if way == Complaint.Way.PHONE else Task.Kind.RESULT, text=whole, ticket=ticket, owner=ticket.owner or user,
                unit=row.unit or ticket.unit, due_at=complaint_time.after(row.unit, now, queries_complaint.body_of(row.scheme)["again"], _segment(ticket)),
                priority=PRIORITY[row.band], why={"code": "result", "way": way, "language": row.language}, key=f"complaint:{ticket.pk}:tell", now=now,
            )  # fmt: skip
        end_tasks(Task.objects.filter(ticket=ticket, kind=Task.Kind.TRACK), Task.State.DONE, "", user, now)
        if ticket.state in states.OPEN:
            actions.set_state(user, ticket.pk, Ticket.State.RESOLVED, now=now)
    return row


def message_of(row: Complaint, ticket: Ticket, body: Mapping[str, Any]) -> tuple[str, str]:
    """(subject, text) in the complaint's language; English where managers kept none in it."""
    texts = body["texts"]
    text = texts.get(row.language) or {}
    if not str(text.get("text", "")).strip():
        text = texts["en"]
    names: Mapping[str, Any] = next((one["names"] for one in body["measures"] if one["code"] == row.measure), {})
    values = {
        "name": ticket.party.name if ticket.party is not None else "", "number": str(ticket.number), "title": ticket.title, "result": row.result,
        "measure": str(names.get(row.language) or names.get("en") or ""),
    }  # fmt: skip
    return complaint_scheme.put_in(str(text["subject"]), values), complaint_scheme.put_in(str(text["text"]), values)


def told(ticket_id: int, by: User | None = None, *, now: datetime | None = None) -> None:
    """The customer was told: the mail was sent, or the task of telling by telephone or post is done. Once."""
    now = now or timezone.now()
    with transaction.atomic():
        ticket = _locked(ticket_id)
        row = Complaint.objects.select_for_update(of=("self",)).filter(ticket=ticket).first()
        if row is not None and row.answered_at is not None and row.told_at is None:
            _told(row, ticket, by, now)


def _told(row: Complaint, ticket: Ticket, by: User | None, now: datetime) -> None:
    row.told_at = now
    row.save(update_fields=["told_at"])
    log.record(events.TOLD, actor=_actor(by), ticket=ticket.pk, party=ticket.party_id, way=row.way)


def asked_how(ticket_id: int, *, now: datetime | None = None) -> None:
    """The customer was asked how satisfied they are. In the caller's transaction."""
    Complaint.objects.filter(ticket=ticket_id, asked_at=None).update(asked_at=now or timezone.now())


def rate(
    ticket_id: int, rating: float, *, lowest: float = 1, highest: float = 5, comment: str = "", by: User | None = None, now: datetime | None = None
) -> Complaint:
    """How satisfied the customer is with how the complaint was dealt with, put on a scale of 1 to 5. The first rating counts; a comment may come later. A low one brings a
    tracking task once. Raises ValidationError, PermissionDenied, Complaint.DoesNotExist."""
    now = now or timezone.now()
    if not lowest < highest or not lowest <= rating <= highest:
        raise ValidationError({"rating": _("Choose a rating.")})
    on_five = round(1 + 4 * (rating - lowest) / (highest - lowest), 2)
    with transaction.atomic():
        if by is not None:
            may_change(by, ticket_id)
        ticket = _locked(ticket_id)
        row = Complaint.objects.select_for_update(of=("self",)).get(ticket=ticket)
        body = queries_complaint.body_of(queries_complaint.newest_scheme())
        if row.answered_at is None:
            raise ValidationError({"rating": _("The customer was not told the result yet.")})
        first = row.rating is None
        if first:
            row.rating, row.rated_at, row.rated_by = on_five, now, by
        if not first and by is not None:
            raise ValidationError({"rating": _("The customer has rated this complaint already.")})
        row.comment = (comment.strip() or row.comment)[:MOST_COMMENT]
        row.save(update_fields=["rating", "rated_at", "rated_by", "comment"])
        low = (row.rating or on_five) <= body["low"]
        if first:
            log.record(events.RATED, actor=_actor(by, "customer"), ticket=ticket.pk, party=ticket.party_id, low=low)
        if low:
            _track_again(row, ticket, body, now)
    return row


def _track_again(row: Complaint, ticket: Ticket, body: Mapping[str, Any], now: datetime) -> None:
    """Whoever heads the department now, not who did when the complaint came in."""
    found, _units = queries_complaint.answering(row.unit)
    head = User.objects.filter(pk=found.head).first() if found.head is not None else None
    if head is None and row.unit is None:
        head = ticket.owner
    owner, instead_of = _tracker(row, head, now)
    before = Task.objects.filter(ticket=ticket, kind=Task.Kind.TRACK).order_by("-pk").first()
    make_task(
        None, ticket.title, kind=Task.Kind.TRACK, ticket=ticket, owner=owner, unit=row.unit, due_at=complaint_time.after(row.unit, now, body["again"], _segment(ticket)), after=before,
        priority=min(2, PRIORITY[row.band]), why={"code": "low_rating", "rating": row.rating, "low": body["low"], **instead_of}, key=f"complaint:{ticket.pk}:rating", now=now,
    )  # fmt: skip


# -- who may -----------------------------------------------------------------------------------------------------------------


def may_change(user: User, ticket_id: int) -> Ticket:
    """Who may work on the ticket, and the head of the department in charge. Raises PermissionDenied, Ticket.DoesNotExist; ValidationError ("ticket") when it was merged into
    another, where work goes on."""
    scope = require(user, "tickets.change")
    ticket = Ticket.objects.select_related("unit").get(pk=ticket_id)
    if ticket.merged_into_id is not None:
        raise actions.merged(ticket)
    if Complaint.objects.filter(ticket=ticket, head=user).exists():
        return ticket
    own = user.pk in (ticket.owner_id, ticket.opened_by_id)
    if not (scope == "all" or own or (scope == "unit" and ticket.unit_id is not None and ticket.unit_id == user.unit_id)):
        raise PermissionDenied(_("This ticket is not yours."))
    return ticket


def _locked(ticket_id: int) -> Ticket:
    """The ticket, locked, with all that a complaint is weighed by. One query."""
    related = ("party__account_owner", "product__product", "reason__parent", "owner__unit", "unit")
    return Ticket.objects.select_for_update(of=("self",)).select_related(*related).get(pk=ticket_id)


def _segment(ticket: Ticket) -> str:
    return ticket.party.value_segment if ticket.party is not None else ""


def _actor(by: User | None, without: str = "system") -> str:
    return f"user:{by.pk}" if by is not None else without
