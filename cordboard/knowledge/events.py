"""What knowledge declares to the log."""

from __future__ import annotations

from cordboard.events.catalogue import declare

declare("knowledge.published", version=1, fields={"article": int, "languages": list[str]}, topics=lambda body: [f"article:{body['article']}"])
declare("knowledge.drafted", version=1, fields={"article": int, "language": str}, topics=lambda body: [f"article:{body['article']}"])
declare("knowledge.retired", version=1, fields={"article": int}, topics=lambda body: [f"article:{body['article']}"])
declare(
    "knowledge.used",
    version=1,
    fields={"article": int, "use": str, "interaction": int | None},
    topics=lambda body: [f"interaction:{body['interaction']}"] if body["interaction"] else [],
)
