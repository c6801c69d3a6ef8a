"""Handing a ticket to another support level, by sending it on or with the call, and handing it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.interactions.acts import Act, Came
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.routing import actions_transfer as calls
from cordboard.tickets import actions, changes, events_level, levels, states
from cordboard.tickets.models import LevelStep, Ticket, TicketInteraction, TicketLevel
from cordboard.tickets.queries_level import Where, where

MOST_WHY = 300
Way, State = LevelStep.Way, LevelStep.State


class Missing(ValidationError):
    """The next level asks for what nobody has answered. `items` are their ids."""

    def __init__(self, items: Sequence[int], names: Sequence[str]) -> None:
        super().__init__({"answers": _("The next level needs this first: %(what)s.") % {"what": "; ".join(names)}})
        self.items = list(items)
        self.names = list(names)


class Circle(ValidationError):
    """The ticket has been where it shall go, twice already."""

    def __init__(self, times: int, unit: str) -> None:
        super().__init__(
            {
                "circle": _("%(unit)s has had it %(times)s times already. Send it again if you are sure, or speak with them first.")
                % {"unit": unit, "times": times}
            }
        )
        self.times = times


def send_on(
    user: User,
    ticket_id: int,
    *,
    answers: Mapping[int, str] | None = None,
    why: str = "",
    sure: bool = False,
    version: int | None = None,
    now: datetime | None = None,
) -> LevelStep:
    """Functional escalation: the ticket stands in the work list of the next level's unit, with all that it has and with the answers to what that level asks for. `sure`: although it
    has been there twice. Raises ValidationError when nobody is above, Missing, Circle, actions.Changed, PermissionDenied."""
    require(user, "tickets.change")
    now = now or timezone.now()
    with transaction.atomic():
        ticket = actions._may_change(user, ticket_id, version)
        at = _may_go(ticket)
        asked = _answered(at, ticket, answers or {}, refuse=True)
        circle = _circle(at, sure)
        step = _step(ticket, at, Way.SENT, by=user, why=why, answers=asked, circle=circle, now=now)
        _move(ticket, step, actor=f"user:{user.pk}", now=now)
    return step


def next_level(ticket: Ticket | int, actor: str, why: str, *, now: datetime | None = None) -> LevelStep | None:
    """Send a ticket on by a rule (a deadline is near): nobody can be asked, so what the level wants to know and is not known is kept as missing, with the step. `actor` as the log has it
    ("worker", "rule", "user:7"); `why` in words. None when nobody serves a higher level, when it is over, or when a call is being handed on with it. In the caller's
    transaction, or one of its own."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Ticket.objects.select_for_update().get(pk=ticket if isinstance(ticket, int) else ticket.pk)
        at = where(row)
        if row.state not in states.OPEN or at.next is None or at.pending is not None:
            return None
        asked = _answered(at, row, {}, refuse=False)
        circle = bool(levels.circle(at.path, at.next.rank, at.next.unit))
        step = _step(row, at, Way.RULE, by=None, why=why, answers=asked, circle=circle, now=now)
        _move(row, step, actor=actor, now=now)
    return step


def hand_on_call(
    user: User,
    ticket_id: int,
    interaction: int,
    *,
    warm: bool = False,
    answers: Mapping[int, str] | None = None,
    why: str = "",
    sure: bool = False,
    now: datetime | None = None,
) -> tuple[Act, LevelStep | None]:
    """Live escalation: the call goes to the next level's queue (`warm`: a consult first), the ticket is linked to it and follows whoever takes it. The act says what became of the
    call; without a step nothing changed. Raises as `send_on`, ValidationError too when the level has no queue."""
    require(user, "tickets.change")
    now = now or timezone.now()
    with transaction.atomic():
        ticket = actions._may_change(user, ticket_id)
        at = _may_go(ticket)
        assert at.next is not None
        if at.next.queue is None:
            raise ValidationError({"queue": _("The next level takes no calls: send the ticket on, or transfer the call by hand.")})
        asked = _answered(at, ticket, answers or {}, refuse=True)
        circle = _circle(at, sure)
        step = _step(ticket, at, Way.LIVE, by=user, why=why, answers=asked, circle=circle, now=now, interaction=interaction)
    # The switch decides for itself, and may ask other systems: never within a transaction of ours.
    try:
        act = (calls.consult if warm else calls.transfer)(user, interaction, to_queue=at.next.queue, now=now)
    except Exception:
        step.delete()  # the ticket would wait for a call that was never handed on
        raise
    with transaction.atomic():
        if act.came != Came.DONE:
            step.delete()
            return act, None
        ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
        if TicketInteraction.objects.get_or_create(ticket=ticket, interaction_id=interaction, defaults={"at": now})[1]:
            actions.heard(ticket, interaction, f"user:{user.pk}", now)
        log.record(events_level.HANDING, actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, step=step.pk, interaction=interaction)
    return act, step


