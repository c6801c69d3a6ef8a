"""A recorded voice for what a flow says: named by flow and step, uploaded from the command line, checked before it is kept."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from cordboard.channels.voice.ivr import announcement_codes
from cordboard.channels.voice.models import Prompt
from cordboard.org.tests.people import person
from cordboard.serve.prompt import upload


def tone(path: Path) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\x00\x10" * 800)
    return path


def test_each_text_of_a_flow_has_a_code() -> None:
    steps = {
        "hello": {"type": "say", "texts": {"en": "Hello.", "nl": {"text": "Hallo."}}},
        "ask": {"type": "ask", "texts": {"en": "Hello."}},
        "end": {"type": "end"},
    }
    assert announcement_codes("welcome", steps) == {"Hello.": "welcome.hello", "Hallo.": "welcome.hello"}


@pytest.mark.django_db
def test_carol_gives_the_menu_a_voice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person("carol", {"voice.manage": "all"})
    assert upload("welcome.matter", "nl", str(tone(tmp_path / "menu.wav")), "Toets één.", "carol") == 0
    kept = Prompt.objects.get(code="welcome.matter", language="nl")
    assert kept.text == "Toets één."
    assert kept.file


@pytest.mark.django_db
def test_what_is_no_sound_or_not_allowed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person("carol", {"voice.manage": "all"})
    person("dave", {})
    noise = tmp_path / "letter.wav"
    noise.write_text("Dear sir")
    sound = str(tone(tmp_path / "menu.wav"))
    for file, language, by in (
        (str(noise), "nl", "carol"),
        (sound, "nl", "dave"),
        (sound, "xx", "carol"),
        (sound, "nl", "erin"),
        (str(tmp_path / "gone.wav"), "nl", "carol"),
    ):
        assert upload("welcome.matter", language, file, "Toets één.", by) == 1
        assert "Nothing was changed" in capsys.readouterr().err
    assert not Prompt.objects.filter(code="welcome.matter").exists()
