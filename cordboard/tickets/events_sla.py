"""What service levels declare to the log."""

from __future__ import annotations

from cordboard.events.catalogue import declare
from cordboard.tickets.events import ABOUT
from cordboard.tickets.events import of_ticket as _topics

_TICKET = ABOUT
declare("tickets.due_changed", version=1, fields={**_TICKET, "due": float | None, "because": str}, topics=_topics)
declare("tickets.breached", version=1, fields={**_TICKET, "clock": int, "kind": str}, topics=_topics)
declare("tickets.escalated", version=1, fields={**_TICKET, "step": int, "do": str, "done": bool}, topics=_topics)
declare("tickets.calendar_kept", version=1, fields={"calendar": int, "fields": list[str]})
declare("tickets.calendar_removed", version=1, fields={"calendar": int})
declare("tickets.plan_kept", version=1, fields={"plan": int, "fields": list[str]})
