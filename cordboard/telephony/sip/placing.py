"""The INVITE of a call that we place: where to, in whose name, and how the call may begin."""

from __future__ import annotations

from dataclasses import dataclass, field

from cordboard.telephony.sip import refreshing
from cordboard.telephony.sip.message import Headers, Request, new_call_id, new_tag
from cordboard.telephony.sip.sessions import ALLOW, SDP, SUPPORTED
from cordboard.telephony.sip.uri import NameAddr


@dataclass(frozen=True, slots=True)
class Placement:
    """`uri` is called, by `from_` (its tag is drawn here), with our offer `sdp`. `extra` headers tell more of who calls; `account` names what we answer with
    when we are asked who we are."""

    uri: str
    from_: NameAddr
    sdp: str
    extra: tuple[tuple[str, str], ...] = field(default=())
    account: str = ""

    def request(self, contact: str) -> Request:
        """The INVITE, but for its Via."""
        headers = Headers()
        headers.set("from", str(NameAddr(self.from_.uri, self.from_.display_name, {"tag": new_tag()})))
        headers.set("to", f"<{self.uri}>")
        headers.set("call-id", new_call_id())
        headers.set("cseq", "1 INVITE")
        headers.set("max-forwards", "70")
        headers.set("contact", contact)
        headers.set("allow", ALLOW)
        headers.set("supported", SUPPORTED)
        refreshing.ask(headers)
        headers.set("user-agent", "Cordboard")
        for name, value in self.extra:
            headers.add(name, value)
        headers.set("content-type", SDP)
        request = Request("INVITE", self.uri, headers, self.sdp.encode())
        request.read_basics()
        return request
