"""Session descriptions (RFC 8866) and their negotiation (RFC 3264), as far as one audio stream needs them. Pure.

Our own, and not the library's, since what arrives here comes from strangers: limits on everything, one error, no assertions.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from cordboard.telephony.media import sdes
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.sdes import Crypto, Wanted

LONGEST = 64 * 1024
MOST_SECTIONS = 16
MOST_FORMATS = 64
MOST_CANDIDATES = 64

TELEPHONE_EVENT = "telephone-event"
COMFORT_NOISE = 13  # RFC 3389, the static payload type

_STATIC = {0: ("PCMU", 8000), 8: ("PCMA", 8000), 13: ("CN", 8000)}  # RFC 3551
_CLOCK = {Codec.PCMU: 8000, Codec.PCMA: 8000, Codec.OPUS: 48000}
_OURS = {"pcmu": Codec.PCMU, "pcma": Codec.PCMA, "opus": Codec.OPUS}
_MEDIA = re.compile(r"([a-z]+) (\d{1,5})(?:/\d+)? ([A-Z/]+) (.+)")
_TOKEN = re.compile(r"[A-Za-z0-9+/]{4,256}")
_FINGERPRINT = re.compile(r"([A-Za-z0-9-]{2,16}) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){1,127})")
_MID = re.compile(r"[!-~]{1,64}")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


class SdpError(ValueError):
    """A description that we cannot work with; the text says why."""


@dataclass(frozen=True, slots=True)
class Format:
    payload_type: int
    name: str
    clock: int
    channels: int = 1
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One m= line."""

    kind: str
    port: int
    protocol: str
    formats: tuple[Format, ...]
    raw_formats: str
    host: str
    direction: str
    mid: str
    rtcp_port: int
    rtcp_mux: bool
    ice_ufrag: str
    ice_password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str
    candidates: tuple[str, ...]
    cryptos: tuple[Crypto, ...] = ()

    @property
    def secure(self) -> bool:
        """RTP/SAVP: nothing but SRTP will do."""
        return self.protocol in sdes.SECURE

    @property
    def far_sends(self) -> bool:
        return self.direction in ("sendrecv", "sendonly")

    @property
    def far_listens(self) -> bool:
        return self.direction in ("sendrecv", "recvonly")

    @property
    def nowhere(self) -> bool:
        """The old way to hold (RFC 2543): listening nowhere."""
        return self.host in ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Description:
    sections: tuple[Section, ...]
    bundled: tuple[str, ...]

    @property
    def audio(self) -> Section:
        """The first audio section that is not refused.

        :raises SdpError: when there is none.
        """
        for section in self.sections:
            if section.kind == "audio" and section.port:
                return section
        raise SdpError("no audio")

    def audio_for(self, wanted: Wanted) -> Section:
        """The audio section to take, of a telephone that may offer both: the encrypted one where there is a key that we can use.

        :raises SdpError: none will do.
        """
        sections = [each for each in self.sections if each.kind == "audio" and each.port]
        keyed = [each for each in sections if each.cryptos and wanted is not Wanted.OFF]
        plain = [each for each in sections if not each.secure and wanted is not Wanted.REQUIRED]
        for section in [*sorted(keyed, key=lambda each: not each.secure), *plain]:
            return section
        if not sections:
            raise SdpError("no audio")
        raise SdpError("no encryption that we can use" if any(each.secure for each in sections) else "encryption is required here")


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides speak. `send` in order of preference; `receive` by payload type; keys by payload type with their clock (Hz)."""

    send: tuple[tuple[Codec, int], ...]
    receive: dict[int, Codec]
    keys: dict[int, int]

    @property
    def codec(self) -> Codec:
        return self.send[0][0]

    def keys_out(self) -> tuple[int, int] | None:
        """Payload type and clock of telephone events to send: by preference with the clock of the codec (RFC 4733 section 2.1)."""
        wanted = _CLOCK[self.codec]
        return next(iter(sorted(self.keys.items(), key=lambda item: item[1] != wanted)), None)


def clock(codec: Codec) -> int:
    """RTP clock of a codec in Hz (RFC 3551; RFC 7587 for Opus)."""
    return _CLOCK[codec]


def parse(text: str) -> Description:
    """:raises SdpError: malformed, too long, or with more parts than anyone needs."""
    if len(text) > LONGEST:
        raise SdpError("too long")
    blocks: list[list[str]] = [[]]
    for line in re.split(r"\r\n|\n|\r", text):
        if not line:
            continue
        if len(line) < 2 or line[1] != "=":
            raise SdpError(f"not a line of SDP: {line[:40]!r}")
        if line.startswith("m="):
            blocks.append([])
        blocks[-1].append(line)
    if not blocks[0] or not blocks[0][0].startswith("v="):
        raise SdpError("does not begin with v=")
    if len(blocks) - 1 > MOST_SECTIONS:
        raise SdpError("too many sections")
    bundled: tuple[str, ...] = ()
    for line in blocks[0]:
        if line.startswith("a=group:BUNDLE"):
            bundled = tuple(line.split()[1:])
    return Description(tuple(_section(block, blocks[0]) for block in blocks[1:]), bundled)


def _section(block: list[str], session: list[str]) -> Section:
    match = _MEDIA.fullmatch(block[0][2:].strip())
    if match is None:
        raise SdpError(f"not an m= line: {block[0][:60]!r}")
    kind, port, protocol, raw = match[1], int(match[2]), match[3], match[4]
    if port > 65535:
        raise SdpError("no such port")
    attributes: dict[str, list[str]] = {}
    host = ""
    for line in session[1:] + block[1:]:  # what the section says comes last and wins
        if line.startswith("c="):
            host = _host(line[2:])
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            attributes.setdefault(name, []).append(value.strip())

    def last(name: str) -> str:
        return attributes.get(name, [""])[-1]

    direction = next((line[2:] for line in reversed(session + block) if line.startswith("a=") and line[2:] in _DIRECTIONS), "sendrecv")
    rtcp = last("rtcp").split(" ")[0]
    prints = [found.groups() for value in attributes.get("fingerprint", []) if (found := _FINGERPRINT.fullmatch(value))]
    own_prints = tuple((str(name).lower(), str(value).upper()) for name, value in prints)
    mid = last("mid")
    if mid and not _MID.fullmatch(mid):
        raise SdpError("strange mid")
    for name in ("ice-ufrag", "ice-pwd"):
        if last(name) and not _TOKEN.fullmatch(last(name)):
            raise SdpError(f"strange {name}")
    candidates = attributes.get("candidate", [])
    if len(candidates) > MOST_CANDIDATES:
        raise SdpError("too many candidates")
    return Section(
        kind=kind,
        port=port,
        protocol=protocol,
        formats=_formats(raw, attributes) if kind == "audio" else (),
        raw_formats=raw.strip(),
        host=host,
        direction=direction,
        mid=mid,
        rtcp_port=int(rtcp) if rtcp.isascii() and rtcp.isdigit() and 0 < int(rtcp) < 65536 else port + 1,
        rtcp_mux="rtcp-mux" in attributes,
        ice_ufrag=last("ice-ufrag"),
        ice_password=last("ice-pwd"),
        fingerprints=own_prints,
        setup=last("setup"),
        candidates=tuple(candidates),
        cryptos=sdes.parse(attributes.get("crypto", [])) if kind == "audio" else (),
    )


def _host(value: str) -> str:
    parts = value.split()
    if len(parts) != 3 or parts[0] != "IN":
        raise SdpError(f"strange connection {value[:40]!r}")
    host = parts[2].split("/")[0]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""  # a name: nobody resolves names here; sound is then learned from where it comes from


def _formats(raw: str, attributes: dict[str, list[str]]) -> tuple[Format, ...]:
    words = raw.split()
    if len(words) > MOST_FORMATS:
        raise SdpError("too many formats")
    maps: dict[int, tuple[str, int, int]] = {}
    for value in attributes.get("rtpmap", []):
        number, _, rest = value.partition(" ")
        parts = rest.strip().split("/")
        if number.isdigit() and len(parts) >= 2 and parts[1].isdigit() and len(number) <= 3 and len(parts[1]) <= 6:
            channels = int(parts[2]) if len(parts) > 2 and parts[2].isdigit() and len(parts[2]) == 1 else 1
            maps[int(number)] = (parts[0], int(parts[1]), channels)
    parameters: dict[int, str] = {}
    for value in attributes.get("fmtp", []):
        number, _, rest = value.partition(" ")
        if number.isdigit() and len(number) <= 3:
            parameters[int(number)] = rest.strip()[:256]
    formats = []
    for word in words:
        if not (word.isascii() and word.isdigit()) or int(word) > 127:
            raise SdpError(f"no payload type: {word[:20]!r}")
        payload_type = int(word)
        if payload_type in maps:
            name, rate, channels = maps[payload_type]
        elif payload_type in _STATIC:
            (name, rate), channels = _STATIC[payload_type], 1
        else:
            continue
        formats.append(Format(payload_type, name, rate, channels, parameters.get(payload_type, "")))
    return tuple(formats)


def agree(section: Section, prefer: tuple[Codec, ...]) -> Agreed:
    """Choose among what the far side offers (or answers) by our order of preference.

    :raises SdpError: never; an empty `send` says that nothing is common.
    """
    offered: dict[Codec, int] = {}
    keys: dict[int, int] = {}
    for each in section.formats:
        codec = _OURS.get(each.name.lower())
        if codec is not None and each.clock == _CLOCK[codec]:
            offered.setdefault(codec, each.payload_type)
        elif each.name.lower() == TELEPHONE_EVENT:
            keys[each.payload_type] = each.clock
    send = tuple((codec, offered[codec]) for codec in prefer if codec in offered)
    return Agreed(send, {number: codec for codec, number in send}, keys)


def _lines_of(codecs: tuple[tuple[Codec, int], ...], keys: dict[int, int]) -> list[str]:
    lines = []
    for codec, number in codecs:
        lines.append(f"a=rtpmap:{number} {codec}/{_CLOCK[codec]}" + ("/2" if codec is Codec.OPUS else ""))
        if codec is Codec.OPUS:
            lines.append(f"a=fmtp:{number} minptime=10;useinbandfec=1")
    for number, rate in keys.items():
        lines += [f"a=rtpmap:{number} {TELEPHONE_EVENT}/{rate}", f"a=fmtp:{number} 0-16"]
    return lines


def _net(host: str) -> str:
    return f"IN {'IP6' if ':' in host else 'IP4'} {host}"


def sip(
    *, session: int, version: int, host: str, port: int, codecs: tuple[tuple[Codec, int], ...], keys: dict[int, int],
    direction: str = "sendrecv", refused: tuple[Section, ...] = (), before: int = 0, mux: bool = False,
    protocol: str = "RTP/AVP", cryptos: tuple[Crypto, ...] = (),
) -> str:  # fmt: skip
    """The body of our SIP offer or answer: one audio stream; `refused` sections of the offer stay, with port 0, `before` of them first."""
    numbers = " ".join(str(number) for number in [*(number for _, number in codecs), *keys])
    audio = [f"m=audio {port} {protocol} {numbers}", *(each.line for each in cryptos), *_lines_of(codecs, keys), "a=ptime:20", f"a={direction}"]
    if mux:
        audio.append("a=rtcp-mux")
    blocks = [[f"m={each.kind} 0 {each.protocol} {each.raw_formats}"] for each in refused]
    blocks.insert(before, audio)
    head = ["v=0", f"o=cordboard {session} {version} {_net(host)}", "s=-", f"c={_net(host)}", "t=0 0"]
    return "\r\n".join(head + [line for block in blocks for line in block]) + "\r\n"


def browser(
    *, session: int, version: int, offer: Description, host: str, port: int, agreed: Agreed, candidates: tuple[str, ...],
    ufrag: str, password: str, fingerprints: tuple[tuple[str, str], ...], setup: str, ssrc: int,
) -> str:  # fmt: skip
    """Our answer to a browser (RFC 9429): the audio section accepted, every other refused."""
    audio = offer.audio
    answer = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}[audio.direction]
    head = ["v=0", f"o=cordboard {session} {version} {_net(host)}", "s=-", "t=0 0"]
    if audio.mid and audio.mid in offer.bundled:
        head.append(f"a=group:BUNDLE {audio.mid}")
    head.append("a=msid-semantic: WMS cordboard")
    lines = list(head)
    for section in offer.sections:
        if section is not audio:
            lines += [f"m={section.kind} 0 {section.protocol} {section.raw_formats}", f"c={_net(host)}", "a=inactive"]
            lines += [f"a=mid:{section.mid}"] if section.mid else []
            continue
        numbers = " ".join(str(number) for number in [*(number for _, number in agreed.send), *agreed.keys])
        lines += [f"m=audio {port} {section.protocol} {numbers}", f"c={_net(host)}"]
        lines += [f"a=mid:{section.mid}"] if section.mid else []
        lines += [f"a={answer}", "a=msid:cordboard audio", "a=rtcp-mux", *_lines_of(agreed.send, agreed.keys), "a=ptime:20"]
        lines += [f"a=ssrc:{ssrc} cname:cordboard", *(f"a=candidate:{each}" for each in candidates), "a=end-of-candidates"]
        lines += [f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{password}"]
        lines += [*(f"a=fingerprint:{name} {value}" for name, value in fingerprints), f"a=setup:{setup}"]
    return "\r\n".join(lines) + "\r\n"
