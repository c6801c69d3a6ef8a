"""Takes the steps that are due: each exactly once, whatever dies and however many sweep.

1. Candidates are read without a lock.
2. In one transaction the tickets are locked, in order and passing over those that somebody else holds; every other writer of steps locks the ticket first too.
3. One conditional UPDATE makes the steps this sweep's own: only those still planned and still due. A second sweeper finds none of them.
4. What the steps ask for is done in the same transaction. A process that is killed anywhere leaves all of it or nothing.

A clock that is set back makes steps wait, never happen twice: a step that was taken is taken."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cordboard.interactions.tell import Tell
from cordboard.rules.published import published
from cordboard.tickets import changes, escalation, escalation_policies, states
from cordboard.tickets.escalation_acts import ACTS, Taking
from cordboard.tickets.escalation_rule_acts import ACTS as RULE_ACTS
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_change import TicketChange
from cordboard.tickets.models_sla import EscalationStep, TicketClock

logger = logging.getLogger(__name__)

BATCH = 60
"""Steps in one transaction: with what they do some hundred rows, so that a writer of SQLite waits for tens of milliseconds."""
ROUNDS = 50
"""Batches in one go; the rest comes a moment later."""
ACTOR = "worker"
State = EscalationStep.State


@dataclass(slots=True)
class Swept:
    taken: int = 0
    failed: int = 0
    steps: list[int] = field(default_factory=list)


def sweep(now: datetime | None = None, *, rounds: int = ROUNDS) -> Swept:
    """Everything that is due, in batches."""
    swept = Swept()
    for _round in range(rounds):
        before = swept.taken
        found = take(now or timezone.now(), swept)
        if found < BATCH or swept.taken == before:
            break
    return swept


def take(now: datetime, swept: Swept | None = None, *, batch: int = BATCH) -> int:
    """One batch. Returns how many steps were due before the look at who has them."""
    swept = swept if swept is not None else Swept()
    due = EscalationStep.objects.filter(state=State.PLANNED, at__lte=now).order_by("at", "pk")
    candidates = list(due.values_list("pk", "ticket_id")[:batch])
    if not candidates:
        return 0
    with transaction.atomic():
        held = Ticket.objects.select_for_update(skip_locked=True).filter(pk__in={ticket for _pk, ticket in candidates}).order_by("pk")
        tickets = {row.pk: row for row in held}
        claim = secrets.token_hex(8)
        mine = [pk for pk, ticket in candidates if ticket in tickets]
        if not EscalationStep.objects.filter(pk__in=mine, state=State.PLANNED, at__lte=now).update(state=State.TAKEN, claim=claim, taken_at=now):
            return len(candidates)
        steps = list(EscalationStep.objects.filter(claim=claim).select_related("clock").order_by("at", "pk"))
        tell = Tell(ACTOR)
        _perform(steps, tickets, now, tell)
        tell.write()
    swept.taken += len(steps)
    swept.failed += sum(step.state == State.FAILED for step in steps)
    swept.steps += [step.pk for step in steps]
    return len(candidates)


def _perform(steps: Iterable[EscalationStep], tickets: dict[int, Ticket], now: datetime, tell: Tell) -> None:
    breached: list[TicketClock] = []
    lines: list[TicketChange] = []
    steps = list(steps)
    policies = published(escalation_policies.AREA)
    for step in steps:
        ticket = tickets[step.ticket_id]
        step.clock.ticket = step.ticket = ticket
        do = str(step.terms.get("do", ""))
        if step.clock.ended_at is not None or ticket.state in states.DONE:
            step.outcome = {"code": "over"}
            continue
        if do == escalation.POLICIES:
            step.outcome = {"code": "asked"}
        elif do == escalation.BREACH:
            if step.clock.due_at is not None and step.clock.breached_at is None:
                step.clock.breached_at = step.clock.due_at
                breached.append(step.clock)
            step.outcome = {"code": "breached"}
            tell.add("tickets.breached", **changes.about(ticket), clock=step.clock_id, kind=step.clock.kind)
            lines.append(_line(step, ticket, now))
        else:
            step.outcome = _act(do, step, ticket, now, tell)
            if "failure" in step.outcome:
                step.state = State.FAILED
            _said(step, do, ticket, now, tell, lines)
        for made in escalation_policies.ask(step, ticket, policies, now, tell, _act) if policies else ():
            _said(made, str(made.terms["do"]), ticket, now, tell, lines)
    TicketChange.objects.bulk_create(lines)
    TicketClock.objects.filter(pk__in=[clock.pk for clock in breached]).update(breached_at=F("due_at"))
    alike: dict[str, list[EscalationStep]] = {}
    for step in steps:
        alike.setdefault(json.dumps([step.state, step.outcome], sort_keys=True), []).append(step)
    for some in alike.values():  # most of a batch came out the same
        EscalationStep.objects.filter(pk__in=[step.pk for step in some]).update(state=some[0].state, outcome=some[0].outcome)


def _said(step: EscalationStep, do: str, ticket: Ticket, now: datetime, tell: Tell, lines: list[TicketChange]) -> None:
    tell.add("tickets.escalated", **changes.about(ticket), step=step.pk, do=do, done=step.state == State.TAKEN)
    if step.outcome.get("code") != "level":  # the hand-off has a line of its own
        lines.append(_line(step, ticket, now))


def _line(step: EscalationStep, ticket: Ticket, now: datetime) -> TicketChange:
    """In the conversation, with what the page needs to say it without the step."""
    found = step.outcome
    terms = {name: value for name, value in step.terms.items() if name != "with"}
    said = {"terms": terms, "outcome": found}
    return changes.line(ticket, changes.What.STEP, actor=ACTOR, now=now, new_owner_id=found.get("who"), unit_id=found.get("unit"), values=said)


def _act(do: str, step: EscalationStep, ticket: Ticket, now: datetime, tell: Tell) -> dict[str, Any]:
    """What a step asks for, behind a savepoint: one that fails leaves nothing of itself and hinders no other. The ticket says why."""
    act = ACTS.get(do) or RULE_ACTS.get(do)
    if act is None:
        return {"code": "unknown", "failure": "unknown"}
    mark = len(tell.events)
    try:
        with transaction.atomic():
            return act(Taking(step, ticket, now, tell))
    except Exception as failure:
        logger.exception("the escalation step %d of ticket %d failed", step.pk, ticket.number)
        del tell.events[mark:]
        ticket.refresh_from_db()
        return {"code": "failed", "failure": type(failure).__name__}
