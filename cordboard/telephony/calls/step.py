"""What all happenings of a call share: legs are connected and hung up, agents dropped, the caller waits, the call ends."""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls import state
from cordboard.telephony.calls.happenings import Fact
from cordboard.telephony.calls.sound import follow
from cordboard.telephony.calls.state import Agent, Call
from cordboard.telephony.driver import Cause, Command, Endpoint, EndpointKind

Output = Command | Fact


class Step:
    """One advance: the call so far and what came of it. Here is what all happenings share."""

    def __init__(self, call: Call, now: float) -> None:
        self.call = call
        self.now = now
        self.out: list[Output] = []

    # -- helpers ----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        self.call, more = follow(self.call)
        self.out.extend(more)
        call = self.call
        if call.end_by is None or call.ended:
            return
        recording = call.recording
        writing = recording is not None and recording.started and not recording.over
        if (not call.leaving and not writing) or self.now >= call.end_by:
            self.call = replace(call, ended=True, leaving=())
            self.out.append(h.CallEnded(call.cause, call.ended_by))

    def serial(self, kind: str) -> str:
        self.call = replace(self.call, serial=self.call.serial + 1)
        return f"{self.call.call}.{kind}{self.call.serial}"

    def connect(self, agent: Agent, ring: float, caller_id: str = "") -> Agent:
        leg = self.serial("a")
        self.out.append(driver.Originate(self.call.call, leg, Endpoint(EndpointKind.BROWSER, agent.user), caller_id, ring))
        return replace(agent, leg=leg, up=False, again_at=None)

    def hang_up(self, leg: str, cause: Cause = Cause.NORMAL) -> None:
        if leg and leg not in self.call.leaving:
            self.out.append(driver.HangUp(leg, cause))
            self.call = replace(self.call, leaving=(*self.call.leaving, leg))

    def drop(self, agent: Agent) -> None:
        """The agent's part is over; a customer left without anybody waits, until the rows say what for."""
        had = self.call.main
        self.call = self.call.without(agent.segment)
        self.hang_up(agent.leg)
        if had is not None and had.segment == agent.segment and self.call.main is None:
            self.wait(passed_on=True)

    def wait(self, *, passed_on: bool) -> None:
        call = self.call
        if not call.waiting:
            self.call = replace(call, waiting=True, passed_on=passed_on, heard_by=None, bored_at=None, bored=False)

    def thinking(self) -> None:
        """The flow has the word and says nothing: not for long without music."""
        if not self.call.waiting and self.call.main is None:
            self.call = replace(self.call, bored_at=self.now + state.FLOW_SILENCE)

    def silence(self) -> None:
        """Whatever is being said to the customer stops, and nobody waits for its end."""
        if self.call.playback or self.call.announcement:
            self.out.append(driver.StopPlay(self.call.leg))
        self.call = replace(self.call, playback="", announcement="", collection="", key="", heard_by=None, bored_at=None, bored=False)

    def end(self, cause: Cause, by: str) -> None:
        if self.call.ending:
            return
        call = self.call
        self.out.append(h.CallEnding(cause, by))
        if call.recording is not None and call.recording.started and not call.recording.over:
            self.out.append(driver.StopRecording(call.call, call.recording.recording))
        for agent in call.agents:
            self.call = self.call.without(agent.segment)
            self.hang_up(agent.leg, Cause.NORMAL)
        if not call.left:
            self.call = replace(self.call, left=True, leaving=(*self.call.leaving, call.leg))
            self.out.append(driver.HangUp(call.leg, cause) if call.taken else driver.Reject(call.leg, cause))
        self.call = replace(self.call, end_by=self.now + state.END_WITHIN, cause=cause, ended_by=by, waiting=False)
