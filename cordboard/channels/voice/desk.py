"""What the switch knows of a call beside its sound: whose it is, in which language, where its flow stands. Kept as text with the call, so that it
outlives the switch process. Pure."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from cordboard.telephony import calls
from cordboard.telephony.calls import Call


@dataclass(frozen=True, slots=True)
class Desk:
    """`ani`, `dnis`, `kind` and `claims` as the call was offered; the rest as the records answered."""

    ani: str
    dnis: str
    kind: str
    claims: dict[str, str] = field(default_factory=dict)
    interaction: int = 0
    """0 while the records do not know the call."""
    queue: str = ""
    """Code of the line's own queue: where callers go when nothing else says where."""
    country: str = ""
    language: str = "en"
    languages: tuple[str, ...] = ()
    flow: str = ""
    run: dict[str, Any] = field(default_factory=dict)
    """The flow run: {"run": id, "flow": id, "state": engine's JSON, "effects": what it waits for}."""
    waiting: dict[str, Any] = field(default_factory=dict)
    """What the flow has said to those who wait: `first` and `every` in seconds, texts `wait`, `longer`, `still` by language."""
    announced: bool = False
    """The caller was told that calls are recorded."""
    emergency: int = 0
    """The emergency announcement that the caller has heard last, by its row's id."""
    warning: bool = False
    """It is being said, before the first step of the flow."""
    message: dict[str, str] = field(default_factory=dict)
    """For whom the message is that the caller leaves: {"queue": code, "agent": username}."""
    rule: str = ""
    """Which rule wants the recording."""
    trunk: str = ""
    """Over which the call came in, "" for none."""


def memo(call: Call, desk: Desk) -> str:
    return json.dumps({"v": 1, "call": call.memo(), "desk": dataclasses.asdict(desk)}, separators=(",", ":"), ensure_ascii=False)


def from_memo(text: str) -> tuple[Call, Desk]:
    """:raises ValueError: when it is no memo of ours."""
    try:
        data = json.loads(text)
        names = {one.name for one in dataclasses.fields(Desk)}
        known = {name: value for name, value in data["desk"].items() if name in names}
        known["languages"] = tuple(known.get("languages", ()))
        return calls.from_memo(data["call"]), Desk(**known)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a call's memo: {error}") from None
