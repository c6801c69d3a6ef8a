"""What our own offers within a call say: whether the far side is on hold, and which codecs we would rather have. Pure."""

from __future__ import annotations

from cordboard.telephony.drivers.embedded.legs import Leg, Phase
from cordboard.telephony.media.codecs import TRANSLATE
from cordboard.telephony.media.protocol import Codec, LegKind

KNOWN = (Codec.PCMU, Codec.PCMA, Codec.OPUS)
"""What we offer to telephones, in this order."""


def order(first: str) -> tuple[Codec, ...]:
    """All codecs with this one first; () for the usual order."""
    wanted = [codec for codec in KNOWN if codec == first]
    return (*wanted, *(codec for codec in KNOWN if codec not in wanted)) if wanted else ()


def rather(legs: list[Leg], leg: Leg) -> tuple[Codec, ...]:
    """For the first offer to `leg`: the codec of the others in its call first, so that nothing need be decoded."""
    others = [other.codec for other in legs if other is not leg and other.codec and not other.over]
    return order(others[0]) if others else ()


def holds(leg: Leg) -> bool:
    """Is somebody kept waiting with whom others talked? Music is heard, and one of those others is there still: with nobody left it waits for a person and may have to
    press keys, for which we must listen."""
    others = [other for other in leg.call.legs.values() if other is not leg and other.talked and other.phase is Phase.UP]
    return leg.hears_music and leg.talked and bool(others)


def alike(one: str, other: str) -> bool:
    """Can packets be passed on between the two without decoding?"""
    return one == other or any(one == codec and other == TRANSLATE[codec][0] for codec in TRANSLATE)


def to_change(legs: list[Leg]) -> tuple[Leg, str] | None:
    """Of two who talk in codecs that are not alike: who is to change to what, a telephone of ours before a trunk. Each is asked once for a codec."""
    if len(legs) != 2 or not all(leg.codec and leg.phase is Phase.UP for leg in legs) or alike(legs[0].codec, legs[1].codec):
        return None
    for leg in sorted(legs, key=lambda leg: not leg.phone):
        other = legs[1] if leg is legs[0] else legs[0]
        if leg.kind is LegKind.SIP and leg.asked_for != other.codec:
            return leg, other.codec
    return None
