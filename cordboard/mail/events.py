"""What mail tells the log. Addresses and texts stay in the rows."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    return [f"interaction:{body['interaction']}"] if body.get("interaction") is not None else []


_message = {"message": int, "interaction": int | None, "purpose": str}

QUEUED = declare("mail.queued", fields=_message, topics=_topics)
SENT = declare("mail.sent", fields={**_message, "attempts": int}, topics=_topics)
FAILED = declare("mail.failed", fields={**_message, "attempts": int}, topics=_topics)  # why is in the row: a server's words may hold the address


def _of_visit(body: dict[str, Any]) -> list[str]:
    return [f"appointment:{body['appointment']}", *([f"party:{body['party']}"] if body.get("party") is not None else [])]


VISIT_TOLD = declare("mail.visit_told", fields={"appointment": int, "party": int | None, "what": str, "way": str}, topics=_of_visit)
"""How a customer heard of a visit or a change of it, or why not (visit_ways.py)."""