def hand_back(user: User, ticket_id: int, why: str, *, version: int | None = None, now: datetime | None = None) -> LevelStep:
    """To where it came from, and to the person who sent it if they are still there; a reason is needed. Raises ValidationError, actions.Changed, PermissionDenied."""
    require(user, "tickets.change")
    why = " ".join(why.split())[:MOST_WHY]
    if not why:
        raise ValidationError({"why": _("Say why it comes back, so that the colleague knows what to do.")})
    now = now or timezone.now()
    with transaction.atomic():
        ticket = actions._may_change(user, ticket_id, version)
        at = where(ticket)
        came = at.came
        if came is None:
            raise ValidationError({"why": _("Nobody handed this ticket on: there is nobody to hand it back to.")})
        if at.pending is not None:
            raise ValidationError({"why": _("The call is being handed on with it at this moment.")})
        owner = came.from_owner if came.from_owner is not None and came.from_owner.is_active else None
        step = LevelStep.objects.create(
            ticket=ticket, way=Way.BACK, from_rank=at.rank, to_rank=came.from_rank, from_unit_id=ticket.unit_id, to_unit_id=came.from_unit_id,
            from_owner_id=ticket.owner_id, to_owner=owner, by=user, why=why, at=now,
        )  # fmt: skip
        _move(ticket, step, actor=f"user:{user.pk}", now=now)
    return step


def undo_step(user: User, ticket: Ticket, *, now: datetime | None = None) -> LevelStep:
    """The newest hand-off is put back: to whom and where it was before. The ticket comes locked, in the caller's transaction. Raises ValidationError where it was never handed on."""
    last = LevelStep.objects.filter(ticket=ticket, state=State.DONE).order_by("-pk").first()
    if last is None:
        raise ValidationError({"level": _("It was never handed on.")})
    now = now or timezone.now()
    step = LevelStep.objects.create(
        ticket=ticket, way=Way.BACK, from_rank=last.to_rank, to_rank=last.from_rank, from_unit_id=ticket.unit_id, to_unit_id=last.from_unit_id,
        from_owner_id=ticket.owner_id, to_owner_id=last.from_owner_id, by=user, why=_("A change of many tickets was put back."), at=now,
    )  # fmt: skip
    _move(ticket, step, actor=f"user:{user.pk}", now=now)
    return step


def taken(interaction: int, agent: int, *, until: datetime | None = None, now: datetime | None = None) -> list[int]:
    """Somebody took the call: the tickets that were handed on with it (`until` then, None for all) are theirs. Returns the steps that are done by it; doing it again changes
    nothing."""
    now = now or timezone.now()
    done = []
    with transaction.atomic():
        person = User.objects.filter(pk=agent).first()
        rows = LevelStep.objects.select_for_update().filter(interaction_id=interaction, state=State.PENDING).exclude(by_id=agent)
        for step in (rows if until is None else rows.filter(at__lte=until)).order_by("pk"):
            ticket = Ticket.objects.select_for_update().get(pk=step.ticket_id)
            step.state, step.to_owner = State.DONE, person
            step.save(update_fields=["state", "to_owner"])
            _move(ticket, step, actor=f"user:{agent}", now=now)
            done.append(step.pk)
    return done


