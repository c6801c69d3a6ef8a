"""Requests that are too large for one datagram (RFC 3261 section 18.1.1): by TCP where the peer is known to take it, else by UDP all the same."""

from __future__ import annotations

import logging

import pytest

from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.placing import Placement
from cordboard.telephony.sip.sockets import Sockets
from cordboard.telephony.sip.transactions import LARGEST
from cordboard.telephony.sip.uri import NameAddr
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sip_wire import OFFER, Owner, answering
from cordboard.telephony.tests.switch_house import LOCAL, free_port
from cordboard.telephony.tests.test_sip_streams import agent

LONG = (("x-padding", "x" * LARGEST),)


def place(here, port: int, extra=LONG) -> OutboundSession:  # type: ignore[no-untyped-def]
    made: list[OutboundSession] = []
    placement = Placement(f"sip:100@{LOCAL}:{port}", NameAddr.parse("<sip:us@127.0.0.1>"), OFFER, extra)
    here.place(placement, Peer(LOCAL, port), made.append)
    return made[0]


def way(session: OutboundSession) -> str:
    assert session._transaction is not None
    return session._transaction.peer.transport


@in_loop
async def test_a_large_request_goes_by_tcp_once_the_trunk_has_taken_a_connection(caplog: pytest.LogCaptureFixture) -> None:
    far = Owner(answering)
    async with agent(owner=far) as there, agent() as here:
        here.partners = frozenset([LOCAL])
        port = there.endpoint.port
        with caplog.at_level(logging.INFO):
            first = place(here, port)
        assert way(first) == "udp"
        assert "nobody knows whether it takes TCP" in caplog.text
        await until(lambda: here.endpoint.wider(Peer(LOCAL, port)) is not None)
        second = place(here, port)
        assert way(second) == "tcp"
        assert str(second._request.via).startswith("SIP/2.0/TCP")
        await until(lambda: len(far.calls) == 2 and first.dialog and second.dialog)
        assert way(place(here, port, ())) == "udp"  # what fits goes as ever
        second.hang_up()
        await until(lambda: ("hung_up",) in far.told)


@in_loop
async def test_where_no_connection_is_taken_any_more_it_goes_by_udp() -> None:
    far = Owner(answering)
    async with agent(owner=far) as there, agent() as here:
        port = there.endpoint.port
        sockets = here.endpoint
        assert isinstance(sockets, Sockets)
        sockets.tcp._learned(Peer(LOCAL, port, "tcp"), takes=True)
        assert isinstance(there.endpoint, Sockets)
        there.endpoint.tcp.stop()
        session = place(here, port)
        assert way(session) == "tcp"
        await until(lambda: session.dialog)
        assert way(session) == "udp"
        assert str(session._request.via).startswith("SIP/2.0/UDP")
        assert sockets.wider(Peer(LOCAL, port)) is None
        assert len(far.calls) == 1


@in_loop
async def test_nobody_who_is_not_our_trunk_is_connected_to_for_it() -> None:
    async with agent() as here:
        sockets = here.endpoint
        assert isinstance(sockets, Sockets)
        assert sockets.wider(Peer(LOCAL, free_port())) is None
        assert len(sockets.tcp) == 0
