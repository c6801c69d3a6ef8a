"""What all happenings of a call share: legs are connected and hung up, agents dropped, the caller waits, the call ends."""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls import state
from cordboard.telephony.calls.happenings import Fact
from cordboard.telephony.calls.sound import follow
from cordboard.telephony.calls.state import Agent, Call
from cordboard.telephony.driver import Cause, Command, Endpoint, EndpointKind, Prompt

Output = Command | Fact


class Step:
    """One advance: the call so far and what came of it. Here is what all happenings share."""

    def __init__(self, call: Call, now: float) -> None:
        self.call = call
        self.now = now
        self.out: list[Output] = []

    # -- helpers ----------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        if self.call.dialling and not self.call.ending:
            self.dialling()
        self.call, more = follow(self.call)
        self.out.extend(more)
        call = self.call
        if call.end_by is None or call.ended:
            return
        recording = call.recording
        writing = (recording is not None and recording.started and not recording.over) or call.message is not None
        if (not call.leaving and not writing) or self.now >= call.end_by:
            if call.message is not None:  # its file may be complete all the same; the sweep of unfinished ones sees to it
                self.out.append(h.MessageTaken(call.message.recording, call.message.path, 0.0, "lost"))
            self.call = replace(call, ended=True, leaving=(), message=None)
            self.out.append(h.CallEnded(call.cause, call.ended_by))

    def dialling(self) -> None:
        """The customer is called once the agent is there; without an agent nobody is called."""
        call, dial, main = self.call, self.call.dial, self.call.main
        assert dial is not None
        if main is None:
            self.end(Cause.CANCELLED, "agent")
        elif main.up and not dial.placed:
            self.call = replace(call, dial=replace(dial, placed=True), answer_by=self.now + dial.ring + state.DIAL_SLACK)
            self.out.append(driver.Originate(call.call, call.leg, Endpoint(EndpointKind(dial.kind), dial.address), dial.caller_id, dial.ring))

    def serial(self, kind: str) -> str:
        self.call = replace(self.call, serial=self.call.serial + 1)
        return f"{self.call.call}.{kind}{self.call.serial}"

    def connect(self, agent: Agent, ring: float, caller_id: str = "") -> Agent:
        leg = self.serial("a")
        if agent.outside:
            endpoint = Endpoint(EndpointKind.OUTSIDE, agent.number)
            self.out.append(driver.Originate(self.call.call, leg, endpoint, caller_id, ring, trunk=agent.trunk))
            return replace(agent, leg=leg, ring_by=self.now + ring + state.OUTSIDE_GRACE)
        begins = self.call.dial is not None and not self.call.dial.placed and not self.call.legs
        if agent.phone:
            endpoint = Endpoint(EndpointKind.PHONE, agent.phone)
            self.out.append(driver.Originate(self.call.call, leg, endpoint, caller_id or agent.caller_id, ring, begins, at_once=agent.at_once))
        else:
            self.out.append(driver.Originate(self.call.call, leg, Endpoint(EndpointKind.BROWSER, agent.user), caller_id, ring, begins))
        return replace(agent, leg=leg, up=False, again_at=None)

    def play(self, prompts: tuple[Prompt, ...], stop_on_key: bool) -> str:
        playback = self.serial("p")
        self.out.append(driver.Play(self.call.leg, playback, prompts, stop_on_key))
        return playback

    def hang_up(self, leg: str, cause: Cause = Cause.NORMAL) -> None:
        if leg and leg not in self.call.leaving:
            self.out.append(driver.HangUp(leg, cause))
            self.call = replace(self.call, leaving=(*self.call.leaving, leg))

    def drop(self, agent: Agent) -> None:
        """The agent's part is over; a customer left without anybody waits, until the rows say what for. In a conference somebody else has them."""
        had = self.call.main
        self.call = self.call.without(agent.segment)
        self.hang_up(agent.leg)
        self.hang_up(agent.other)
        if had is not None and had.segment == agent.segment and self.call.main is None:
            self.wait(passed_on=True)

    def wait(self, *, passed_on: bool) -> None:
        call = self.call
        if not call.waiting:
            self.call = replace(call, waiting=True, passed_on=passed_on, heard_by=None, bored_at=None, bored=False)

    def thinking(self) -> None:
        """The flow has the word and says nothing: not for long without music."""
        if not self.call.waiting and (self.call.main is None or self.call.aside):
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
        if call.message is not None and call.message.started and not call.message.stopping:
            self.out.append(driver.StopRecording(call.call, call.message.recording))
            self.call = replace(self.call, message=replace(call.message, stopping=True))
        elif call.message is not None and not call.message.started:
            self.out.append(h.MessageTaken(call.message.recording, call.message.path, 0.0))
            self.call = replace(self.call, message=None)
        for agent in call.agents:
            self.call = self.call.without(agent.segment)
            self.hang_up(agent.leg, Cause.NORMAL)
            self.hang_up(agent.other, Cause.NORMAL)
        if call.dial is not None and not call.dial.placed:
            self.call = replace(self.call, left=True)
        elif not call.left:
            self.call = replace(self.call, left=True, leaving=(*self.call.leaving, call.leg))
            self.out.append(driver.HangUp(call.leg, cause) if call.taken else driver.Reject(call.leg, cause))
        self.call = replace(self.call, end_by=self.now + state.END_WITHIN, cause=cause, ended_by=by, waiting=False)
