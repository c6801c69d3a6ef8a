"""The deadlines of a ticket: its clocks with what is left, why each is what it is, and the steps before it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say
from cordboard.org.models import User
from cordboard.tickets import sla_words
from cordboard.tickets.escalation_policies import without_asking
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import EscalationStep, TicketClock
from cordboard.tickets.queries_sla import Standing, standing

AT_RISK = 0.8
"""Share of the target from which on a clock is shown as at risk."""
DAY = 86_400
SHOWN_OVER = 4
_ICONS = {"met": "circle-check", "risk": "alert-circle", "breached": "alert-triangle", "running": "clock", "paused": "player-pause", "none": "clock"}


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """Three queries, two more where steps name people or units. None: the ticket has no clocks (it was opened before there were any)."""
    found = standing(ticket)
    if not found.clocks:
        return None
    now = timezone.now()
    running = [one for one in found.clocks if one.ended_at is None]
    over = [one for one in found.clocks if one.ended_at is not None and one.met_at is not None]
    head = running or over
    return {
        "template": "desktop/ticket/sla.html",
        "level": _level(head[0]) if head else "",
        "clocks": [_clock(one, now) for one in [*over[-SHOWN_OVER:], *running]],
        "why": [sentence for one in running for sentence in sla_words.explain(one)],
        "steps": _steps(found),
        "changes": [{"words": sla_words.change(one), "at": say.when(one.at, now), "by": one.by.name if one.by is not None else ""} for one in found.changes],
    }


def _level(clock: TicketClock) -> str:
    calendar = clock.explained.get("calendar", "")
    return _("%(plan)s, %(calendar)s") % {"plan": clock.plan_name, "calendar": calendar} if calendar else clock.plan_name


def _clock(clock: TicketClock, now: datetime) -> dict[str, str]:
    state = standing_of(clock, now)
    return {
        "name": sla_words.clock_name(clock.kind),
        "state": state,
        "icon": _ICONS[state],
        "strong": strong(clock, state, now),
        "soft": soft(clock, state, now),
    }


def standing_of(clock: TicketClock, now: datetime) -> str:
    """met, breached, paused, none (no deadline), risk, running."""
    if clock.breached_at is not None or (clock.due_at is not None and not clock.paused and (clock.met_at or now) > clock.due_at):
        return "breached"
    if clock.met_at is not None:
        return "met"
    if clock.paused:
        return "paused"
    if clock.due_at is None:
        return "none"
    whole = (clock.due_at - clock.started_at).total_seconds()
    return "risk" if whole > 0 and (now - clock.started_at).total_seconds() / whole >= AT_RISK else "running"


def strong(clock: TicketClock, state: str, now: datetime) -> str:
    if clock.met_at is not None:
        return _("late") if state == "breached" else ""
    if state == "paused":
        return _("stopped")
    if state == "none" or clock.due_at is None:
        return _("no deadline")
    left = int((clock.due_at - now).total_seconds())
    return _("%(time)s late") % {"time": length(-left)} if left < 0 else _("%(time)s left") % {"time": length(left)}


def soft(clock: TicketClock, state: str, now: datetime) -> str:
    if clock.met_at is not None:
        return _("met %(when)s") % {"when": say.when(clock.met_at, now)}
    if state == "paused":
        return _("waiting for the customer")
    return say.when(clock.due_at, now) if clock.due_at is not None else _("no open hours")


def length(seconds: int) -> str:
    """2 d 2 h, 1 h 12 min, 5 min."""
    if seconds >= DAY:
        return _("%(days)s d %(hours)s h") % {"days": seconds // DAY, "hours": seconds % DAY // 3600}
    return sla_words.span(seconds)


def _steps(found: Standing) -> list[dict[str, str]]:
    made = []
    for step in without_asking(found.steps):
        do = str(sla_words.DOES.get(step.terms.get("do", ""), step.terms.get("do", "")))
        planned = step.state == EscalationStep.State.PLANNED
        if planned and (step.terms.get("do") == "breach" or step.at is None):
            continue
        moment = step.at if planned else step.taken_at
        made.append(
            {
                "do": do,
                "when": sla_words.when(step.terms),
                "at": sla_words.at(moment) if moment is not None else "",
                "outcome": "" if planned else sla_words.outcome(step, found.people, found.units),
                "icon": {"planned": "clock", "taken": "check"}.get(step.state, "alert-triangle"),
            }
        )
    return made
