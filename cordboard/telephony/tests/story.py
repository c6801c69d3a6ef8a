"""A call and its clock, told as a story: what happens goes in, what the switch is told comes out."""

from __future__ import annotations

from typing import Any

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Call, Phase
from cordboard.telephony.driver import EndpointKind


class Story:
    """`out`: what the call's beginning came to."""

    def __init__(self, call: Call, out: tuple[calls.Output, ...]) -> None:
        self.now = 0.0
        self.call, self.out = call, out

    @classmethod
    def of_a_caller(cls) -> Story:
        """Somebody calls 100; it rings."""
        return cls(*calls.begin(driver.CallOffered("c", "c.in", "+31205550123", "100", EndpointKind.SIP), 0.0))

    def then(self, *happenings: h.Happening) -> list[Any]:
        out: list[Any] = []
        for happening in happenings:
            self.call, more = calls.advance(self.call, happening, self.now)
            out += more
        return out

    def wait(self, seconds: float) -> list[Any]:
        until, out = self.now + seconds, []
        while (due := self.call.due) is not None and due <= until:
            self.now = due
            out += self.then(h.Tick())
        self.now = until
        return out

    @property
    def phase(self) -> Phase:
        return self.call.phase
