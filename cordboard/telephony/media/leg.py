"""One party's connection to a call: what comes in, where it goes, and what goes out. How packets travel is told by the
subclasses (`leg_rtp`, `leg_webrtc`); who hears whom is told by the room, which fills in `relay_to`, `playout` and `tracks`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Protocol

from cordboard.telephony import driver
from cordboard.telephony.media import codecs, rtcp, rtp, sdp
from cordboard.telephony.media.codecs import SAMPLES
from cordboard.telephony.media.playout import Playout
from cordboard.telephony.media.protocol import Codec, LegKind, LegState, LegStats
from cordboard.telephony.media.quality import Monitor, Quality, Reception
from cordboard.telephony.media.reframing import LONGEST, Reframer

if TYPE_CHECKING:
    from cordboard.telephony.media.answering import Listener
    from cordboard.telephony.media.keys import Collecting
    from cordboard.telephony.media.keysending import KeySending
    from cordboard.telephony.media.playback import Loop, Playback
    from cordboard.telephony.media.recording import Track

LOST_AFTER = 2.0
"""Seconds without anything from the far side until it counts as lost."""

KEYS_A_SECOND = 20
"""More than the quickest dialler sends; what comes beyond it would only flood the switch."""


class Surroundings(Protocol):
    """What a leg needs of the room that it is in."""

    def codec_changed(self, leg: Leg) -> None:
        """The leg now sends us another codec than before."""

    def key_heard(self, leg: Leg, key: str) -> None: ...

    def media_back(self, leg: Leg) -> None: ...

    def connected(self, leg: Leg) -> None:
        """A browser's leg can carry sound."""

    def failed(self, leg: Leg, reason: str) -> None: ...

    def closed_by_far_side(self, leg: Leg) -> None:
        """The far side closed its transport; nothing more will come from there."""


