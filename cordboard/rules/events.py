"""What policies declare to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _of(body: dict[str, Any]) -> list[str]:
    return ["policies", f"policy:{body['code']}"]


_ONE: dict[str, Any] = {"policy": int, "area": str, "code": str, "version": int}

CREATED = declare("rules.policy_created", version=1, fields=_ONE, topics=_of)
DRAFT_BEGUN = declare("rules.draft_begun", version=1, fields={**_ONE, "based_on": int | None}, topics=_of)
DRAFT_SAVED = declare("rules.draft_saved", version=1, fields={**_ONE, "revision": int, "rules": list[str]}, topics=_of)
DRAFT_DISCARDED = declare("rules.draft_discarded", version=1, fields=_ONE, topics=_of)
SUBMITTED = declare("rules.submitted", version=1, fields={**_ONE, "revision": int}, topics=_of)
TAKEN_BACK = declare("rules.taken_back", version=1, fields=_ONE, topics=_of)
REVIEWED = declare("rules.reviewed", version=1, fields={**_ONE, "approved": bool}, topics=_of)
PLANNED = declare("rules.planned", version=1, fields={**_ONE, "at": str | None}, topics=_of)
PUBLISHED = declare("rules.published", version=1, fields={**_ONE, "before": int | None}, topics=_of)
RETIRED = declare("rules.retired", version=1, fields=_ONE, topics=_of)
REPLAY_ASKED = declare("rules.replay_asked", version=1, fields={**_ONE, "replay": int}, topics=_of)
REPLAY_ENDED = declare("rules.replay_ended", version=1, fields={**_ONE, "replay": int, "state": str}, topics=_of)
