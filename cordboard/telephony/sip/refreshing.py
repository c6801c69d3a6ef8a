"""Session timers (RFC 4028): a call whose other end has gone without a word is noticed, since one of the two must refresh it. The rules are pure;
:class:`Refreshing` is their clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cordboard.telephony.sip.message import Headers, Request, Response
from cordboard.telephony.sip.wheel import Timer, Wheel

WANTED = 1800
"""Seconds that we ask for (section 4)."""
LEAST = 90
"""The least that we take (section 5)."""
MOST = 24 * 3600


@dataclass(frozen=True, slots=True)
class Terms:
    """The session is over when it is not refreshed within `seconds`; `ours`: we refresh it."""

    seconds: int
    ours: bool


@dataclass(frozen=True, slots=True)
class TooShort:
    """The far side wants less than `least` seconds (answered with 422)."""

    least: int = LEAST


def interval(value: str) -> tuple[int, str] | None:
    """Seconds and refresher ("uac", "uas" or "") of a Session-Expires; None when it is none."""
    number, _, rest = value.partition(";")
    number = number.strip()
    if not (number.isascii() and number.isdigit()) or len(number) > 9:
        return None
    refresher = ""
    for part in rest.split(";"):
        name, _, given = part.partition("=")
        if name.strip().lower() == "refresher" and given.strip().lower() in ("uac", "uas"):
            refresher = given.strip().lower()
    return min(int(number), MOST), refresher


def supports(headers: Headers, option: str) -> bool:
    return any(value.lower() == option for name in ("supported", "require") for value in headers.all(name))


def required(headers: Headers, option: str) -> bool:
    return any(value.lower() == option for value in headers.all("require"))


def as_server(request: Request) -> Terms | TooShort | None:
    """What we answer to an INVITE or UPDATE (section 9). A far side that knows timers but asks for none gets ours; one that does not know them has a proxy
    that asked for it: then the refreshing is ours."""
    knows = supports(request.headers, "timer")
    asked = interval(request.headers.get("session-expires"))
    if asked is None:
        return Terms(WANTED, ours=True) if knows else None
    seconds, refresher = asked
    if seconds < LEAST and knows:
        return TooShort()
    return Terms(max(seconds, LEAST), ours=not knows or refresher != "uac")


def as_client(response: Response) -> Terms | None:
    """What a 2xx to our INVITE or UPDATE agreed to (section 7.2); None: nothing has to be refreshed."""
    agreed = interval(response.headers.get("session-expires"))
    if agreed is None:
        return None
    seconds, refresher = agreed
    return Terms(max(seconds, 32), ours=refresher != "uas")


def refresh_after(terms: Terms) -> float:
    """Seconds until the one who refreshes does (section 10: half of the interval)."""
    return terms.seconds / 2


def over_after(terms: Terms) -> float:
    """Seconds until the other one gives up: a little before the end (section 10)."""
    return terms.seconds - min(32.0, terms.seconds / 3)


def answer_headers(terms: Terms | None, *, knows: bool) -> dict[str, str]:
    """For our 2xx, as keywords of `respond`."""
    if terms is None:
        return {}
    return {"session_expires": f"{terms.seconds};refresher={'uas' if terms.ours else 'uac'}", **({"require": "timer"} if knows else {})}


def ask(headers: Headers, terms: Terms | None = None, least: int = LEAST) -> None:
    """Put our wishes into an INVITE or UPDATE; once there are `terms`, who refreshes stays who it is."""
    seconds = max(terms.seconds if terms else WANTED, least)
    headers.set("session-expires", f"{seconds};refresher={'uac' if terms.ours else 'uas'}" if terms else str(seconds))
    headers.set("min-se", str(least))


class Refreshing:
    """The clock of one session: `refresh` is called when it is our turn, `lost` when theirs was missed."""

    def __init__(self, wheel: Wheel, refresh: Callable[[], None], lost: Callable[[], None]) -> None:
        self.terms: Terms | None = None
        self._wheel = wheel
        self._refresh = refresh
        self._lost = lost
        self._timers: list[Timer] = []

    def agree(self, terms: Terms | None) -> None:
        """Begin anew under these terms."""
        self.stop()
        self.terms = terms
        if terms is None:
            return
        if terms.ours:
            self._timers.append(self._wheel.after(refresh_after(terms), self._refresh))
        self._timers.append(self._wheel.after(over_after(terms) if not terms.ours else terms.seconds, self._lost))

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
