"""Registering at somebody else's registrar (RFC 3261 section 10.2), and asking whether a trunk lives (OPTIONS). The rules of time are pure."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from cordboard.telephony.sip import accounts
from cordboard.telephony.sip.message import Headers, Request, Response, new_call_id, new_tag
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.sending import SILENT, Sender
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri
from cordboard.telephony.sip.wheel import Timer, Wheel

ANSWER_WITHIN = 8.0
"""Seconds until a trunk that has said nothing counts as silent."""
BASE = 5.0
LONGEST = 300.0
REFUSED_WAIT = 120.0
"""Seconds until we try again after "no": the secret is wrong, or the account is closed; asking often would lock it."""
MISSES = 2
"""Questions in a row that a trunk may miss."""
LOOK_AGAIN = 10.0
"""Seconds between questions to a trunk that is silent, at most."""


def refresh_after(granted: float) -> float:
    """Seconds until a registration that holds for `granted` seconds is renewed: early enough for two more tries, never more often than needed."""
    return granted / 2 if granted < 60 else min(granted - 30, granted * 0.8)


def back_off(failures: int, draw: float) -> float:
    """Seconds until the next try after so many failures in a row (RFC 5626 section 4.5, with a base of 5 s and 300 s at most): doubled each time, and spread
    by `draw` (0 to 1) over its upper half, so that not all of a trunk's customers come back at once."""
    longest = min(LONGEST, BASE * float(1 << min(failures, 10)))
    return longest * (0.5 + 0.5 * draw)


def granted(response: Response, contact: Uri, asked: int) -> int:
    """For how many seconds the registrar took our Contact (section 10.2.4); what we asked when it does not say."""
    for value in response.headers.all("contact"):
        try:
            found = NameAddr.parse(value)
        except BadSyntax:
            continue
        if (found.uri.user, found.uri.host, found.uri.port) == (contact.user, contact.host, contact.port) and found.params.get("expires", "").isdigit():
            return min(int(found.params["expires"][:9]), 24 * 3600)
    text = response.headers.get("expires").strip()
    return min(int(text[:9]), 24 * 3600) if text.isascii() and text.isdigit() else asked


def seconds_of(response: Response, name: str) -> int:
    """A header that is a number of seconds (Retry-After, Min-Expires); 0 when it is not there."""
    text = response.headers.get(name).partition(";")[0].partition("(")[0].strip()
    return min(int(text[:9]), 24 * 3600) if text.isascii() and text.isdigit() else 0


def request(method: str, uri: Uri, us: Uri, contact: str, call_id: str, number: int, tag: str) -> Request:
    """A request outside dialogs in our own name."""
    headers = Headers()
    headers.set("from", str(NameAddr(us, "", {"tag": tag})))
    headers.set("to", f"<{us if method == 'REGISTER' else uri}>")
    headers.set("call-id", call_id)
    headers.set("cseq", f"{number} {method}")
    headers.set("max-forwards", "70")
    headers.set("contact", contact)
    headers.set("user-agent", "Cordboard")
    return Request(method, str(uri), headers)


def asked(
    sender: Sender, wheel: Wheel, peer: Peer, uri: Uri, us: Uri, contact: Uri, account: str, told: Callable[[str, float], None]
) -> Question:  # fmt: skip
    """One question (OPTIONS) of its own. `told` gets the answer, "200 OK", or why there was none, and how many seconds it took."""
    sent = request("OPTIONS", uri, us, f"<{contact}>", new_call_id(), 1, new_tag())
    sent.headers.set("accept", "application/sdp")
    began = time.monotonic()

    def done(response: Response | None) -> None:
        told(f"{response.status} {response.reason}".rstrip() if response is not None else sender.why(peer), time.monotonic() - began)

    return Question(sender, wheel, sent, peer, account, done)


class Question:
    """One request that is answered, or counts as unanswered after a while; late answers are nobody's any more."""

    def __init__(self, sender: Sender, wheel: Wheel, sent: Request, peer: Peer, account: str, done: Callable[[Response | None], None]) -> None:
        self._done: Callable[[Response | None], None] | None = done
        self._timer: Timer = wheel.after(ANSWER_WITHIN, lambda: self._finish(None))
        sender.ask(sent, peer, self._finish, lambda: self._finish(None), account)

    def stop(self) -> None:
        self._done = None
        self._timer.cancel()

    def _finish(self, response: Response | None) -> None:
        done, self._done = self._done, None
        self._timer.cancel()
        if done is not None:
            done(response)


