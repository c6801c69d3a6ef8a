"""The lines of one telephone of ours: which of its calls a further one belongs to."""

from __future__ import annotations

import secrets

from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.media.protocol import LegKind


def beside(board: Switchboard, account: str) -> Leg | None:
    """The line beside which a telephone of this account calls: one that is up and has no other beside it yet, best one that the telephone has put on hold (that is
    what its transfer key does first), of several the latest. None when it is in no call of ours that somebody else began."""
    taken = {leg.beside for leg in board.legs.values() if leg.beside and not leg.over}
    up = [leg for leg in board.legs.values() if leg.phone == account and leg.kind is LegKind.SIP and leg.phase is Phase.UP]
    free = [leg for leg in up if not leg.beside and leg.id not in taken and not leg.call.gone and leg.id != f"{leg.call.id}.0"]
    return max(free, key=lambda leg: (leg.held, leg.up_since), default=None)


def name(call: Call) -> str:
    """A name for another line in this call, which the owner of the driver has not given."""
    return f"{call.id}.t{secrets.token_hex(3)}"
