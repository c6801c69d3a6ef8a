"""What catalogue declares to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    return [f"party:{body[name]}" for name in ("party", "old") if body.get(name)]


declare("catalogue.product_registered", version=1, fields={"party": int, "registered": int}, topics=_topics)
declare("catalogue.fault_recorded", version=1, fields={"party": int, "registered": int, "fault": int}, topics=_topics)
declare("catalogue.owner_changed", version=1, fields={"party": int, "old": int, "registered": int}, topics=_topics)
declare("catalogue.cover_granted", version=1, fields={"party": int, "registered": int, "cover": int, "cover_kind": str}, topics=_topics)
declare("catalogue.cover_ended", version=1, fields={"party": int, "registered": int, "cover": int, "cover_kind": str}, topics=_topics)
