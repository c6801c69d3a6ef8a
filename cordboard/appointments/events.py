"""What appointments declare to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    topics = ["appointments", f"appointment:{body['appointment']}"]
    topics += [f"{kind}:{body[kind]}" for kind in ("party", "interaction") if body.get(kind)]
    topics += [f"user:{body[who]}" for who in ("user", "old_user") if body.get(who)]
    return topics


_one = {"appointment": int, "party": int | None, "interaction": int | None, "user": int, "sequence": int}

OFFERED = declare("appointments.offered", fields={**_one, "minute": int}, topics=_topics)
RELEASED = declare("appointments.released", fields=_one, topics=_topics)
BOOKED = declare("appointments.booked", fields={**_one, "minute": int}, topics=_topics)
MOVED = declare("appointments.moved", fields={**_one, "old_user": int | None, "old": int, "minute": int}, topics=_topics)
CHANGED = declare("appointments.changed", fields={**_one, "tell": bool}, topics=_topics)
CANCELLED = declare("appointments.cancelled", fields=_one, topics=_topics)
SENT_BACK = declare("appointments.sent_back", fields=_one, topics=_topics)
DONE = declare("appointments.done", fields=_one, topics=_topics)
NO_SHOW = declare("appointments.no_show", fields=_one, topics=_topics)
REMINDED = declare("appointments.reminded", fields=_one, topics=_topics)
PARTY_SET = declare("appointments.party_set", fields={**_one, "old": int | None}, topics=_topics)


def _calendar(body: dict[str, Any]) -> list[str]:
    return ["appointments", f"user:{body['user']}"]


STAFF = declare("appointments.staff_changed", fields={"user": int, "what": str}, topics=_calendar)
FEED_MADE = declare("appointments.feed_made", fields={"user": int, "feed": int}, topics=_calendar)
FEED_REVOKED = declare("appointments.feed_revoked", fields={"user": int, "feed": int}, topics=_calendar)
SET_UP = declare("appointments.set_up", fields={"what": str, "code": str}, topics=lambda body: ["appointments"])
