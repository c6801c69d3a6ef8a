"""Telephones whose sound is encrypted with keys from the session description (RFC 4568): agreed, heard, and never taken back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pylibsrtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony import driver
from cordboard.telephony.media import rtp, sdes, sdp
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import Error, LegKind, LegState
from cordboard.telephony.media.sdes import Wanted
from cordboard.telephony.tests.far_side import LOCAL, Phone
from cordboard.telephony.tests.media_house import House, house, in_loop, until
from cordboard.telephony.tests.sound import hears

SUITES = list(sdes.SUITES)


class SecurePhone(Phone):
    """A telephone that offers one suite, and encrypts what it sends with the key of its offer."""

    def __init__(self, suite: str = SUITES[0], profile: str = "RTP/SAVP") -> None:
        super().__init__()
        self.suite = suite
        self.profile = profile
        self.key = sdes.fresh()
        self.raw: list[bytes] = []
        self._in: pylibsrtp.Session | None = None
        self._out: pylibsrtp.Session | None = None

    @property
    def sdp(self) -> str:
        return super().sdp.replace("RTP/AVP", self.profile) + sdes.Crypto(7, self.suite, self.key).line + "\r\n"

    def call(self, answer: str) -> None:
        super().call(answer)
        [theirs] = sdp.parse(answer).audio.cryptos
        assert (theirs.tag, theirs.suite) == (7, self.suite)
        self.secure(theirs.key)

    def secure(self, theirs: bytes) -> None:
        profile, policy = sdes.SUITES[self.suite], pylibsrtp.Policy
        self._out = pylibsrtp.Session(policy(key=self.key, ssrc_type=policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
        self._in = pylibsrtp.Session(policy(key=theirs, ssrc_type=policy.SSRC_ANY_INBOUND, srtp_profile=profile))

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.raw.append(data)
        if self._in is not None and not 192 <= data[1] <= 223:
            super().datagram_received(self._in.unprotect(data), addr)

    def send(self, payload: bytes, *, number: int | None = None, sock: Any = None, samples: int = 0) -> None:
        assert self._out is not None
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + samples) & 0xFFFFFFFF
        self.sock.sendto(self._out.protect(rtp.build(self.number, False, self._sequence, self._timestamp, self._ssrc, payload)), self.far)


async def secure_phone(here: House, leg: str, hertz: float, **more: Any) -> SecurePhone:
    phone = SecurePhone(**more)
    await phone.open()
    here._far.append(phone)
    answer = await here.client.offer("call", leg, LegKind.SIP, phone.sdp)
    phone.call(answer.sdp)
    await here.client.note(leg, LegState.UP)
    phone.say(hertz)
    return phone


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("profile", ["RTP/SAVP", "RTP/AVP"])
def test_encrypted_and_plain_telephones_hear_one_another(tmp_path: Path, suite: str, profile: str) -> None:
    """RTP/AVP with a key is opportunistic SRTP (RFC 8643)."""

    @in_loop
    async def story() -> None:
        async with house(tmp_path) as here:
            secure = await secure_phone(here, "customer", 400, suite=suite, profile=profile)
            plain = await here.phone("agent", hertz=900)
            await here.client.perform(driver.Bridge("call", ("customer", "agent")))
            await until(lambda: hears(plain.heard(), 400) and hears(secure.heard(), 900))
            heard = {packet.payload for packet in secure.packets}
            assert not any(rtp.parse(raw).payload in heard for raw in secure.raw if isinstance(rtp.parse(raw), rtp.Packet)), "on the wire it is not the sound"  # type: ignore[union-attr]
            leg = here.media.rooms["call"].legs["customer"]
            plain_packet = rtp.build(0, False, 5, 5, 5, bytes(160))
            secure.sock.sendto(plain_packet, secure.far)
            await until(lambda: leg.dropped.get("srtp"))

    story()


@in_loop
async def test_we_offer_and_the_telephone_takes_the_key_or_leaves_it(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        listener = await here.phone("agent", hertz=900)
        for leg, takes in (("with", True), ("without", False)):
            offer = (await here.client.make_offer("call", leg)).sdp
            assert "RTP/AVP" in offer
            ours = sdp.parse(offer).audio.cryptos
            assert [each.suite for each in ours] == SUITES
            phone: Phone = SecurePhone(profile="RTP/AVP") if takes else Phone()
            await phone.open()
            here._far.append(phone)
            phone.far = (LOCAL, int(re.search(r"m=audio (\d+)", offer)[1]))  # type: ignore[index]
            if isinstance(phone, SecurePhone):
                phone.secure(ours[0].key)
            await here.client.answer(leg, phone.sdp)
            await here.client.note(leg, LegState.UP)
            phone.say(400)
            await here.client.perform(driver.Bridge("call", (leg, "agent")))
            await until(lambda phone=phone: hears(listener.heard(), 400) and hears(phone.heard(), 900))  # type: ignore[misc]
            await here.client.close_leg(leg)


@in_loop
async def test_a_new_key_in_the_middle_of_a_call_and_no_way_back_to_plain_sound(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with house(tmp_path) as here:
        secure = await secure_phone(here, "customer", 400)
        plain = await here.phone("agent", hertz=900)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(plain.heard(), 400))
        secure.key = sdes.fresh()
        answer = await here.client.offer("call", "customer", LegKind.SIP, secure.sdp)
        secure.call(answer.sdp)
        plain.packets.clear()
        await until(lambda: hears(plain.heard(), 400) and hears(secure.heard(), 900))
        with pytest.raises(MediaError) as refused:
            await here.client.offer("call", "customer", LegKind.SIP, Phone.sdp.fget(secure))  # type: ignore[attr-defined]
        assert refused.value.code is Error.BAD_SDP
        assert "inline:" not in caplog.text + str(refused.value), "keys are in no log and no complaint"
        plain.packets.clear()
        await until(lambda: hears(plain.heard(), 400))


@pytest.mark.parametrize(
    "wanted, profile, key, refused",
    [
        (Wanted.OFF, "RTP/SAVP", True, True),
        (Wanted.OFF, "RTP/AVP", True, False),
        (Wanted.OFFERED, "RTP/SAVP", False, True),
        (Wanted.OFFERED, "RTP/AVP", False, False),
        (Wanted.REQUIRED, "RTP/AVP", False, True),
        (Wanted.REQUIRED, "RTP/AVP", True, False),
        (Wanted.REQUIRED, "RTP/SAVP", True, False),
    ],
)
def test_what_is_taken_and_what_is_refused(tmp_path: Path, wanted: Wanted, profile: str, key: bool, refused: bool) -> None:
    @in_loop
    async def story() -> None:
        async with house(tmp_path) as here:
            here.media.encryption = wanted
            phone = SecurePhone(profile=profile)
            await phone.open()
            here._far.append(phone)
            text = phone.sdp if key else re.sub(r"a=crypto.*\r\n", "", phone.sdp)
            if refused:
                with pytest.raises(MediaError):
                    await here.client.offer("call", "leg", LegKind.SIP, text)
                assert "call" not in here.media.rooms
            else:
                answer = (await here.client.offer("call", "leg", LegKind.SIP, text)).sdp
                assert ("a=crypto" in answer) == (key and wanted is not Wanted.OFF)
                assert f" {profile} " in answer

    story()


def test_of_two_offered_sections_the_encrypted_one_is_taken() -> None:
    crypto = sdes.Crypto(1, SUITES[0], sdes.fresh()).line
    both = f"v=0\r\no=- 1 1 IN IP4 {LOCAL}\r\ns=-\r\nc=IN IP4 {LOCAL}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/SAVP 0\r\n{crypto}\r\n"
    offer = sdp.parse(both)
    assert [offer.audio_for(wanted).port for wanted in (Wanted.OFF, Wanted.OFFERED, Wanted.REQUIRED)] == [4000, 4002, 4002]


# ---- the attribute ------------------------------------------------------------------------------------------------


@given(st.integers(1, 999_999_999), st.sampled_from(SUITES), st.binary(min_size=30, max_size=30))
def test_a_line_survives_and_shows_no_key(tag: int, suite: str, key: bytes) -> None:
    crypto = sdes.Crypto(tag, suite, key)
    assert sdes.parse([crypto.line.removeprefix("a=crypto:")]) == (crypto,)
    assert "key" not in repr(crypto)


@pytest.mark.parametrize(
    "tail, taken",
    [
        ("", True),
        ("|2^20", True),
        ("|1048576", True),
        ("|2^20|1:4", False),
        ("|1:4", False),
        (" UNENCRYPTED_SRTP", False),
        (" KDR=1", False),
        (" WSH=64", False),
    ],
)
def test_lifetimes_are_taken_and_what_we_cannot_honour_is_not(tail: str, taken: bool) -> None:
    line = sdes.Crypto(1, SUITES[0], bytes(30)).line.removeprefix("a=crypto:")
    assert bool(sdes.parse([line + tail])) == taken


@given(st.lists(st.text(max_size=200), max_size=20))
def test_any_text_is_a_key_or_none(values: list[str]) -> None:
    sdes.parse(values)


def test_our_choice_is_the_longer_tag() -> None:
    short, long = (sdes.Crypto(number, suite, bytes(30)) for number, suite in ((1, SUITES[1]), (2, SUITES[0])))
    assert sdes.best((short, long)) == long
    assert sdes.best(()) is None
    assert not sdes.parse([f"1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 39}="]), "too short a key"
