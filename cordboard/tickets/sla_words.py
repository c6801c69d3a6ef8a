"""Deadlines, pauses and escalation steps in words, in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext, pgettext

from cordboard.lib.days import SMALL_MONTHS, day
from cordboard.tickets import sla

if TYPE_CHECKING:
    from cordboard.tickets.models import Ticket
    from cordboard.tickets.models_sla import ClockChange, EscalationStep, TicketClock

CLOCKS = {sla.FIRST: later("First response"), sla.NEXT: later("Next response"), sla.RESOLUTION: later("Resolution")}
DAYS = {
    "mon": later("Mondays"), "tue": later("Tuesdays"), "wed": later("Wednesdays"), "thu": later("Thursdays"), "fri": later("Fridays"), "sat": later("Saturdays"),
    "sun": later("Sundays"),
}  # fmt: skip
DOES = {
    "notify_owner": later("tell the owner"),
    "notify_head": later("tell the head of the unit"),
    "raise_priority": later("raise the priority by one"),
    "to_head": later("give it to the head of the unit"),
    "to_unit": later("put it back into the unit's work list"),
    "to_account_owner": later("give it to the account owner"),
    "next_level": later("send it to the next support level"),
    "breach": later("note that the time has passed"),
    "notify": later("tell a colleague"),
    "reassign": later("give it to somebody else"),
    "add_tag": later("add a tag"),
    "add_task": later("put a task into a work list"),
}


def clock_name(kind: str) -> str:
    return str(CLOCKS.get(kind, kind))


def at(moment: datetime, zone: str = "") -> str:
    """Tue 28 Apr, 14:00, in `zone` or in the reader's."""
    local = moment.astimezone(ZoneInfo(zone)) if zone else timezone.localtime(moment)
    year = local.year != timezone.localdate().year
    pattern = pgettext("date pattern, weekday and time", "D j M, H:i") if not year else pgettext("date pattern, weekday, year and time", "D j M Y, H:i")
    if (translation.get_language() or "") in SMALL_MONTHS:
        pattern = pattern.replace("M", "b")
    return str(formats.date_format(local, pattern))


def span(seconds: int) -> str:
    """2 h 30 min; under a minute is a minute."""
    minutes = max(1, round(seconds / 60))
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes} if minutes else _("%(n)s h") % {"n": hours}


def target(text: str, *, always: bool = False) -> str:
    """ "8h" -> 8 working hours; around the clock 8 hours."""
    try:
        found = sla.read_target(text)
    except sla.BadTarget:
        found = None
    if found is None:
        return text
    n = found.amount
    if always:
        words = {"m": ngettext("%(n)s minute", "%(n)s minutes", n), "h": ngettext("%(n)s hour", "%(n)s hours", n), "d": ngettext("%(n)s day", "%(n)s days", n)}
    else:
        words = {
            "m": ngettext("%(n)s working minute", "%(n)s working minutes", n),
            "h": ngettext("%(n)s working hour", "%(n)s working hours", n),
            "d": ngettext("%(n)s working day", "%(n)s working days", n),
        }
    return words[found.unit] % {"n": n}


def left_out(left: Mapping[str, Any]) -> str:
    """What was left out of the time, as a list; empty for nothing."""
    parts: list[str] = []
    if left.get("nights"):
        parts.append(_("nights"))
    if left.get("breaks"):
        parts.append(_("breaks"))
    parts += [str(DAYS[name]) for name in left.get("weekdays", ())]
    for name in ("holidays", "closed"):
        for iso, words in left.get(name, ()):
            on = _on(iso)
            parts.append(_("%(name)s (%(day)s)") % {"name": words, "day": on} if words else on)
    return ", ".join(parts)


def _on(iso: str) -> str:
    return day(date.fromisoformat(iso), timezone.localdate())


