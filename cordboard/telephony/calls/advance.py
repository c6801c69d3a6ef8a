"""How a call goes on: a pure function of what it is, what happens, and the time.

Happenings may come late, twice or in any order; none raises, and what concerns nobody who is there changes nothing. Each step first changes
who belongs to the call, then :mod:`sound` derives what is heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls import state
from cordboard.telephony.calls.after import After
from cordboard.telephony.calls.aside import Aside
from cordboard.telephony.calls.happenings import Happening, Kind
from cordboard.telephony.calls.people import People
from cordboard.telephony.calls.state import Agent, Call, Dial
from cordboard.telephony.calls.step import Output
from cordboard.telephony.driver import Cause


def begin(offer: driver.CallOffered, now: float) -> tuple[Call, tuple[Output, ...]]:
    """A call has come in: let it ring until the channel takes or refuses it."""
    call = Call(offer.call, offer.leg, since=now, answer_by=now + state.ANSWER_WITHIN)
    return call, (driver.Ring(offer.leg),)


def begin_outbound(
    name: str, segment: int, user: str, kind: Kind, dial: Dial, now: float, phone: str = "", at_once: bool = False
) -> tuple[Call, tuple[Output, ...]]:
    """A call of ours: the agent's softphone, or desk telephone, is connected, then the customer is called."""
    step = _Step(Call(name, f"{name}.0", since=now, taken=True, dial=dial), now)
    agent = Agent(segment, user, "", kind, phone=phone, at_once=at_once, caller_id=dial.address if phone else "", accepted=True, lost_at=now)
    agent = step.connect(agent, state.CONNECT_WITHIN)
    step.call = replace(step.call, agents=(agent,))
    return step.call, tuple(step.out)


def stray(call: str, legs: tuple[tuple[str, str], ...], now: float) -> tuple[Call, tuple[Output, ...]]:
    """A call was found standing of which nothing is remembered: nobody can say whose it is, so it is ended."""
    first = legs[0][0] if legs else ""
    step = _Step(Call(call, first, since=now, taken=True, up=True, left=not legs), now)
    step.call = replace(step.call, leaving=tuple(leg for leg, _ in legs[1:]))
    step.out.extend(driver.HangUp(leg, Cause.FAILED) for leg, _ in legs[1:])
    step.end(Cause.FAILED, "media")
    return step.call, tuple(step.out)


def advance(call: Call, happening: Happening, now: float) -> tuple[Call, tuple[Output, ...]]:
    """The call after `happening`, the commands to the driver and the facts to record, in order. `now` in seconds since the epoch."""
    step = _Step(call, now)
    if call.ended:
        if isinstance(happening, driver.RecordingEnded):
            step.recording_ended(happening)
        return step.call, tuple(step.out)
    handler = _HANDLERS.get(type(happening))
    if handler is not None:
        handler(step, happening)
    step.keep_aside()
    step.settle()
    return step.call, tuple(step.out)


