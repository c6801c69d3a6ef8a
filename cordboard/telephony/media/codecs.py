"""PCMU, PCMA (ITU-T G.711) and Opus (RFC 6716): sound to payload and back.

Sound is int16 mono at :data:`RATE`; frames are 20 ms. G.711 is two look-up tables; Opus is libopus through PyAV.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from cordboard.telephony.media.protocol import Codec

Sound = NDArray[np.int16]

RATE = 8000
"""Samples a second in mixing and recording."""

SAMPLES = RATE // 50
"""Samples in a frame of 20 ms."""

NOTHING: Sound = np.zeros(SAMPLES, dtype=np.int16)
NOTHING.setflags(write=False)

OPUS_RATE = 48000
_OPUS_SILENCE = b"\xf8\xff\xfe"  # 20 ms, CELT, fullband, mono, no energy

SILENCE = {Codec.PCMU: b"\xff" * SAMPLES, Codec.PCMA: b"\xd5" * SAMPLES, Codec.OPUS: _OPUS_SILENCE}
"""A frame of silence in each codec."""


def _mulaw_decode() -> Sound:
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (((mantissa.astype(np.int32) << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_decode() -> Sound:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = ((code >> 4) & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _mulaw_encode() -> NDArray[np.uint8]:
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(sample >> 2), 8158) + 33  # 14 bits, as G.711 has it
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    mantissa = (magnitude >> (exponent + 1)) & 15
    code = np.where(sample < 0, 0x80, 0) | (exponent << 4) | mantissa
    inverted: NDArray[np.uint8] = (code ^ 0xFF).astype(np.uint8)
    return inverted


def _alaw_encode() -> NDArray[np.uint8]:
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.where(sample < 0, -sample - 1, sample) >> 3  # 13 bits, as G.711 has it
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = np.where(exponent < 2, (magnitude >> 1) & 15, (magnitude >> exponent) & 15)
    code = np.where(sample < 0, 0, 0x80) | (exponent << 4) | mantissa
    toggled: NDArray[np.uint8] = (code ^ 0x55).astype(np.uint8)
    return toggled


DECODE: dict[Codec, Sound] = {Codec.PCMU: _mulaw_decode(), Codec.PCMA: _alaw_decode()}
ENCODE: dict[Codec, NDArray[np.uint8]] = {Codec.PCMU: _mulaw_encode(), Codec.PCMA: _alaw_encode()}


def expand(codec: Codec, payload: bytes | bytearray) -> Sound:
    """G.711 to sound, one sample a byte."""
    return DECODE[codec][np.frombuffer(payload, dtype=np.uint8)]


def compress(codec: Codec, sound: Sound) -> bytes:
    """Sound to G.711, one byte a sample."""
    return ENCODE[codec][np.ascontiguousarray(sound).view(np.uint16)].tobytes()


TRANSLATE: dict[Codec, tuple[Codec, bytes]] = {
    one: (other, compress(other, expand(one, bytes(range(256))))) for one, other in ((Codec.PCMU, Codec.PCMA), (Codec.PCMA, Codec.PCMU))
}
"""From one G.711 to the other, byte by byte: `payload.translate(table)`."""


def clip(mix: NDArray[np.int32]) -> Sound:
    return np.minimum(np.maximum(mix, -32768), 32767).astype(np.int16)


def frame_of(sound: Sound) -> Sound:
    """Exactly 20 ms: the beginning, or filled up with silence."""
    return sound[:SAMPLES] if len(sound) >= SAMPLES else np.concatenate([sound, NOTHING[len(sound) :]])


class Decoder(Protocol):
    def decode(self, payload: bytes) -> Sound: ...


class Encoder(Protocol):
    def encode(self, frame: Sound) -> bytes: ...


class G711:
    __slots__ = ("_decode", "_encode")

    def __init__(self, codec: Codec) -> None:
        self._decode = DECODE[codec]
        self._encode = ENCODE[codec]

    def decode(self, payload: bytes) -> Sound:
        return self._decode[np.frombuffer(payload, dtype=np.uint8)]

    def encode(self, frame: Sound) -> bytes:
        return self._encode[frame.view(np.uint16)].tobytes()


_TAPS = 96
_FACTOR = OPUS_RATE // RATE


def _lowpass() -> NDArray[np.float32]:
    """Windowed sinc (Blackman), cut-off 3,700 Hz at 48 kHz."""
    position = np.arange(_TAPS) - (_TAPS - 1) / 2
    taps = np.sinc(2 * 3700 / OPUS_RATE * position) * np.blackman(_TAPS)
    normal: NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    return normal


_FILTER = _lowpass()


class OpusDecoder:
    """One stream of Opus to sound at :data:`RATE`. Keeps state: one decoder per stream, packets in their order."""

    def __init__(self) -> None:
        self._codec: Any = av.CodecContext.create("libopus", "r")
        self._codec.format = "s16"
        self._codec.layout = "mono"
        self._codec.sample_rate = OPUS_RATE
        self._tail = np.zeros(_TAPS - _FACTOR, dtype=np.float32)
        self._first = b""

    def conceal(self) -> Sound:
        """20 ms in place of a packet that is lost: a packet of nothing but the last one's first byte makes libopus go on as it would without any
        (RFC 6716 section 4.4; `opus_decode_frame` takes a frame of no bytes as lost)."""
        made = NOTHING[:0]
        while self._first and len(made) < SAMPLES:
            more = self.decode(self._first)
            if not len(more):
                break
            made = np.concatenate([made, more])
        return frame_of(made)

    def decode(self, payload: bytes) -> Sound:
        """:raises ValueError: the payload is no Opus."""
        self._first = bytes([payload[0] & 0xFC]) if payload else b""
        try:
            frames = self._codec.decode(av.Packet(payload))
        except (av.FFmpegError, ValueError) as error:
            raise ValueError(str(error)) from None
        if not frames:
            return NOTHING[:0]
        wide = np.concatenate([self._tail, *(frame.to_ndarray().reshape(-1).astype(np.float32) for frame in frames)])
        self._tail = wide[-(_TAPS - _FACTOR) :]
        # every sixth window of 96 samples, as a view: numpy's own helpers for it cost as much as decoding
        windows = np.ndarray(((len(wide) - _TAPS) // _FACTOR + 1, _TAPS), np.float32, wide, 0, (4 * _FACTOR, 4))
        narrow = np.einsum("ij,j->i", windows, _FILTER)
        np.maximum(narrow, -32768, out=narrow)
        np.minimum(narrow, 32767, out=narrow)
        sound: Sound = narrow.astype(np.int16)
        return sound


class OpusEncoder:
    """Sound at :data:`RATE` to one stream of Opus, a packet for each frame of 20 ms.

    `effort` is libopus' complexity, 0 to 10: live mixes are encoded with little (it saves a third of the time, and nobody
    hears it in speech of telephone quality), what is encoded once and kept with all.
    """

    def __init__(self, effort: int = 1) -> None:
        self._codec: Any = av.CodecContext.create("libopus", "w")
        self._codec.sample_rate = RATE
        self._codec.format = "s16"
        self._codec.layout = "mono"
        self._codec.bit_rate = 24000
        self._codec.time_base = Fraction(1, RATE)
        self._codec.options = {"application": "voip", "frame_duration": "20", "compression_level": str(effort)}
        self._at = 0

    def encode(self, frame: Sound) -> bytes:
        picture = av.AudioFrame.from_ndarray(frame.reshape(1, -1), format="s16", layout="mono")
        picture.sample_rate = RATE
        picture.pts = self._at
        self._at += len(frame)
        packets = self._codec.encode(picture)
        return bytes(packets[0]) if packets else _OPUS_SILENCE


def decoder(codec: Codec) -> Decoder:
    return OpusDecoder() if codec is Codec.OPUS else G711(codec)


def encoder(codec: Codec) -> Encoder:
    return OpusEncoder() if codec is Codec.OPUS else G711(codec)


def encode_all(codec: Codec, sound: Sound) -> tuple[bytes, ...]:
    """A whole piece of sound as frames of 20 ms, the last one filled with silence."""
    missing = -len(sound) % SAMPLES
    if missing:
        sound = np.concatenate([sound, np.zeros(missing, dtype=np.int16)])
    if codec is Codec.OPUS:
        one = OpusEncoder(effort=10)
        return tuple(one.encode(sound[at : at + SAMPLES]) for at in range(0, len(sound), SAMPLES))
    payload = compress(codec, sound)
    return tuple(payload[at : at + SAMPLES] for at in range(0, len(payload), SAMPLES))


def opus_samples(payload: bytes) -> int:
    """Length of an Opus packet in samples at :data:`RATE`, from its table of contents (RFC 6716 section 3.1); 0 when malformed."""
    if not payload:
        return 0
    config = payload[0] >> 3
    if config < 12:
        size = (80, 160, 320, 480)[config & 3]
    elif config < 16:
        size = (80, 160)[config & 1]
    else:
        size = (20, 40, 80, 160)[config & 3]
    code = payload[0] & 3
    if code == 3:
        if len(payload) < 2:
            return 0
        count = payload[1] & 0x3F
    else:
        count = 1 if code == 0 else 2
    return size * count if 0 < size * count <= 960 else 0
