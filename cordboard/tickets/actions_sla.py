"""The only writer of clocks: started with a ticket, stopped while the customer is waited for, computed again when what they stand on changes.

Every function works in the caller's transaction, on a ticket that the caller holds locked, and leaves `ticket.due_at` at the nearest deadline that runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cordboard.events import log
from cordboard.interactions.tell import seconds
from cordboard.tickets import changes, escalation, escalation_policies, sla, states
from cordboard.tickets.calendar import always
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import ClockChange, EscalationStep, TicketClock, TicketPause
from cordboard.tickets.queries_contact import was_answered
from cordboard.tickets.queries_sla import Terms, fill, terms_of

Kind = TicketClock.Kind
SYSTEM = "system"


def begin(ticket: Ticket, *, due_at: datetime | None = None, actor: str = SYSTEM, now: datetime) -> None:
    """The clocks of a ticket that was just opened. `due_at`: its resolution is promised for that moment."""
    work = _Work(ticket, now, "opened", actor)
    if due_at is not None:
        work.fix(due_at)
    work.start_missing()
    work.finish()


def state_changed(ticket: Ticket, old: str, *, actor: str = SYSTEM, now: datetime) -> None:
    """A ticket went from `old` (one of states.STATES) to its state of now: waiting stops clocks, resolving meets them, opening again goes on with them."""
    if ticket.state != old:
        settle(ticket, _why(old, ticket.state), actor=actor, now=now)


def settle(ticket: Ticket, why: str, *, actor: str = SYSTEM, now: datetime) -> None:
    """Brings the clocks in line with how the ticket stands: its state, and what its deadlines are computed from (priority, kind, unit, customer, segment, service level,
    calendar). `why` names the cause: changed, given, moved, segment, plan, calendar, or one of the states'. Done twice, it is as done once."""
    work = _Work(ticket, now, why, actor)
    if ticket.state in states.OPEN:
        work.reopen()
    if ticket.state == Ticket.State.WAITING:
        work.begin_pause()
    else:
        work.end_pause()
    if ticket.state in states.DONE:
        work.meet(*Kind.values)
    work.start_missing()
    work.finish()


def answered(ticket: Ticket, *, actor: str = SYSTEM, now: datetime) -> None:
    """The customer has been answered: a public reply, or a talk about the ticket."""
    work = _Work(ticket, now, "answered", actor)
    work.meet(Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE)
    work.finish()


def customer_wrote(ticket: Ticket, *, now: datetime) -> None:
    """A message of the customer's waits for an answer. While the first answer is still owed, that clock stands for it."""
    work = _Work(ticket, now, "customer_wrote", SYSTEM)
    if ticket.state in states.OPEN and not (work.open.keys() & {Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE}):
        work.start(Kind.NEXT_RESPONSE, now)
    work.finish()


def promise(ticket: Ticket, due_at: datetime, *, actor: str = SYSTEM, now: datetime) -> None:
    """The resolution is promised for this moment; no service level moves it and waiting does not stop it."""
    if ticket.state in states.DONE:
        ticket.due_at = due_at
        ticket.save(update_fields=["due_at"])
        return
    work = _Work(ticket, now, "promised", actor)
    work.fix(due_at)
    work.finish()


def drop(ticket: Ticket, *, actor: str = SYSTEM, now: datetime) -> None:
    """Nothing is owed on this ticket any more (it was merged into another one)."""
    work = _Work(ticket, now, "dropped", actor)
    for kind in list(work.open):
        work.end(work.open[kind], met=False)
    work.end_pause()
    work.finish()


def pick_up(ticket: Ticket, dropped_at: datetime, *, actor: str = SYSTEM, now: datetime) -> None:
    """What `drop` ended at that moment is owed again, as if it never had been (a merge was taken back)."""
    for clock in TicketClock.objects.filter(ticket=ticket, met_at=None, ended_at=dropped_at):
        if not TicketClock.objects.filter(ticket=ticket, kind=clock.kind, ended_at=None).exists():
            clock.ended_at = None
            clock.save(update_fields=["ended_at"])
    settle(ticket, "reopened", actor=actor, now=now)


def catch_up(ticket: Ticket, *, now: datetime) -> bool:
    """The clocks of an open ticket that was there before any were kept. What was answered counts as answered then. A time that it was given before is a promise and stays, wherever the
    service level would have it otherwise. Steps that would lie in the past are kept as passed over: an upgrade alarms nobody about last year. False: it has clocks, or nothing is owed."""
    if ticket.state not in states.OPEN or TicketClock.objects.filter(ticket=ticket).exists():
        return False
    shown = ticket.due_at
    answered_at = ticket.messages.filter(kind="reply").order_by("at").values_list("at", flat=True).first()
    work = _Work(ticket, now, "caught_up", SYSTEM)
    if ticket.state == Ticket.State.WAITING:
        work.begin_pause()
    work.start_missing()
    if answered_at is not None:
        work.meet_at(Kind.FIRST_RESPONSE, answered_at)
        if ticket.unanswered_since is not None:
            work.start(Kind.NEXT_RESPONSE, ticket.unanswered_since)
    work.finish()
    clock = work.open.get(Kind.RESOLUTION)
    if shown is not None and (clock is None or clock.due_at != shown):
        again = _Work(ticket, now, "caught_up", SYSTEM)
        again.fix(shown)
        again.finish()
    past = EscalationStep.objects.filter(ticket=ticket, state=EscalationStep.State.PLANNED, at__lte=now)
    past.exclude(terms__do=escalation.BREACH).update(state=EscalationStep.State.TAKEN, taken_at=now, outcome={"code": "before"})
    return bool(work.open or work.ended)