def explain(clock: TicketClock) -> list[str]:
    """Why a deadline is what it is, in full sentences."""
    said = clock.explained
    values = {"clock": clock_name(clock.kind), "start": at(clock.started_at)}
    if clock.fixed and clock.due_at is not None:
        return [_("%(clock)s due %(due)s: promised for this moment.") % {**values, "due": at(clock.due_at)}]
    values["target"] = target(clock.target, always=bool(said.get("always")))
    if clock.due_at is None:
        calendar = said.get("calendar", "")
        found = [_("%(clock)s has no deadline: %(target)s from %(start)s are never reached.") % values]
        found.append(_("The calendar %(name)s has no open hours for it.") % {"name": calendar} if calendar else _("The calendar has no open hours for it."))
        return found
    values["due"] = at(clock.due_at)
    found = [_("%(clock)s due %(due)s: %(target)s from %(start)s.") % values]
    if parts := left_out(said.get("left", {})):
        found.append(_("Left out: %(what)s.") % {"what": parts})
    for iso, words in said.get("left", {}).get("other_hours", ()):
        on = _on(iso)
        found.append(_("Other hours on %(day)s: %(name)s.") % {"day": on, "name": words} if words else _("Other hours on %(day)s.") % {"day": on})
    if said.get("left", {}).get("clock_changed"):
        found.append(_("The clock was changed in between; hours are counted as they pass."))
    if clock.paused_seconds:
        found.append(_("Paused for %(time)s of working time.") % {"time": span(clock.paused_seconds)})
    if clock.paused:
        found.append(_("Stopped now: the customer is waited for."))
    if said.get("missing"):
        found.append(_("The rule named the service level %(code)s, which there is not; the usual one holds.") % {"code": said["missing"]})
    if said.get("rule"):
        found.append(_("Service level %(plan)s, by the rule %(rule)s.") % {"plan": clock.plan_name, "rule": said["rule"]})
    elif clock.plan_name:
        found.append(_("Service level %(plan)s.") % {"plan": clock.plan_name})
    return found


_WHY = {
    "opened": later("The ticket was opened"),
    "customer_wrote": later("The customer wrote"),
    "answered": later("The customer was answered"),
    "waiting": later("Waiting for the customer began"),
    "resumed": later("Waiting for the customer ended"),
    "resolved": later("The ticket was resolved"),
    "reopened": later("The ticket was opened again"),
    "changed": later("The ticket was changed"),
    "given": later("It was given to another owner or unit"),
    "moved": later("It was moved to another customer"),
    "segment": later("The customer's value segment changed"),
    "plan": later("The service level was changed"),
    "policy": later("The escalation policies were changed"),
    "level_policy": later("The policies of service levels were changed"),
    "unit": later("The unit was changed"),
    "caught_up": later("The ticket had no deadlines yet"),
    "calendar": later("The calendar was changed"),
    "promised": later("A moment was promised"),
    "dropped": later("It is not asked for any more"),
}


def change(row: ClockChange) -> str:
    """One computation of a deadline, in a sentence."""
    values = {"why": str(_WHY.get(row.why, row.why)), "clock": clock_name(row.values.get("kind", ""))}
    if row.why in ("answered", "resolved", "dropped"):
        late = row.due_after is not None and row.at > row.due_after and row.why != "dropped"
        return (_("%(why)s: %(clock)s ended, late.") if late else _("%(why)s: %(clock)s ended.")) % values
    if row.why == "waiting":
        return _("%(why)s: %(clock)s is stopped.") % values
    if row.due_after is None:
        return _("%(why)s: %(clock)s has no deadline.") % values
    values["due"] = at(row.due_after)
    if row.due_before is None or row.due_before == row.due_after:
        return _("%(why)s: %(clock)s due %(due)s.") % values
    return _("%(why)s: %(clock)s due %(due)s, before %(old)s.") % {**values, "old": at(row.due_before)}


def when(terms: Mapping[str, Any]) -> str:
    """At which point of its clock a step stands."""
    values = {"clock": clock_name(terms.get("clock", ""))}
    if terms.get("rule"):
        return _("by the rule %(rule)s of the policy %(policy)s, for %(clock)s") % {**values, "rule": terms["rule"], "policy": terms.get("policy", "")}
    if terms.get("percent") is not None:
        return _("at %(percent)s %% of %(clock)s") % {**values, "percent": terms["percent"]}
    if terms.get("before") is not None:
        return _("%(time)s before the end of %(clock)s") % {**values, "time": span(60 * int(terms["before"]))}
    return _("at the end of %(clock)s") % values


