"""What the policies of the area "escalation" may ask of a deadline, and what they may have done. The situation has "ticket", "party", "clock" and "now"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.interactions.rule_verbs import people
from cordboard.org.models import Unit
from cordboard.parties.facts import now_of
from cordboard.rules import areas, verbs
from cordboard.rules.facts import BOOLEAN, CHOICE, NUMBER, Situation, declare
from cordboard.tickets import calendar, sla_words
from cordboard.tickets.escalation_policies import AREA, MINUTES_LEFT, PERCENT
from cordboard.tickets.models import Ticket, TicketLevel
from cordboard.tickets.models_sla import TicketClock
from cordboard.tickets.queries_sla import line_of


def _clock(at: Situation) -> TicketClock | None:
    clock = at.get("clock")
    return clock if isinstance(clock, TicketClock) else None


def _line(clock: TicketClock) -> calendar.Timeline:
    """By which the clock was computed: its calendar, else working days, else around the clock."""
    zone = str(clock.explained.get("timezone", "")) or "UTC"
    if clock.fixed or clock.explained.get("always"):
        return calendar.always(zone)
    return line_of(clock.calendar, zone) if clock.calendar is not None else calendar.weekdays(zone)


def _minutes_left(at: Situation) -> int | None:
    """Of working time, a begun minute as one; below nought: so many too late."""
    clock, now = _clock(at), now_of(at)
    if clock is None or clock.due_at is None:
        return None
    line = _line(clock)
    if now > clock.due_at:
        return -(line.working_between(clock.due_at, now) // 60)
    return -(-line.working_between(now, clock.due_at) // 60)


def _percent(at: Situation) -> int | None:
    clock, now = _clock(at), now_of(at)
    if clock is None or clock.due_at is None or not clock.target_seconds:
        return None
    used = _line(clock).working_between(clock.started_at, max(now, clock.started_at)) - clock.paused_seconds
    return max(0, used) * 100 // clock.target_seconds


def _late(at: Situation) -> bool | None:
    clock = _clock(at)
    return None if clock is None or clock.due_at is None else now_of(at) >= clock.due_at


def _of(read: Callable[[Ticket], Any]) -> Callable[[Situation], Any]:
    def found(at: Situation) -> Any:
        ticket = at.get("ticket")
        return read(ticket) if isinstance(ticket, Ticket) else None

    return found


def _level(ticket: Ticket) -> int:
    return TicketLevel.objects.filter(ticket=ticket).values_list("rank", flat=True).first() or 1


declare(
    "deadline.kind",
    CHOICE,
    pgettext_lazy("of a ticket", "deadline"),
    read=lambda at: c.kind if (c := _clock(at)) is not None else None,
    choices=sla_words.CLOCKS,
)
declare(MINUTES_LEFT, NUMBER, _("working minutes before the deadline"), read=_minutes_left, unit=_("minutes"))
declare(PERCENT, NUMBER, _("share of the time that is used"), read=_percent, unit="%")
declare("deadline.late", BOOLEAN, _("the deadline has passed"), read=_late)
declare("ticket.level", NUMBER, _("support level of the ticket"), read=_of(_level))
declare("ticket.owned", BOOLEAN, _("somebody owns the ticket"), read=_of(lambda ticket: ticket.owner_id is not None))


def takers() -> Mapping[str, Any]:
    """To whom a ticket may be given, for editors."""
    found: dict[str, Any] = {
        "head": pgettext_lazy("ticket's owner", "the head of the unit"),
        "account_owner": pgettext_lazy("ticket's owner", "the account owner"),
        "unit": pgettext_lazy("ticket's owner", "anybody of the unit"),
    }
    return {**found, **{f"unit:{code}": name for code, name in Unit.objects.values_list("code", "name")}, **people()}


verbs.declare("raise_priority", _("raise the priority by one"), sentence=_("raise the priority by one"))
verbs.declare(
    "reassign",
    _("give the ticket to somebody else"),
    fields={"to": str},
    sentence=_("give the ticket to %(to)s"),
    options={"to": takers},
    labels={"to": _("to")},
    single=True,
)
verbs.declare("next_level", _("send the ticket to the next support level"), sentence=_("send the ticket to the next support level"))
areas.declare(
    AREA,
    _("Escalation"),
    _("What happens when a promise is about to be broken, and who hears of it: beside the steps of the service level, at the moments that the rules name."),
    verbs=("notify", "raise_priority", "reassign", "next_level", "add_tag", "add_task"),
    order=40,
)
