"""WAV files in and out, always as the house's own sound: int16, mono, 8 kHz."""

from __future__ import annotations

import os
import struct
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.int16]

RATE = 8000
LONGEST = 30 * 60
"""Seconds of sound that are read at most."""


class BadSound(ValueError):
    """The file is gone or holds no sound that we can read; the text says which."""


def read(path: Path) -> Sound:
    """Any WAV file (PCM of 8 to 32 bits, float, G.711; any rate, any channels), mixed down and resampled with a low-pass filter (libswresample).

    :raises BadSound: gone, unreadable or empty.
    """
    import av  # heavy, and only needed where sound is read
    from av.audio.resampler import AudioResampler

    parts: list[Sound] = []
    length = 0
    try:
        with av.open(str(path), format="wav") as container:
            if not container.streams.audio:
                raise BadSound(f"no sound in {path.name}")
            resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in container.decode(container.streams.audio[0]):
                for out in resampler.resample(frame):
                    parts.append(out.to_ndarray().reshape(-1).astype(np.int16))
                    length += len(parts[-1])
                if length > LONGEST * RATE:
                    break
            for out in resampler.resample(None):
                parts.append(out.to_ndarray().reshape(-1).astype(np.int16))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise error if isinstance(error, BadSound) else BadSound(f"{path.name}: {error}") from None
    if not parts or not length:
        raise BadSound(f"no sound in {path.name}")
    return np.concatenate(parts)


def header(data_bytes: int, channels: int, rate: int = RATE) -> bytes:
    """The 44 bytes before 16-bit PCM."""
    block = channels * 2
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", min(36 + data_bytes, 0xFFFFFFFF), b"WAVE", b"fmt ", 16, 1, channels, rate, rate * block, block, 16, b"data", min(data_bytes, 0xFFFFFFFF),
    )  # fmt: skip


def write(path: Path, sound: Sound, rate: int = RATE) -> None:
    """Write a mono file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = sound.astype("<i2").tobytes()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".wav")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(header(len(data), 1, rate) + data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
