"""What parties declares to the log: ids and names of fields, never what stands in them.

`during` is what it was done in the course of ("interaction:91"), so that the screens of that contact hear of it too."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    topics = [f"party:{body['party']}"]
    if str(body.get("during") or "").startswith("interaction:"):
        topics.append(body["during"])
    return topics


declare("parties.created", version=1, fields={"party": int, "during": str | None}, topics=_topics)
declare("parties.changed", version=1, fields={"party": int, "fields": list[str], "during": str | None}, topics=_topics)
declare("parties.contact_point_added", version=1, fields={"party": int, "contact_point": int, "kind": str, "during": str | None}, topics=_topics)
declare("parties.contact_point_verified", version=1, fields={"party": int, "contact_point": int, "during": str | None}, topics=_topics)
declare("parties.owner_set", version=1, fields={"party": int, "owner": int | None, "by_rule": bool}, topics=_topics)
declare("parties.deputies_set", version=1, fields={"party": int, "deputies": list[int]}, topics=_topics)
declare("parties.consent_recorded", version=1, fields={"party": int, "channel": str, "purpose": str, "granted": bool, "during": str | None}, topics=_topics)
declare("parties.tagged", version=1, fields={"party": int, "added": bool, "during": str | None}, topics=_topics)
declare("parties.value_set", version=1, fields={"party": int, "old": str, "new": str}, topics=_topics)
declare("parties.merged", version=1, fields={"party": int, "merged": int}, topics=lambda body: [f"party:{body['party']}", f"party:{body['merged']}"])
declare("parties.unmerged", version=1, fields={"party": int, "merged": int}, topics=lambda body: [f"party:{body['party']}", f"party:{body['merged']}"])
declare("parties.imported", version=1, fields={"count": int})
