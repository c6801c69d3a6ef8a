"""How a customer hears of a visit: by mail, by a colleague who calls or writes a letter, or not at all. Pure."""

from __future__ import annotations

from dataclasses import dataclass

BOOKED, MOVED, CANCELLED, REMINDED, SENT_BACK, HANDED_ON = "booked", "moved", "cancelled", "reminded", "sent_back", "handed_on"
WHAT = (BOOKED, MOVED, CANCELLED, REMINDED, SENT_BACK, HANDED_ON)
MAIL, CALL, LETTER, NOTHING = "mail", "call", "letter", "nothing"
EMAIL, PHONE, POST = "email", "phone", "post"
"""What customers wish; "" where they said nothing."""
TOO_LATE, IN_CALL, NO_MAIL, NO_NUMBER, POST_TOO_SLOW = "too_late", "in_call", "no_mail", "no_number", "post_too_slow"
"""Why it is not as they wish, or not at all."""


@dataclass(frozen=True, slots=True)
class Way:
    """`why` is one of the codes above; "" where all is as it should be."""

    way: str
    why: str = ""


def way_for(what: str, wish: str, *, mail: bool, phone: bool, begun: bool, in_call: bool) -> Way:
    """`mail` and `phone`: whether an address and a number of the customer's are known; `begun`: the visit has begun, or is over; `in_call`: it was booked while they were on the line.

    Nobody is told of a visit that has begun. Who wants to be called is called, for a reminder too; a letter would come after the visit that it reminds of, and who comes instead is no news
    that anybody is called for. Where the wish cannot be served there is mail, else a call, else nothing."""
    if begun:
        return Way(NOTHING, TOO_LATE)
    if wish == PHONE and what in (BOOKED, MOVED, CANCELLED, REMINDED):
        if what == BOOKED and in_call:
            return Way(NOTHING, IN_CALL)
        return Way(CALL) if phone else Way(MAIL, NO_NUMBER) if mail else Way(CALL, NO_NUMBER)
    if wish == POST and what in (BOOKED, MOVED, CANCELLED):
        return Way(NOTHING, IN_CALL) if what == BOOKED and in_call else Way(LETTER)
    slow = POST_TOO_SLOW if wish == POST and what == REMINDED else ""
    if mail:
        return Way(MAIL, slow)
    if phone and wish and what in (BOOKED, MOVED, CANCELLED, REMINDED):
        return Way(NOTHING, IN_CALL) if what == BOOKED and in_call else Way(CALL, slow or NO_MAIL)
    return Way(NOTHING, NO_MAIL)
