"""Which legs are recorded, by which recordings, on which side.

Left is the customer. Right is whom the customer hears, as loud as he hears them; while the customer is apart (hold,
consultation) it is those who hear one another. So a supervisor who only listens or whispers is not recorded, and
neither is one who is alone in the bridge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from cordboard.telephony.media.leg import Leg
from cordboard.telephony.media.recording import LEFT, RIGHT, Recording, Track


def plan(
    recordings: Iterable[Recording],
    legs: Mapping[str, Leg],
    bridge: tuple[str, ...],
    heard_by: Callable[[str], tuple[tuple[Leg, float], ...]],
) -> None:
    """Fill in `tracks` of all legs; a track that stays as it was keeps its place in time."""
    wanted: dict[str, dict[tuple[str, int], tuple[Recording, float]]] = {name: {} for name in legs}
    for recording in recordings:
        if recording.ended:
            continue
        if recording.customer in legs:
            wanted[recording.customer][recording.name, LEFT] = recording, 1.0
        listeners = (recording.customer,) if recording.customer in bridge else bridge
        for leg, gain in (pair for name in listeners for pair in heard_by(name)):
            wanted[leg.name][recording.name, RIGHT] = recording, gain
    for leg in legs.values():
        present = {(track.recording.name, track.channel): track for track in leg.tracks}
        tracks = []
        for key, (recording, gain) in wanted[leg.name].items():
            track = present.get(key)
            if track is None or track.gain != gain or track.recording is not recording:
                track = Track(recording, key[1], gain)
            tracks.append(track)
        leg.tracks = tuple(tracks)
