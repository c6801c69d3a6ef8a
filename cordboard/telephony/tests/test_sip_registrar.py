"""Telephones that register: who they are, where they are, and who is kept out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cordboard.telephony.sip.authentication import Authenticator, Locks
from cordboard.telephony.sip.digest import Algorithm, Answering, ha1
from cordboard.telephony.sip.gate import Gate
from cordboard.telephony.sip.guard import networks_of
from cordboard.telephony.sip.message import Request, Response
from cordboard.telephony.sip.nonces import Freshness, Nonces
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.registrar import Registrar
from cordboard.telephony.sip.registrations import Binding, Terms
from cordboard.telephony.tests.sip_wire import OFFER, Wire

DESK = Peer("192.0.2.7", 5062)
REALM = "centre.example"
SECRETS = {"desk7": "kettle", "desk8": "lamp"}
BEGIN = 1_700_000_000.0


class House:
    """A switch with a registrar. `told` is what its owner is to keep; kept at once unless `slow`."""

    def __init__(self, *, locks: Locks | None = None, terms: Terms | None = None, allowed: str = "", phones: str = "", slow: bool = False) -> None:
        self.wire = Wire()
        self.told: list[tuple[str, tuple[Binding, ...]]] = []
        self.kept: list[Callable[[], None]] = []
        self.slow = slow
        agent = self.wire.agent
        self.who = Authenticator(REALM, lambda name, algorithm: ha1(name, REALM, SECRETS[name], algorithm) if name in SECRETS else None, locks)
        self.registrar = Registrar(agent.layer, self._changed, lambda: BEGIN + self.wire.wheel.now, agent.contact, terms)
        self.registrar.restore({})
        agent.gate = Gate(self.registrar, self.who, lambda: {REALM, "198.51.100.1"}, networks_of(tuple(allowed.split())), networks_of(tuple(phones.split())))

    def _changed(self, account: str, bindings: tuple[Binding, ...], kept: Callable[[], None]) -> None:
        self.told.append((account, bindings))
        self.kept.append(kept)
        if not self.slow:
            kept()

    def bound(self, account: str = "desk7") -> list[str]:
        return [one.contact for one in self.registrar.bound(account)]


class Telephone:
    def __init__(self, house: House, account: str = "desk7", secret: str = "", peer: Peer = DESK, algorithm: Algorithm | None = None) -> None:
        self.house = house
        self.account = account
        self.peer = peer
        self.call_id = f"{account}-{peer.host}-{peer.port}-"
        self.seq = 0
        self.algorithm = algorithm
        self.client = Answering(account, secret or SECRETS.get(account, ""))

    def once(self, method: str = "REGISTER", *lines: str, body: str = "", to: str = "", from_: str = "", **changes: str) -> Response:
        """One request, with credentials when the telephone has been asked before."""
        self.seq += 1
        uri = f"sip:{REALM}" if method == "REGISTER" else f"sip:100@{REALM}"
        who = from_ or f"<sip:{self.account}@{REALM}>"
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.peer.host}:{self.peer.port};branch=z9hG4bK{self.account}{self.peer.port}{self.seq}{method};rport",
            f"From: {who};tag=t",
            f"To: {to or f'<sip:{self.account}@{REALM}>'}",
            f"Call-ID: {changes.get('call_id', self.call_id + method)}",
            f"CSeq: {changes.get('seq', self.seq)} {method}",
            "Max-Forwards: 70",
            *lines,
        ]
        if body:
            head.append("Content-Type: application/sdp")
        given = self.client.credentials(method, uri)
        if given is not None:
            head.append(f"Authorization: {given}")
        answers = self.house.wire.send("\r\n".join([*head, f"Content-Length: {len(body)}", "", body]), self.peer)
        found = [answer for answer in answers if isinstance(answer, Response)]
        assert found, "no answer"
        return found[-1]

    def ask(self, method: str = "REGISTER", *lines: str, **changes: str) -> Response:
        """With the second try that a challenge wants."""
        told = self.client.challenge is not None
        answer = self.once(method, *lines, **changes)
        if answer.status in (401, 407):
            values = answer.headers.all("www-authenticate" if answer.status == 401 else "proxy-authenticate")
            wanted = [value for value in values if self.algorithm is None or f"algorithm={self.algorithm}," in value + ","]
            if self.client.challenged(wanted, again=told):
                answer = self.once(method, *lines, **changes)
        return answer

    @property
    def contact(self) -> str:
        return f"Contact: <sip:{self.account}@{self.peer.host}:{self.peer.port}>"

    def register(self, expires: int = 600, **changes: str) -> Response:
        return self.ask("REGISTER", self.contact, f"Expires: {expires}", **changes)


@pytest.mark.parametrize("algorithm", [Algorithm.SHA256, Algorithm.MD5])
def test_a_telephone_registers_with_either_algorithm(algorithm: Algorithm) -> None:
    house = House()
    desk = Telephone(house, algorithm=algorithm)
    first = desk.once("REGISTER", desk.contact)
    assert first.status == 401
    assert [value.partition("algorithm=")[2].partition(",")[0] for value in first.headers.all("www-authenticate")] == ["SHA-256", "MD5"]
    answer = desk.register(600)
    assert (answer.status, answer.headers.get("contact")) == (200, "<sip:desk7@192.0.2.7:5062>;expires=600")
    assert "date" in answer.headers
    assert house.bound() == ["sip:desk7@192.0.2.7:5062"]
    assert [(account, len(bindings)) for account, bindings in house.told] == [("desk7", 1)]


def test_it_asks_refreshes_and_leaves() -> None:
    house = House()
    desk = Telephone(house)
    desk.register(600)
    house.wire.wait(100)
    assert desk.ask("REGISTER").headers.get("contact").endswith("expires=500")
    assert desk.register(600).headers.get("contact").endswith("expires=600")
    assert desk.register(0).headers.get("contact") == ""
    assert house.bound() == []
    assert [len(bindings) for _, bindings in house.told] == [1, 1, 0]


def test_all_leave_at_once() -> None:
    house = House()
    one, two = Telephone(house), Telephone(house, peer=Peer("192.0.2.9", 5064))
    one.register()
    two.register()
    assert len(house.bound()) == 2
    for lines in (("Contact: *",), ("Contact: *", "Expires: 60"), ("Contact: *", one.contact, "Expires: 0")):
        assert one.ask("REGISTER", *lines).status == 400
    assert one.ask("REGISTER", "Contact: *", "Expires: 0").status == 200
    assert house.bound() == []


def test_the_time_is_bounded_both_ways() -> None:
    house = House(terms=Terms(least=60, most=300, default=120))
    desk = Telephone(house)
    brief = desk.register(59)
    assert (brief.status, brief.headers.get("min-expires")) == (423, "60")
    assert desk.register(9999).headers.get("contact").endswith("expires=300")
    assert desk.ask("REGISTER", desk.contact).headers.get("contact").endswith("expires=120")
    assert desk.ask("REGISTER", f"{desk.contact};expires=70", "Expires: 200").headers.get("contact").endswith("expires=70")
    assert desk.ask("REGISTER", f"{desk.contact};expires=many").headers.get("contact").endswith("expires=120")
    assert desk.ask("REGISTER", f"{desk.contact};expires=99999999999999").headers.get("contact").endswith("expires=300")
    house.wire.wait(310)
    assert house.bound() == []
    assert house.told[-1] == ("desk7", ())


def test_several_telephones_the_best_first_and_not_without_end() -> None:
    house = House(terms=Terms(contacts=3))
    for number in range(5):
        desk = Telephone(house, peer=Peer("192.0.2.7", 5070 + number))
        assert desk.ask("REGISTER", f"{desk.contact};q=0.{number}", f"Expires: {600 + number}").status == 200
    assert [contact[-4:] for contact in house.bound()] == ["5074", "5073", "5072"]


def test_a_telephone_that_started_anew_on_another_port_is_the_same_telephone() -> None:
    house = House()
    for port in (5070, 5071):
        desk = Telephone(house, peer=Peer("192.0.2.7", port))
        answer = desk.ask("REGISTER", f'{desk.contact};+sip.instance="<urn:uuid:0000>"')
    assert house.bound() == ["sip:desk7@192.0.2.7:5071"]
    assert '+sip.instance="<urn:uuid:0000>"' in answer.headers.get("contact")


def test_an_old_request_changes_nothing() -> None:
    house = House()
    desk = Telephone(house)
    desk.register(600)
    house.wire.wait(40)
    late = desk.ask("REGISTER", desk.contact, "Expires: 0", seq="1")
    assert late.status == 500
    assert len(house.bound()) == 1


def test_it_is_not_acknowledged_before_it_is_kept_or_two_seconds_have_passed() -> None:
    house = House(slow=True)
    desk = Telephone(house)
    desk.once("REGISTER", desk.contact)
    challenge = house.wire.endpoint.sent[-1][0]
    assert desk.client.challenged(challenge.headers.all("www-authenticate"), again=False)
    with pytest.raises(AssertionError, match="no answer"):
        desk.once("REGISTER", desk.contact)
    house.kept[0]()
    answer = house.wire.endpoint.sent[-1][0]
    assert isinstance(answer, Response)
    assert answer.status == 200
    with pytest.raises(AssertionError, match="no answer"):
        desk.once("REGISTER", desk.contact)
    assert [message.status for message in house.wire.wait(2.1) if isinstance(message, Response)] == [200]


@pytest.mark.parametrize("lines", [("Contact: <tel:+3120>",), ("Contact: <nonsense",), ("Contact: <sip:>",)])
def test_a_contact_that_is_none_is_refused(lines: tuple[str, ...]) -> None:
    assert Telephone(House()).ask("REGISTER", *lines).status == 400


def test_nobody_registers_for_another() -> None:
    house = House()
    answer = Telephone(house).register(to=f"<sip:desk8@{REALM}>")
    assert answer.status == 403
    assert house.bound("desk8") == []


def test_who_has_no_account_hears_the_same_as_who_has_a_wrong_secret() -> None:
    house = House()
    wrong = Telephone(house, "desk7", "guess")
    nobody = Telephone(house, "ghost", "guess", Peer("192.0.2.8", 5062))
    for _ in range(15):
        one, other = wrong.ask("REGISTER", wrong.contact), nobody.ask("REGISTER", nobody.contact)
        assert (one.status, sorted(name for name, _ in one.headers)) == (other.status, sorted(name for name, _ in other.headers))
    assert one.status == 403  # locked, both of them


def test_guessers_are_locked_out_by_address_and_let_in_again_in_time() -> None:
    house = House(locks=Locks(source_tries=3, source_again=60, account_tries=100))
    guesser = Telephone(house, "desk7", "guess")
    assert [guesser.ask("REGISTER", guesser.contact).status for _ in range(4)] == [401, 401, 401, 403]
    other = Telephone(house, "desk8", peer=Peer(DESK.host, 5066))
    assert other.register().status == 403  # another name, and even right: not from here
    house.wire.wait(61)
    assert other.register().status == 200


def test_guesses_from_everywhere_lock_the_account_but_not_its_own_telephone() -> None:
    house = House(locks=Locks(source_tries=3, account_tries=5, account_again=600))
    desk = Telephone(house)
    assert desk.register().status == 200
    for number in range(10):
        Telephone(house, "desk7", "guess", Peer(f"198.18.0.{number}", 5060)).register()
    late = Telephone(house, peer=Peer("198.18.1.1", 5060))
    assert late.register().status == 403
    assert desk.register().status == 200


def test_a_neighbour_who_guesses_does_not_lock_out_a_telephone_at_the_same_address() -> None:
    house = House(locks=Locks(source_tries=3, source_again=600))
    desk = Telephone(house)
    assert desk.register().status == 200
    for number in range(10):
        Telephone(house, "desk8", "guess", Peer(DESK.host, 6000 + number)).register()
    assert desk.register().status == 200
    for number in range(30):  # but it does not help to guess at that telephone's own name
        last = Telephone(house, "desk7", "guess", Peer(DESK.host, 7000 + number)).register()
    assert last.status == 403


def test_what_was_overheard_cannot_be_said_again() -> None:
    house = House()
    desk = Telephone(house)
    desk.once("REGISTER", desk.contact)
    desk.register()
    said = f"Authorization: {desk.client.credentials('REGISTER', f'sip:{REALM}', cnonce='c')}"
    thief = Telephone(house, peer=Peer("203.0.113.5", 5060))
    assert thief.once("REGISTER", thief.contact, said).status == 401  # the nonce was given to another address
    neighbour = Telephone(house, peer=Peer(DESK.host, 6001))
    assert neighbour.once("REGISTER", neighbour.contact, said).status == 200  # behind the same router, overheard before it arrived: the count is new
    again = neighbour.once("REGISTER", neighbour.contact, said)
    assert again.status == 401
    assert "stale=true" in again.headers.get("www-authenticate")


def test_a_nonce_that_has_run_out_is_renewed_without_blame() -> None:
    house = House(locks=Locks(source_tries=1))
    desk = Telephone(house)
    desk.register()
    for _ in range(5):
        house.wire.wait(301)
        answer = desk.once("REGISTER", desk.contact)
        assert answer.status == 401
        assert "stale=true" in answer.headers.get("www-authenticate")
        assert desk.client.challenged(answer.headers.all("www-authenticate"), again=True)
        assert desk.register().status == 200


def test_only_listed_networks_register_telephones() -> None:
    house = House(phones="10.0.0.0/8")
    assert Telephone(house).register().status == 403
    assert Telephone(house, peer=Peer("10.1.2.3", 5060)).register().status == 200


# -- calls ----------------------------------------------------------------------------------------------------------


def test_a_call_from_a_telephone_of_ours_must_be_proved() -> None:
    house = House()
    desk = Telephone(house)
    assert desk.once("INVITE", desk.contact, body=OFFER).status == 407
    assert house.wire.owner.calls == []
    nobody = Telephone(house, "ghost", "x", Peer("192.0.2.8", 5062))
    assert nobody.once("INVITE", nobody.contact, body=OFFER).status == 407  # the same for one that does not exist
    desk.register()
    with pytest.raises(AssertionError, match="no answer"):
        desk.once("INVITE", desk.contact, body=OFFER)
    assert [call.phone for call in house.wire.owner.calls] == ["desk7"]


def test_a_registered_address_must_prove_its_calls_whatever_it_says_in_from() -> None:
    house = House()
    desk = Telephone(house)
    desk.register()
    desk.client = Answering("desk7", "kettle")
    assert desk.once("INVITE", desk.contact, body=OFFER, from_="<sip:+31201234567@elsewhere.example>").status == 407


@pytest.mark.parametrize("from_", ["<sip:bob@elsewhere.example>", f"<sip:+31205550123@{REALM}>", f"<sip:0205550123@{REALM}>", "<tel:+31205550123>"])
def test_a_call_from_outside_is_offered_as_such(from_: str) -> None:
    house = House()
    caller = Telephone(house, "bob", "x", Peer("203.0.113.9", 5060))
    with pytest.raises(AssertionError, match="no answer"):
        caller.once("INVITE", caller.contact, body=OFFER, from_=from_)
    assert [call.phone for call in house.wire.owner.calls] == [""]


def test_calls_are_taken_from_listed_networks_and_from_our_telephones_anywhere() -> None:
    house = House(allowed="203.0.113.0/24")
    stranger = Telephone(house, "bob", "x", Peer("198.18.0.1", 5060))
    assert stranger.once("INVITE", stranger.contact, body=OFFER, from_="<sip:bob@elsewhere.example>").status == 403
    listed = Telephone(house, "bob", "x", Peer("203.0.113.9", 5060))
    with pytest.raises(AssertionError, match="no answer"):
        listed.once("INVITE", listed.contact, body=OFFER, from_="<sip:bob@elsewhere.example>")
    desk = Telephone(house)
    desk.register()
    with pytest.raises(AssertionError, match="no answer"):
        desk.once("INVITE", desk.contact, body=OFFER)
    assert [call.phone for call in house.wire.owner.calls] == ["", "desk7"]


def test_before_the_telephones_are_known_they_are_asked_to_wait() -> None:
    house = House()
    house.registrar.ready = False
    answer = Telephone(house).once("REGISTER")
    assert (answer.status, answer.headers.get("retry-after")) == (503, "2")


def test_without_a_registrar_nobody_registers() -> None:
    house = House()
    house.wire.agent.gate = None
    assert Telephone(house).once("REGISTER").status == 405


# -- reaching them --------------------------------------------------------------------------------------------------


def test_a_telephone_is_never_called_at_somebody_elses_address() -> None:
    house = House()
    desk = Telephone(house)
    desk.ask("REGISTER", "Contact: <sip:desk7@203.0.113.200:5060>")
    binding = house.registrar.bound("desk7")[0]
    assert (binding.peer, binding.behind_nat) == (DESK, True)
    direct = Telephone(house, "desk8")
    direct.ask("REGISTER", "Contact: <sip:desk8@192.0.2.7:5090>")
    assert house.registrar.bound("desk8")[0].peer == Peer("192.0.2.7", 5090)


def test_the_way_through_a_router_is_kept_open_and_the_silent_come_last() -> None:
    house = House()
    desk = Telephone(house)
    desk.ask("REGISTER", "Contact: <sip:desk7@10.0.0.5:5060>;q=1")
    Telephone(house, peer=Peer("192.0.2.9", 5064)).ask("REGISTER", "Contact: <sip:desk7@192.0.2.9:5064>;q=0.1")
    house.wire.endpoint.sent.clear()
    house.wire.wait(46)
    pings = [(message, peer) for message, peer in house.wire.endpoint.sent if isinstance(message, Request)]
    assert pings
    assert all(message.method == "OPTIONS" and peer == DESK for message, peer in pings)
    house.wire.wait(35)
    assert house.bound() == ["sip:desk7@192.0.2.9:5064", "sip:desk7@10.0.0.5:5060"]


def test_what_was_kept_is_known_again_and_what_is_newer_stands() -> None:
    old = Binding("sip:desk7@192.0.2.7:5062", DESK, BEGIN + 500, 1.0, "c", 4)
    house = House()
    house.registrar.restore({"desk7": (old,), "desk8": (old,)})
    assert house.bound() == ["sip:desk7@192.0.2.7:5062"]
    Telephone(house).register(600)
    house.registrar.restore({"desk7": (old,)})
    assert house.registrar.bound("desk7")[0].until == BEGIN + 600
    house.registrar.forget("desk7")
    assert house.bound() == []
    assert house.told[-1] == ("desk7", ())


def test_a_flood_of_guesses_from_everywhere_takes_no_memory() -> None:
    house = House()
    desk = Telephone(house)
    assert desk.register().status == 200
    for number in range(300):
        source = Peer(f"198.18.{number // 250}.{number % 250}", 5060)
        guesser = Telephone(house, f"ghost{number}", "guess", source)
        assert guesser.register().status in (401, 403)
    assert len(house.who.nonces) == 1
    assert len(house.who._admitted) == 1
    assert house.who.counts["guesses"] == 300
    assert desk.register().status == 200
    house.wire.wait(40)
    assert len(house.wire.agent.layer) == 0


@pytest.mark.parametrize("method", ["INVITE", "REGISTER", "OPTIONS"])
def test_a_flood_of_one_source_is_refused_without_a_transaction(method: str) -> None:
    house = House()
    flooder = Telephone(house, "ghost", "x", Peer("198.18.0.1", 5060))
    for _ in range(400):
        house.wire.endpoint.take(
            (
                f"{method} sip:100@{REALM} SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK{flooder.seq}\r\nFrom: <sip:a@b.example>;tag=1\r\n"
                f"To: <sip:100@{REALM}>\r\nCall-ID: f{flooder.seq}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
            ).encode(),
            flooder.peer,
        )
        flooder.seq += 1
    assert len(house.wire.agent.layer) == 200  # what may come at once
    assert house.wire.agent.counts["rate"] == 200
    assert Telephone(house).register().status == 200  # others do not notice


# -- nonces ---------------------------------------------------------------------------------------------------------


def test_nonces_count_and_run_out() -> None:
    nonces = Nonces(life=300)
    nonce = nonces.make(1000.0)
    assert nonces.look(nonce, 1, 1299.0) is Freshness.FRESH
    nonces.use(nonce, 1)
    assert [nonces.look(nonce, count, 1299.0) for count in (0, 1, 2)] == [Freshness.STALE, Freshness.STALE, Freshness.FRESH]
    assert nonces.look(nonce, 2, 1301.0) is Freshness.STALE
    for strange in ("", "x", nonce[:-1] + ("0" if nonce[-1] != "0" else "1"), "é" * 48, Nonces().make(1000.0)):
        assert nonces.look(strange, 1, 1000.0) is Freshness.STRANGE


def test_one_who_does_not_count_uses_a_nonce_once() -> None:
    nonces = Nonces()
    nonce = nonces.make(0.0)
    assert nonces.look(nonce, 0, 1.0) is Freshness.FRESH
    nonces.use(nonce, 0)
    assert nonces.look(nonce, 0, 1.0) is Freshness.STALE


def test_their_memory_is_bounded_and_what_is_forgotten_grows_stale() -> None:
    nonces = Nonces(remembered=10)
    first, unused = nonces.make(0.0), nonces.make(0.0)
    nonces.use(first, 1)
    for second in range(1, 100):
        nonces.use(nonces.make(float(second)), 1)
    assert len(nonces) == 10
    assert nonces.look(first, 2, 100.0) is Freshness.STALE
    assert nonces.look(unused, 1, 100.0) is Freshness.STALE
    assert nonces.look(nonces.make(100.0), 1, 100.0) is Freshness.FRESH
