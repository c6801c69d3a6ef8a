"""Rows and sound beside each other: the pure call of an interaction, made to follow its events as the switch does. Softphones that are asked connect at once."""

from __future__ import annotations

from typing import Any

from cordboard.channels.voice import queries, wishes
from cordboard.events.models import Event
from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Cause, EndpointKind

MUSIC = "default"


class Mirror:
    """`facts` are what the call reported and nobody has written down yet."""

    def __init__(self, interaction: int) -> None:
        self.interaction = interaction
        self.now = 1000.0
        self.call, _ = calls.begin(driver.CallOffered("c", "c.in", "", "100", EndpointKind.SIP), self.now)
        self.facts: list[Any] = []
        self.read = 0
        self.put(h.Take(), driver.LegUp("c.in"))

    def put(self, *happenings: h.Happening) -> None:
        for one in happenings:
            self.call, out = calls.advance(self.call, one, self.now)
            for each in out:
                if isinstance(each, driver.Originate) and each.endpoint.kind is EndpointKind.BROWSER:
                    self.put(driver.LegUp(each.leg))
                elif isinstance(each, driver.HangUp):
                    self.put(driver.LegEnded(each.leg, Cause.NORMAL, False))
                elif isinstance(each, h.OutsideRinging | h.OutsideAnswered | h.OutsideGone):
                    self.facts.append(each)

    def follow(self) -> Mirror:
        """What was recorded since, as wishes."""
        for event in Event.objects.filter(pk__gt=self.read).order_by("pk"):
            self.read = event.pk
            if event.body.get("interaction") != self.interaction:
                continue
            if event.kind == "interactions.outside_dialled":
                row = queries.dialled(event.body["outside"])
                if row is not None:
                    self.put(row.wish)
            self.put(*wishes.from_event(event.kind, event.body, self.now, lambda queue: MUSIC))
        return self

    def rows(self) -> wishes.Rows:
        return queries.rows_of([self.interaction])[self.interaction]

    def agrees(self) -> None:
        """The sound is as the rows say; nothing is left to be done."""
        rows = self.rows()
        if rows.ended:
            assert self.call.ending, "the rows ended it, the sound goes on"
            return
        left = wishes.from_rows(self.call, rows)
        assert not left, f"the rows want {left} of {self.call.phase}"
        assert not wishes.forgotten(self.call, rows), "the customer waits for nobody"
        heard = dict(self.call.sound.music or ())
        person = "c.in" in (self.call.sound.bridge or ())
        assert person or "c.in" in heard, f"silence while {self.call.phase}"
