"""What comes after the talk: everybody else leaves, the customer stays a moment with the automated service (a survey by keys).

The contact is over then, and its rows say so; what they say of the call does not end it any more. It ends when the service says so, or the customer leaves.
"""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.recordings import Recordings


class After(Recordings):
    def stay(self, wish: h.Stay) -> None:
        if self.call.after:
            return
        if self.call.ending or not self.call.up:  # nobody is there to stay
            self.end_call(h.EndCall())
            return
        self.stop_record(h.StopRecord())
        for agent in self.call.agents:
            self.call = self.call.without(agent.segment)
            self.hang_up(agent.leg)
            self.hang_up(agent.other)
        self.silence()
        self.call = replace(self.call, after=True, waiting=False, passed_on=False, announce_at=None, music="default")
        self.thinking()
        self.out.append(h.Stayed(wish.then))

    def end_call(self, wish: h.EndCall) -> None:
        """Everybody is hung up; one who stays after the talk is not, by those who had it."""
        if not self.call.after or wish.by != "agent":
            self.end(wish.cause, wish.by)
