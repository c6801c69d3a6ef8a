"""What cases, service orders and articles from tickets declare to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _case(body: dict[str, Any]) -> list[str]:
    topics = [f"case:{body['case']}"]
    topics += [f"party:{body['party']}"] if body.get("party") else []
    topics += [f"user:{body['owner']}"] if body.get("owner") else []
    return topics


def _order(body: dict[str, Any]) -> list[str]:
    topics = [f"service_order:{body['order']}", f"party:{body['party']}"]
    topics += [f"ticket:{body['ticket']}"] if body.get("ticket") else []
    topics += [f"user:{body['technician']}"] if body.get("technician") else []
    return topics


CASE = {"case": int, "party": int | None, "owner": int | None}
ORDER = {"order": int, "party": int, "ticket": int | None, "technician": int | None}

declare("tickets.case_opened", version=1, fields=CASE, topics=_case)
declare("tickets.case_changed", version=1, fields={**CASE, "what": str}, topics=_case)
declare("tickets.case_closed", version=1, fields=CASE, topics=_case)
declare("tickets.order_planned", version=1, fields=ORDER, topics=_order)
declare("tickets.order_changed", version=1, fields=ORDER, topics=_order)
declare("tickets.order_moved_on", version=1, fields={**ORDER, "old": str, "new": str}, topics=_order)
declare("tickets.order_confirmed", version=1, fields={**ORDER, "signature": int}, topics=_order)
declare(
    "tickets.order_visit",
    version=1,
    fields={**ORDER, "appointment": int, "what": str},
    topics=lambda body: [*_order(body), f"appointment:{body['appointment']}"],
)
declare("tickets.drafted", version=1, fields={"ticket": int, "article": int}, topics=lambda body: [f"ticket:{body['ticket']}", f"article:{body['article']}"])
