"""A customer who is sent to key a card number in the middle of a talk: asked as a flow asks (the step `collect_secret`), told to the records, given back.

That it is wanted stands in the rows, and that nobody hears the customer meanwhile is the call's (`telephony/calls/aside.py`). What is keyed goes to the check and nowhere else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from cordboard.channels.voice import actions_card, lookups, queries, wording
from cordboard.channels.voice.wording_card import GRAPH
from cordboard.flows import effects as fx
from cordboard.flows import engine
from cordboard.telephony.calls import happenings as h

if TYPE_CHECKING:
    from cordboard.channels.voice.clerk import Clerk


class CardDue:
    """A customer is to key card data, or not any more: the rows say which."""


@cache
def _flow() -> engine.Flow:
    return engine.compile_flow(GRAPH)


class Cards:
    """After a change of the switch it is asked from the beginning."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self._entry = 0
        """The row by which it is asked, 0 for none."""
        self._asked: fx.AskSecret | None = None
        self._state: dict[str, Any] = {}

    @property
    def active(self) -> bool:
        return bool(self._entry)

    async def due(self) -> None:
        """Make it as the rows say."""
        entry = await self.clerk.surely(queries.card_asked, self.clerk.interaction) or 0
        if entry == self._entry:
            return
        self._entry, self._state = entry, engine.begin(_flow())
        if entry:
            self._step(fx.Started({}, self.clerk.attendant.desk.language))

    def _step(self, given: fx.Input) -> bool:
        """Returns whether the customer is asked (again)."""
        self._state, effects = engine.step(_flow(), self._state, given, datetime.now(UTC))
        self._asked = next((one for one in effects if isinstance(one, fx.AskSecret)), None)
        if (asked := self._asked) is None:
            return False
        language = wording.known(self.clerk.attendant.desk.language)
        prompts = tuple(self.clerk.announcements.spoken(one.text, language) for one in asked.prompt)
        self.clerk.attendant.put(h.Ask(prompts, asked.max, asked.end_key, asked.first_timeout, asked.gap_timeout, secret=True, clear_key=asked.clear_key))
        return True

    async def keys(self, fact: h.KeysEntered) -> None:
        """What was keyed: checked, and forgotten with the end of this function."""
        if fact.ended_by == "replaced" or self._asked is None:
            return
        entry, digits = self._entry, len(fact.keys)
        found = lookups.card_check(self.clerk.interaction, {"keys": fact.keys}) if self._asked.min <= digits <= self._asked.max else None
        again = self._step(fx.LookedUp(found) if digits else fx.NoAnswer())
        if not again:
            self._entry = 0
            self.clerk.attendant.put(h.Aside(0))
        await self.clerk.surely(actions_card.card_keyed, entry, digits, str(found["last"]) if found else "", final=not again)

    async def over(self, fact: h.AsideOver) -> None:
        """It ended by itself."""
        self._entry = 0
        await self.clerk.surely(actions_card.card_over, self.clerk.interaction, fact.why)
