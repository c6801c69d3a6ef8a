"""SIP status codes and the causes of the contract, both ways. Pure."""

from __future__ import annotations

from cordboard.telephony.driver import Cause
from cordboard.telephony.media.protocol import Error
from cordboard.telephony.sip.sessions import Ending

STATUS = {
    Cause.NORMAL: 480,
    Cause.CANCELLED: 480,
    Cause.BUSY: 486,
    Cause.NO_ANSWER: 480,
    Cause.REJECTED: 603,
    Cause.NO_CODEC: 488,
    Cause.MEDIA_LOST: 480,
    Cause.UNKNOWN_NUMBER: 404,
    Cause.UNREACHABLE: 404,
    Cause.FAILED: 500,
}
"""How a caller is refused."""

_CAUSES = {
    403: Cause.REJECTED,
    407: Cause.REJECTED,
    401: Cause.REJECTED,
    404: Cause.UNKNOWN_NUMBER,
    408: Cause.NO_ANSWER,
    415: Cause.NO_CODEC,
    410: Cause.UNKNOWN_NUMBER,
    480: Cause.NO_ANSWER,
    484: Cause.UNKNOWN_NUMBER,
    485: Cause.UNKNOWN_NUMBER,
    486: Cause.BUSY,
    487: Cause.NO_ANSWER,
    488: Cause.NO_CODEC,
    600: Cause.BUSY,
    603: Cause.REJECTED,
    604: Cause.UNKNOWN_NUMBER,
    606: Cause.NO_CODEC,
    607: Cause.REJECTED,
    608: Cause.REJECTED,
}


_Q850 = {
    1: Cause.UNKNOWN_NUMBER,  # unallocated
    17: Cause.BUSY,
    18: Cause.NO_ANSWER,
    19: Cause.NO_ANSWER,
    20: Cause.NO_ANSWER,  # switched off
    21: Cause.REJECTED,
    22: Cause.UNKNOWN_NUMBER,  # changed
    28: Cause.UNKNOWN_NUMBER,  # incomplete
    65: Cause.NO_CODEC,
    88: Cause.NO_CODEC,
}
"""What the network says of the one called; it knows better than the status that a gateway made of it."""
_NETWORK = frozenset((34, 38, 41, 42, 44, 47))
"""Q.850 causes by which the network itself failed: no circuit, out of order, temporary failure, congestion."""


def ended(ending: Ending, status: int, q850: int = 0) -> Cause:
    """Why a SIP session ended."""
    if ending is Ending.CANCELLED:
        return Cause.CANCELLED
    if ending is Ending.HUNG_UP:
        return Cause.NORMAL
    if ending is Ending.LOST:
        return Cause.MEDIA_LOST
    if ending is Ending.REFUSED:
        return _Q850.get(q850) or _CAUSES.get(status, Cause.UNREACHABLE)
    return Cause.UNREACHABLE


def refusal(error: Error) -> tuple[int, Cause]:
    """How to refuse a call that the media process cannot take."""
    if error is Error.NO_CODEC:
        return 488, Cause.NO_CODEC
    if error is Error.BAD_SDP:
        return 400, Cause.NO_CODEC
    if error in (Error.NO_PORTS, Error.NOT_CONNECTED):
        return 503, Cause.FAILED
    return 500, Cause.FAILED


def of_the_trunk(ending: Ending, status: int, q850: int = 0) -> bool:
    """Did the trunk fail, rather than the one called answer (in whatever way)?"""
    if ending is Ending.TIMEOUT:
        return True
    if ending is not Ending.REFUSED or q850 in _Q850:
        return False
    return 500 <= status < 600 or status in (401, 407) or q850 in _NETWORK