def dropped(interaction: int, *, by: int | None = None, until: datetime | None = None) -> list[int]:
    """The call came back, or ended, before somebody took it: the ticket stays where it was. `by`: only what this person handed on; `until`: only what was handed on until then.
    Returns the steps."""
    done = []
    with transaction.atomic():
        rows = LevelStep.objects.select_for_update(of=("self",)).select_related("ticket").filter(interaction_id=interaction, state=State.PENDING)
        rows = rows if by is None else rows.filter(by=by)
        for step in (rows if until is None else rows.filter(at__lte=until)).order_by("pk"):
            step.state = State.DROPPED
            step.save(update_fields=["state"])
            log.record(events_level.DROPPED, actor="system", ticket=step.ticket_id, party=step.ticket.party_id, step=step.pk, interaction=interaction)
            done.append(step.pk)
    return done


def _may_go(ticket: Ticket) -> Where:
    at = where(ticket)
    if ticket.state not in states.OPEN:
        raise ValidationError({"state": _("The ticket is over: open it again first.")})
    if at.pending is not None:
        raise ValidationError({"state": _("The call is being handed on with it at this moment.")})
    if at.next is None:
        raise ValidationError({"level": _("Nobody serves a higher level for this product. A manager sets who does, under Settings, Support levels.")})
    return at


def _answered(at: Where, ticket: Ticket, answers: Mapping[int, str], *, refuse: bool) -> list[dict[str, Any]]:
    """What the level asks for, as it was asked, with what was answered."""
    known = {"product": ticket.product_id is not None, "reason": ticket.reason_id is not None}
    gone = levels.missing(at.items, answers, product=known["product"], reason=known["reason"])
    if gone and refuse:
        language = get_language() or "en"
        raise Missing(gone, [at.rows[number].name_in(language) for number in gone])
    kept = []
    for item in at.items:
        answer = ("yes" if known[item.asks] else "") if item.asks in known else answers.get(item.id, "").strip()[:MOST_WHY]
        kept.append({"names": at.rows[item.id].names, "asks": item.asks, "answer": answer, "missing": item.id in gone})
    return kept


def _circle(at: Where, sure: bool) -> bool:
    assert at.next is not None
    before = levels.circle(at.path, at.next.rank, at.next.unit)
    if before and not sure:
        raise Circle(len(before), at.next_name)
    return bool(before)


def _step(
    ticket: Ticket,
    at: Where,
    way: str,
    *,
    by: User | None,
    why: str,
    answers: list[dict[str, Any]],
    circle: bool,
    now: datetime,
    interaction: int | None = None,
) -> LevelStep:
    assert at.next is not None
    return LevelStep.objects.create(
        ticket=ticket, way=way, state=State.PENDING if interaction is not None else State.DONE, from_rank=at.rank, to_rank=at.next.rank,
        from_unit_id=ticket.unit_id, to_unit_id=at.next.unit, from_owner_id=ticket.owner_id, interaction_id=interaction, by=by,
        why=" ".join(why.split())[:MOST_WHY], answers=answers, circle=circle, at=now,
    )  # fmt: skip


def _move(ticket: Ticket, step: LevelStep, *, actor: str, now: datetime) -> None:
    """The ticket goes where the step says: to a person, else into the work list of the unit."""
    old = ticket.owner_id
    place, ticket.owner_id = ticket.unit_id, step.to_owner_id
    ticket.position_id = None
    ticket.unit_id = step.to_unit_id or ticket.unit_id
    ticket.version += 1
    ticket.save(update_fields=["owner", "position", "unit", "version"])
    TicketLevel.objects.update_or_create(ticket=ticket, defaults={"rank": step.to_rank, "since": now})
    log.record(
        events_level.HANDED,
        actor=actor,
        why=step.why[:200],
        ticket=ticket.pk,
        party=ticket.party_id,
        step=step.pk,
        way=str(step.way),
        from_rank=step.from_rank,
        to_rank=step.to_rank,
        unit=step.to_unit_id,
        circle=step.circle,
        owner=ticket.owner_id,
        old_owner=old,
        old_unit=place,
    )
    changes.line(
        ticket, changes.What.LEVEL, actor=actor, now=now, old=str(step.from_rank), new=str(step.to_rank), old_owner_id=old, new_owner_id=ticket.owner_id,
        unit_id=ticket.unit_id, why=step.why[:200], values={"way": str(step.way)},
    ).save()  # fmt: skip


__all__ = ("Circle", "Missing", "dropped", "hand_back", "hand_on_call", "next_level", "send_on", "taken", "undo_step")
