"""What tickets declare to the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    topics = ["tickets", f"ticket:{body['ticket']}"]
    topics += [f"{kind}:{body[kind]}" for kind in ("party", "interaction") if body.get(kind)]
    topics += [f"user:{body['owner']}"] if body.get("owner") else []
    return topics


def _both(body: dict[str, Any]) -> list[str]:
    return [*_topics(body), f"ticket:{body['other']}"]


declare("tickets.opened", version=1, fields={"ticket": int, "party": int | None, "interaction": int | None, "owner": int | None, "kind": str}, topics=_topics)
declare("tickets.noted", version=1, fields={"ticket": int, "party": int | None, "note": int}, topics=_topics)
declare("tickets.state_changed", version=1, fields={"ticket": int, "party": int | None, "owner": int | None, "old": str, "new": str}, topics=_topics)
declare("tickets.given", version=1, fields={"ticket": int, "party": int | None, "owner": int | None, "old": int | None}, topics=_topics)
declare("tickets.linked", version=1, fields={"ticket": int, "party": int | None, "interaction": int}, topics=_topics)
declare("tickets.moved", version=1, fields={"ticket": int, "party": int | None, "old": int | None}, topics=_topics)

# -- the conversation
_MESSAGE = {"ticket": int, "party": int | None, "owner": int | None, "message": int, "interaction": int | None}
declare("tickets.replied", version=1, fields={**_MESSAGE, "first": bool}, topics=_topics)
declare("tickets.received", version=1, fields={**_MESSAGE, "reopened": bool}, topics=_topics)
declare("tickets.attached", version=1, fields={"ticket": int, "attachment": int, "on": bool}, topics=_topics)
declare("tickets.mentioned", version=1, fields={"ticket": int, "message": int, "users": list[int]}, topics=_topics)
declare("tickets.viewing", version=1, fields={"ticket": int, "user": int, "on": bool}, topics=_topics, keep=timedelta(days=90))

# -- what stands around it
declare("tickets.edited", version=1, fields={"ticket": int, "party": int | None, "owner": int | None, "fields": list[str]}, topics=_topics)
declare("tickets.watched", version=1, fields={"ticket": int, "user": int, "on": bool}, topics=_topics)
declare("tickets.tagged", version=1, fields={"ticket": int, "party": int | None, "count": int}, topics=_topics)
declare("tickets.checked", version=1, fields={"ticket": int, "check": int, "what": str}, topics=_topics)
_TWO = {"ticket": int, "party": int | None, "other": int}
declare("tickets.tied", version=1, fields={**_TWO, "link": str, "on": bool}, topics=_both)
declare("tickets.merged", version=1, fields={**_TWO, "move": int, "rows": int}, topics=_both)
declare("tickets.split", version=1, fields={**_TWO, "move": int, "rows": int}, topics=_both)
declare("tickets.move_undone", version=1, fields={**_TWO, "move": int, "what": str, "rows": int}, topics=_both)
declare("tickets.kind_changed", version=1, fields={"kind": int, "change": str, "fields": list[str]})

declare("tickets.visit_tied", version=1, fields={"ticket": int, "party": int | None, "appointment": int}, topics=_topics)
import cordboard.tickets.events_complaint  # noqa: E402
import cordboard.tickets.events_goodwill  # noqa: E402
import cordboard.tickets.events_incident  # noqa: E402
import cordboard.tickets.events_level  # noqa: E402  declares its own
import cordboard.tickets.events_service  # noqa: E402
import cordboard.tickets.events_sla  # noqa: E402
import cordboard.tickets.events_view  # noqa: E402, F401
