"""Text to speech: a WAV file for a text in a language, made once and kept under the hash of what it says.

The voice is espeak-ng, in a child process of its own: a crash of the voice costs one sentence, not the calls of the
process that wanted it. A better voice is any command that reads text on standard input and writes WAV to standard
output, named by `CORDBOARD_SPEECH_COMMAND`; `{language}` in it becomes the language's tag. When it fails, espeak
speaks and the failure is logged.

Needs no Django and blocks while it speaks; callers in an event loop use a thread.
"""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import json
import logging
import os
import re
import select
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from cordboard.telephony import wav

log = logging.getLogger(__name__)

VOICES = {"en": "en", "nl": "nl", "ru": "ru", "th": "th", "zh": "cmn", "zh-hans": "cmn", "de": "de", "fr": "fr", "es": "es"}
"""espeak's voice by language tag in lower case; a tag that is not here is tried without its region, then English."""

LONGEST = 4000
"""Characters in one text; more is cut."""

_EDITION = 1
"""Raised when the same text would sound otherwise than before, so that nothing old is played."""

_SPEED = 150  # words a minute; espeak's own 175 is hurried on a telephone
_PEAK = 0.7
_PATIENCE = 20.0  # seconds for one text
_COMMAND_PATIENCE = 20.0
_REST = 60.0  # seconds that a failing command is left alone

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")  # BCP 47, as far as a voice may care

_lock = threading.Lock()
_child: subprocess.Popen[bytes] | None = None
_command_rests_until = 0.0


class SpeechError(Exception):
    """The text could not be spoken."""


def voice(language: str) -> str:
    """espeak's voice for a language tag such as `nl`, `zh-Hans` or `en-US`."""
    tag = language.lower().replace("_", "-")
    return VOICES.get(tag) or VOICES.get(tag.split("-")[0]) or VOICES["en"]


def spoken(text: str, language: str, folder: Path) -> Path:
    """The WAV file (8 kHz) in which `text` is spoken, below `folder`; made when it is not there yet.

    :raises SpeechError: no voice could speak it.
    """
    text = " ".join("".join(each if each.isprintable() else " " for each in text[:LONGEST]).split())
    if not text:
        raise SpeechError("there is nothing to say")
    if not _TAG.fullmatch(language := language.replace("_", "-")):
        language = "en"  # it becomes part of a command, and callers of web pages may send anything
    if command := os.environ.get("CORDBOARD_SPEECH_COMMAND", "").strip():
        path = _place(folder, command, language, text)
        if path.is_file():
            return path
        if _ask_command(command, text, language, path):
            return path
    path = _place(folder, f"espeak {voice(language)} {_SPEED}", "", text)
    if not path.is_file():
        _ask_espeak(text, language, path)
    return path


def _place(folder: Path, speaker: str, language: str, text: str) -> Path:
    name = hashlib.sha256("\0".join((str(_EDITION), speaker, language, text)).encode()).hexdigest()
    return folder / name[:2] / f"{name}.wav"


# ---- a voice of one's own ---------------------------------------------------------------------------------------


def _ask_command(command: str, text: str, language: str, path: Path) -> bool:
    global _command_rests_until
    if time.monotonic() < _command_rests_until:
        return False
    words = [word.replace("{language}", language) for word in shlex.split(command)]
    reason = ""
    try:
        done = subprocess.run(words, input=text.encode(), capture_output=True, timeout=_COMMAND_PATIENCE, check=False)
        if done.returncode:
            reason = f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-200:].strip()}"
        else:
            with tempfile.NamedTemporaryFile(suffix=".wav") as raw:
                raw.write(done.stdout)
                raw.flush()
                wav.write(path, wav.read(Path(raw.name)))
    except (OSError, subprocess.TimeoutExpired, wav.BadSound) as error:
        reason = str(error)
    if reason:
        _command_rests_until = time.monotonic() + _REST
        log.warning("the speech command failed, espeak speaks for the next %d s: %s", _REST, reason)
    return not reason


# ---- espeak in a child ------------------------------------------------------------------------------------------


def _ask_espeak(text: str, language: str, path: Path) -> None:
    with _lock:
        for attempt in (1, 2):
            try:
                _say(text, language, path)
                return
            except (OSError, ValueError) as error:
                stop()
                if attempt == 2:
                    raise SpeechError(f"espeak: {error}") from None


def _say(text: str, language: str, path: Path) -> None:
    global _child
    if _child is None or _child.poll() is not None:
        _child = subprocess.Popen([sys.executable, "-m", "cordboard.telephony.prompts"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    assert _child.stdin is not None
    assert _child.stdout is not None
    request = {"text": text, "voice": voice(language), "path": str(path.absolute())}
    _child.stdin.write(json.dumps(request).encode() + b"\n")
    _child.stdin.flush()
    ready, _, _ = select.select([_child.stdout], [], [], _PATIENCE)
    if not ready:
        raise ValueError("it took too long")
    answer = json.loads(_child.stdout.readline() or b'{"error": "it died"}')
    if answer.get("error"):
        raise ValueError(answer["error"])


def stop() -> None:
    """End the child; the next text starts a new one."""
    global _child
    if _child is not None:
        _child.kill()
        _child.wait()
        for pipe in (_child.stdin, _child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    log.debug("the pipe of a dead child had unsent text")
        _child = None


atexit.register(stop)


class _Espeak:
    """libespeak-ng (the shared library of the espeakng-loader wheel) through ctypes."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._sound: list[wav.Sound] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

        def heard(samples: Any, count: int, _events: Any) -> int:
            if count > 0:
                self._sound.append(np.ctypeslib.as_array(samples, (count,)).copy())
            return 0

        self._callback = kind(heard)  # kept: the library holds only a bare pointer to it
        synchronous, do_not_exit = 2, 0x8000
        self.rate = int(self._library.espeak_Initialize(synchronous, 0, espeakng_loader.get_data_path().encode(), do_not_exit))
        if self.rate <= 0:
            raise OSError("espeak did not start")
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_SetParameter(1, _SPEED, 0)

    def say(self, text: str, name: str) -> wav.Sound:
        """:raises ValueError: no such voice, or nothing was heard."""
        self._sound.clear()
        if self._library.espeak_SetVoiceByName(name.encode()):
            raise ValueError(f"no voice {name}")
        raw = text.encode()
        utf8 = 1
        if self._library.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, utf8, None, None):
            raise ValueError("espeak refused the text")
        self._library.espeak_Synchronize()
        if not self._sound:
            raise ValueError("nothing was heard")
        return np.concatenate(self._sound)


def _resampled(sound: wav.Sound, rate: int) -> wav.Sound:
    with tempfile.NamedTemporaryFile(suffix=".wav") as raw:
        data = sound.astype("<i2").tobytes()
        raw.write(wav.header(len(data), 1, rate) + data)
        raw.flush()
        narrow = wav.read(Path(raw.name))
    peak = float(np.abs(narrow.astype(np.int32)).max())
    return (narrow * (_PEAK * 32767 / peak)).astype(np.int16) if peak else narrow


def _serve() -> None:
    """The child: a request a line in, an answer a line out, until the parent is gone."""
    espeak = _Espeak()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            wav.write(Path(request["path"]), _resampled(espeak.say(request["text"], request["voice"]), espeak.rate))
            answer = {"error": ""}
        except (OSError, ValueError) as error:
            answer = {"error": str(error) or type(error).__name__}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
