"""Whom a session tells what happens to it, and what it needs of its agent."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from cordboard.telephony.sip.digest import Answering
from cordboard.telephony.sip.message import Request, Response
from cordboard.telephony.sip.referrals import ReferTo
from cordboard.telephony.sip.wheel import Wheel

if TYPE_CHECKING:
    from cordboard.telephony.sip.dialog import Dialog
    from cordboard.telephony.sip.sessions import Session

SDP = "application/sdp"
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY"
SUPPORTED = "timer, 100rel, replaces"


class Phase(StrEnum):
    OFFERED = "offered"  # they called, no final answer yet
    ANSWERED = "answered"  # our 200 is on its way, no ACK yet
    CALLING = "calling"  # we called, no final answer yet
    UP = "up"
    ENDED = "ended"


class Ending(StrEnum):
    CANCELLED = "cancelled"  # the caller gave up before the answer
    HUNG_UP = "hung_up"  # BYE from the far side
    REFUSED = "refused"  # our call was refused; the status says how
    TIMEOUT = "timeout"  # our call was never answered by anything
    NO_ACK = "no_ack"  # our 200 was never acknowledged
    LOST = "lost"  # the far side no longer knows the dialog


class SessionUser(Protocol):
    """Told what happens to its sessions. `done` and `reply` may be called later, when what must be kept has been kept."""

    def acknowledged(self, session: Session, sdp: str) -> None:
        """Their ACK for our 200; `sdp` is their answer when the 200 carried our offer, else ""."""

    def rang(self, session: Session, status: int) -> None:
        """A provisional answer (180 to 199) to our call."""

    def accepted(self, session: Session, sdp: str) -> None:
        """Our call was answered, and acknowledged by us."""

    def reoffered(self, session: Session, sdp: str, reply: Callable[[int, str], None]) -> None:
        """A re-INVITE or UPDATE. `reply` with 200 and our answer (or our offer when `sdp` is ""), or with a refusal and ""."""

    def pressed(self, session: Session, key: str) -> None: ...

    def moved(self, session: Session) -> None:
        """The dialog changed: `to_data` gives something new to keep."""

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        """BYE came; `done` answers it."""

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        """Over without a BYE from them. `status` is the SIP status behind it, 0 for none."""

    def referred(self, session: Session, status: int) -> None:
        """How our REFER went: 2xx when the far side reached the target, else the refusal."""

    def transfer_asked(self, session: Session, target: ReferTo) -> None:
        """The far side wants its call to go elsewhere: `transfer_accepted`, then `transfer_over`, else it is refused in three seconds."""

    def offer_wanted(self, session: Session) -> None:
        """The session needs refreshing with a full offer: `reoffer`."""

    def reanswered(self, session: Session, sdp: str) -> None:
        """Their answer to our `reoffer`."""


class QuietUser:
    """What a user of sessions (and of the agent) that does not care for it makes of the rarer happenings."""

    def replacing(self, session: Session, old: Session, trusted: bool) -> None:
        session.hang_up()

    def transfer_asked(self, session: Session, target: ReferTo) -> None:
        session.transfer_over(603)

    def offer_wanted(self, session: Session) -> None: ...

    def reanswered(self, session: Session, sdp: str) -> None: ...


class Exchange(Protocol):
    """What a session needs of its agent."""

    @property
    def wheel(self) -> Wheel: ...

    def contact(self, transport: str = "udp", secure: bool = False) -> str: ...

    def request_within(self, dialog: Dialog, request: Request, answered: Callable[[Response], None], failed: Callable[[], None]) -> None: ...

    def acknowledge(self, dialog: Dialog, number: int, body: str = "") -> None: ...

    def forget(self, session: Session) -> None: ...

    def account(self, name: str) -> Answering | None:
        """Who we are for the trunk of this name."""