class _Step(People, After, Aside):
    """What each happening does; what concerns agents and others on the line is in :mod:`people`, what is said and asked in :mod:`asking`."""

    # -- what comes from the driver -----------------------------------------------------------------------------------

    def leg_up(self, event: driver.LegUp) -> None:
        call = self.call
        if event.leg == call.leg and not call.left:
            self.call = replace(call, up=True, taken=True, answer_by=None, lost_at=None)
            if not call.up and call.dial is not None:
                self.out += [h.CustomerAnswered(event.codec, event.trunk), driver.Detect(call.leg)]
            elif not call.up:
                self.thinking()
                self.out.append(h.CallerUp(event.codec))
        elif (agent := call.agent_on(event.leg)) is not None:
            self.agent_up(agent, event.trunk)
        elif (agent := self.line_of(event.leg)) is not None:
            self.line_up(agent)
        elif event.leg not in call.leaving:
            self.hang_up(event.leg)

    def detected(self, event: driver.Detected) -> None:
        if event.leg == self.call.leg and self.call.dial is not None:
            self.out.append(h.AnsweredBy(event.what))

    def leg_ringing(self, event: driver.LegRinging) -> None:
        call = self.call
        if call.dial is not None and call.dialling and event.leg == call.leg and not call.ending:
            self.call = replace(call, dial=replace(call.dial, rings=True, early=event.early))
            if not call.dial.rings:
                self.out.append(h.CustomerRings(event.trunk))
        else:
            self.ringing(event)

    def play_ended(self, event: driver.PlayEnded) -> None:
        call = self.call
        if not event.playback or self.message_said(event):
            return
        if event.playback == call.announcement:
            self.call = replace(call, announcement="")
        elif event.playback == call.notice:
            self.noticed(event.error)
        elif event.playback == call.playback:
            self.call = replace(call, playback="")
            if not call.collection:
                self.call = replace(self.call, key="", heard_by=None)
                self.thinking()
                self.out.append(h.Said(call.key, event.error))
        else:
            return
        if event.error:
            self.out.append(h.PromptFailed(event.error))

    def keys(self, event: driver.KeysCollected) -> None:
        call = self.call
        if self.message_keyed(event):
            return
        if event.collection and event.collection == call.collection:
            self.call = replace(call, collection="", playback="", key="", heard_by=None)
            self.thinking()
            self.out.append(h.KeysEntered(call.key + event.keys, event.ended_by))

    def media_lost(self, event: driver.MediaLost) -> None:
        since = self.now - state.MEDIA_NOTICED
        if event.leg == self.call.leg and self.call.lost_at is None:
            self.call = replace(self.call, lost_at=since)
        elif (agent := self.call.agent_on(event.leg)) is not None and agent.lost_at is None and not agent.outside:
            self.call = self.call.with_agent(replace(agent, lost_at=since))

    def media_restored(self, event: driver.MediaRestored) -> None:
        if event.leg == self.call.leg:
            self.call = replace(self.call, lost_at=None)
        elif (agent := self.call.agent_on(event.leg)) is not None and agent.up:
            self.back(agent)

    def leg_ended(self, event: driver.LegEnded) -> None:
        call = self.call
        if event.leg in call.leaving:
            self.call = replace(call, leaving=tuple(leg for leg in call.leaving if leg != event.leg))
        elif event.leg == call.leg and not call.left:
            self.call = replace(call, left=True)
            self.end(event.cause, "dial" if call.dialling else "caller" if event.by_far_side else "media")
        elif (agent := call.agent_on(event.leg) or self.line_of(event.leg)) is not None:
            if agent.other:
                self.line_ended(agent, event.leg)
            else:
                self.without_leg(agent, event.cause)

    def failed(self, event: driver.CommandFailed) -> None:
        """What cannot be done is treated as what it comes to."""
        command, call = event.command, self.call
        if isinstance(command, driver.Originate):
            self.leg_ended(driver.LegEnded(command.leg, Cause.UNREACHABLE, False))
        elif isinstance(command, driver.HangUp | driver.Reject):
            self.leg_ended(driver.LegEnded(command.leg, Cause.FAILED, False))
        elif isinstance(command, driver.Answer) and command.leg == call.leg:
            self.end(Cause.FAILED, "media")
        elif isinstance(command, driver.Answer):
            self.leg_ended(driver.LegEnded(command.leg, Cause.FAILED, False))
        elif isinstance(command, driver.Play):
            self.play_ended(driver.PlayEnded(command.leg, command.playback, error=event.reason or "failed"))
        elif isinstance(command, driver.CollectKeys):
            self.keys(driver.KeysCollected(command.leg, command.collection, "", "timeout"))
        elif isinstance(command, driver.Record):
            if command.recording in {one.recording for one in (call.recording, call.message) if one is not None}:
                self.recording_broke(command.recording, command.path, event.reason or "failed")
        elif isinstance(command, driver.StopRecording):
            self.recording_ended(driver.RecordingEnded(call.call, command.recording, "", 0.0, event.reason or "failed"))
        elif isinstance(command, driver.Music) and command.leg != call.leg:
            pass  # somebody else hears silence in place of music; nobody is hung up for that
        elif isinstance(command, driver.Bridge | driver.Music | driver.Gain):
            self.aside_over("sound")  # who hears the customer is not known: nothing more is asked
            if not call.ending and call.retry_at is None and call.retries >= state.RETRIES:
                self.end(Cause.FAILED, "media")
            elif not call.ending and call.retry_at is None:
                self.call = replace(self.call, retry_at=self.now + state.RETRY_SOUND, retries=call.retries + 1)

    # -- what people and the channel want -----------------------------------------------------------------------------

    def take(self, wish: h.Take) -> None:
        if not self.call.taken and not self.call.ending:
            self.call = replace(self.call, taken=True, answer_by=self.now + state.UP_WITHIN)
            self.out.append(driver.Answer(self.call.leg))

    def refuse(self, wish: h.Refuse) -> None:
        if not self.call.taken:
            self.end(wish.cause, "refused")

    # -- time, and a new switch ---------------------------------------------------------------------------------------

    def tick(self, _: h.Tick) -> None:
        call, now = self.call, self.now
        if call.ending:
            return
        if call.answer_by is not None and now >= call.answer_by:
            self.end(Cause.FAILED if call.dial is not None or not call.taken else Cause.MEDIA_LOST, "dial" if call.dial is not None else "media")
            return
        if call.lost_at is not None and now >= call.lost_at + state.CALLER_GRACE:
            self.end(Cause.MEDIA_LOST, "media")
            return
        if call.retry_at is not None and now >= call.retry_at:
            self.call = replace(self.call, retry_at=None, sound=replace(call.sound, bridge=None, music=None))
        if call.heard_by is not None and now >= call.heard_by:
            asked = bool(call.collection)
            self.silence()
            self.thinking()
            self.out.append(h.KeysEntered("", "timeout") if asked else h.Said(error="never ended"))
        if call.bored_at is not None and now >= call.bored_at:
            self.call = replace(self.call, bored=True, bored_at=None)
        if call.announce_at is not None and now >= call.announce_at:
            due = now + call.announce_every if call.announce_every > 0 else None
            self.call = replace(self.call, announce_at=due)
            if self.free() and call.waiting and not call.agents and not call.announcement:
                self.out.append(h.AnnouncementDue())
        if call.notice_by is not None and now >= call.notice_by:
            self.noticed("never said")
        self.message_time()
        for agent in call.agents:
            if self.call.agent(agent.segment) is not None:
                self.agent_time(agent)

    def adopted(self, wish: h.Adopted) -> None:
        standing = dict(wish.legs)
        for leg in self.call.legs:
            if leg not in standing:
                self.leg_ended(driver.LegEnded(leg, Cause.MEDIA_LOST, False))
        known = set(self.call.legs)
        for leg, how in standing.items():
            if leg not in known:
                self.hang_up(leg, Cause.FAILED)
            elif leg in self.call.leaving:
                self.out.append(driver.HangUp(leg, Cause.NORMAL))
            elif how == "up":
                agent = self.call.agent_on(leg)
                if (second := self.line_of(leg)) is not None:
                    self.line_up(second)
                if (agent is not None and not agent.up) or (leg == self.call.leg and not self.call.up):
                    self.leg_up(driver.LegUp(leg))
        said = self.call.playback or self.call.collection
        self.call = replace(
            self.call,
            sound=replace(self.call.sound, bridge=None, music=None),
            heard_by=self.now + state.ADOPTED_PROMPT if said else None,
        )


