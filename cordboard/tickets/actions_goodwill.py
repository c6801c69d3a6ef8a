"""Giving customers something, within the limit at once, above it when all who must have agreed: asked in order, each with a time, their deputies when they are away or silent. What is
approved is given once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.interactions import actions_approval as approvals
from cordboard.interactions.models import Approval
from cordboard.org.absence import stand_in
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import Unit, User
from cordboard.org.permissions import require
from cordboard.org.queries_absence import away
from cordboard.parties.models import Party
from cordboard.tickets import actions, events_goodwill, goodwill
from cordboard.tickets.models_goodwill import Grant, GrantStep
from cordboard.tickets.queries_goodwill import decide
from cordboard.tickets.telling import tell

MOST_REASON = 300
NOBODY = "nobody"
"""Why a step was declined that nobody could be asked for."""
State, Step = Grant.State, GrantStep.State


def give(user: User, ticket_id: int, kind: str, amount: Any, reason: str, *, now: datetime | None = None) -> Grant:
    """Give it when the rules let this agent, else ask those who must agree. The state of what comes back says which. Raises ValidationError ("kind", "amount", "reason"),
    PermissionDenied."""
    require(user, "tickets.change")
    now = now or timezone.now()
    wanted = goodwill.money(amount)
    reason = " ".join(reason.split())[:MOST_REASON]
    if kind not in Grant.Kind.values:
        raise ValidationError({"kind": _("Choose what is to be given.")})
    if wanted is None or not wanted:
        raise ValidationError({"amount": _("Write an amount above 0, such as 25 or 12.50.")})
    if not reason:
        raise ValidationError({"reason": _("Say why, for the customer's history and for who has to agree.")})
    with transaction.atomic():
        ticket = actions._may_change(user, ticket_id)
        if ticket.party_id is None:
            raise ValidationError({"kind": _("The ticket has no customer: nobody can be given anything.")})
        Party.objects.select_for_update().get(pk=ticket.party_id)  # two who give at a time: the second sees what the first gave
        found = decide(ticket, kind, now)
        needed = found.limit.needs(wanted)
        row = Grant.objects.create(
            ticket=ticket, party_id=ticket.party_id, kind=kind, amount=wanted, currency=found.limit.currency, reason=reason, limit=found.limit.amount,
            trace=found.trace, by=user, at=now, state=State.ASKED if needed else State.GIVEN, given_by=None if needed else user, given_at=None if needed else now,
        )  # fmt: skip
        if not needed:
            log.record(events_goodwill.GIVEN, actor=f"user:{user.pk}", **_fields(row), approved=False)
            return row
        for order, step in enumerate(needed, start=1):
            unit = _unit(step.of, user)
            if _approver(unit, user.pk, now, late=False)[0] is None:  # of a later step too: nobody shall agree to what cannot be agreed to by all
                raise ValidationError({"amount": _("There is nobody who could approve it: the unit has no head, nor has any unit above it.")})
            GrantStep.objects.create(grant=row, order=order, unit=unit, hours=step.hours)
        log.record(events_goodwill.ASKED, actor=f"user:{user.pk}", **_fields(row), steps=len(needed))
        _ask_next(row, now)
    return row


def carry_out(user: User, number: int, *, now: datetime | None = None) -> Grant:
    """Give what was approved. Only once, however often and by however many it is asked. Raises ValidationError, PermissionDenied, Grant.DoesNotExist."""
    require(user, "tickets.change")
    now = now or timezone.now()
    with transaction.atomic():
        row = Grant.objects.select_for_update().get(pk=number)
        actions._may_change(user, row.ticket_id)
        if row.state != State.APPROVED or approvals.approved(about(row)) is None:
            raise ValidationError({"grant": _("This cannot be given: %(state)s.") % {"state": row.get_state_display()}})
        row.state, row.given_by, row.given_at = State.GIVEN, user, now
        row.save(update_fields=["state", "given_by", "given_at"])
        log.record(events_goodwill.GIVEN, actor=f"user:{user.pk}", **_fields(row), approved=True)
    return row


def withdraw(user: User, number: int, *, now: datetime | None = None) -> Grant:
    """Who asked does not want it any more; who is asked at the moment is asked no longer. Raises ValidationError, PermissionDenied, Grant.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Grant.objects.select_for_update().get(pk=number)
        if row.by_id != user.pk:
            raise PermissionDenied(_("Only who asked for it can withdraw it."))
        if row.state not in (State.ASKED, State.APPROVED):
            raise ValidationError({"grant": _("This cannot be withdrawn: %(state)s.") % {"state": row.get_state_display()}})
        _settle(row, State.WITHDRAWN, f"user:{user.pk}")
        for step in row.steps.filter(state=Step.ASKED).select_related("approval"):
            if step.approval is not None and step.approval.open:
                approvals.withdraw(user, step.approval.pk, now=now)
        row.steps.filter(state__in=(Step.ASKED, Step.LATER)).update(state=Step.OFF, at=now)
    return row


def advance(approval: int, *, now: datetime | None = None) -> Grant | None:
    """An approval was settled: the next step is asked, a deputy is, or the whole is decided. None when it is not one of ours or was followed already."""
    now = now or timezone.now()
    with transaction.atomic():
        found = GrantStep.objects.filter(approval=approval).values_list("pk", "grant_id").first()
        if found is None:
            return None
        row = Grant.objects.select_for_update().get(pk=found[1])
        step = GrantStep.objects.select_related("approval", "unit").get(pk=found[0])
        settled = step.approval
        if row.state != State.ASKED or step.state != Step.ASKED or settled is None or settled.pk != approval or settled.open:
            return None
        if settled.state == Approval.State.EXPIRED and not step.deputy and _ask(row, step, now, late=True):
            return row
        step.state = {Approval.State.APPROVED: Step.APPROVED, Approval.State.DECLINED: Step.DECLINED}.get(Approval.State(settled.state), Step.EXPIRED)
        step.at = now
        step.save(update_fields=["state", "at"])
        log.record(events_goodwill.STEP, actor="worker", **_fields(row), step=step.order, state=str(step.state), deputy=step.deputy)
        if step.state == Step.APPROVED:
            _ask_next(row, now)
        else:
            row.steps.filter(state=Step.LATER).update(state=Step.OFF, at=now)
            _settle(row, State.DECLINED if step.state == Step.DECLINED else State.EXPIRED, "worker")
    return row


