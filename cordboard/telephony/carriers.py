"""The part of the driver contract that concerns the telephone network: its trunks, and what telephones on the other side do by themselves (hold, transfer)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Identity(StrEnum):
    """How a trunk wants to be told who calls."""

    FROM = "from"  # in From alone
    ASSERTED = "asserted"  # P-Asserted-Identity (RFC 3325): we are trusted
    PREFERRED = "preferred"  # P-Preferred-Identity: the trunk checks and asserts


PRACTICE = "practice"
"""The `transport` of a trunk that leads to nobody outside: the switch itself plays the town behind it."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A way to the telephone network. `host` is a numeric address: no name is ever looked up for it. `domain` is what stands behind the @ ("" for the
    address). With `register` we register there as `username` every `expires` seconds at most. `numbers` are ours at this trunk (E.164), the first is shown when
    a call names no other or, unless `any_caller_id`, a number that is not among them. `number_format`: "+" (+31205550123), "digits" (31205550123), "00"
    (0031205550123). `limit`: calls at a time in both directions, 0 for any number. `redirects`: beginnings of numbers to which a redirection (302) may lead; none
    by default, since whoever is called must not choose whom we call. `keepalive`: seconds between OPTIONS, 0 for none."""

    code: str
    host: str = ""
    port: int = 5060
    transport: str = "udp"  # udp, tcp, tls, or PRACTICE
    domain: str = ""
    register: bool = False
    expires: int = 600
    username: str = ""
    password: str = field(default="", repr=False)
    numbers: tuple[str, ...] = ()
    any_caller_id: bool = False
    identity: Identity = Identity.ASSERTED
    number_format: str = "+"
    limit: int = 0
    redirects: tuple[str, ...] = ()
    keepalive: float = 30.0
    tell_hold: bool = False
    """Tell the trunk when its caller is on hold (sendonly), and when not any more."""
    minutes: int = 0
    """That calls out over it may last together in a day, 0 for any."""
    spent: bool = False
    """They have: no new call goes out over it. Calls that stand go on, and calls in still come."""


@dataclass(frozen=True, slots=True)
class Configure:
    """The trunks from now on, in the order in which they are tried. Calls that stand are not touched. Sent at the start, and whenever they change."""

    trunks: tuple[Trunk, ...] = ()


@dataclass(frozen=True, slots=True)
class AskTrunk:
    """Ask a trunk now whether it lives (OPTIONS), whatever its keep-alive says. Ends in :class:`TrunkAnswered` with the same `question`."""

    trunk: str
    question: str


@dataclass(frozen=True, slots=True)
class TrunkAnswered:
    """`answer` is what came back: "200 OK", "403 Forbidden", or why nothing did (see :func:`why`), after so many seconds. How the trunk stands follows from its own
    questions, not from this one."""

    trunk: str
    question: str
    answer: str
    seconds: float


class TransferStep(StrEnum):
    ACCEPTED = "accepted"
    RINGING = "ringing"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """What became of the transfer that the far side of a leg asked for (:class:`TransferRequested`), as it goes. ACCEPTED or REFUSED is wanted within
    three seconds, else it is refused. DONE and FAILED are the last."""

    leg: str
    step: TransferStep


@dataclass(frozen=True, slots=True)
class LegHeld:
    """The far side holds us (`held`) or takes us back: a telephone's own hold key. The leg stays up; nothing may come from there meanwhile, and no
    MediaLost tells of it."""

    leg: str
    held: bool


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """The far side of a leg asks that its other side be connected with `target` (a number, or the name before the @) in its place: a telephone's own
    transfer key. `replaces` is the leg of ours that the far side has with the target already, for a warm transfer; "nobody" where it names none of ours, which can only be refused. Answered by :class:`TransferProgress`."""

    leg: str
    target: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class TrunkState:
    """A trunk can be used, or cannot any more. `reason` is for machines and logs ("registered", "answers", "no answer", "403 Forbidden"); :func:`why` takes it apart, and
    whoever shows it puts it into the reader's words."""

    trunk: str
    up: bool
    reason: str = ""


class Why(StrEnum):
    """What a reason comes to. Of REFUSED the values are `status` and `said`, of CERTIFICATE, NO_TLS and OTHER `said`: the far side's own words."""

    REGISTERED = "registered"
    ANSWERS = "answers"
    PRACTICE = "practice"
    NOT_ASKED = "not asked"
    NO_ANSWER = "no answer"
    TAKES_NO_CALLS = "takes no calls"
    GONE = "gone"  # there is no such trunk (any more)
    CONNECTION_REFUSED = "connection refused"
    NO_ROUTE = "no route to host"
    NETWORK_DOWN = "network is unreachable"
    CERTIFICATE = "certificate refused"
    NO_TLS = "no TLS with it"
    REFUSED = "refused"
    OTHER = "other"


_ANSWER = re.compile(r"([1-6]\d\d)(?: (.*))?", re.DOTALL)


def why(reason: str) -> tuple[Why, dict[str, str]]:
    """A reason taken apart: its code, and what it says beside. Total: what is unknown is OTHER, with its own words."""
    if (found := _ANSWER.fullmatch(reason)) is not None:
        return Why.REFUSED, {"status": found[1], "said": found[2] or ""}
    head, colon, said = reason.partition(": ")
    if colon and head in (Why.CERTIFICATE, Why.NO_TLS):
        return Why(head), {"said": said}
    if reason in set(Why) - {Why.CERTIFICATE, Why.NO_TLS, Why.REFUSED, Why.OTHER}:
        return Why(reason), {}
    return Why.OTHER, {"said": reason}
