"""Our own offers within a session: re-INVITE, and UPDATE to refresh it. Where both sides offer at once, both step back for a while of different
length (RFC 3261 section 14.1)."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.message import Request, Response
from cordboard.telephony.sip.wheel import Timer, Wheel

BUSY_AGAIN = 0.5
"""Seconds until another try while an offer of theirs is being dealt with."""
TRIES = 8


def glare_delay(began_call: bool, draw: float) -> float:
    """Seconds to wait after a 491, in units of 10 ms: 2.1 to 4 for the one who began the call (owns its Call-ID), 0 to 2 for the other. `draw` from 0 to 1."""
    low, high = (2.1, 4.0) if began_call else (0.0, 2.0)
    return round((low + draw * (high - low)) * 100) / 100


Send = Callable[[Dialog, Request, Callable[[Response], None], Callable[[], None]], None]


class OurOffer:
    """One request of ours that changes or refreshes the session, tried again after a glare. `make` builds it (with the next sequence number), `busy` tells
    whether an offer of theirs stands, `done` gets the final response, or None when nobody answered."""

    def __init__(
        self, wheel: Wheel, began_call: bool, dialog: Dialog, make: Callable[[], Request], send: Send, busy: Callable[[], bool],
        done: Callable[[Response | None], None],
    ) -> None:  # fmt: skip
        self.pending = False
        self.over = False
        self._wheel = wheel
        self._began_call = began_call
        self._dialog = dialog
        self._make = make
        self._send = send
        self._busy = busy
        self._done = done
        self._left = TRIES
        self._timer: Timer | None = None
        self.try_now()

    def try_now(self) -> None:
        if self.over:
            return
        if self._busy():
            self._later(BUSY_AGAIN)
            return
        self.pending = True
        self._send(self._dialog, self._make(), self._answered, lambda: self._finish(None))

    def stop(self) -> None:
        self.over = True
        self.pending = False
        if self._timer is not None:
            self._timer.cancel()

    def _later(self, seconds: float) -> None:
        self._left -= 1
        if self._left <= 0:
            self._finish(None, lost=False)
        else:
            self._timer = self._wheel.after(seconds, self.try_now)

    def _answered(self, response: Response) -> None:
        if response.status < 200 or self.over:
            return
        if response.status == 491:
            self.pending = False
            self._later(glare_delay(self._began_call, secrets.randbelow(10_001) / 10_000))
        else:
            self._finish(response)

    def _finish(self, response: Response | None, lost: bool = True) -> None:
        if self.over:
            return
        self.stop()
        if response is not None or lost:
            self._done(response)
