"""What became of a ticket, as small lines in its conversation: state, owner, priority, level, the steps before a deadline. No query: the rows were read with whom they name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import OPEN, Mask
from cordboard.tickets import sla_words
from cordboard.tickets.kinds import kind_name
from cordboard.tickets.models import TicketChange
from cordboard.tickets.models_level import LevelStep, SupportLevel
from cordboard.tickets.queries_kind import Terms

What = TicketChange.What
ICONS = {
    What.STATE: "history", What.OWNER: "user-share", What.UNIT: "user-share", What.PRIORITY: "alert-circle", What.KIND: "pencil", What.LEVEL: "stack-2",
    What.STEP: "clock", What.LINK: "external-link",
}  # fmt: skip


def line(row: TicketChange, terms: Terms, now: datetime, mask: Mask = OPEN) -> dict[str, Any]:
    """`terms` are those of the ticket's kind, for the names of its states."""
    words, typed = _SAID[What(row.what)](row, terms)
    why = mask(typed)
    who = _who(row)
    return {
        "event": True,
        "change": True,
        "icon": ICONS[What(row.what)],
        "words": words,
        "who": _("%(name)s: %(why)s") % {"name": who, "why": why} if who and why else who or why,
        "at": say.when(row.at, now),
    }


def _who(row: TicketChange) -> str:
    if row.by is not None:
        return str(row.by)
    if row.actor == "customer":
        return _("the customer wrote")
    if row.actor.startswith("user:"):
        return _("a colleague who left")
    return _("by a rule") if row.actor == "rule" else ""


def _state(row: TicketChange, terms: Terms) -> tuple[str, str]:
    return _("%(new)s, before %(old)s") % {"new": terms.state_name(row.new), "old": terms.state_name(row.old)}, ""


def _owner(row: TicketChange, terms: Terms) -> tuple[str, str]:
    typed = row.why if row.by is not None and row.why not in _OURS else ""
    if row.new_owner is None and row.values.get("position"):
        return _("In the work list of %(unit)s") % {"unit": row.values["position"]}, typed
    if row.new_owner is None:
        return (_("Back in the work list of %(unit)s") % {"unit": row.unit} if row.unit is not None else _("Nobody owns it now")), typed
    if row.by is not None and row.by_id == row.new_owner_id:
        return pgettext("a ticket, by a colleague", "Taken into hand"), typed
    if row.old_owner is None:
        return _("Given to %(name)s") % {"name": row.new_owner}, typed
    return _("Given to %(name)s, before %(old)s") % {"name": row.new_owner, "old": row.old_owner}, typed


def _unit(row: TicketChange, terms: Terms) -> tuple[str, str]:
    return (_("In the work list of %(unit)s") % {"unit": row.unit} if row.unit is not None else _("In no unit's work list")), ""


def _priority(row: TicketChange, terms: Terms) -> tuple[str, str]:
    return _("Priority %(new)s, before %(old)s") % {"new": row.new, "old": row.old}, ""


def _kind(row: TicketChange, terms: Terms) -> tuple[str, str]:
    return _("%(new)s, before %(old)s") % {"new": kind_name(row.new), "old": kind_name(row.old)}, ""


def _level(row: TicketChange, terms: Terms) -> tuple[str, str]:
    ranks = dict(SupportLevel.Rank.choices)
    values = {"level": ranks.get(int(row.new or 0), row.new), "unit": row.unit or "–"}
    back = row.values.get("way") == LevelStep.Way.BACK
    return (_("Handed back: %(level)s, %(unit)s") if back else _("Sent on: %(level)s, %(unit)s")) % values, row.why if row.by is not None else ""


def _link(row: TicketChange, terms: Terms) -> tuple[str, str]:
    return _("The customer's link was withdrawn"), row.why


def _step(row: TicketChange, terms: Terms) -> tuple[str, str]:
    people = {row.new_owner_id: str(row.new_owner)} if row.new_owner_id is not None else {}
    units = {row.unit_id: str(row.unit)} if row.unit_id is not None else {}
    return sla_words.came(row.values.get("outcome", {}), people, units), sla_words.when(row.values.get("terms", {}))


_OURS = ("handed over", "taken")
"""Reasons that the program gives, not whoever did it."""
_SAID: dict[What, Callable[[TicketChange, Terms], tuple[str, str]]] = {
    What.STATE: _state, What.OWNER: _owner, What.UNIT: _unit, What.PRIORITY: _priority, What.KIND: _kind, What.LEVEL: _level, What.STEP: _step, What.LINK: _link,
}  # fmt: skip