_HANDLERS: dict[type, Callable[[_Step, Any], None]] = {
    driver.LegUp: _Step.leg_up,
    driver.LegRinging: _Step.leg_ringing,
    driver.LegHeld: _Step.leg_held,
    driver.TransferRequested: _Step.transfer_requested,
    driver.PhoneDials: _Step.phone_dials,
    driver.Detected: _Step.detected,
    driver.KeyPressed: _Step.key,
    driver.PlayEnded: _Step.play_ended,
    driver.KeysCollected: _Step.keys,
    driver.MediaLost: _Step.media_lost,
    driver.MediaRestored: _Step.media_restored,
    driver.LegEnded: _Step.leg_ended,
    driver.RecordingEnded: _Step.recording_ended,
    driver.CommandFailed: _Step.failed,
    h.Tick: _Step.tick,
    h.Take: _Step.take,
    h.Refuse: _Step.refuse,
    h.Say: _Step.say,
    h.Ask: _Step.ask,
    h.Queued: _Step.queued,
    h.Announce: _Step.announce,
    h.TakeMessage: _Step.take_message,
    h.RecordCall: _Step.record,
    h.Private: _Step.private,
    h.Aside: _Step.aside,
    h.StopRecord: _Step.stop_record,
    h.Offered: _Step.offered,
    h.Accepted: _Step.accepted,
    h.SegmentOver: _Step.over,
    h.Held: _Step.hold,
    h.Resumed: _Step.hold,
    h.Completed: _Step.completed,
    h.Became: _Step.became,
    h.Supervised: _Step.supervised,
    h.Notice: _Step.notice,
    h.Stay: _Step.stay,
    h.EndCall: _Step.end_call,
    h.Adopted: _Step.adopted,
}
