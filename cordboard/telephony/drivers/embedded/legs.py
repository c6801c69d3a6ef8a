"""Calls and legs as the embedded driver knows them, and the note kept with each leg in its media process, from which a new switch
makes them again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cordboard.telephony.driver import Cause, Refer
from cordboard.telephony.media.protocol import LegKind, LegState
from cordboard.telephony.sip.sessions import Session
from cordboard.telephony.sip.wheel import Timer


class Phase(StrEnum):
    OFFERED = "offered"  # from outside, not answered
    ANSWERED = "answered"  # from outside, the answer is on its way
    CALLING = "calling"  # ours, the far side has not answered
    UP = "up"
    ENDED = "ended"


@dataclass(eq=False, slots=True)
class Call:
    id: str
    media: int
    """The number of the media process that all its legs are in."""
    legs: dict[str, Leg] = field(default_factory=dict)
    remembered: bool = False
    """Has the owner of the driver ever remembered something with it?"""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """What concerns a call happens in order."""
    gone: bool = False
    """Its media process died."""
    timer: Timer | None = None


@dataclass(eq=False, slots=True)
class Leg:
    id: str
    call: Call
    kind: LegKind
    phase: Phase
    session: Session | None = None
    answer: str = ""
    """Our SDP, for the moment of answering."""
    codec: str = ""
    owner: str = ""
    """Whose browser: "user:7" or "guest:..."."""
    page: str = ""
    tab: str = ""
    offer: dict[str, Any] = field(default_factory=dict)
    """What CallOffered said, for saying it again."""
    in_media: bool = False
    media_lost: bool = False
    cause: Cause | None = None
    by_far_side: bool = False
    mos: float = 0.0
    """How well it was heard lately; 0 while nothing is known."""
    presses: int = 0
    """Keys that we handed to the media process and that it has not told yet."""
    keys_in_sound: bool = False
    """Did a key ever come by RTP?"""
    settled: bool = False
    """Did the offer get its Ring, Answer or Reject?"""
    timer: Timer | None = None
    refer: Refer | None = None
    forks: Sequence[Session] = ()
    """Telephones that ring for it, while none has answered."""
    stored_forks: Sequence[dict[str, Any]] = ()
    """The same as they were kept, until they are made again."""
    stop_forks: Callable[[], None] = lambda: None
    trunk: str = ""
    """Code of the trunk that it came or went over."""
    ringing: bool | None = None
    """LegRinging was told, and with what `early`."""
    held: bool = False
    """Its far side holds us."""
    hears_music: bool = False
    talked: bool = False
    """It was bridged with others."""
    on_hold: bool = False
    """We hold its far side, and say so."""
    asked_for: str = ""
    """The codec that it was last asked to change to."""
    way: dict[str, Any] = field(default_factory=dict)
    """Of one that is being dialled: what a new switch must know to go on (see `dialing`)."""
    phone: str = ""
    """The account of the telephone of ours that it is a line of."""
    beside: str = ""
    """The line of that telephone beside which it was dialled."""
    up_since: float = 0.0
    """By the wheel's clock."""
    early: str = ""
    """What the far side described before it answered."""

    @property
    def over(self) -> bool:
        return self.phase is Phase.ENDED

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    @property
    def media_state(self) -> LegState | None:
        """What to tell the media process; a browser's leg becomes up there by itself."""
        return LegState.UP if self.phase is Phase.UP and self.kind is LegKind.SIP else None

    def note(self) -> str:
        """All that a new switch must know of this leg, as text."""
        data: dict[str, Any] = {"v": 1, "phase": self.phase, "codec": self.codec}
        if self.session is not None:
            data["sip"] = self.session.to_data()
        elif self.forks:
            data["forks"] = [session.to_data() for session in self.forks]
        if self.kind is LegKind.BROWSER:
            data |= {"owner": self.owner, "page": self.page, "tab": self.tab}
        if self.offer:
            data["offer"] = self.offer
        if self.settled:
            data["settled"] = True
        if self.held:
            data["held"] = True
        if self.talked:
            data |= {"talked": True, "on_hold": self.on_hold}
        if self.trunk:
            data["trunk"] = self.trunk
        if self.way and self.phase is Phase.CALLING:
            data["way"] = self.way
        if self.phone:
            data |= {"phone": self.phone, "beside": self.beside}
        if self.cause is not None:
            data |= {"cause": self.cause, "by_far_side": self.by_far_side}
        return json.dumps(data, separators=(",", ":"))


def from_note(leg: str, call: Call, kind: LegKind, codec: str, note: str) -> tuple[Leg, dict[str, Any] | None]:
    """The leg, and the SIP session to restore for it. Raises ValueError when the note cannot be understood."""
    data = json.loads(note or "null")
    if not isinstance(data, dict) or data.get("v") != 1:
        raise ValueError("a leg without a note")
    found = Leg(
        leg,
        call,
        kind,
        Phase(data["phase"]),
        codec=codec or str(data.get("codec", "")),
        owner=str(data.get("owner", "")),
        page=str(data.get("page", "")),
        tab=str(data.get("tab", "")),
        offer=dict(data.get("offer", {})),
        in_media=True,
        settled=bool(data.get("settled")),
        cause=Cause(data["cause"]) if data.get("cause") else None,
        by_far_side=bool(data.get("by_far_side")),
        stored_forks=tuple(data.get("forks", ())),
        trunk=str(data.get("trunk", "")),
        held=bool(data.get("held")),
        talked=bool(data.get("talked")),
        on_hold=bool(data.get("on_hold")),
        way=dict(data.get("way", {})),
        phone=str(data.get("phone", "")),
        beside=str(data.get("beside", "")),
    )
    sip = data.get("sip")
    return found, sip if isinstance(sip, dict) else None
