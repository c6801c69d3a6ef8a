"""What mass incidents declare to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _tickets(body: dict[str, Any]) -> list[str]:
    return [f"ticket:{number}" for number in body.get("tickets", ())[:50]]


SUGGESTED = declare("tickets.incident_suggested", version=1, fields={"suggestion": int, "incident": int | None, "count": int, "customers": int})
DISMISSED = declare("tickets.incident_dismissed", version=1, fields={"suggestion": int})
OPENED = declare("tickets.incident_opened", version=1, fields={"incident": int, "suggestion": int | None})
TIED = declare("tickets.incident_tied", version=1, fields={"incident": int, "tickets": list[int]}, topics=_tickets)
UNTIED = declare("tickets.incident_untied", version=1, fields={"incident": int, "tickets": list[int]}, topics=_tickets)
LEFT_OUT = declare("tickets.incident_left_out", version=1, fields={"incident": int, "tickets": list[int], "on": bool}, topics=_tickets)
RUN = declare("tickets.incident_run", version=1, fields={"incident": int, "run": int, "count": int, "resolve": bool, "answer": bool})
RAN = declare("tickets.incident_ran", version=1, fields={"incident": int, "run": int, "done": int, "failed": int})
CHANGED = declare("tickets.incident_changed", version=1, fields={"incident": int, "fields": list[str]})
