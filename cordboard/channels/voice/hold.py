"""Virtual hold, the talk with one who waits: a key is pressed, a number confirmed or keyed, the place is kept and the line given up.

The caller stays in the queue all the time: an agent who becomes free meanwhile simply takes the call, and what was being asked is dropped. What is asked is
not kept with the call: after a change of the switch the key is pressed again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cordboard.channels.voice import actions_hold, looking
from cordboard.channels.voice import wording_callback as words
from cordboard.channels.voice.executor import DatabaseAway
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Cause

if TYPE_CHECKING:
    from cordboard.channels.voice.clerk import Clerk

logger = logging.getLogger(__name__)

TRIES = 3
STAY_KEY = "*"


@dataclass(frozen=True, slots=True)
class OfferDue:
    """Time to offer a callback."""


class Hold:
    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self.wanted = False
        """The caller chose a callback before waiting: it is asked for as soon as they stand in the queue."""
        self.at = ""
        """What was asked: "" nothing, "confirm", "number"."""
        self._offer: actions_hold.Offered | None = None
        self._asked_for_offer = False
        self._told = True
        """The offer was said in this wait. A new switch does not know and takes it for said."""
        self._number = ""
        self._tries = 0

    @property
    def active(self) -> bool:
        return bool(self.at)

    def stop(self) -> None:
        """An agent is there."""
        self.at = ""

    async def queued(self) -> None:
        """The caller stands in a queue."""
        self._asked_for_offer = self._told = False
        if self.wanted:
            self.wanted = False
            await self._begin()
        elif (offer := await self._terms()) is not None:
            facts = self.clerk.attendant.facts
            asyncio.get_running_loop().call_later(offer.after, lambda: facts.put_nowait((OfferDue(), time.time())))

    async def due(self) -> None:
        """The caller has waited for so long that a callback is offered; once a wait."""
        call = self.clerk.attendant.call
        if self._told or self.active or not call.waiting or call.agents or (offer := await self._terms()) is None:
            return
        if call.announcement or call.playback:  # something else is being said
            asyncio.get_running_loop().call_later(1.0, lambda: self.clerk.attendant.facts.put_nowait((OfferDue(), time.time())))
            return
        self._told = True
        self.clerk.speaking.say(words.said(words.OFFER, self._language, key=offer.key))

    async def key(self, key: str) -> None:
        """Pressed while waiting. Before the offer was said it means nothing: who presses a menu's key twice wants to stay on the line."""
        offer = None if self.active or not self._told else await self._terms()
        if offer is not None and key == offer.key:
            await self._begin()

    async def keys(self, fact: h.KeysEntered) -> None:
        """The answer to what was asked."""
        at, self.at = self.at, ""
        if fact.ended_by == "replaced" or not self.clerk.attendant.call.waiting:
            return
        pressed = fact.keys
        if STAY_KEY in pressed:
            self.clerk.speaking.say(words.said(words.STAY, self._language))
        elif at == "confirm" and pressed == "1":
            await self._keep()
        elif at == "confirm" and pressed == "2":
            self._ask_number()
        elif at == "number" and pressed:
            await self._keyed(pressed)
        else:  # nothing, or a key that means nothing here
            self._tries += 1
            if self._tries >= TRIES:
                self.clerk.speaking.say(words.said(words.STAY, self._language))
            elif at == "confirm":
                self._confirm()
            else:
                self._ask_number()

    # -- asking -----------------------------------------------------------------------------------------------------------

    @property
    def _language(self) -> str:
        return self.clerk.attendant.desk.language

    async def _terms(self) -> actions_hold.Offered | None:
        """What the policy offers; asked once a wait. Who cannot ask offers nothing."""
        if not self._asked_for_offer:
            try:
                self._offer = await looking.decided(self.clerk.db, actions_hold.callback_offered, self.clerk.interaction)
                self._asked_for_offer = True
            except DatabaseAway:
                return None
            except Exception:
                logger.exception("whether a callback is offered could not be found out")
                self._offer, self._asked_for_offer = None, True
        return self._offer

    async def _begin(self) -> None:
        offer = await self._terms()
        if offer is None:
            return
        self._told, self._tries, self._number = True, 0, offer.number
        if self._number:
            self._confirm()
        else:
            self._ask_number()

    def _confirm(self, before: str = "") -> None:
        self.at = "confirm"
        text = words.said(words.CONFIRM, self._language, number=self._number)
        self._ask(f"{before} {text}".strip(), 1, "")

    def _ask_number(self, before: str = "") -> None:
        self.at = "number"
        self._ask(f"{before} {words.said(words.KEY_IN, self._language)}".strip(), 16, STAY_KEY)

    def _ask(self, text: str, most: int, at_once: str) -> None:
        prompt = self.clerk.announcements.spoken(text, self._language)
        self.clerk.attendant.put(h.Ask((prompt,), most, "" if most == 1 else "#", 8.0, 4.0, at_once or "0123456789*#"))

    async def _keyed(self, digits: str) -> None:
        number = await self.clerk.surely(actions_hold.callback_number, digits, self.clerk.attendant.desk.country)
        if number:
            self._number = number
            self._confirm()
            return
        self._tries += 1
        refused = words.said(words.NOT_THIS, self._language)
        if self._tries >= TRIES:
            self.clerk.speaking.say(f"{refused} {words.said(words.STAY, self._language)}")
        else:
            self._ask_number(refused)

    async def _keep(self) -> None:
        if await self.clerk.surely(actions_hold.keep_place, self.clerk.interaction, self._number):
            await self.clerk.speaking.say_and_end(words.said(words.KEPT, self._language), Cause.NORMAL, "callback")
        elif not self.clerk.over:
            self.clerk.speaking.say(words.said(words.STAY, self._language))
