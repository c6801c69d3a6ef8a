"""A recorded voice for what a flow says: named by flow and step, uploaded from the command line, checked before it is kept."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cordboard.channels.voice.announcements import announcements
from cordboard.channels.voice.models import Prompt
from cordboard.channels.voice.runs import announcement_codes
from cordboard.flows.models import Flow
from cordboard.lib.config import config
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


@pytest.fixture
def welcome(db: None) -> None:
    steps = {"hello": {"type": "say", "texts": {"en": "Hello.", "nl": "Hallo."}}, "wait": {"type": "say", "texts": {"en": "{wait} from now."}}}
    Flow.objects.create(code="welcome", name="Welcome", version=1, state="published", surfaces=["ivr"], graph={"steps": steps})
    Flow.objects.create(code="script", name="Script", version=1, state="published", surfaces=["desktop"], graph={"steps": steps})


@pytest.mark.usefixtures("welcome")
def test_the_list_has_what_callers_hear_and_nothing_that_is_put_together(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        found = announcements()
    assert [(one.code, [voice.language for voice in one.voices]) for one in found] == [
        ("recording-notice", ["en", "nl", "ru", "th", "zh-hans"]),
        ("welcome.hello", ["en", "nl"]),
    ]


@pytest.mark.usefixtures("welcome")
def test_carol_uploads_listens_and_removes(tmp_path: Path) -> None:
    client = Client()
    client.force_login(person("carol", {"voice.manage": "all"}), backend="django.contrib.auth.backends.ModelBackend")
    letter = SimpleUploadedFile("letter.wav", b"Dear sir")
    refused = client.post("/announcements/welcome.hello/", {"language": "nl", "file": letter})
    assert refused.status_code == 422
    assert "no WAV that can be played" in refused.content.decode()
    with tone(tmp_path / "hello.wav").open("rb") as file:
        assert client.post("/announcements/welcome.hello/", {"language": "nl", "file": file}).status_code == 302
    row = Prompt.objects.get(code="welcome.hello", language="nl")
    kept = config().files / "prompts-uploaded" / row.file
    assert client.get("/announcements/welcome.hello/nl.wav")["X-Accel-Redirect"] == f"/files/prompts-uploaded/{row.file}"
    Flow.objects.filter(code="welcome").update(graph={"steps": {"hello": {"texts": {"nl": "Goedendag."}}}})
    assert "other words than when this was recorded" in client.get("/announcements/welcome.hello/").content.decode()
    assert client.post("/announcements/welcome.hello/forget/", {"language": "nl"}).status_code == 302
    assert not Prompt.objects.exists()
    assert client.get("/announcements/welcome.hello/nl.wav")["X-Accel-Redirect"].startswith("/files/prompts/")
    assert kept.exists()  # until the transaction commits, which in this test it never does
    assert client.get("/announcements/welcome.bye/").status_code == 404


@pytest.mark.usefixtures("welcome")
def test_dave_sees_no_announcements() -> None:
    client = Client()
    client.force_login(person("dave", {}), backend="django.contrib.auth.backends.ModelBackend")
    for path in ("", "welcome.hello/", "welcome.hello/en.wav"):
        assert client.get(f"/announcements/{path}").status_code == 403
