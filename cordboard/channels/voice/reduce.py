"""How the telephony of the centre stands, kept up to date by events: pure. The page does the same in islands/src/board/telephony.ts.

It is JSON (`board.snapshot` makes it):

    {"since": 1763337600.0,
     "trunks": {"3": {"id": 3, "code": "carrier", "name": "Carrier", "nodes": {"node-1": {"up": true, "reason": "", "since": 1763339000.0}}}},
     "running": {"41": 91},
     "failed": {"38": true}}

`running` has the recordings that run, each with its interaction; `failed` those that ended with a fault since `since`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Telephony = dict[str, Any]


def stale(values: Telephony, kind: str, body: Mapping[str, Any]) -> bool:
    """Whether only reading afresh tells what came of this event: trunks were added, changed or removed."""
    return kind == "voice.trunk_changed" or (kind == "voice.trunk_state" and str(body["trunk"]) not in values["trunks"])


def apply(values: Telephony, kind: str, body: Mapping[str, Any], at: float) -> None:
    """Take one event, recorded at `at` (seconds since 1970), in place."""
    if kind == "voice.trunk_state":
        _trunk(values, body, at)
    elif kind == "voice.recording_started":
        values["running"][str(body["recording"])] = body["interaction"]
    elif kind == "voice.recording_ended":
        values["running"].pop(str(body["recording"]), None)
        if body["error"]:
            values["failed"][str(body["recording"])] = True
    elif kind == "voice.call_ended":
        gone = [recording for recording, interaction in values["running"].items() if interaction == body["interaction"]]
        for recording in gone:
            del values["running"][recording]


def _trunk(values: Telephony, body: Mapping[str, Any], at: float) -> None:
    trunk = values["trunks"].get(str(body["trunk"]))
    if trunk is None:
        return
    known = trunk["nodes"].get(body["node"])
    since = known["since"] if known is not None and known["up"] == body["up"] else at
    trunk["nodes"][body["node"]] = {"up": body["up"], "reason": body["reason"], "since": since}
