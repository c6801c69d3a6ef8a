"""What knowledge declares to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    """Its own page; and the work lists in which a draft stands, of its unit or position and of whoever took it."""
    places = [f"{name}:{body[name]}" for name in ("unit", "position") if body.get(name)]
    return [f"article:{body['article']}", *places, *([f"user:{body['owner']}"] if body.get("owner") else [])]


_PLACE = {"unit": int | None, "position": int | None, "owner": int | None}
declare("knowledge.published", version=1, fields={"article": int, "languages": list[str], **_PLACE}, topics=_topics)
declare("knowledge.drafted", version=1, fields={"article": int, "language": str, **_PLACE}, topics=_topics)
declare("knowledge.retired", version=1, fields={"article": int, **_PLACE}, topics=_topics)
declare(
    "knowledge.used",
    version=1,
    fields={"article": int, "use": str, "interaction": int | None},
    topics=lambda body: [f"interaction:{body['interaction']}"] if body["interaction"] else [],
)
