"""What the flow says to the caller and asks of them, and what a caller hears who waits. Nobody else talks to them meanwhile."""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls import state
from cordboard.telephony.calls.step import Step


class Asking(Step):
    def free(self) -> bool:
        """Nobody talks to the customer: something may be said."""
        return self.call.up and not self.call.ending and (self.call.main is None or bool(self.call.aside))

    def automated(self) -> bool:
        """The flow has the word, or will have it as soon as the caller's sound flows: a key pressed now is meant for it."""
        call = self.call
        return call.taken and not call.ending and not call.waiting and call.main is None

    def say(self, wish: h.Say) -> None:
        if not self.free():
            self.out.append(h.Said(error="somebody talks"))
            return
        early = "" if self.call.playback else self.call.key
        self.silence()
        if early and wish.stop_on_key:
            self.thinking()
            self.out.append(h.Said(early))
            return
        playback = self.play(wish.prompts, wish.stop_on_key)
        self.call = replace(self.call, playback=playback, key=early, heard_by=self.now + state.PROMPT_WITHIN)

    def ask(self, wish: h.Ask) -> None:
        if not self.free():
            self.out.append(h.KeysEntered("", "replaced"))
            return
        early = "" if self.call.playback or wish.secret else self.call.key
        self.silence()
        if early and (entered := typed_ahead(early, wish)) is not None:
            self.thinking()
            self.out.append(entered)
            return
        if wish.prompts and not early:
            playback = self.play(wish.prompts, True)
            self.call = replace(self.call, playback=playback)
        collection = self.serial("k")
        first = wish.gap_timeout if early else wish.first_timeout
        most = wish.max_keys - len(early)
        terms = (most, wish.end_key, first, wish.gap_timeout, wish.at_once, wish.secret, wish.clear_key)
        self.out.append(driver.CollectKeys(self.call.leg, collection, *terms))
        self.call = replace(self.call, collection=collection, key=early, heard_by=self.now + state.PROMPT_WITHIN)

    def queued(self, wish: h.Queued) -> None:
        call = self.call
        if call.ending or not call.up:
            return
        if call.main is None and not call.waiting:
            self.silence()
        every = call.announce_every if wish.announce_every is None else wish.announce_every
        first = call.announce_first if wish.announce_first is None else wish.announce_first
        due = call.announce_at if call.waiting else None
        if due is None and every > 0:  # told again, it does not begin to announce again
            due = self.now + first
        self.wait(passed_on=call.main is not None)
        self.call = replace(
            self.call,
            music=wish.music or "default",
            announce_every=every,
            announce_first=first,
            announce_at=due,
            bored=False,
            bored_at=None,
        )

    def announce(self, wish: h.Announce) -> None:
        if self.free() and self.call.waiting and wish.prompts and not self.call.announcement and not self.call.playback:
            announcement = self.play(wish.prompts, False)
            self.call = replace(self.call, announcement=announcement)

    def key(self, event: driver.KeyPressed) -> None:
        if self.call.private or self.call.aside:
            return  # between two questions for a card number: it is remembered nowhere
        if event.leg == self.call.leg and not self.call.collection and (self.call.playback or self.automated()):
            self.call = replace(self.call, key=(self.call.key + event.key)[: state.KEYS_KEPT])
        elif event.leg == self.call.leg and self.call.waiting and self.free() and not self.call.collection:
            self.out.append(h.WaitingKey(event.key))


def typed_ahead(early: str, wish: h.Ask) -> h.KeysEntered | None:
    """What was pressed before the question was put, where it answers it already; None where more keys are needed."""
    if early[0] in wish.at_once:
        return h.KeysEntered(early[0], "at_once")
    if wish.end_key and wish.end_key in early:
        return h.KeysEntered(early.split(wish.end_key)[0][: wish.max_keys], "end_key")
    if len(early) >= wish.max_keys:
        return h.KeysEntered(early[: wish.max_keys], "max_keys")
    return None