def _of(clock: TicketClock, zone: str = "") -> dict[str, str]:
    """Which clock, and when it runs out; in the reader's time zone, or in another."""
    return {"clock": clock_name(clock.kind), "due": at(clock.due_at, zone) if clock.due_at is not None else ""}


def step_reason(step: EscalationStep, ticket: Ticket) -> str:
    return _("%(clock)s is due %(due)s: %(when)s.") % {**_of(step.clock), "when": when(step.terms)}


def notice(step: EscalationStep, ticket: Ticket, zone: str) -> str:
    """What the owner or the head is told."""
    values = {"number": ticket.number, "title": ticket.title, **_of(step.clock, zone)}
    if step.clock.breached_at is not None:
        return _("Ticket %(number)s, %(title)s: %(clock)s was due %(due)s.") % values
    return _("Ticket %(number)s, %(title)s: %(clock)s is due %(due)s.") % values


def outcome(step: EscalationStep, people: Mapping[int, str], units: Mapping[int, str]) -> str:
    """What came of a step that was taken."""
    return came(step.outcome, people, units)


def came(found: Mapping[str, Any], people: Mapping[int, str], units: Mapping[int, str]) -> str:
    """The same of an outcome as it was kept."""
    who = {"who": people.get(found.get("who", 0), _("somebody")), "unit": units.get(found.get("unit", 0), _("the unit"))}
    match found.get("code"):
        case "notified":
            words = _("%(who)s was told.") % who
        case "told":
            words = ngettext("%(n)s colleague was told.", "%(n)s colleagues were told.", found["n"]) % {"n": found["n"]}
        case "nobody":
            words = _("Nobody is there whom the rule names.")
        case "tagged":
            words = _("Tagged %(tag)s.") % {"tag": found["tag"]}
        case "task" if found.get("who"):
            words = _("A task stands in the work list of %(who)s.") % who
        case "task":
            words = _("A task stands in the unit's work list.")
        case "no_customer":
            words = _("The ticket has no customer.")
        case "no_unit_any_more":
            words = _("The unit that the rule names is not there any more.")
        case "unknown":
            words = _("Escalation cannot do this.")
        case "before":
            words = _("It lay before the ticket had deadlines.")
        case "priority":
            words = _("Priority %(new)s instead of %(old)s.") % {"new": found["new"], "old": found["old"]}
        case "highest":
            words = _("The priority was the highest already.")
        case "given":
            words = _("Given to %(who)s.") % who
        case "already":
            words = _("%(who)s had it already.") % who
        case "to_unit":
            words = _("Back in the work list of %(unit)s.") % who
        case "already_unit":
            words = _("It was in the unit's work list already.")
        case "level":
            words = _("Sent to level %(rank)s, %(unit)s.") % {"rank": found["rank"], **who}
        case "breached":
            words = _("The time has passed.")
        case "over":
            words = _("The ticket was done by then.")
        case "no_head":
            words = _("Nobody was told: no unit up to the top has a head who is there.")
        case "no_account_owner":
            words = _("The customer has no account owner who is there.")
        case "no_unit":
            words = _("The ticket has no unit.")
        case "no_level":
            words = _("No unit serves a higher level, or a call is being handed on with it.")
        case _other:
            words = _("It could not be done; the reason is in the log of the worker.")
    if found.get("nobody"):
        words = _("%(outcome)s The ticket has no owner.") % {"outcome": words}
    if found.get("away"):
        words = _("%(outcome)s The owner is away.") % {"outcome": words}
    if found.get("passed"):
        words = _("%(outcome)s %(unit)s has no head who is there.") % {"outcome": words, "unit": units.get(found["passed"][0], _("the unit"))}
    return words
