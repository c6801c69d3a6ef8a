"""The trunks of the embedded driver: which there are, and which can be used."""

from __future__ import annotations

import logging

from cordboard.telephony.driver import Trunk
from cordboard.telephony.drivers.embedded.switchboard import Switchboard
from cordboard.telephony.sip.inbound import InboundSession

log = logging.getLogger(__name__)


class Trunking:
    def __init__(self, board: Switchboard) -> None:
        self.board = board
        self._trunks: dict[str, Trunk] = {}

    def configure(self, trunks: tuple[Trunk, ...]) -> None:
        self._trunks = {trunk.code: trunk for trunk in trunks}

    def order(self, wanted: str) -> list[str]:
        """Codes of the trunks to try: the wanted one, or all in their order."""
        return [wanted] if wanted else list(self._trunks)

    def usable(self, code: str) -> Trunk | None:
        """The trunk, when it is there, up, and has room for one more call."""
        trunk = self._trunks.get(code)
        if trunk is None or (trunk.limit and self.calls_on(code) >= trunk.limit):
            return None
        return trunk

    def calls_on(self, code: str) -> int:
        return sum(leg.trunk == code and not leg.over for leg in self.board.legs.values())

    def came_over(self, session: InboundSession) -> str:
        """Code of the trunk that a call from outside came over, by its address; "" when it is from elsewhere."""
        source = session.invite.source if session.invite is not None else None
        if source is None:
            return ""
        there = [trunk for trunk in self._trunks.values() if trunk.host == source.host]
        return next((trunk.code for trunk in there if trunk.port == source.port), there[0].code if there else "")

    def silent(self, code: str) -> None:
        """The trunk did not say a word to a call."""
        log.warning("trunk %s does not answer", code)
