"""What rules may ask about a customer's tickets."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cordboard.parties.facts import ids_of, now_of, once
from cordboard.rules.facts import BOOLEAN, DATETIME, LIST, NUMBER, Situation, declare
from cordboard.tickets import (  # noqa: F401  they register themselves
    facts_complaint,
    facts_escalation,
    facts_goodwill,
    facts_sla,
    queries,
    rule_verbs,
    rule_verbs_complaint,
    states,
)
from cordboard.tickets.models import Ticket
from cordboard.tickets.queries import Open
from cordboard.tickets.queries_kind import every


def _open(at: Situation) -> Open | None:
    return once(at, "open_tickets", lambda party: queries.open_of_party(ids_of(at)))


def _late(at: Situation) -> bool | None:
    found = _open(at)
    return None if found is None else bool(found.due_at and found.due_at < now_of(at))


def _kinds(at: Situation) -> list[str] | None:
    def look(_party: object) -> list[str]:
        rows = Ticket.objects.filter(party__in=ids_of(at), state__in=states.OPEN)
        return sorted(set(rows.values_list("kind", flat=True)))

    return once(at, "ticket_kinds", look)


declare("tickets.kinds", LIST, _("kinds of open tickets"), read=_kinds, options=lambda: dict(every(get_language() or "en")))
declare("tickets.open", NUMBER, _("open tickets"), read=lambda at: None if (found := _open(at)) is None else found.count)
declare("tickets.due_at", DATETIME, _("first ticket due"), read=lambda at: None if (found := _open(at)) is None else found.due_at)
declare("tickets.late", BOOLEAN, _("a ticket is late"), read=_late)
