"""SIP: what one message costs with 1,000 and with 20,000 open transactions, what digests and floods cost.

    python -m bench.sip [--json] [--quick]

One process, no sockets: bytes in, bytes out, on one core. Keys of the JSON: `ratio` (the dearest of the operations at 20,000 over the same at 1,000; 1 is
constant time, aim under 1.5), `open_us` (a new INVITE read, its transaction made, offered and answered 180, at 20,000), `register_us` (a REGISTER with
its digest checked), `refused_us` (a message of one source beyond its rate). Microseconds of CPU time, medians. The rest stands under "more". Ends by itself within
a minute.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.report import found, say
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.authentication import Authenticator
from cordboard.telephony.sip.digest import Algorithm, Answering, ha1
from cordboard.telephony.sip.endpoint import Inbox
from cordboard.telephony.sip.gate import Gate
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.registrar import Registrar
from cordboard.telephony.sip.sessions import Session
from cordboard.telephony.sip.users import QuietUser
from cordboard.telephony.sip.wheel import Wheel

FEW, MANY = 1_000, 20_000
SOURCE = Peer("192.0.2.7", 5060)
OFFER = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


class Nowhere(Inbox):
    """Counts what is sent."""

    host, port = "198.51.100.1", 5060

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0
        self.last = b""

    def send(self, data: bytes, peer: Peer) -> None:
        self.sent += 1
        self.last = data

    def close(self) -> None: ...


class Ringer(QuietUser):
    """Lets every call ring and never answers it, so that its transaction stays open."""

    def accepting(self) -> bool:
        return True

    def invited(self, session: InboundSession, trusted: bool) -> None:
        session.ring()

    def ended(self, session: Session, *rest: Any) -> None: ...

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: None


def house(rate: float = 1e9) -> tuple[UserAgent, Nowhere, Wheel]:
    endpoint, wheel, owner = Nowhere(), Wheel(), Ringer()
    agent = UserAgent(owner, owner, Settings(rate=rate, burst=rate, calls_per_host=MANY * 2))  # type: ignore[arg-type]
    agent.attach(endpoint, wheel)  # type: ignore[arg-type]
    agent.listen()
    return agent, endpoint, wheel


def invite(number: int, method: str = "INVITE") -> bytes:
    body = OFFER if method == "INVITE" else ""
    return (
        f"{method} sip:100@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK{number};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:+31205550123@192.0.2.7>;tag=t{number}\r\nTo: <sip:100@198.51.100.1>\r\nCall-ID: c{number}@192.0.2.7\r\nCSeq: 1 {method}\r\n"
        f"Contact: <sip:a@192.0.2.7:5060>\r\n{'Content-Type: application/sdp' + chr(13) + chr(10) if body else ''}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def each(work: Callable[[int], object], numbers: range, rounds: int = 9) -> float:
    """Microseconds of one `work`, the median of `rounds` parts."""
    size = len(numbers) // rounds
    times = []
    for part in range(rounds):
        begin = time.process_time()
        for number in numbers[part * size : (part + 1) * size]:
            work(number)
        times.append((time.process_time() - begin) / size * 1e6)
    return statistics.median(times)


def at_level(level: int, count: int) -> dict[str, float]:
    """What each operation costs with so many transactions open."""
    agent, endpoint, wheel = house()
    for number in range(level):
        endpoint.take(invite(number), SOURCE)
    assert len(agent.layer) == level
    gc.collect()
    gc.freeze()
    fresh = range(level, level + count)
    kept = [invite(number) for number in range(level)]
    made = [invite(number) for number in fresh]
    cancels = [invite(number, "CANCEL") for number in fresh]
    figures = {
        "again": each(lambda number: endpoint.take(kept[number % level], SOURCE), range(count)),
        "open": each(lambda number: endpoint.take(made[number - level], SOURCE), fresh),
        "cancel": each(lambda number: endpoint.take(cancels[number - level], SOURCE), fresh),
    }
    figures["tick"] = each(lambda _: wheel.advance(wheel.now + 0.02), range(18))
    gc.unfreeze()
    return figures


def registering(count: int) -> float:
    """A REGISTER that proves who it is, with SHA-256."""
    agent, endpoint, wheel = house()
    accounts = {f"desk{number}": ha1(f"desk{number}", "centre", "kettle", Algorithm.SHA256) for number in range(1000)}
    registrar = Registrar(agent.layer, lambda account, bindings, kept: kept(), lambda: wheel.now, agent.contact)
    registrar.restore({})
    who = Authenticator("centre", lambda name, algorithm: accounts.get(name) if algorithm is Algorithm.SHA256 else None)
    agent.gate = Gate(registrar, who, lambda: {"centre"})
    messages = []
    for number in range(count):
        client = Answering(f"desk{number % 1000}", "kettle")
        client.challenged(who.challenges(wheel.now, SOURCE.host), again=False)
        given = client.credentials("REGISTER", "sip:centre")
        text = invite(number, "REGISTER").decode().replace("REGISTER sip:100@198.51.100.1", "REGISTER sip:centre", 1)
        text = text.replace("To: <sip:100@198.51.100.1>", f"To: <sip:desk{number % 1000}@centre>").replace(
            "Max-Forwards", f"Authorization: {given}\r\nMax-Forwards"
        )
        messages.append(text.encode())
    cost = each(lambda number: endpoint.take(messages[number], SOURCE), range(count))
    assert endpoint.last.startswith(b"SIP/2.0 200")
    return cost


def flooded(count: int) -> float:
    """A new request from one who has sent too many."""
    agent, endpoint, _ = house(rate=1.0)
    messages = [invite(number, "OPTIONS") for number in range(count)]
    endpoint.take(messages[0], SOURCE)
    cost = each(lambda number: endpoint.take(messages[number], SOURCE), range(count))
    assert agent.counts["rate"] >= count - 2
    return cost


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.sip", description="Benchmark of SIP.")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--quick", action="store_true", help="shorter, less sure")
    options = parser.parse_args()
    count = 900 if options.quick else 3600
    at_level(FEW, 900)  # warm
    say(f"With {FEW:,} open transactions ...")
    few = at_level(FEW, count)
    say(f"With {MANY:,} ...")
    many = at_level(MANY, count)
    say("Registering, and refusing a flood ...")
    register, refused = registering(count), flooded(count)
    ratios = {name: many[name] / few[name] for name in ("again", "open", "cancel")}
    figures = {
        "ratio": round(max(ratios.values()), 2),
        "open_us": round(many["open"], 1),
        "register_us": round(register, 1),
        "refused_us": round(refused, 1),
        "more": {
            "ratios": {name: round(value, 2) for name, value in ratios.items()},
            "few_us": {name: round(value, 1) for name, value in few.items()},
            "many_us": {name: round(value, 1) for name, value in many.items()},
        },
    }
    words = {"again": "a retransmission", "open": "a new INVITE, ringing", "cancel": "its CANCEL", "tick": "a tick of the clock in which nothing is due"}
    rows = [["microseconds", f"{FEW:,} open", f"{MANY:,} open", "ratio"]]
    rows += [[words[name], f"{few[name]:.1f}", f"{many[name]:.1f}", f"{many[name] / max(few[name], 0.01):.2f}"] for name in words]
    rows += [["a REGISTER, digest checked", "", f"{register:.1f}", ""], ["a request of a flood, refused", "", f"{refused:.1f}", ""]]
    found("SIP messages", figures, rows, as_json=options.json)


if __name__ == "__main__":
    main()
