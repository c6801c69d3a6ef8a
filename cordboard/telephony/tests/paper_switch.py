"""A switch on paper: does what it is told and keeps account of the legs there are, and of who hears what."""

from __future__ import annotations

from dataclasses import dataclass, field

from cordboard.telephony import driver


@dataclass
class Switch:
    """What a switch that obeys would be doing: the legs there are, who hears what."""

    customer: str
    legs: dict[str, str] = field(default_factory=dict)
    bridge: tuple[str, ...] = ()
    muted: set[tuple[str, str]] = field(default_factory=set)
    music: set[str] = field(default_factory=set)
    playing: str = ""
    collecting: str = ""
    recording: driver.Record | None = None
    hung_up: set[str] = field(default_factory=set)

    def perform(self, command: driver.Command) -> None:
        match command:
            case driver.Originate(leg=leg):
                assert leg not in {*self.legs, *self.hung_up}, "a leg's name is used once"
                self.legs[leg] = "ringing"
            case driver.HangUp(leg=leg) | driver.Reject(leg=leg):
                self.hung_up.add(leg)
            case driver.Bridge(legs=legs):
                assert all(leg in self.legs for leg in legs), "only legs that stand are bridged"
                self.bridge = legs
                self.music -= set(legs)
            case driver.Gain(source=source, destination=destination, gain=gain):
                assert {source, destination} <= set(self.legs), "only legs that stand are kept from one another"
                (self.muted.discard if gain else self.muted.add)((source, destination))
            case driver.Music(leg=leg, on=on):
                assert leg in self.legs
                (self.music.add if on else self.music.discard)(leg)
            case driver.Play(leg=leg, playback=playback):
                assert leg == self.customer
                self.playing = playback
            case driver.StopPlay():
                self.playing = ""
            case driver.CollectKeys(collection=collection):
                self.collecting = collection
            case driver.Record():
                self.recording = command
            case driver.StopRecording():
                self.recording = None
            case _:
                pass

    def gone(self, leg: str) -> None:
        self.legs.pop(leg, None)
        self.bridge = tuple(one for one in self.bridge if one != leg)
        self.muted = {pair for pair in self.muted if leg not in pair}
        self.music.discard(leg)

    def hears(self, leg: str) -> set[str]:
        """Whom this leg hears in the bridge."""
        return {one for one in self.bridge if one != leg and (one, leg) not in self.muted} if leg in self.bridge else set()