class Enrolment:
    """Our registration at one trunk. `told(up, reason)` is called whenever that changes, and with every refusal."""

    def __init__(
        self, sender: Sender, wheel: Wheel, peer: Peer, registrar: Uri, us: Uri, contact: Uri, account: str, expires: int, told: Callable[[bool, str], None]
    ) -> None:  # fmt: skip
        self.up = False
        self._sender = sender
        self._wheel = wheel
        self._peer = peer
        self._registrar = registrar
        self._us = us
        self._contact = contact
        self._account = account
        self._expires = expires
        self._told = told
        self._failures = 0
        self._number = 0
        self._call_id, self._tag = new_call_id(), new_tag()
        self._question: Question | None = None
        self._timer: Timer | None = None

    def start(self) -> None:
        self._ask(self._expires, self._answered)

    def stop(self, *, leave: bool = False) -> None:
        """`leave`: tell the registrar that we are not to be found here any more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._question is not None:
            self._question.stop()
        if leave and self.up:
            self._ask(0, lambda response: None)
        self.up = False

    def _ask(self, expires: int, done: Callable[[Response | None], None]) -> None:
        self._number += 1
        sent = request("REGISTER", self._registrar, self._us, f"<{self._contact}>", self._call_id, self._number, self._tag)
        sent.headers.set("expires", str(expires))
        sent.read_basics()
        if (account := self._sender.account(self._account)) is not None:
            accounts.sign(sent, account)  # with what was asked the last time, mostly still good
        self._question = Question(self._sender, self._wheel, sent, self._peer, self._account, done)

    def _answered(self, response: Response | None) -> None:
        if response is not None:
            self._number = max(self._number, response.cseq.number)
        if response is not None and response.status // 100 == 2:
            seconds = granted(response, self._contact, self._expires)
            if seconds > 0:
                self._failures, self.up = 0, True
                self._told(True, "registered")
                self._later(refresh_after(seconds))
                return
        if response is not None and response.status == 423 and (least := seconds_of(response, "min-expires")) > self._expires:
            self._expires = least
            self.start()
            return
        self.up = False
        self._failures += 1
        wait = back_off(self._failures, secrets.randbelow(10_001) / 10_000)
        if response is not None:
            wait = max(wait, seconds_of(response, "retry-after"), REFUSED_WAIT if response.status in (401, 403, 404, 407) else 0)
        self._told(False, f"{response.status} {response.reason}" if response is not None else self._sender.why(self._peer))
        self._later(wait)

    def _later(self, seconds: float) -> None:
        self._timer = self._wheel.after(seconds, self.start)


class Heartbeat:
    """Asks a trunk every `every` seconds whether it lives. Whatever it answers but "I take no calls" (503) is a sign of life."""

    def __init__(
        self, sender: Sender, wheel: Wheel, peer: Peer, uri: Uri, us: Uri, contact: Uri, account: str, every: float, told: Callable[[bool, str], None]
    ) -> None:  # fmt: skip
        self.misses = 0
        self._sender = sender
        self._wheel = wheel
        self._peer = peer
        self._uri = uri
        self._us = us
        self._contact = contact
        self._account = account
        self._every = every
        self._told = told
        self._question: Question | None = None
        self._timer: Timer | None = None

    def start(self) -> None:
        sent = request("OPTIONS", self._uri, self._us, f"<{self._contact}>", new_call_id(), 1, new_tag())
        sent.headers.set("accept", "application/sdp")
        self._question = Question(self._sender, self._wheel, sent, self._peer, self._account, self._answered)

    def doubt(self) -> None:
        """A call was not answered at all: ask now."""
        self.stop()
        self.misses = max(self.misses, MISSES - 1)
        self.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._question is not None:
            self._question.stop()

    def _answered(self, response: Response | None) -> None:
        if response is not None and response.status != 503:
            self.misses = 0
            self._told(True, "answers")
        else:
            self.misses += 1
            if self.misses >= MISSES or response is not None or self._sender.why(self._peer) != SILENT:
                self._told(False, "takes no calls" if response is not None else self._sender.why(self._peer))
        self._timer = self._wheel.after(min(self._every, LOOK_AGAIN) if self.misses else self._every, self.start)
