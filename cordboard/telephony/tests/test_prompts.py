"""Text to speech: in five languages, kept, and with a voice of one's own."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cordboard.telephony import music, prompts, wav
from cordboard.telephony.tests.sound import hears, loudness

TEXTS = {
    "en": "Welcome. For billing, press one.",
    "nl": "Welkom. Voor facturen, toets één.",
    "ru": "Добро пожаловать. По вопросам оплаты нажмите один.",
    "th": "ยินดีต้อนรับ สำหรับการชำระเงินกดหนึ่ง",
    "zh-Hans": "欢迎致电。账单查询请按一。",
}


@pytest.fixture(autouse=True)
def _no_command(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("CORDBOARD_SPEECH_COMMAND", raising=False)
    monkeypatch.setattr(prompts, "_command_rests_until", 0.0)
    yield
    prompts.stop()


@pytest.mark.parametrize("language", TEXTS)
def test_five_languages(tmp_path: Path, language: str) -> None:
    sound = wav.read(prompts.spoken(TEXTS[language], language, tmp_path))
    assert 1 < len(sound) / wav.RATE < 15
    assert loudness(sound) > 1000
    power = np.abs(np.fft.rfft(sound.astype(float))) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / wav.RATE)
    assert power[(hertz > 80) & (hertz < 3600)].sum() / power.sum() > 0.95


def test_languages_sound_different(tmp_path: Path) -> None:
    lengths = {language: len(wav.read(prompts.spoken("1 2 3 4 5", language, tmp_path))) for language in TEXTS}
    assert len(set(lengths.values())) == 5


def test_spoken_once_and_kept(tmp_path: Path) -> None:
    path = prompts.spoken("Hello.", "en", tmp_path)
    before = path.stat().st_mtime_ns
    prompts.stop()
    assert prompts.spoken("  Hello.\n", "en", tmp_path) == path
    assert path.stat().st_mtime_ns == before
    assert prompts._child is None, "no voice was needed"
    assert prompts.spoken("Hello.", "nl", tmp_path) != path
    assert not [each for each in tmp_path.rglob("*") if each.name.startswith(".")], "no half files are left"


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x07"])
def test_nothing_to_say(tmp_path: Path, text: str) -> None:
    with pytest.raises(prompts.SpeechError):
        prompts.spoken(text, "en", tmp_path)


def test_an_unknown_language_is_spoken_in_english(tmp_path: Path) -> None:
    assert prompts.voice("tlh") == prompts.voice("en-US") == "en"
    assert prompts.voice("zh-Hans-CN") == prompts.voice("zh_Hans") == "cmn"


def test_a_strange_language_never_reaches_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "import sys; open(sys.argv[0] + '.seen', 'w').write(' '.join(sys.argv[1:])); raise SystemExit(1)"
    monkeypatch.setenv("CORDBOARD_SPEECH_COMMAND", command(tmp_path, body))
    prompts.spoken("Hello.", "--output=/etc/passwd", tmp_path / "cache")
    assert (tmp_path / "voice.py.seen").read_text() == "--language en"


def test_markup_is_text(tmp_path: Path) -> None:
    marked = prompts.spoken('<audio src="/etc/passwd"/> <break time="9999s"/> hello', "en", tmp_path)
    assert len(wav.read(marked)) / wav.RATE < 30


def test_a_dead_voice_is_replaced(tmp_path: Path) -> None:
    prompts.spoken("One.", "en", tmp_path)
    child = prompts._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert prompts.spoken("Two.", "en", tmp_path).is_file()
    os.kill(prompts._child.pid, signal.SIGSTOP)  # type: ignore[union-attr]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prompts, "_PATIENCE", 0.5)
        real_stop = prompts.stop

        def stop() -> None:
            real_stop()
            patch.setattr(prompts, "_PATIENCE", 20.0)  # the new one gets all the time it needs

        patch.setattr(prompts, "stop", stop)
        assert prompts.spoken("Three.", "en", tmp_path).is_file(), "a hung voice is replaced too"


def test_many_threads_ask_at_once(tmp_path: Path) -> None:
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda n=n: paths.append(prompts.spoken(f"Number {n % 3}.", "en", tmp_path))) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(paths)) == 3
    assert len(paths) == 9


def command(folder: Path, body: str) -> str:
    script = folder / "voice.py"
    script.write_text(body)
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(script))} --language {{language}}"


def test_a_better_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads the text on standard input and is told the language; its WAV may have any rate."""
    body = (
        "import sys, wave, numpy as np\n"
        "text = sys.stdin.read(); assert text == 'Hello.' and sys.argv[1:] == ['--language', 'nl'], (text, sys.argv)\n"
        "tone = (9000 * np.sin(2 * np.pi * 600 * np.arange(22050) / 22050)).astype('<i2')\n"
        "with wave.open(sys.stdout.buffer, 'wb') as out:\n"
        "    out.setnchannels(1); out.setsampwidth(2); out.setframerate(22050); out.setnframes(22050); out.writeframesraw(tone.tobytes())\n"
    )
    monkeypatch.setenv("CORDBOARD_SPEECH_COMMAND", command(tmp_path, body))
    sound = wav.read(prompts.spoken("Hello.", "nl", tmp_path / "cache"))
    assert abs(len(sound) - wav.RATE) < 100
    assert hears(sound, 600)


@pytest.mark.parametrize("body", ["raise SystemExit(3)", "print('no sound')", "import time; time.sleep(60)"])
def test_a_failing_voice_is_stood_in_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, body: str) -> None:
    monkeypatch.setattr(prompts, "_COMMAND_PATIENCE", 1.0)
    monkeypatch.setenv("CORDBOARD_SPEECH_COMMAND", command(tmp_path, body))
    with caplog.at_level(logging.WARNING):
        assert loudness(wav.read(prompts.spoken("Hello.", "en", tmp_path / "cache"))) > 1000
    assert "speech command failed" in caplog.text
    caplog.clear()
    prompts.spoken("Goodbye.", "en", tmp_path / "cache")
    assert not caplog.text, "it is left alone for a while"


def test_a_command_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDBOARD_SPEECH_COMMAND", "/nowhere/at/all")
    assert prompts.spoken("Hello.", "en", tmp_path).is_file()


def test_reading_what_is_no_sound(tmp_path: Path) -> None:
    for name, data in (("gone.wav", None), ("empty.wav", b""), ("noise.wav", bytes(1000)), ("short.wav", wav.header(0, 1))):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(wav.BadSound):
            wav.read(tmp_path / name)


def test_written_and_read(tmp_path: Path) -> None:
    sound = music.tone(500, seconds=0.5)
    wav.write(tmp_path / "deep" / "t.wav", sound)
    assert np.array_equal(wav.read(tmp_path / "deep" / "t.wav"), sound)
