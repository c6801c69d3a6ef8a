"""What the list of tickets declares to the log: views that change, and changes of many tickets."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare

VIEW_CHANGED, BULK_ASKED, BULK_ENDED = "tickets.view_changed", "tickets.bulk_asked", "tickets.bulk_ended"


def _to_asker(body: dict[str, Any]) -> list[str]:
    return [f"user:{body['by']}"]


declare(VIEW_CHANGED, version=1, fields={"view": int, "owner": int, "gone": bool}, topics=lambda body: [f"user:{body['owner']}"])
declare(BULK_ASKED, version=1, fields={"bulk": int, "by": int, "what": str, "tickets": int}, topics=_to_asker)
declare(BULK_ENDED, version=1, fields={"bulk": int, "by": int, "state": str}, topics=_to_asker)
