"""What the clerk of a call has said to the one who waits: how long it will still take, that there is an emergency, why the call ends."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cordboard.channels.voice import queries, wording
from cordboard.channels.voice.executor import DatabaseAway
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Cause, Prompt

if TYPE_CHECKING:
    from cordboard.channels.voice.clerk import Clerk

EVERY = 60.0
FIRST = 4.0
"""Seconds between announcements to one who waits, and until the first; a flow may say otherwise."""


@dataclass(frozen=True, slots=True)
class EmergencyDue:
    """An emergency announcement began or ended: who waits is to hear it."""


class Speaking:
    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self._told_longer = False

    def say(self, words: dict[str, str] | str) -> None:
        """To one who waits; dropped when nobody does any more."""
        self.clerk.attendant.put(h.Announce((self.spoken(words),)))

    def spoken(self, words: dict[str, str] | str) -> Prompt:
        """In the caller's language."""
        language = wording.known(self.clerk.attendant.desk.language)
        return self.clerk.announcements.spoken(words if isinstance(words, str) else words[language], language)

    async def say_and_end(self, words: dict[str, str] | str, cause: Cause, by: str) -> None:
        """The last that the caller hears. `Said` follows, which ends the call."""
        language = wording.known(self.clerk.attendant.desk.language)
        text = words if isinstance(words, str) else words[language]
        self.clerk.ivr.ends = (cause, by)
        for _ in range(100):  # answered a moment ago, the caller is about to be connected
            if self.clerk.attendant.call.up or self.clerk.over:
                break
            await asyncio.sleep(0.1)
        self.clerk.attendant.put(h.Say((self.clerk.announcements.spoken(text, language),), stop_on_key=False))

    async def tell_emergency(self) -> bool:
        """Once for each caller who waits. Whether it is said now."""
        call = self.clerk.attendant.call
        if not self.clerk.interaction or not call.waiting or call.agents or self.clerk.over:
            return False
        try:
            said = await self.clerk.db.run(queries.emergency_for, self.clerk.interaction)
        except DatabaseAway:
            return False
        if said is None or said.id == self.clerk.attendant.desk.emergency:
            return False
        if call.announcement or call.playback or self.clerk.hold.active:  # something else is being said
            asyncio.get_running_loop().call_later(1.0, self.clerk.later, EmergencyDue())
            return True
        self.clerk.attendant.note(emergency=said.id)
        self.clerk.attendant.put(h.Announce((self._warned_of(said),)))
        return True

    async def warn(self) -> bool:
        """What everybody hears first who calls in for the line's queue in an emergency. Whether it is said: `Said` follows then."""
        attendant = self.clerk.attendant
        try:
            said = await self.clerk.db.run(queries.emergency_of, attendant.desk.queue)
        except DatabaseAway:
            said = self.clerk.announcements.emergency(attendant.desk.queue, time.time())
        if said is None:
            return False
        attendant.note(emergency=said.id, warning=True)
        attendant.put(h.Say((self._warned_of(said),), stop_on_key=False))
        return True

    def _warned_of(self, said: queries.EmergencySaid) -> Prompt:
        return self.clerk.announcements.spoken(*said.words(wording.known(self.clerk.attendant.desk.language)))

    async def announce(self) -> None:
        """How long it will still take, if something honest can be said: never more than was promised."""
        try:
            now = await self.clerk.db.run(queries.waiting, self.clerk.interaction)
        except DatabaseAway:
            self.say(wording.STILL)
            return
        if now is None:
            return
        language = wording.known(self.clerk.attendant.desk.language)
        if now.band is not None:
            said = wording.wait(now.band[0], now.band[1], language)
            own = (self.clerk.attendant.desk.waiting.get("wait") or {}).get(language)
            self.say(str(own).replace("{wait}", said) if own else said)
        elif now.longer and not self._told_longer:
            self._told_longer = True
            self.say(self._words("longer", wording.LONGER))
        elif now.waited > EVERY / 2:
            self.say(self._words("still", wording.STILL))

    def _words(self, name: str, default: dict[str, str]) -> dict[str, str]:
        """The flow's own texts for those who wait, or ours."""
        own = self.clerk.attendant.desk.waiting.get(name)
        return {**default, **{language: str(text) for language, text in own.items() if text}} if isinstance(own, dict) else default