def _why(old: str, new: str) -> str:
    if new == Ticket.State.WAITING:
        return "waiting"
    if new in states.DONE:
        return "resolved"
    return "reopened" if old in states.DONE else "resumed" if old == Ticket.State.WAITING else "changed"


class _Work:
    """One change of a ticket's clocks: what was read, what will be written."""

    def __init__(self, ticket: Ticket, now: datetime, why: str, actor: str) -> None:
        self.ticket, self.now, self.why, self.actor = ticket, now, why, actor
        self.by = int(actor.removeprefix("user:")) if actor.startswith("user:") else None
        clocks = list(TicketClock.objects.filter(ticket=ticket)) if why != "opened" else []
        self.open: dict[str, TicketClock] = {one.kind: one for one in clocks if one.ended_at is None}
        self.over: dict[str, TicketClock] = {one.kind: one for one in clocks if one.ended_at is not None}
        self.pauses = list(TicketPause.objects.filter(ticket=ticket)) if why != "opened" else []
        self.ended: list[TicketClock] = []
        self.before = {one.kind: one.due_at for one in self.open.values()}
        self._terms: Terms | None = None

    @property
    def terms(self) -> Terms:
        if self._terms is None:
            self._terms = terms_of(self.ticket, self.now)
        return self._terms

    # -- what happens to clocks --
    def start(self, kind: str, at: datetime) -> None:
        if self.terms.targets.get(kind):
            self.open[kind] = TicketClock(ticket=self.ticket, kind=kind, started_at=at)

    def start_missing(self) -> None:
        """Clocks that the service level asks for and that there never were: of a new ticket, or after another level was chosen."""
        if self.ticket.state not in states.OPEN:
            return
        for kind in (Kind.FIRST_RESPONSE, Kind.RESOLUTION):
            if kind not in self.open and kind not in self.over and not self._has_been(kind):
                self.start(kind, self.ticket.opened_at)

    def _has_been(self, kind: str) -> bool:
        """A level that asks for a first answer only now asks for none where the customer has had one: it would be late by hours that nobody had promised."""
        if kind != Kind.FIRST_RESPONSE or self.why in ("opened", "caught_up") or not self.terms.targets.get(kind):
            return False
        return was_answered(self.ticket)

    def fix(self, due_at: datetime) -> None:
        clock = self.open.setdefault(Kind.RESOLUTION, TicketClock(ticket=self.ticket, kind=Kind.RESOLUTION, started_at=self.now))
        clock.fixed, clock.due_at = True, due_at

    def meet(self, *kinds: str) -> None:
        for kind in kinds:
            if (clock := self.open.get(kind)) is not None:
                self.end(clock, met=True)

    def meet_at(self, kind: str, at: datetime) -> None:
        """It was met before its clock was kept."""
        if (clock := self.open.get(kind)) is not None and fill(clock, self.terms):
            self.end(clock, met=True, at=at)

    def end(self, clock: TicketClock, *, met: bool, at: datetime | None = None) -> None:
        at = at or self.now
        clock.ended_at, clock.paused = at, False
        clock.met_at = at if met else None
        if met and clock.due_at is not None and at > clock.due_at and clock.breached_at is None:
            clock.breached_at = clock.due_at
        self.ended.append(clock)
        del self.open[clock.kind]

    def reopen(self) -> None:
        """The resolution goes on where it ended; the time in between does not count."""
        clock = self.over.get(Kind.RESOLUTION) if Kind.RESOLUTION not in self.open else None
        if clock is None or clock.met_at is None:
            return
        begun = max(clock.ended_at or self.now, clock.started_at)
        self.pauses.append(
            TicketPause.objects.create(
                ticket=self.ticket, state="resolved", begun_at=begun, ended_at=max(begun, self.now), by_id=self.by, unit_id=self.ticket.unit_id
            )
        )
        clock.ended_at = clock.met_at = None
        self.open[Kind.RESOLUTION] = clock

    def begin_pause(self) -> None:
        if all(one.ended_at is not None for one in self.pauses):
            self.pauses.append(TicketPause.objects.create(ticket=self.ticket, state="waiting", begun_at=self.now, by_id=self.by, unit_id=self.ticket.unit_id))

    def end_pause(self) -> None:
        for one in self.pauses:
            if one.ended_at is None:
                one.ended_at = max(self.now, one.begun_at)  # a clock that was set back makes no pause of less than nothing
                one.save(update_fields=["ended_at"])

    # -- writing --
    def finish(self) -> None:
        changes: list[ClockChange] = []
        for clock in list(self.open.values()):
            before = self.before.get(clock.kind)
            if not self._compute(clock):
                if clock.pk:
                    self.end(clock, met=False)
                else:
                    del self.open[clock.kind]
                continue
            new = clock.pk is None
            clock.save()
            stops = clock.kind in sla.STOPS_WHILE_WAITING and not clock.fixed
            if new or before != clock.due_at or (stops and self.why in ("waiting", "resumed", "reopened")):
                changes.append(self._change(clock, before))
        for clock in self.ended:
            clock.save()
            changes.append(self._change(clock, clock.due_at))
        ClockChange.objects.bulk_create(changes)
        self._plan_steps()
        self._set_due()

    def _compute(self, clock: TicketClock) -> bool:
        """Deadline and explanation of a clock. False: it is not asked for any more."""
        terms = self.terms
        if clock.fixed:
            assert clock.due_at is not None
            clock.target_seconds = always().working_between(clock.started_at, clock.due_at)
            clock.plan, clock.plan_name, clock.plan_version, clock.target, clock.calendar = terms.plan.code, terms.plan.name, terms.plan.version, "", None
            clock.explained = {"fixed": True}
            return True
        stops = clock.kind in sla.STOPS_WHILE_WAITING
        spans = [sla.Span(one.begun_at, one.ended_at) for one in self.pauses if stops or one.state == "resolved"]
        if not fill(clock, terms, spans):
            return False
        clock.paused = stops and any(one.ended_at is None for one in self.pauses)
        if clock.breached_at is not None and clock.due_at is not None and clock.due_at > self.now:
            clock.breached_at = None
        return True

    def _change(self, clock: TicketClock, before: datetime | None) -> ClockChange:
        values: dict[str, Any] = {"kind": clock.kind, "plan": clock.plan_name, "target": clock.target, "paused": clock.paused_seconds}
        why = self.why if clock.ended_at is None or clock.met_at is not None else "dropped"
        return ClockChange(ticket=self.ticket, clock=clock, why=why, by_id=self.by, at=self.now, due_before=before, due_after=clock.due_at, values=values)

    def _plan_steps(self) -> None:
        """Steps follow their clocks; those that were taken stay taken, whatever the deadline becomes."""
        gone = [clock.pk for clock in self.ended]
        if gone:
            EscalationStep.objects.filter(clock__in=gone, state=EscalationStep.State.PLANNED).delete()
        if not self.open:
            return
        known: dict[tuple[int, str], EscalationStep] = {}
        if self.why != "opened":
            known = {(one.clock_id, one.key): one for one in EscalationStep.objects.filter(clock__in=[clock.pk for clock in self.open.values()])}
        made, moved, wanted = [], [], set()
        asked = escalation_policies.moments()
        for clock in self.open.values():
            for key, terms, at in self._wanted(clock, asked):
                wanted.add((clock.pk, key))
                step = known.get((clock.pk, key))
                if step is None:
                    made.append(EscalationStep(ticket=self.ticket, clock=clock, key=key, terms=terms, at=at))
                elif step.state == EscalationStep.State.PLANNED and step.at != at:
                    step.at = at
                    moved.append(step)
        old = [one.pk for key, one in known.items() if key not in wanted and one.state == EscalationStep.State.PLANNED]
        if old:
            EscalationStep.objects.filter(pk__in=old).delete()
        EscalationStep.objects.bulk_create(made)
        for step in moved:
            step.save(update_fields=["at"])

    def _wanted(self, clock: TicketClock, asked: Iterable[escalation.Step]) -> Iterable[tuple[str, dict[str, Any], datetime | None]]:
        stopped = clock.paused or clock.due_at is None
        line = always() if clock.fixed else self.terms.line
        of_clock = (step for step in asked if step.clock == clock.kind)
        for step in (*escalation.read_steps(self.terms.plan.steps, clock.kind), *of_clock):
            at = None if stopped else escalation.moment(line, clock.started_at, clock.target_seconds, clock.paused_seconds, clock.due_at, step)
            yield step.key, step.terms, at
        if clock.due_at is not None:
            # by its moment, so that a deadline that was moved may be missed again
            yield f"{escalation.BREACH}:{int(clock.due_at.timestamp())}", {"clock": clock.kind, "do": escalation.BREACH}, None if stopped else clock.due_at

    def _set_due(self) -> None:
        running = [clock.due_at for clock in self.open.values() if clock.due_at is not None and not clock.paused]
        due = min(running, default=None)
        if self.ticket.state in states.DONE:
            due = self.ticket.due_at  # lists of what is done show by when it was to be
        if due == self.ticket.due_at:
            return
        self.ticket.due_at = due
        Ticket.objects.filter(pk=self.ticket.pk).update(due_at=due)
        if self.why != "opened":
            ticket = self.ticket
            log.record("tickets.due_changed", actor=self.actor, **changes.about(ticket), due=seconds(due), because=self.why)
