"""The keys of an agent's desk telephone: hold, transfer, and a second line on which a colleague is asked while the customer is on hold on the first.

Both lines are the agent's one part of the call. The agent is heard on the line in use (`Agent.leg`); the other one is on hold at the telephone (`Agent.other`), and
`Agent.asks_on` names the line on which a colleague is asked. What the keys mean is decided by the rows, as with the buttons of the desktop.
"""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Agent
from cordboard.telephony.calls.step import Step
from cordboard.telephony.driver import Cause


class Lines(Step):
    def line_of(self, leg: str) -> Agent | None:
        """Whose telephone has this leg on a line that is not in use."""
        return next((agent for agent in self.call.agents if leg and agent.other == leg), None)

    # -- hold -----------------------------------------------------------------------------------------------------------

    def leg_held(self, event: driver.LegHeld) -> None:
        if event.leg == self.call.leg and not self.call.left:
            if event.held != self.call.away:
                self.call = replace(self.call, away=event.held)
                self.out.append(h.CustomerHolds(event.held))
            return
        agent = self.call.agent_on(event.leg) or self.line_of(event.leg)
        if agent is None or not agent.phone or not agent.accepted:
            return
        asked = event.leg == agent.asks_on
        agent = replace(agent, asks_parked=event.held) if asked else replace(agent, parked=event.held)
        self.call = self.call.with_agent(agent)
        if not agent.other:
            self.out.append(h.AgentHolds(agent.segment, event.held))
        elif event.leg == agent.other and agent.asks_up and not event.held:
            self._taken(agent, event.leg)

    def _taken(self, agent: Agent, leg: str) -> None:
        """The agent takes the line that was on hold. With the other one put on hold before, that swaps; with both in use the telephone makes a conference of
        them, and so do we: all are heard on the line that was in use before, so that the telephone has nothing to add."""
        to_customer = leg != agent.asks_on
        if agent.asks_parked if to_customer else agent.parked:
            self.call = self.call.with_agent(replace(agent, leg=leg, other=agent.leg))
            self.out.append(h.AgentSwaps(agent.segment, to_customer, agent.asks_on))
        else:
            self.out.append(h.AgentJoins(agent.segment))

    # -- the second line ------------------------------------------------------------------------------------------------

    def phone_dials(self, event: driver.PhoneDials) -> None:
        """Only who has the customer may ask somebody else, and one at a time."""
        agent, main = self.call.agent_on(event.beside), self.call.main
        if agent is None or main is None or agent.segment != main.segment or not (agent.phone and agent.up) or agent.other or self.call.ending:
            self.out.append(driver.Reject(event.leg, Cause.BUSY))
            return
        self.call = self.call.with_agent(replace(agent, other=event.leg, asks_on=event.leg, asks_up=False, asks_parked=False))
        self.out.append(h.AgentDials(agent.segment, event.leg, event.number))

    def line_up(self, agent: Agent) -> None:
        """What the agent dialled was allowed: the second line is the one in use."""
        if not agent.asks_up and agent.other == agent.asks_on:
            self.call = self.call.with_agent(replace(agent, leg=agent.asks_on, other=agent.leg, asks_up=True))

    def line_ended(self, agent: Agent, leg: str) -> None:
        """One of two lines is gone: the other is all there is. When it was the customer's, the customer stays on hold."""
        asked = leg == agent.asks_on
        rest = agent.other if leg == agent.leg else agent.leg
        self.call = self.call.with_agent(replace(agent, leg=rest, other="", asks_on="", asks_up=False))
        if asked and agent.asks_up:
            self.out.append(h.AgentStopsAsking(agent.segment, agent.parked))

    # -- transfer -------------------------------------------------------------------------------------------------------

    def transfer_requested(self, event: driver.TransferRequested) -> None:
        """Only an agent at a telephone of ours may send the customer elsewhere: to what was dialled, or into the place of the telephone's own other line."""
        agent = self.call.agent_on(event.leg) or self.line_of(event.leg)
        if agent is None or not agent.phone or not agent.accepted:
            self.out.append(driver.TransferProgress(event.leg, driver.TransferStep.REFUSED))
        elif not event.replaces and not agent.other:
            self.out.append(h.AgentTransfers(agent.segment, event.leg, event.target))
        elif agent.asks_up and {event.leg, event.replaces} == {agent.leg, agent.other}:
            self.out.append(h.AgentCompletes(agent.segment, event.leg))
        else:
            self.out.append(driver.TransferProgress(event.leg, driver.TransferStep.REFUSED))

    # -- the end --------------------------------------------------------------------------------------------------------

    def release(self, agent: Agent, cause: Cause = Cause.NORMAL) -> None:
        """Every leg of this part."""
        self.hang_up(agent.leg, cause)
        self.hang_up(agent.other, cause)
