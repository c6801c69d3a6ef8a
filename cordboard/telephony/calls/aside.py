"""The customer is taken aside for a moment, to the automated service, while their agent keeps them: to key a card number that nobody is to hear.

Whoever is in the call hears nothing of the customer meanwhile, nor the customer of them, and nothing is recorded. It ends by a wish, or by itself when the
agent who wished for it has the customer no more, or when the sound does not do as it is told: then nothing more is asked.
"""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.asking import Asking


class Aside(Asking):
    def aside(self, wish: h.Aside) -> None:
        call = self.call
        if not wish.segment:
            if call.aside:
                self.silence()
                self.call = replace(self.call, aside=0)
        elif call.ending or not call.up or call.main is None or call.main.segment != wish.segment:
            self.out.append(h.AsideOver("not_now"))
        else:
            self.call = replace(call, aside=wish.segment)
            self.thinking()

    def aside_over(self, why: str) -> None:
        if self.call.aside and not self.call.ending:
            self.silence()
        if self.call.aside:
            self.call = replace(self.call, aside=0)
            self.out.append(h.AsideOver(why))

    def keep_aside(self) -> None:
        """Only for as long as the same agent has the customer."""
        call = self.call
        if call.aside and (call.ending or call.main is None or call.main.segment != call.aside):
            self.aside_over("agent")
