"""A flow on the telephone: the engine says what to do, here it is done (said, asked, looked up, put into a queue)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cordboard.channels.voice.actions import Opened
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Cause

if TYPE_CHECKING:
    from cordboard.channels.voice.clerk import Clerk

logger = logging.getLogger(__name__)


class Ivr:
    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self.ends: tuple[Cause, str] | None = None
        """How the call ends when what is said now is over."""

    async def prepare(self, opened: Opened) -> None:
        pass

    async def begin(self) -> None:
        await self.clerk.to_person()

    async def go_on(self) -> None:
        await self.clerk.to_person()

    async def said(self, fact: h.Said) -> None:
        if self.ends is not None:
            cause, by = self.ends
            self.clerk.attendant.put(h.EndCall(cause, by))

    async def keys(self, fact: h.KeysEntered) -> None:
        pass

    async def close(self, by: str) -> None:
        pass
