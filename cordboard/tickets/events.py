"""What tickets declare to the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cordboard.events.catalogue import declare


def of_ticket(body: dict[str, Any]) -> list[str]:
    """Its own page, its customer's, and the lists in which it stands or stood: of people, a unit, a position, and of all tickets."""
    topics = ["tickets", *_around(body)]
    topics += [f"{kind}:{body[kind]}" for kind in ("unit", "position") if body.get(kind)]
    topics += [f"unit:{body['old_unit']}"] if body.get("old_unit") else []
    people = [body.get("owner"), *([body["old"]] if isinstance(body.get("old"), int) else []), body.get("old_owner")]
    topics += [f"user:{one}" for one in people if one]
    return list(dict.fromkeys(topics))


def _around(body: dict[str, Any]) -> list[str]:
    """What no list shows: who looks, a line ticked off."""
    return [f"ticket:{body['ticket']}", *(f"{kind}:{body[kind]}" for kind in ("party", "interaction") if body.get(kind))]


def _moved(body: dict[str, Any]) -> list[str]:
    """`old` is the customer whom it was of."""
    return [*of_ticket({**body, "old": None}), *([f"party:{body['old']}"] if body.get("old") else [])]


def _both(body: dict[str, Any]) -> list[str]:
    return [*of_ticket(body), f"ticket:{body['other']}"]


_topics = of_ticket
ABOUT = {"ticket": int, "party": int | None, "owner": int | None, "unit": int | None, "position": int | None}
"""Of changes.about: whose the ticket is and in whose lists it stands."""

declare("tickets.opened", version=1, fields={**ABOUT, "interaction": int | None, "kind": str}, topics=_topics)
declare("tickets.noted", version=1, fields={"ticket": int, "party": int | None, "note": int}, topics=_topics)
declare("tickets.state_changed", version=1, fields={**ABOUT, "old": str, "new": str}, topics=_topics)
declare("tickets.given", version=1, fields={**ABOUT, "old": int | None, "old_unit": int | None}, topics=_topics)
declare("tickets.linked", version=1, fields={"ticket": int, "party": int | None, "interaction": int}, topics=_topics)
declare("tickets.moved", version=1, fields={"ticket": int, "party": int | None, "old": int | None}, topics=_moved)

# -- the conversation
_MESSAGE = {**ABOUT, "message": int, "interaction": int | None}
declare("tickets.replied", version=1, fields={**_MESSAGE, "first": bool}, topics=_topics)
declare("tickets.received", version=1, fields={**_MESSAGE, "reopened": bool}, topics=_topics)
declare("tickets.attached", version=1, fields={"ticket": int, "attachment": int, "on": bool}, topics=_around)
declare("tickets.mentioned", version=1, fields={"ticket": int, "message": int, "users": list[int]}, topics=_around)
declare("tickets.viewing", version=1, fields={"ticket": int, "user": int, "on": bool}, topics=_around, keep=timedelta(days=90))

# -- what stands around it
declare("tickets.edited", version=1, fields={**ABOUT, "fields": list[str], "old_unit": int | None}, topics=_topics)
declare("tickets.watched", version=1, fields={"ticket": int, "user": int, "on": bool}, topics=lambda body: [*_around(body), f"user:{body['user']}"])
declare("tickets.tagged", version=1, fields={"ticket": int, "party": int | None, "count": int}, topics=_topics)
declare("tickets.checked", version=1, fields={"ticket": int, "check": int, "what": str}, topics=_around)
_TWO = {"ticket": int, "party": int | None, "other": int}
declare("tickets.tied", version=1, fields={**_TWO, "link": str, "on": bool}, topics=_both)
declare("tickets.merged", version=1, fields={**_TWO, "move": int, "rows": int}, topics=_both)
declare("tickets.split", version=1, fields={**_TWO, "move": int, "rows": int}, topics=_both)
declare("tickets.move_undone", version=1, fields={**_TWO, "move": int, "what": str, "rows": int}, topics=_both)
declare("tickets.link_withdrawn", version=1, fields={**ABOUT, "access": int}, topics=_topics)
declare("tickets.form_kept", version=1, fields={"form": int, "fields": list[str]})
declare("tickets.kind_changed", version=1, fields={"kind": int, "change": str, "fields": list[str]})

declare("tickets.visit_tied", version=1, fields={"ticket": int, "party": int | None, "appointment": int}, topics=_topics)
import cordboard.tickets.events_complaint  # noqa: E402
import cordboard.tickets.events_goodwill  # noqa: E402
import cordboard.tickets.events_incident  # noqa: E402
import cordboard.tickets.events_level  # noqa: E402  declares its own
import cordboard.tickets.events_service  # noqa: E402
import cordboard.tickets.events_sla  # noqa: E402
import cordboard.tickets.events_view  # noqa: E402, F401
