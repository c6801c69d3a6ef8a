"""The driver contract: what any switch must be able to do, and what it reports.

A **call** is everything that belongs to one customer's telephone conversation; it has one or more **legs**,
each one party's connection to the switch (a SIP dialog, a browser's WebRTC connection). All legs of a call
live in one media process. Identifiers are opaque strings chosen by whoever creates the thing: the driver for
calls and legs that arrive from outside, the caller of :class:`Originate` for legs that we place.

Commands say what is wanted and never wait for the far side: the outcome comes back as an event. A command
that cannot be carried out comes back as :class:`CommandFailed`; a driver never raises across the contract.
The pure ``telephony/calls.py`` decides which commands follow which events; drivers only do.

Times are seconds (float); gains are linear factors (1.0 = unchanged, 0.0 = silent); sound files are WAV.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from cordboard.telephony.carriers import PRACTICE as PRACTICE
from cordboard.telephony.carriers import AskTrunk as AskTrunk
from cordboard.telephony.carriers import Configure as Configure
from cordboard.telephony.carriers import Identity as Identity
from cordboard.telephony.carriers import LegHeld as LegHeld
from cordboard.telephony.carriers import TransferProgress as TransferProgress
from cordboard.telephony.carriers import TransferRequested as TransferRequested
from cordboard.telephony.carriers import TransferStep as TransferStep
from cordboard.telephony.carriers import Trunk as Trunk
from cordboard.telephony.carriers import TrunkAnswered as TrunkAnswered
from cordboard.telephony.carriers import TrunkState as TrunkState
from cordboard.telephony.commands import MASKED as MASKED
from cordboard.telephony.commands import Answer as Answer
from cordboard.telephony.commands import Bridge as Bridge
from cordboard.telephony.commands import Cause as Cause
from cordboard.telephony.commands import CollectKeys as CollectKeys
from cordboard.telephony.commands import Command as Command
from cordboard.telephony.commands import Detect as Detect
from cordboard.telephony.commands import Endpoint as Endpoint
from cordboard.telephony.commands import EndpointKind as EndpointKind
from cordboard.telephony.commands import Gain as Gain
from cordboard.telephony.commands import HangUp as HangUp
from cordboard.telephony.commands import Music as Music
from cordboard.telephony.commands import Originate as Originate
from cordboard.telephony.commands import Play as Play
from cordboard.telephony.commands import Prompt as Prompt
from cordboard.telephony.commands import Record as Record
from cordboard.telephony.commands import Refer as Refer
from cordboard.telephony.commands import Reject as Reject
from cordboard.telephony.commands import Remember as Remember
from cordboard.telephony.commands import Ring as Ring
from cordboard.telephony.commands import SendKeys as SendKeys
from cordboard.telephony.commands import StopPlay as StopPlay
from cordboard.telephony.commands import StopRecording as StopRecording
from cordboard.telephony.handsets import PhoneDials as PhoneDials
from cordboard.telephony.handsets import PhoneKept as PhoneKept
from cordboard.telephony.handsets import PhoneRegistered as PhoneRegistered
from cordboard.telephony.handsets import SetPhones as SetPhones
from cordboard.telephony.quality import LegQuality as LegQuality
from cordboard.telephony.reports import CallOffered as CallOffered
from cordboard.telephony.reports import CommandFailed as CommandFailed
from cordboard.telephony.reports import Detected as Detected
from cordboard.telephony.reports import Event as Event
from cordboard.telephony.reports import KeyPressed as KeyPressed
from cordboard.telephony.reports import KeysCollected as KeysCollected
from cordboard.telephony.reports import LegEnded as LegEnded
from cordboard.telephony.reports import LegRinging as LegRinging
from cordboard.telephony.reports import LegUp as LegUp
from cordboard.telephony.reports import MediaLost as MediaLost
from cordboard.telephony.reports import MediaRestored as MediaRestored
from cordboard.telephony.reports import PlayEnded as PlayEnded
from cordboard.telephony.reports import RecordingEnded as RecordingEnded


@dataclass(frozen=True, slots=True)
class Standing:
    """A call found alive when a driver starts: its legs with their state ("ringing", "up"), and what was last remembered. A leg that is
    not among them is over (or never began): its LegEnded was told, or comes through `events`. `legs` is empty for a call that ended
    a moment before the switch did."""

    call: str
    legs: dict[str, str]
    memo: str


class Driver(Protocol):
    """One switch. `start` returns the calls found alive (after a crash of the previous switch process); events that happened
    to them in between, ended legs included, come through `events` like any others."""

    async def start(self) -> list[Standing]: ...

    async def perform(self, command: Command) -> None: ...

    def events(self) -> AsyncIterator[Event]: ...

    def take_no_more(self) -> None:
        """No new calls from now on: callers are refused in such a way that the network tries elsewhere. What stands goes on."""
        ...

    async def stop(self, *, drain: float = 0.0) -> None:
        """Take no new calls, wait up to `drain` seconds for the present ones, then let go. Media goes on where it can."""
        ...