class Leg:
    kind: LegKind

    def __init__(self, name: str, surroundings: Surroundings) -> None:
        self.name = name
        self.around = surroundings
        self.state = LegState.RINGING
        self.note = ""
        self.session = secrets.randbits(53)
        self.version = 0
        # what was agreed
        self.codec: Codec | None = None
        self.send_types: dict[Codec, int] = {}
        self.receive_types: dict[int, Codec] = {}
        self.key_types: dict[int, int] = {}
        self.keys_out: tuple[int, int] | None = None
        self.far_sends = True
        # out
        self.stream = rtp.OutStream(secrets.randbits(32), secrets.randbits(15), secrets.randbits(31))
        self.refused_sends = 0
        # in
        self.heard_codec: Codec | None = None
        self.last_heard = 0.0
        self.last_sound = 0.0
        self.lost = False
        self.packets_in = 0
        self.bytes_in = 0
        self.dropped: dict[str, int] = {}
        self.reception = Reception()
        self.monitor = Monitor()
        self.since = 0.0
        self.loss_now = 0.0
        self._keys = rtp.KeyReader()
        self._keys_since = 0.0
        self._keys_count = 0
        self._reframer: Reframer | None = None
        self._reframed_ssrc = -1
        # who hears this leg: filled in by the room
        self.relay_to: tuple[Leg, ...] = ()
        self.playout: Playout | None = None
        self.tracks: tuple[Track, ...] = ()
        # what this leg hears: filled in by the room
        self.sources: tuple[tuple[Leg, float], ...] = ()
        self.relayed_from: Leg | None = None
        self.encoder: codecs.Encoder | None = None
        self.encoder_codec: Codec | None = None
        self.playback: Playback | None = None
        self.loop: Loop | None = None
        self.beeps: Loop | None = None
        self.listener: Listener | None = None
        self.wanted_music: object | None = None
        self.sending_keys: KeySending | None = None
        self.collecting: Collecting | None = None

    # -- for subclasses ---------------------------------------------------------------------------------------------

    @property
    def can_send(self) -> bool:
        raise NotImplementedError

    def transmit(self, packet: bytes) -> None:
        """Send one RTP packet; must never raise."""
        raise NotImplementedError

    def transmit_report(self, packet: bytes) -> None:
        """Send one RTCP packet; must never raise."""
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    def agree(self, agreed: sdp.Agreed, far_sends: bool, now: float) -> None:
        """Take over what the descriptions settled."""
        self.send_types = dict(agreed.send)
        self.receive_types = agreed.receive
        self.key_types = agreed.keys
        self.keys_out = agreed.keys_out()
        self.far_sends = far_sends
        if self.codec not in self.send_types:
            self.codec = agreed.codec
        if self.heard_codec not in self.send_types:
            self.heard_codec = None
        self.last_heard = now

    def takes(self, codec: Codec | None) -> Codec | None:
        """In which codec a relayed packet of `codec` would reach this leg; None when it would have to be decoded."""
        if codec is None or codec in self.send_types:
            return codec
        other = codecs.TRANSLATE[codec][0] if codec in codecs.TRANSLATE else None
        return other if other in self.send_types else None

    # -- in ---------------------------------------------------------------------------------------------------------

    def drop(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def alive(self, now: float) -> None:
        """Something valid came from the far side."""
        self.last_heard = now
        if self.lost:
            self.lost = False
            self.around.media_back(self)

    def known_type(self, payload_type: int) -> bool:
        return payload_type in self.receive_types or payload_type in self.key_types or payload_type == sdp.COMFORT_NOISE

    def take(self, packet: rtp.Packet, now: float) -> None:
        """A packet of the far side, known to be theirs."""
        payload_type, marker, sequence, timestamp, ssrc, payload = packet
        codec = self.receive_types.get(payload_type)
        if codec is None:
            self._take_other(packet, now)
            return
        size = len(payload)
        if not size:
            self.drop("empty")
            return
        self.packets_in += 1
        self.bytes_in += size
        self.reception.note(ssrc, sequence)
        self.reception.time(timestamp, 48000 if codec is Codec.OPUS else 8000, now)
        self.last_heard = self.last_sound = now
        if self.lost:
            self.alive(now)
        if codec is not self.heard_codec:
            self.heard_codec = codec
            self.around.codec_changed(self)
        if codec is Codec.OPUS:
            if not codecs.opus_samples(payload):
                self.drop("malformed")
                return
            self._spread(codec, ssrc, marker, sequence, timestamp, payload, now)
        elif size == SAMPLES and self._reframed_ssrc != ssrc:
            self._spread(codec, ssrc, marker, sequence, timestamp, payload, now)
        elif size > LONGEST:
            self.drop("too_long")
        else:
            if self._reframed_ssrc != ssrc or self._reframer is None:
                self._reframer = Reframer()
                self._reframed_ssrc = ssrc
            for number, start, frame in self._reframer.push(timestamp, payload):
                # another key than the plain stream's, since these are other sequence numbers
                self._spread(codec, ssrc ^ 1 << 32, marker, number, start, frame, now)
                marker = False

    def _take_other(self, packet: rtp.Packet, now: float) -> None:
        if packet.payload_type in self.key_types:
            self.reception.note(packet.ssrc, packet.sequence)
            self.alive(now)
            if key := self._keys.read(packet.ssrc, packet.timestamp, packet.payload):
                if now - self._keys_since >= 1:
                    self._keys_since, self._keys_count = now, 0
                self._keys_count += 1
                if self._keys_count > KEYS_A_SECOND:
                    self.drop("key_flood")
                else:
                    self.around.key_heard(self, key)
        elif packet.payload_type == sdp.COMFORT_NOISE:
            self.alive(now)
        else:
            self.drop("payload_type")

    def _spread(self, codec: Codec, ssrc: int, marker: bool, sequence: int, timestamp: int, payload: bytes, now: float) -> None:
        for other in self.relay_to:
            other.pass_on(self, codec, ssrc, marker, sequence, timestamp, payload, now)
        if self.playout is not None:
            self.playout.put(codec, timestamp, payload, ssrc)
        for track in self.tracks:
            track.put(codec, timestamp, payload, now)

    # -- out --------------------------------------------------------------------------------------------------------

    def pass_on(self, source: Leg, codec: Codec, ssrc: int, marker: bool, sequence: int, timestamp: int, payload: bytes, now: float) -> None:
        """Another leg's packet, to be heard here as it is."""
        number = self.send_types.get(codec)
        if number is None and codec in codecs.TRANSLATE:
            codec, table = codecs.TRANSLATE[codec]
            payload = payload.translate(table)
            number = self.send_types.get(codec)
        if number is None or not self.can_send:
            return
        self.transmit(self.stream.relay(source, ssrc, number, sdp.clock(codec), marker, sequence, timestamp, payload, now))

    def send(self, codec: Codec, payload: bytes, now: float) -> None:
        """20 ms of sound of our own making."""
        number = self.send_types.get(codec)
        if number is None or not self.can_send:
            return
        self.transmit(self.stream.frame(number, sdp.clock(codec), payload, now))

    def send_silence(self, now: float) -> None:
        if self.codec is not None:
            self.send(self.codec, codecs.SILENCE[self.codec], now)

    def send_mixed(self, mix: codecs.Sound | None, now: float) -> None:
        codec = self.codec
        if codec is None:
            return
        if mix is None:
            self.send(codec, codecs.SILENCE[codec], now)
            return
        if self.encoder is None or self.encoder_codec is not codec:
            self.encoder, self.encoder_codec = codecs.encoder(codec), codec
        self.send(codec, self.encoder.encode(mix), now)

    # -- reports ----------------------------------------------------------------------------------------------------

    def report(self, wall: float, now: float) -> Quality:
        """Send what RFC 3550 asks for, and judge the time since the last report. `wall` is Unix time."""
        expected, lost = self.reception.interval()
        self.loss_now = lost / expected if expected > 0 else 0.0
        if self.can_send:
            stream = self.stream
            block = self.reception.block(expected, lost, *self.monitor.last_report(now))
            if stream.packets or block is not None:
                blocks = (block,) if block is not None else ()
                self.transmit_report(rtcp.build(stream.ssrc, wall, stream.timestamp, stream.packets, stream.bytes, blocks))
        return self.monitor.now(self.loss_now, self.reception.jitter)

    def reported(self, data: bytes, wall: float, now: float) -> bool:
        """The far side's report; False when it is none."""
        reports = rtcp.parse(data)
        if reports is None:
            return False
        block = next((each for each in reports.blocks if each.ssrc == self.stream.ssrc), None)
        trip = rtcp.round_trip(block, rtcp.middle(wall)) if block is not None else None
        if block is not None and self.relayed_from is not None:  # what was missing already when we passed it on is not lost on this way
            block = block._replace(fraction=max(0, block.fraction - round(256 * self.relayed_from.loss_now)))
        clock = sdp.clock(self.codec) if self.codec is not None else 8000
        self.monitor.reported(block, reports.sent_at, trip, clock, now)
        self.alive(now)
        return True

    def told(self, quality: Quality, lowest: float, now: float, *, final: bool = False) -> driver.LegQuality:
        """The quality in the driver's words."""
        return driver.LegQuality(
            leg=self.name, mos=quality.mos, lowest=lowest, loss=quality.loss, jitter=quality.jitter, far_loss=quality.far_loss,
            far_jitter=quality.far_jitter, round_trip=quality.round_trip, seconds=round(now - self.since, 1),
            codec=str(self.heard_codec or self.codec or ""), final=final,
        )  # fmt: skip

    def stats(self) -> LegStats:
        return LegStats(
            packets_in=self.packets_in,
            packets_out=self.stream.packets,
            bytes_in=self.bytes_in,
            bytes_out=self.stream.bytes,
            lost=self.reception.lost,
            dropped=dict(self.dropped),
        )
