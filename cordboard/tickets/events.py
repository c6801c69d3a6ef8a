"""What tickets declare to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    topics = [f"ticket:{body['ticket']}"]
    topics += [f"{kind}:{body[kind]}" for kind in ("party", "interaction") if body.get(kind)]
    topics += [f"user:{body['owner']}"] if body.get("owner") else []
    return topics


declare("tickets.opened", version=1, fields={"ticket": int, "party": int | None, "interaction": int | None, "owner": int | None, "kind": str}, topics=_topics)
declare("tickets.noted", version=1, fields={"ticket": int, "party": int | None, "note": int}, topics=_topics)
declare("tickets.state_changed", version=1, fields={"ticket": int, "party": int | None, "owner": int | None, "old": str, "new": str}, topics=_topics)
declare("tickets.given", version=1, fields={"ticket": int, "party": int | None, "owner": int | None, "old": int | None}, topics=_topics)
declare("tickets.linked", version=1, fields={"ticket": int, "party": int | None, "interaction": int}, topics=_topics)
declare("tickets.moved", version=1, fields={"ticket": int, "party": int | None, "old": int | None}, topics=_topics)

declare("tickets.visit_tied", version=1, fields={"ticket": int, "party": int | None, "appointment": int}, topics=_topics)
import cordboard.tickets.events_complaint  # noqa: E402, F401
import cordboard.tickets.events_level  # noqa: E402, F401  declares its own
import cordboard.tickets.events_service  # noqa: E402, F401
import cordboard.tickets.events_view  # noqa: E402, F401
import cordboard.tickets.events_goodwill  # noqa: E402, F401
