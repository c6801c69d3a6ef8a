"""What goodwill and refunds declare to the log: never the amount's reason, which lives in the row."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    return [f"ticket:{body['ticket']}", *([f"party:{body['party']}"] if body.get("party") else []), *([f"user:{body['by']}"] if body.get("by") else [])]


_grant = {"ticket": int, "party": int | None, "grant": int, "kind": str, "by": int | None}
GIVEN = declare("tickets.grant_given", version=1, fields={**_grant, "approved": bool}, topics=_topics)
ASKED = declare("tickets.grant_asked", version=1, fields={**_grant, "steps": int}, topics=_topics)
STEP = declare("tickets.grant_step", version=1, fields={**_grant, "step": int, "state": str, "deputy": bool}, topics=_topics)
SETTLED = declare("tickets.grant_settled", version=1, fields={**_grant, "state": str}, topics=_topics)
"""Approved by all, declined, not answered in time, or withdrawn."""
