"""The people in a call beside the customer: asked, connected, held, joined, heard again, given up. Agents, supervisors, and those outside whom we dial."""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls import state
from cordboard.telephony.calls.happenings import OWNING, Kind
from cordboard.telephony.calls.lines import Lines
from cordboard.telephony.calls.state import Agent
from cordboard.telephony.driver import Cause


class People(Lines):
    # -- their legs ---------------------------------------------------------------------------------------------------

    def agent_up(self, agent: Agent, trunk: str = "") -> None:
        """Sound can flow. Whoever is outside has accepted by answering."""
        if agent.outside and not agent.accepted:
            self.out.append(h.OutsideAnswered(-agent.segment, trunk))
            self.call = self.call.with_agent(replace(agent, up=True, ring_by=None))
            self.accepted(h.Accepted(agent.segment))
        elif agent.phone and not agent.accepted:
            self.out.append(h.AgentAnswered(agent.segment))
            self.call = self.call.with_agent(replace(agent, up=True))
        else:
            self.back(replace(agent, up=True))

    def ringing(self, event: driver.LegRinging) -> None:
        agent = self.call.agent_on(event.leg)
        if agent is not None and agent.outside and not agent.accepted:
            self.out.append(h.OutsideRinging(-agent.segment, event.trunk))

    def back(self, agent: Agent) -> None:
        if agent.told:
            self.out.append(h.AgentMediaBack(agent.segment))
        self.call = self.call.with_agent(replace(agent, lost_at=None, told=False, again_at=None))

    def without_leg(self, agent: Agent, cause: Cause) -> None:
        """The softphone went away. In a call it is asked again until patience ends; while it rings the rows decide. Somebody outside has hung up, or was
        not reached: their part is over."""
        if agent.outside:
            self.outside_gone(replace(agent, leg=""), cause)
            return
        agent = replace(agent, leg="", up=False)
        if agent.phone and agent.accepted and agent.heard and cause is Cause.NORMAL:
            # hung up: the rows say what becomes of it; until they do the customer waits as for one who was lost
            self.out.append(h.AgentHungUp(agent.segment))
            agent = replace(agent, lost_at=self.now if agent.lost_at is None else agent.lost_at)
        elif agent.accepted:
            since = self.now if agent.lost_at is None else agent.lost_at
            agent = replace(agent, lost_at=since, again_at=self.now + state.AGAIN)
        else:
            self.out.append(h.AgentUnreachable(agent.segment, cause, False))
        self.call = self.call.with_agent(agent)

    def outside_gone(self, agent: Agent, cause: Cause) -> None:
        """When they had the customer to themselves nobody is left for the customer to talk to: the call is over. Else whoever asked has the customer still."""
        alone = self.call.main is not None and self.call.main.segment == agent.segment
        self.out.append(h.OutsideGone(-agent.segment, cause, agent.accepted))
        self.call = self.call.with_agent(agent)
        self.drop(agent)
        if alone and agent.accepted and self.call.main is None:
            self.end(Cause.NORMAL, "outside")

    # -- asked and accepted -------------------------------------------------------------------------------------------

    def offered(self, wish: h.Offered) -> None:
        call = self.call
        if call.ending or not call.up or wish.segment in call.past or call.agent(wish.segment) is not None:
            return
        made = Agent(wish.segment, wish.user, "", wish.kind, wish.number, wish.trunk, wish.phone, wish.at_once, mode=wish.mode, of=wish.of, notice=wish.notice)
        if made.phone:
            made = replace(made, caller_id=wish.caller_id)
        agent = made if made.phone and made.at_once else self.connect(made, wish.ring, wish.caller_id)
        self.call = replace(self.call, agents=(*self.call.agents, agent))

    def accepted(self, wish: h.Accepted) -> None:
        agent = self.call.agent(wish.segment)
        if agent is None or agent.accepted or self.call.ending or (agent.outside and not agent.up):
            return
        if wish.kind is not None:
            agent = replace(agent, kind=wish.kind)
        if agent.leg == "":
            agent = self.connect(agent, state.CONNECT_WITHIN)
        if not agent.up and agent.lost_at is None:
            agent = replace(agent, lost_at=self.now)
        self.call = self.call.with_agent(replace(agent, accepted=True))
        if agent.outside and agent.kind in OWNING:
            self.taken_over()  # the agent who dialled keeps their part until the rows end it
            return
        for other in self.call.agents:  # one has the customer, one is consulted: the newest accepted holds
            if other.accepted and other.segment != agent.segment and _same_place(other.kind, agent.kind):
                self.call = self.call.without(other.segment)
                self.release(other)
        if agent.kind in (*OWNING, Kind.CONFERENCE):
            self.taken_over()
        if agent.notice:
            self.call = replace(self.call, notice_by=self.now + state.NOTICE_WITHIN)
            self.out.append(h.NoticeDue(agent.segment))

    def taken_over(self) -> None:
        """Somebody has the customer: the customer does not wait."""
        self.silence()
        self.call = replace(self.call, waiting=False, passed_on=False, announce_at=None)

    def over(self, wish: h.SegmentOver) -> None:
        agent = self.call.agent(wish.segment)
        if agent is None:
            self.call = self.call.without(wish.segment)
        else:
            self.drop(agent)

    def hold(self, wish: h.Held | h.Resumed) -> None:
        if (agent := self.call.agent(wish.segment)) is not None:
            self.call = self.call.with_agent(replace(agent, held=isinstance(wish, h.Held)))

    def completed(self, wish: h.Completed) -> None:
        agent = self.call.agent(wish.segment)
        if agent is None or agent.kind is not Kind.CONSULT:
            return
        before = self.call.main
        self.call = self.call.with_agent(replace(agent, kind=Kind.TRANSFER, held=False))
        if before is not None:
            self.call = self.call.without(before.segment)
            self.release(before)
        if agent.accepted:
            self.call = replace(self.call, waiting=False, passed_on=False, announce_at=None)
        elif self.call.main is None:
            self.wait(passed_on=True)

    def became(self, wish: h.Became) -> None:
        """Merged into a conference, or the one who has the customer from now on; who had them before stays in the conference."""
        agent = self.call.agent(wish.segment)
        if agent is None or Kind.SUPERVISE in (agent.kind, wish.kind) or not (agent.accepted or agent.outside):
            return
        if not agent.accepted:  # rings still: what it is for has changed
            self.call = self.call.with_agent(replace(agent, kind=wish.kind))
            return
        if wish.kind in OWNING:
            for other in self.call.agents:
                if other.accepted and other.kind in OWNING and other.segment != agent.segment:
                    self.call = self.call.with_agent(replace(other, kind=Kind.CONFERENCE, held=False))
        self.call = self.call.with_agent(replace(agent, kind=wish.kind, held=False))
        if self.call.main is None:
            self.wait(passed_on=True)
        else:
            self.taken_over()

    # -- supervision --------------------------------------------------------------------------------------------------

    def supervised(self, wish: h.Supervised) -> None:
        agent = self.call.agent(wish.segment)
        if agent is not None and agent.kind is Kind.SUPERVISE:
            self.call = self.call.with_agent(replace(agent, mode=wish.mode))

    def notice(self, wish: h.Notice) -> None:
        call = self.call
        if call.ending or call.notice or not any(agent.notice for agent in call.agents):
            return
        if not wish.prompts or not call.up:
            self.noticed("nothing to say")
            return
        playback = self.play(wish.prompts, False)
        self.call = replace(self.call, notice=playback, notice_by=self.now + state.PROMPT_WITHIN)

    def noticed(self, error: str) -> None:
        """The customer was told: those who listen in may hear. Could it not be said, they do not get in."""
        self.call = replace(self.call, notice="", notice_by=None)
        for agent in self.call.agents:
            if not agent.notice:
                continue
            if error:
                self.out.append(h.NoticeFailed(agent.segment))
                self.drop(agent)
            else:
                self.call = self.call.with_agent(replace(agent, notice=False))

    # -- time ---------------------------------------------------------------------------------------------------------

    def agent_time(self, agent: Agent) -> None:
        now = self.now
        if agent.ring_by is not None and now >= agent.ring_by:
            self.outside_gone(agent, Cause.NO_ANSWER)
            return
        if agent.accepted and agent.lost_at is not None and now >= agent.lost_at + agent.patience:
            if not agent.heard:
                self.out.append(h.AgentUnreachable(agent.segment, Cause.UNREACHABLE, True))
                self.drop(agent)
                return
            if agent.told:
                self.out.append(h.AgentGone(agent.segment))
                self.drop(agent)
                return
            agent = replace(agent, told=True)
            self.out.append(h.AgentMediaLost(agent.segment))
            self.call = self.call.with_agent(agent)
        if agent.again_at is not None and now >= agent.again_at:
            left = state.MEDIA_GRACE + state.RETURN_AFTER - (now - (agent.lost_at or now))
            agent = self.connect(agent, max(1.0, left))
            self.call = self.call.with_agent(agent)


def _same_place(one: Kind, other: Kind) -> bool:
    """Whether only one of the two can be in the call."""
    return (one in OWNING and other in OWNING) or (one is other is Kind.CONSULT)
