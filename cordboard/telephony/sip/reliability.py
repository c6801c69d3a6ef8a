"""A provisional answer that the caller must confirm (RFC 3262, as the one called)."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from cordboard.telephony.sip.message import Request, respond
from cordboard.telephony.sip.server_transactions import LIFE, T1, ServerTransaction
from cordboard.telephony.sip.wheel import Timer, Wheel


class Reliable:
    """Sent again in ever longer intervals until its PRACK comes; `gave_up` after 32 s without one. `number` is given when another process began it."""

    def __init__(
        self, wheel: Wheel, invite: ServerTransaction, status: int, tag: str, contact: str, gave_up: Callable[[], None], number: int = 0
    ) -> None:  # fmt: skip
        self.number = number or 1 + secrets.randbelow(2**31 - 1)
        self.done = False
        self._wheel = wheel
        self._invite = invite
        self._answer = respond(invite.request, status, to_tag=tag, contact=contact, require="100rel", rseq=str(self.number))
        self._limit: Timer = wheel.after(LIFE, gave_up)
        self._again: Timer
        self._send(T1)

    def _send(self, delay: float) -> None:
        self._invite.respond(self._answer)
        self._again = self._wheel.after(delay, lambda: self._send(2 * delay))

    def stop(self) -> None:
        self._again.cancel()
        self._limit.cancel()

    def confirmed(self, prack: Request) -> bool:
        """Does this PRACK belong to it? Then it is not repeated any more."""
        words = prack.headers.get("rack").split()
        invite = self._invite.request.cseq
        if words != [str(self.number), str(invite.number), "INVITE"] or self.done:
            return False
        self.done = True
        self.stop()
        return True
