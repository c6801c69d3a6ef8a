"""What service levels declare to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    topics = [f"ticket:{body['ticket']}"]
    topics += [f"user:{body['owner']}"] if body.get("owner") else []
    return topics


_TICKET = {"ticket": int, "party": int | None, "owner": int | None}
declare("tickets.due_changed", version=1, fields={**_TICKET, "due": float | None, "because": str}, topics=_topics)
declare("tickets.breached", version=1, fields={**_TICKET, "clock": int, "kind": str}, topics=_topics)
declare("tickets.escalated", version=1, fields={**_TICKET, "step": int, "do": str, "done": bool}, topics=_topics)
declare("tickets.calendar_kept", version=1, fields={"calendar": int, "fields": list[str]})
declare("tickets.calendar_removed", version=1, fields={"calendar": int})
declare("tickets.plan_kept", version=1, fields={"plan": int, "fields": list[str]})
