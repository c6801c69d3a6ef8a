"""The trunks of the embedded driver: which there are, and which can be used."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cordboard.telephony.driver import PRACTICE, Trunk, TrunkAnswered, TrunkState
from cordboard.telephony.drivers.embedded import trunks as writing
from cordboard.telephony.drivers.embedded.practice import Town
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.sip.digest import Answering
from cordboard.telephony.sip.enrolment import Enrolment, Heartbeat, asked
from cordboard.telephony.sip.inbound import InboundSession

log = logging.getLogger(__name__)

KNOWN_WITHIN = 10.0
"""Seconds in which a switch that has just begun must have been told its trunks."""


class Link:
    """One trunk as it stands: registered where that is needed, and answering where that is asked."""

    def __init__(self, board: Switchboard, trunk: Trunk, told: Callable[[Link], None]) -> None:
        self.trunk = trunk
        self.told = told
        self.registered = not trunk.register
        self.answers = True
        self.reason = "practice" if trunk.transport == PRACTICE else "" if trunk.register or trunk.keepalive else "not asked"
        self._enrolment: Enrolment | None = None
        self._heartbeat: Heartbeat | None = None
        agent = board.agent
        peer, contact = writing.peer_of(trunk), writing.contact_of(trunk, *agent.endpoint.address(trunk.transport))
        if trunk.transport == "tls":
            agent.endpoint.vouch(peer, trunk.domain)
        if trunk.register:
            self._enrolment = Enrolment(
                agent, agent.wheel, peer, writing.registrar_of(trunk), writing.account_of(trunk), contact, trunk.code, trunk.expires, self._registration
            )  # fmt: skip
        if trunk.keepalive > 0:
            self._heartbeat = Heartbeat(
                agent, agent.wheel, peer, writing.registrar_of(trunk), writing.account_of(trunk), contact, trunk.code, trunk.keepalive, self._life
            )  # fmt: skip

    @property
    def up(self) -> bool:
        return self.registered and self.answers

    @property
    def known(self) -> bool:
        """Has anything been heard of it yet, or need not be?"""
        return bool(self.reason)

    def start(self) -> None:
        if self._enrolment is not None:
            self._enrolment.start()
        if self._heartbeat is not None:
            self._heartbeat.start()

    def stop(self, *, leave: bool) -> None:
        if self._enrolment is not None:
            self._enrolment.stop(leave=leave)
        if self._heartbeat is not None:
            self._heartbeat.stop()

    def silent(self) -> None:
        """A call over it was not answered by anything."""
        if self._heartbeat is not None:
            self._heartbeat.doubt()

    def _registration(self, up: bool, reason: str) -> None:
        self.registered, self.reason = up, reason
        self.told(self)

    def _life(self, up: bool, reason: str) -> None:
        self.answers = up
        if not self.trunk.register or not up:
            self.reason = reason
        elif self.registered:
            self.reason = "registered"
        if self.reason:
            self.told(self)


class Trunking:
    def __init__(self, board: Switchboard, sounds: Path) -> None:
        self.board = board
        self.town = Town(board, sounds)
        self._links: dict[str, Link] = {}
        self._said: dict[str, tuple[bool, str]] = {}
        self.known = False
        """Have we been told which trunks there are?"""
        self._waiting: list[Callable[[], None]] = []

    # -- configuration ----------------------------------------------------------------------------------------------

    async def configure(self, trunks: tuple[Trunk, ...]) -> None:
        """These trunks from now on; one that is as it was goes on undisturbed."""
        if any(trunk.transport == PRACTICE for trunk in trunks):
            try:
                await self.town.open()
            except OSError as problem:
                log.error("the practice town cannot listen: %s", problem)
                trunks = tuple(trunk for trunk in trunks if trunk.transport != PRACTICE)
        before, self._links = self._links, {}
        fresh: list[Link] = []
        for trunk in trunks:
            wanted = replace(trunk, host=self.town.host, port=self.town.port, keepalive=0.0, register=False) if trunk.transport == PRACTICE else trunk
            old = before.pop(trunk.code, None)
            if old is not None and replace(old.trunk, spent=wanted.spent) == wanted:
                old.trunk = wanted
                self._links[trunk.code] = old
                continue
            if old is not None:
                old.stop(leave=(old.trunk.host, old.trunk.username) != (wanted.host, wanted.username))
            self._links[trunk.code] = link = Link(self.board, wanted, self._changed)
            fresh.append(link)
        for old in before.values():
            old.stop(leave=True)
        agent = self.board.agent
        agent.partners = frozenset(link.trunk.host for link in self._links.values() if link.trunk.transport != PRACTICE)
        for link in fresh:
            trunk = link.trunk
            self._said.pop(trunk.code, None)
            agent.accounts.pop(trunk.code, None)
            if trunk.username and trunk.password:
                agent.accounts[trunk.code] = Answering(trunk.username, trunk.password)
            link.start()
            if link.known:
                self._changed(link)
        self._now_known()

    def once_known(self, do: Callable[[], None]) -> None:
        """Do it when we have been told which trunks there are; at the latest after a while, as if there were none."""
        if self.known:
            do()
            return
        self._waiting.append(do)
        self.board.agent.wheel.after(KNOWN_WITHIN, self._now_known)

    def _now_known(self) -> None:
        self.known = True
        waiting, self._waiting = self._waiting, []
        for do in waiting:
            do()

    async def stop(self) -> None:
        """The next switch registers anew under the same name; nothing is taken back meanwhile."""
        for link in self._links.values():
            link.stop(leave=False)
        await self.town.close()

    def _changed(self, link: Link) -> None:
        said = (link.up, link.reason)
        if self._said.get(link.trunk.code) != said and self._links.get(link.trunk.code) is link:
            self._said[link.trunk.code] = said
            log.log(logging.INFO if link.up else logging.WARNING, "trunk %s is %s: %s", link.trunk.code, "up" if link.up else "down", link.reason)
            self.board.outbox.put(TrunkState(link.trunk.code, link.up, link.reason))

    def ask(self, code: str, question: str) -> None:
        """Ask the trunk now, beside its own questions; what it answers is told once."""
        link, agent = self._links.get(code), self.board.agent
        if link is None:
            self.board.outbox.put(TrunkAnswered(code, question, "gone", 0.0))
            return
        trunk = link.trunk
        contact = writing.contact_of(trunk, *agent.endpoint.address(trunk.transport))

        def answered(answer: str, seconds: float) -> None:
            self.board.outbox.put(TrunkAnswered(code, question, answer, seconds))

        asked(agent, agent.wheel, writing.peer_of(trunk), writing.registrar_of(trunk), writing.account_of(trunk), contact, trunk.code, answered)

    # -- use --------------------------------------------------------------------------------------------------------

    def order(self, wanted: str) -> list[str]:
        """Codes of the trunks to try: the wanted one, or all in their order."""
        return [wanted] if wanted else list(self._links)

    def trunk(self, code: str) -> Trunk | None:
        link = self._links.get(code)
        return link.trunk if link is not None else None

    def usable(self, code: str) -> Trunk | None:
        """The trunk, when it is there, up, not used up for today, and has room for one more call."""
        link = self._links.get(code)
        if link is None or not link.up or link.trunk.spent or (link.trunk.limit and self.calls_on(code) >= link.trunk.limit):
            return None
        return link.trunk

    def calls_on(self, code: str) -> int:
        return sum(leg.trunk == code and not leg.over for leg in self.board.legs.values())

    def came_over(self, session: InboundSession) -> str:
        """Code of the trunk that a call from outside came over, by its address; "" when it is from elsewhere."""
        source = session.invite.source if session.invite is not None else None
        if source is None:
            return ""
        there = [link.trunk for link in self._links.values() if link.trunk.host == source.host and link.trunk.transport != PRACTICE]
        user = writing.user_of(session.request.uri)
        named = next((trunk.code for trunk in there if trunk.code == user or trunk.port == source.port), "")
        return named or (there[0].code if there else "")

    def silent(self, code: str) -> None:
        """The trunk did not say a word to a call."""
        log.warning("trunk %s does not answer a call", code)
        if (link := self._links.get(code)) is not None:
            link.silent()
