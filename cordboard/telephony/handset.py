"""A desk telephone without a person: registers, rings, is picked up or not. For trying a centre out, and for tests.

cordboard call --wait --user desk7 --secret ... --for 60
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cordboard.telephony import wav
from cordboard.telephony.phone import Caller, Line, Outcome, Report, described, own_address, ticking
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.bodies import session_description
from cordboard.telephony.sip.digest import Answering
from cordboard.telephony.sip.enrolment import Enrolment
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.placing import Placement
from cordboard.telephony.sip.sessions import Phase, Session
from cordboard.telephony.sip.sockets import Tls
from cordboard.telephony.sip.uri import NameAddr, Uri
from cordboard.telephony.sip.users import Ending, QuietUser

EXPIRES = 300


class Handset(QuietUser):
    """One telephone of an account. `line` is its sound both ways. `picks_up` answers each call at once; else `pick_up`, `decline` do what a hand does."""

    def __init__(self, account: str, secret: str, line: Line, *, picks_up: bool = False, report: Report = lambda line: None) -> None:
        self.account = account
        self.line = line
        self.picks_up = picks_up
        self.session: InboundSession | None = None
        self.rings = asyncio.Event()
        self.talks = asyncio.Event()
        self.over = asyncio.Event()
        self.registered = asyncio.Event()
        self.refusal = ""
        """What the registrar said last, when it was no."""
        self.ended_by = ""
        self.asked_to_answer = False
        """The caller asked it to pick up by itself."""
        self.agent = UserAgent(self, self, Settings())
        self.agent.accounts[account] = Answering(account, secret)
        self._report = report
        self._enrolment: Enrolment | None = None
        self._us = ""
        self._peer: Peer | None = None
        self._domain: tuple[str, int | None] = ("", None)
        self._ticking: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int, transport: str = "udp", trust: str = "", realm: str = "") -> None:
        """Register there; `registered` is set when it is done. Raises OSError when there is no way."""
        loop = asyncio.get_running_loop()
        self._us = own_address(host, port)
        await loop.create_datagram_endpoint(lambda: self.line, local_addr=(self._us, 0))
        self._ticking = loop.create_task(ticking(self.line))
        await self.agent.start(self._us, 0, tls=Tls(authorities=trust))
        self.agent.listen()
        shown = f"[{host}]" if ":" in host else host
        way = {} if transport == "udp" else {"transport": transport}
        domain = Uri("sip", "", realm) if realm else Uri("sip", "", shown, port)
        us = Uri("sip", self.account, domain.host, domain.port)
        self._peer, self._domain = Peer(host, port, transport), (domain.host, domain.port)
        ours, our_port = self.agent.endpoint.address(transport)
        contact = Uri("sip", self.account, ours, our_port, way)
        self._enrolment = Enrolment(self.agent, self.agent.wheel, Peer(host, port, transport), domain, us, contact, self.account, EXPIRES, self._told)
        self._enrolment.start()

    def _told(self, up: bool, reason: str) -> None:
        self._report(reason if up else f"not registered: {reason}")
        if up:
            self.registered.set()
        else:
            self.registered.clear()
            self.refusal = reason

    async def stop(self, *, leave: bool = True) -> None:
        """`leave`: say goodbye to the registrar; without it the telephone just goes dark."""
        if self._enrolment is not None:
            self._enrolment.stop(leave=leave)
            await asyncio.sleep(0.1 if leave else 0.0)
        if self._ticking is not None:
            self._ticking.cancel()
        self.line.close()
        self.agent.stop()

    # -- what a hand does -----------------------------------------------------------------------------------------------

    def pick_up(self) -> None:
        session = self.session
        if session is None or session.phase is not Phase.OFFERED:
            return
        offer = session_description(session.request)
        self.line.agree(offer)
        session.answer(described(self.line, self._us))

    def decline(self, status: int = 603) -> None:
        if self.session is not None:
            self.session.refuse(status)
            self._ended("us")

    def hang_up(self) -> None:
        if self.session is not None and self.session.phase is not Phase.ENDED:
            self.session.hang_up()
            self._ended("us")

    def dial(self, number: str, line: Line, report: Report = lambda line: None) -> Caller:
        """Call somebody on another line, whose sound is `line` (it must be bound already). The outcome stands with what is returned."""
        peer = self._peer
        assert peer is not None
        found = Caller(line, Outcome(), report)
        us = Uri("sip", self.account, *self._domain)
        target = Uri("sip", number, *self._domain)

        def made(session: OutboundSession) -> None:
            session.user = found
            found.made(session)

        self.agent.place(Placement(str(target), NameAddr(us), described(line, self._us), account=self.account), peer, made)
        return found

    def hold(self, on: bool) -> None:
        """The hold key of the first line."""
        if self.session is not None:
            offer = described(self.line, self._us)
            self.session.reoffer(offer.replace("a=sendrecv", "a=sendonly") if on else offer)

    def complete(self, other: Session, told: Callable[[int], None] = lambda status: None) -> None:
        """The transfer key with two lines in use: whoever has the first line is to talk to whoever has the `other`. `told` hears how it goes."""
        assert self.session is not None
        self.referred = lambda session, status: told(status)  # type: ignore[method-assign]
        domain = Uri("sip", "transfer", *self._domain)
        self.session.refer(str(domain), other.named())

    def _ended(self, by: str) -> None:
        self.ended_by = by
        self.over.set()

    # -- what the switch does ---------------------------------------------------------------------------------------------

    def accepting(self) -> bool:
        return True

    def invited(self, session: InboundSession, trusted: bool) -> None:
        if self.session is not None and self.session.phase is not Phase.ENDED:
            session.refuse(486)
            return
        self.session = session
        self.over.clear()
        self.talks.clear()
        self.asked_to_answer = "answer-after" in session.request.headers.get("call-info")
        self._report(f"rings: {session.request.from_.uri.number}")
        session.ring()
        self.rings.set()
        if self.picks_up or self.asked_to_answer:
            self.pick_up()

    def acknowledged(self, session: Session, sdp_text: str) -> None:
        self._report("answered")
        self.talks.set()

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        done()
        self._ended("them")

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        self._ended(str(ending))

    def reoffered(self, session: Session, sdp_text: str, reply: Callable[[int, str], None]) -> None:
        reply(488, "")

    def rang(self, session: Session, status: int) -> None: ...

    def accepted(self, session: Session, sdp_text: str) -> None: ...

    def pressed(self, session: Session, key: str) -> None: ...

    def moved(self, session: Session) -> None: ...

    def referred(self, session: Session, status: int) -> None: ...


async def wait_for_call(
    user: str,
    secret: str,
    host: str,
    port: int,
    transport: str = "udp",
    trust: str = "",
    keys: str = "",
    say: Path | None = None,
    seconds: float = 60.0,
    save: Path | None = None,
    report: Report = lambda line: None,
) -> Outcome:
    """Register, wait `seconds` at most for a call, answer it, and stay until they hang up or the time is over. Raises OSError, wav.BadSound."""
    outcome = Outcome()
    line = Line(wav.read(say) if say else np.zeros(0, dtype=np.int16))
    handset = Handset(user, secret, line, picks_up=True, report=report)
    await handset.start(host, port, transport, trust)
    try:
        async with asyncio.timeout(seconds):
            await handset.talks.wait()
            outcome.answered = outcome.rang = True
            line.press(keys)
            await handset.over.wait()
            outcome.ended_by = handset.ended_by
    except TimeoutError:
        outcome.ended_by = "us" if outcome.answered else "nobody called"
        handset.hang_up()
        await asyncio.sleep(0.2)
    finally:
        await handset.stop()
    outcome.sound = np.concatenate(line.heard) if line.heard else outcome.sound
    if save is not None:
        wav.write(save, outcome.sound)
    return outcome
