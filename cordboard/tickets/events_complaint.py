"""What complaints and tasks declare to the log. What was said, and how they rated us, stays in the rows."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    topics = [f"{kind}:{body[kind]}" for kind in ("ticket", "party", "unit", "position") if body.get(kind)]
    return topics + [f"user:{body[name]}" for name in ("owner", "old") if body.get(name)]


_complaint = {"ticket": int, "party": int | None}
WEIGHED = declare("tickets.complaint_weighed", fields={**_complaint, "score": int, "band": str, "was": int | None}, topics=_topics)
HANDED = declare("tickets.complaint_handed", fields={**_complaint, "owner": int | None, "unit": int | None}, topics=_topics)
"""To the head of the department in charge: `owner`, None when nobody up the tree answers."""
DECIDED = declare("tickets.complaint_decided", fields={**_complaint, "owner": int | None, "measure": str}, topics=_topics)
ANSWERED = declare("tickets.complaint_answered", fields={**_complaint, "way": str}, topics=_topics)
TOLD = declare("tickets.complaint_told", fields={**_complaint, "way": str}, topics=_topics)
RATED = declare("tickets.complaint_rated", fields={**_complaint, "low": bool}, topics=lambda body: [*_topics(body), "satisfaction"])
SCHEME_SET = declare("tickets.complaint_scheme_set", fields={"version": int, "what": str})

_task = {"task": int, "ticket": int | None, "party": int | None, "kind": str, "owner": int | None, "unit": int | None, "position": int | None}
TASK_MADE = declare("tickets.task_made", fields=_task, topics=_topics)
TASK_CHANGED = declare("tickets.task_changed", fields={**_task, "what": str, "old": int | None}, topics=_topics)
"""`what`: "given", "due", "done", "dropped" or "reopened"."""