def about(row: Grant) -> str:
    """What approvals name it by."""
    return f"grant:{row.pk}"


def _ask_next(row: Grant, now: datetime) -> None:
    """The first step that was not asked; none left: it is approved. With nobody to ask for it, the whole is declined, and who asked for it is told."""
    step = row.steps.filter(state=Step.LATER).select_related("unit").order_by("order").first()
    if step is None:
        _settle(row, State.APPROVED, "worker")
    elif not _ask(row, step, now):  # whoever was there when it was asked for has left since
        step.state, step.why, step.at = Step.DECLINED, NOBODY, now
        step.save(update_fields=["state", "why", "at"])
        log.record(events_goodwill.STEP, actor="worker", **_fields(row), step=step.order, state=str(step.state), deputy=False)
        row.steps.filter(state=Step.LATER).update(state=Step.OFF, at=now)
        _settle(row, State.DECLINED, "worker")
        tell(None, row.ticket, [row.by_id] if row.by_id is not None else [], lambda: _nobody(row, step), now)


def _nobody(row: Grant, step: GrantStep) -> str:
    values = {"kind": row.get_kind_display(), "amount": formats.number_format(row.amount, 2), "currency": row.currency, "unit": step.unit or "–"}
    return (
        _(
            "%(kind)s of %(amount)s %(currency)s cannot be approved: nobody answers for %(unit)s, nor for any unit above it. Ask for it again when somebody does."
        )
        % values
    )


def _ask(row: Grant, step: GrantStep, now: datetime, *, late: bool = False) -> bool:
    """Ask the head of the step's unit, or who stands in. False when there is nobody (else than who asks)."""
    person, why = _approver(step.unit, row.by_id, now, late=late)
    if person is None:
        return False
    own = not why and step.unit is not None and step.unit.head_id == person.pk
    made = approvals.ask(
        about(row),
        _texts(row),
        approver=None if own else person,
        unit=step.unit if own else None,
        asked_by=row.by,
        amount=row.amount,
        currency=row.currency,
        within=timedelta(hours=step.hours),
        now=now,
    )
    step.approval, step.state, step.deputy, step.why, step.at = made, Step.ASKED, late or bool(why), "late" if late else why, now
    step.save(update_fields=["approval", "state", "deputy", "why", "at"])
    log.record(events_goodwill.STEP, actor="worker", **_fields(row), step=step.order, state=str(step.state), deputy=step.deputy)
    return True


def _approver(unit: Unit | None, asker: int | None, now: datetime, *, late: bool) -> tuple[User | None, str]:
    """Who is to be asked in this unit, and why not its head: "away" (the deputy), "own" (it is who asks, so the one above), "none" (it has no head), "late" (the head did not
    answer). Where nobody can be found, the unit above."""
    absent = away(now)
    why, seen = "", set()
    while unit is not None and unit.pk not in seen:
        seen.add(unit.pk)
        head = unit.head if unit.head is not None and unit.head.is_active else None
        if head is None:
            why = why or "none"
        else:
            deputies = _deputies(head)
            if not late or len(seen) > 1:
                found = stand_in(head.pk, absent, deputies)
                reason = "" if found == head.pk else "away"
            else:
                found, reason = next((one for one in deputies if one not in absent), None), "late"
            if found is not None and found != asker:
                return User.objects.filter(pk=found, is_active=True).first(), why or reason
            why = why or ("late" if late else "own" if asker in (head.pk, found) else "away")
        unit = unit.parent
    return None, why


def _deputies(head: User) -> list[int]:
    """The holders of the position that stands in for the head's."""
    if head.position is None or head.position.deputy_id is None:
        return []
    return list(User.objects.filter(position=head.position.deputy_id, is_active=True).order_by("pk").values_list("pk", flat=True))


def _unit(of: str, user: User) -> Unit | None:
    if of == goodwill.HEAD:
        return user.unit
    return Unit.objects.filter(code=of.removeprefix("unit:")).first() or user.unit


def _texts(row: Grant) -> dict[str, dict[str, str]]:
    """What the approver reads, in each language."""
    made = {}
    for language in LANGUAGES:
        with translation.override(language):
            limit = formats.number_format(row.limit or Decimal(0), 2)
            made[language] = {
                "strong": _("%(kind)s on ticket %(number)s") % {"kind": row.get_kind_display(), "number": row.ticket.number},
                "text": _("%(customer)s. %(reason)s Agents may give %(limit)s %(currency)s within a year.")
                % {"customer": row.party or "–", "reason": row.reason.rstrip(".") + ".", "limit": limit, "currency": row.currency},
            }
    return made


def _settle(row: Grant, state: str, actor: str) -> None:
    row.state = state
    row.save(update_fields=["state"])
    log.record(events_goodwill.SETTLED, actor=actor, **_fields(row), state=str(state))


def _fields(row: Grant) -> dict[str, Any]:
    return {"ticket": row.ticket_id, "party": row.party_id, "grant": row.pk, "kind": str(row.kind), "by": row.by_id}


__all__ = ("about", "advance", "carry_out", "give", "withdraw")
