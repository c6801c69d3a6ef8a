"""The gate alone, knock by knock: who may call and register, who must prove it, and what those hear who may not. No wire, no clock."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony.sip.authentication import Authenticator, Locks
from cordboard.telephony.sip.digest import Algorithm, Answering, ha1
from cordboard.telephony.sip.gate import NUMBER, Gate
from cordboard.telephony.sip.guard import networks_of
from cordboard.telephony.sip.message import Request, Response, parse
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.registrar import Registrar
from cordboard.telephony.sip.server_transactions import ServerTransaction
from cordboard.telephony.tests.sip_wire import Wire

REALM = "centre.example"
DESK, TRUNK, STRANGER = Peer("192.0.2.7", 5062), Peer("203.0.113.5", 5060), Peer("198.18.0.1", 5060)
OF_DESK, OF_NOBODY = f"<sip:desk7@{REALM}>", f"<sip:ghost@{REALM}>"
OUTSIDE = "<sip:+31205550123@elsewhere.example>"


@dataclass(frozen=True)
class Answer:
    """What the gate said: let in (with whose telephone it proved to be), or a status."""

    admitted: bool
    status: int = 0
    phone: str = ""
    challenges: tuple[str, ...] = ()


class Paper:
    """A transport that keeps what it is to send."""

    reliable = True

    def __init__(self) -> None:
        self.sent: list[Response] = []

    def send(self, data: bytes, peer: Peer) -> None:
        answer = parse(data)
        assert isinstance(answer, Response)
        self.sent.append(answer)


class Door:
    """The gate of a centre with one telephone account, desk7."""

    def __init__(self, *, allowed: str = "", phones: str = "", locks: Locks | None = None) -> None:
        self.now = 0.0
        self.wire = Wire()
        secret = {"desk7": "kettle"}
        self.who = Authenticator(REALM, lambda name, algorithm: ha1(name, REALM, secret[name], algorithm) if name in secret else None, locks)
        agent = self.wire.agent
        self.registrar = Registrar(agent.layer, lambda account, bindings, kept: kept(), lambda: 1_700_000_000.0 + self.now, agent.contact)
        self.registrar.restore({})
        self.gate = Gate(
            self.registrar, self.who, lambda: {REALM, "198.51.100.1:5060"}, networks_of(tuple(allowed.split())), networks_of(tuple(phones.split()))
        )
        self._serial = 0

    def knock(
        self, method: str, source: Peer, from_: str, *, trusted: bool = False, given: str = "", header: str = "Authorization", to_tag: str = ""
    ) -> Answer:
        self._serial += 1
        uri = f"sip:{REALM}" if method == "REGISTER" else f"sip:100@{REALM}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/TCP {source.host}:{source.port};branch=z9hG4bK{self._serial}",
            f"From: {from_};tag=a",
            f"To: {OF_DESK}{to_tag}",
            f"Call-ID: {source.host}-{method}",
            f"CSeq: {self._serial} {method}",
            f"Contact: <sip:desk7@{source.host}:{source.port}>",
            *([f"{header}: {given}"] if given else []),
            "Content-Length: 0",
        ]
        request = parse("\r\n".join([*lines, "", ""]).encode())
        assert isinstance(request, Request)
        paper = Paper()
        transaction = ServerTransaction(paper, self.wire.wheel, request, source, source, lambda: None)  # type: ignore[arg-type]
        admitted = self.gate.admits(transaction, self.now, trusted=trusted)
        last = paper.sent[-1] if paper.sent else None
        asked = (*last.headers.all("www-authenticate"), *last.headers.all("proxy-authenticate")) if last is not None else ()
        return Answer(admitted, last.status if last is not None else 0, transaction.phone, asked)

    def proves(self, method: str, source: Peer, from_: str = OF_DESK, *, secret: str = "kettle", account: str = "desk7", trusted: bool = False) -> Answer:
        """Knock, and answer the challenge."""
        first = self.knock(method, source, from_, trusted=trusted)
        client = Answering(account, secret)
        if not client.challenged(list(first.challenges), again=False):
            return first
        given = client.credentials(method, f"sip:{REALM}" if method == "REGISTER" else f"sip:100@{REALM}")
        assert given is not None
        header = "Authorization" if first.status == 401 else "Proxy-Authorization"
        return self.knock(method, source, from_, trusted=trusted, given=str(given), header=header)


IN = Answer(True)


# -- who calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_", [OUTSIDE, "<sip:bob@elsewhere.example>", f"<sip:+31205550123@{REALM}>", "<tel:+31205550123>"])
def test_a_stranger_may_call_and_is_nobodys_telephone(from_: str) -> None:
    assert Door().knock("INVITE", STRANGER, from_) == IN


@pytest.mark.parametrize("from_", [OF_DESK, OF_NOBODY, f"<sip:DESK7@{REALM.upper()}>", "<sip:desk7@198.51.100.1:5060>"])
def test_whoever_says_to_be_ours_is_asked_for_proof_whether_there_is_such_an_account_or_not(from_: str) -> None:
    answer = Door().knock("INVITE", STRANGER, from_)
    assert (answer.admitted, answer.status) == (False, 407)
    assert [f"algorithm={one}" in text for one, text in zip((Algorithm.SHA256, Algorithm.MD5), answer.challenges, strict=True)] == [True, True]


def test_a_telephone_that_proves_it_is_known_and_with_a_wrong_secret_asked_again() -> None:
    assert Door().proves("INVITE", DESK) == Answer(True, phone="desk7")
    assert Door().proves("INVITE", DESK, secret="guess").status == 407
    assert Door().proves("INVITE", DESK, account="ghost", from_=OF_NOBODY).status == 407


def test_a_listed_network_may_call_others_may_not_and_ours_from_anywhere() -> None:
    door = Door(allowed="203.0.113.0/24")
    assert door.knock("INVITE", TRUNK, OUTSIDE) == IN
    assert door.knock("INVITE", STRANGER, OUTSIDE) == Answer(False, 403)
    assert door.proves("INVITE", STRANGER) == Answer(True, phone="desk7")


def test_within_a_dialogue_nobody_is_asked_again() -> None:
    door = Door(allowed="203.0.113.0/24")
    assert door.knock("INVITE", STRANGER, OF_DESK, to_tag=";tag=ours") == IN
    for method in ("BYE", "OPTIONS", "CANCEL"):
        assert door.knock(method, STRANGER, OF_DESK) == IN, "what belongs to no dialogue is refused elsewhere"


# -- a trunk's address ----------------------------------------------------------------------------------------------------


def test_calls_of_a_trunk_are_never_asked_for_proof() -> None:
    door = Door(allowed="192.0.2.0/24")
    for from_ in (OUTSIDE, OF_DESK, OF_NOBODY, f"<sip:+31205550123@{REALM}>"):
        assert door.knock("INVITE", TRUNK, from_, trusted=True) == IN, "even one outside the listed networks"


def test_a_telephone_registered_at_a_trunks_address_is_known_as_ours_and_the_trunk_beside_it_is_not_asked() -> None:
    door = Door()
    assert door.proves("REGISTER", TRUNK, trusted=True).status == 200
    assert door.knock("INVITE", TRUNK, OF_DESK, trusted=True).status == 407
    assert door.proves("INVITE", TRUNK, trusted=True) == Answer(True, phone="desk7")
    assert door.knock("INVITE", TRUNK, OUTSIDE, trusted=True) == IN, "a call of the trunk over the same port"
    assert door.knock("INVITE", Peer(TRUNK.host, 5999), OF_DESK, trusted=True) == IN, "no telephone is registered there"


def test_from_where_a_telephone_is_registered_every_call_is_proved_whatever_it_says() -> None:
    door = Door()
    assert door.proves("REGISTER", DESK).status == 200
    assert door.knock("INVITE", DESK, OUTSIDE).status == 407
    assert door.knock("INVITE", STRANGER, OUTSIDE) == IN


# -- who registers --------------------------------------------------------------------------------------------------------


def test_who_registers_proves_it_and_the_registrar_answers() -> None:
    door = Door()
    assert door.knock("REGISTER", DESK, OF_DESK).status == 401
    answer = door.proves("REGISTER", DESK)
    assert (answer.admitted, answer.status) == (False, 200), "it has been answered; there is nothing left to deal with"
    assert door.registrar.source_is_bound(DESK)


def test_telephones_register_from_listed_networks_only_a_trunk_among_the_rest() -> None:
    door = Door(phones="192.0.2.0/24")
    assert door.knock("REGISTER", STRANGER, OF_DESK) == Answer(False, 403)
    assert door.knock("REGISTER", TRUNK, OF_DESK, trusted=True) == Answer(False, 403)
    assert door.proves("REGISTER", DESK).status == 200


def test_before_the_accounts_are_known_a_telephone_is_asked_to_wait_and_calls_go_on() -> None:
    door = Door()
    door.registrar.ready = False
    assert door.knock("REGISTER", DESK, OF_DESK) == Answer(False, 503)
    assert door.knock("INVITE", STRANGER, OUTSIDE) == IN


# -- guessers -------------------------------------------------------------------------------------------------------------


def test_a_guesser_is_locked_out_for_a_while_and_others_are_not() -> None:
    door = Door(locks=Locks(source_tries=3, source_again=60.0, account_tries=100))
    for _ in range(3):
        assert door.proves("INVITE", STRANGER, secret="guess").status == 407
    assert door.proves("INVITE", STRANGER) == Answer(False, 403), "even with the right secret, and without being asked again"
    assert door.proves("REGISTER", STRANGER).status == 403
    assert door.knock("INVITE", STRANGER, OUTSIDE) == IN, "who claims nothing guesses nothing"
    assert door.proves("INVITE", DESK) == Answer(True, phone="desk7"), "the telephone's own address is another"
    door.now += 61.0
    assert door.proves("INVITE", STRANGER) == Answer(True, phone="desk7")


def test_guesses_from_everywhere_lock_the_account_elsewhere_but_not_at_its_own_address() -> None:
    door = Door(locks=Locks(source_tries=5, account_tries=6, account_again=60.0))
    assert door.proves("REGISTER", DESK).status == 200
    for number in range(6):
        assert door.proves("INVITE", Peer(f"198.18.1.{number}", 5060), secret="guess").status == 407
    assert door.proves("INVITE", STRANGER).status == 403
    assert door.proves("INVITE", DESK) == Answer(True, phone="desk7")


# -- the form of a number -------------------------------------------------------------------------------------------------


@given(st.from_regex(r"\A\+?[0-9]{7,15}\Z"))
def test_every_number_of_the_public_network_is_taken_for_one(number: str) -> None:
    assert NUMBER.fullmatch(number)


@given(st.from_regex(r"\A[a-z][a-z0-9.-]{0,20}\Z") | st.from_regex(r"\A[0-9]{1,6}\Z"))
def test_names_of_accounts_and_short_numbers_are_not(name: str) -> None:
    assert not NUMBER.fullmatch(name)
