"""How an agent sends its own requests: to whom, and again with credentials when it is asked who it is."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Any

from cordboard.telephony.sip import accounts
from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.digest import Answering
from cordboard.telephony.sip.endpoint import Endpoint
from cordboard.telephony.sip.message import Request, Response, new_branch
from cordboard.telephony.sip.peer import Peer, our_via
from cordboard.telephony.sip.transactions import TransactionLayer
from cordboard.telephony.sip.users import SDP

SILENT = "no answer"


class Sender:
    endpoint: Endpoint
    layer: TransactionLayer

    def __init__(self) -> None:
        self.accounts: dict[str, Answering] = {}
        """Who we are, by the name of the trunk that asks."""
        self._tasks: set[asyncio.Task[None]] = set()

    def stop_sending(self) -> None:
        for task in self._tasks:
            task.cancel()

    def request_within(self, dialog: Dialog, request: Request, answered: Callable[[Response], None], failed: Callable[[], None]) -> None:
        """Send a request of a dialog; a 2xx may move the far side's address, and a question who we are is answered."""
        asked = 0

        def received(response: Response, sent: Request) -> None:
            nonlocal asked
            if response.status // 100 == 2:
                dialog.refresh_target(response)
            elif response.status in (401, 407) and asked < accounts.TRIES:
                again = accounts.answered(sent, response, self.account(dialog.account), dialog.local_seq + 1)
                if again is not None:
                    asked += 1
                    dialog.local_seq += 1
                    send(again)
                    return
            answered(response)

        def send(sent: Request) -> None:
            sent.read_basics()
            self._to(dialog, lambda peer: self.layer.request(sent, peer, lambda response: received(response, sent), failed), failed)

        send(request)

    def ask(self, request: Request, peer: Peer, answered: Callable[[Response], None], failed: Callable[[], None], account: str = "") -> None:
        """Send a request outside dialogs (REGISTER, OPTIONS) and answer a question who we are; `answered` gets final responses only."""
        asked = 0

        def received(response: Response, sent: Request) -> None:
            nonlocal asked
            if response.status < 200:
                return
            if response.status in (401, 407) and asked < accounts.TRIES:
                again = accounts.answered(sent, response, self.account(account), sent.cseq.number + 1)
                if again is not None:
                    asked += 1
                    send(again)
                    return
            answered(response)

        def send(sent: Request) -> None:
            sent.read_basics()
            self.layer.request(sent, peer, lambda response: received(response, sent), failed)

        send(request)

    def why(self, peer: Peer) -> str:
        """Why nothing comes back from this peer."""
        return self.endpoint.why(peer) or SILENT

    def account(self, name: str) -> Answering | None:
        return self.accounts.get(name) if name else None

    def acknowledge(self, dialog: Dialog, number: int, body: str = "") -> None:
        request = dialog.request("ACK", number)
        request.body = body.encode()
        if body:
            request.headers.set("content-type", SDP)

        def send(peer: Peer) -> None:
            request.headers.set("via", str(our_via(self.endpoint, peer, new_branch())))
            self.endpoint.send(bytes(request), peer)

        self._to(dialog, send, lambda: None)

    def _to(self, dialog: Dialog, send: Callable[[Peer], Any], failed: Callable[[], None]) -> None:
        try:
            hop = dialog.next_hop(self.endpoint.stands)
        except ValueError:
            failed()
            return
        self._resolve(hop, send, failed)

    def _resolve(self, hop: Peer, send: Callable[[Peer], Any], failed: Callable[[], None]) -> None:
        """Addresses at once, names when the resolver has them; a connection looks its name up itself, since TLS wants to see it in the certificate."""
        if hop.reliable:
            send(hop)
            return
        try:
            ipaddress.ip_address(hop.host)
        except ValueError:
            task = asyncio.get_running_loop().create_task(self._look_up(hop, send, failed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            send(hop)

    async def _look_up(self, hop: Peer, send: Callable[[Peer], Any], failed: Callable[[], None]) -> None:
        try:
            found = await asyncio.wait_for(asyncio.get_running_loop().getaddrinfo(hop.host, hop.port), 5.0)
            peer = Peer(str(found[0][4][0]), hop.port, hop.transport)
        except (OSError, TimeoutError, IndexError, UnicodeError):
            failed()
            return
        send(peer)
