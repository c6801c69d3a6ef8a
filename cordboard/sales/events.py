"""What sales declares to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _topics(body: dict[str, Any]) -> list[str]:
    return [f"interaction:{body['interaction']}", f"party:{body['party']}"]


_proposal = {"proposal": int, "interaction": int, "party": int, "product": int}
declare("sales.product_proposed", version=1, fields=_proposal, topics=_topics)
declare("sales.proposal_answered", version=1, fields={**_proposal, "state": str}, topics=_topics)
