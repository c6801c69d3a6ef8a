"""People of the scene: browsers that say a tone of their own and hear others', and a customer who calls with sipp. Used by all tests in browsers, and by the
pictures of the user guide (`tools/guide_pictures.py`)."""

from __future__ import annotations

import math
import os
import re
import shutil
import socket
import struct
import subprocess
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.media.codecs import compress
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.tests.sound import strength
from cordboard.telephony.wav import RATE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
SIPP = shutil.which("sipp") or ""
PASSWORD = "lamp-and-ketel"
NOOR = "+31205550123"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
SIZE = (1366, 768)
AXE = Path(__file__).parents[2] / "islands/node_modules/axe-core/axe.min.js"
AREAS = {
    "navigation bar": "#nav",
    "toolbar": "#tools",
    "communication information": "#comm",
    "account information": "#account",
    "work area": "#work",
    "alerts": "#alerts",
    "scratch pad": "#pad-text",
}
"""The seven areas of the desk."""
IN_BROWSERS = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(600),  # of a slow machine, and the first of a run prepares the demo
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]
"""The marks of a file of tests in browsers."""
BY_SIPP = [pytest.mark.sip, pytest.mark.skipif(not SIPP, reason="sipp is not installed")]
"""The marks of a test in which somebody calls with sipp."""
PRESSES = 18
"""Times two and a half seconds: longer than announcement and menu take."""

HEARD = """async () => {
  const media = [...document.querySelectorAll('audio')].filter((one) => one.srcObject && one.srcObject.active);
  if (!media.length) return 0;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  for (const one of media) context.createMediaStreamSource(one.srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 400));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let best = 1;
  for (let at = 1; at < bins.length; at += 1) if (bins[at] > bins[best]) best = at;
  const hertz = bins[best] > -60 ? best * context.sampleRate / analyser.fftSize : 0;
  await context.close();
  return hertz;
}"""
"""The loudest frequency of what the page plays, 0 for silence. A bin is 6 Hz wide."""


def until(true: Callable[[], Any], seconds: float = 30.0, what: str = "it") -> Any:
    """What `true` returned as soon as that is something. Raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.1)


def tone_wav(path: Path, hertz: float) -> Path:
    """Ten seconds of one frequency, for a browser to say over and over."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48000)
        out.writeframes(b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * hertz * at / 48000))) for at in range(480000)))
    return path


def tone_alaw(path: Path, hertz: float) -> Path:
    """Ten seconds of one frequency as bare A-law, for sipp."""
    at = np.arange(10 * RATE) / RATE
    path.write_bytes(compress(Codec.PCMA, (9000 * np.sin(2 * math.pi * hertz * at)).astype(np.int16)))
    return path


@dataclass
class Person:
    """Somebody at a browser of their own. What the page complains of (errors, refused by the content security policy) is kept."""

    centre: Centre
    page: Any
    hertz: float
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, name: str) -> Person:
        self.page.goto(f"{self.centre.url}/")
        self.page.fill("input[name=login]", f"{name}@lampketel.example")
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_selector("#shell")
        return self

    def speak(self, language: str) -> Person:
        """Have the screens in this language from the next page on."""
        token = next((one["value"] for one in self.page.context.cookies() if one["name"] == "csrftoken"), "")
        answer = self.page.request.post(
            f"{self.centre.url}/account/language/",
            form={"language": language, "csrfmiddlewaretoken": token},
            headers={"referer": f"{self.centre.url}/"},
        )
        assert answer.ok, answer.status
        return self

    def go(self, path: str) -> Any:
        return self.page.goto(f"{self.centre.url}{path}")

    def ready(self) -> Person:
        """At the desk, the telephone at hand, ready for a call."""
        self.phone()
        if self.page.get_attribute("#mystate .cb-state", "data-state") != "ready":
            self.page.keyboard.press("F11")
        self.page.wait_for_selector("#mystate .cb-state[data-state=ready]")
        return self

    def not_ready(self) -> Person:
        """At the desk, and no call comes, whatever was before."""
        if self.page.get_attribute("#mystate .cb-state", "data-state") == "ready":
            self.page.keyboard.press("F11")
        self.page.wait_for_selector("#mystate .cb-state[data-state=notready]")
        return self

    def phone(self) -> Person:
        self.page.wait_for_selector("#phone-state[data-standing=ok]", state="attached")
        return self

    def phase(self, wanted: str, seconds: float = 30.0) -> Person:
        self.page.wait_for_selector(f"#tools[data-phase={wanted}]", timeout=seconds * 1000)
        return self

    def press(self, *keys: str) -> Person:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def sees(self, where: str, *words: str, seconds: float = 30.0) -> Person:
        """All these words stand there."""
        try:
            until(lambda: all(word in self.page.inner_text(where) for word in words), seconds)
        except AssertionError:
            raise AssertionError(f"{where} does not say {words}, but: {self.page.inner_text(where)!r}") from None
        return self

    def sees_not(self, where: str, word: str) -> Person:
        assert word not in self.page.inner_text(where), f"{where} says {word}: {self.page.inner_text(where)!r}"
        return self

    def hears(self, hertz: float, seconds: float = 20.0) -> Person:
        """The loudest that comes out of the page is this frequency."""
        until(lambda: abs(self.page.evaluate(HEARD) - hertz) < 15, seconds, f"{hertz:.0f} Hz")
        return self

    def serious(self) -> list[str]:
        """What axe finds that is serious or critical, with where. `evaluate` goes beside the content security policy, as a person's own tool would."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
        return [
            f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:3]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    def close(self) -> None:
        """No page stays connected, so no call is offered to nobody."""
        self.page.goto("about:blank")
        self.page.context.close()


class Cast:
    """Lets people in. Who has a voice of its own has a Chromium of its own, which stays for the next who has it: starting one takes longer than most pages."""

    def __init__(self, play: Any, folder: Path) -> None:
        self._play = play
        self._folder = folder
        self._browsers: dict[tuple[str, ...], Any] = {}
        self._open: list[Person] = []

    def person(self, centre: Centre, hertz: float, size: tuple[int, int] = SIZE, **context: Any) -> Person:
        """Somebody who says this tone whenever a page listens."""
        sound = self._folder / f"{hertz:.0f}.wav"
        if not sound.exists():
            tone_wav(sound, hertz)
        browser = self._browser(*FLAGS, f"--use-file-for-fake-audio-capture={sound}")
        return self._enter(centre, browser.new_context(viewport={"width": size[0], "height": size[1]}, permissions=["microphone"], **context), hertz)

    def guest(self, centre: Centre, hertz: float, name: str = "") -> Person:
        """Somebody calls from the web page and asks for a person."""
        made = self.person(centre, hertz, (390, 760))
        made.go("/call?line=100")
        made.page.fill("#call-name", name)
        made.page.click("[data-part=call]")
        made.page.wait_for_selector("#call[data-phase=up]")
        made.page.click("[data-key='0']")
        return made

    def unheard(self, centre: Centre, size: tuple[int, int] = SIZE) -> Person:
        """Somebody who lets no page use the microphone."""
        browser = self._browser(*(flag for flag in FLAGS if "fake" not in flag), "--deny-permission-prompts")
        return self._enter(centre, browser.new_context(viewport={"width": size[0], "height": size[1]}), 0.0)

    def _browser(self, *flags: str) -> Any:
        if flags not in self._browsers or not self._browsers[flags].is_connected():
            self._browsers[flags] = self._play.chromium.launch(executable_path=CHROMIUM, args=list(flags))
        return self._browsers[flags]

    def _enter(self, centre: Centre, context: Any, hertz: float) -> Person:
        page = context.new_page()
        made = Person(centre, page, hertz)
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda message: message.type in ("error", "warning") and made.complaints.append(message.text))
        self._open.append(made)
        return made

    def agent(self, centre: Centre, name: str, hertz: float, size: tuple[int, int] = SIZE) -> Person:
        return self.person(centre, hertz, size).sign_in(name)

    def leave(self) -> None:
        """Everybody goes."""
        for person in self._open:
            if not person.page.is_closed():
                person.close()
        self._open.clear()

    def close(self) -> None:
        """It is over."""
        self.leave()
        for browser in self._browsers.values():
            browser.close()
        self._browsers.clear()


class Sipp:
    """One call by sipp: a tone as RTP, the menu's choice by key, until the centre hangs up."""

    def __init__(self, centre: Centre, folder: Path, from_: str = NOOR, hertz: float = 440.0, seconds: int = 150) -> None:
        self._folder = folder
        tone = tone_alaw(folder / f"{hertz:.0f}.al", hertz)
        scenario = folder / "talk.xml"
        begin, key, end = re.split(r" *<!-- /?key -->\n", (Path(__file__).parent / "talk.xml").read_text())
        scenario.write_text(begin.replace('"TONE,', f'"{tone},') + "".join(key.replace("NUMBER", str(2 + at)) for at in range(PRESSES)) + end)
        self._errors = folder / "sipp-errors"
        self._process = subprocess.Popen(
            [
                SIPP, f"127.0.0.1:{centre.sip_port}", "-sf", str(scenario), "-m", "1", "-i", "127.0.0.1", "-p", str(_free_port()), "-mp", str(_free_port() & ~1),
                "-nostdin", "-trace_err", "-error_file", str(self._errors), "-key", "from", from_, "-timeout", str(seconds), "-timeout_error",
            ],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "TERM": "dumb"},
        )  # fmt: skip

    def ended(self, seconds: float = 20.0) -> None:
        """The call ended as the scenario says: the centre hung up."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError("sipp is still in the call") from None
        assert status == 0, self._errors.read_text(errors="replace")[-3000:] if self._errors.exists() else status

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def channels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A recording's two sides: the customer, the agent."""
    with wave.open(str(path)) as held:
        assert (held.getnchannels(), held.getframerate()) == (2, RATE)
        both = np.frombuffer(held.readframes(held.getnframes()), dtype="<i2").reshape(-1, 2)
    return both[:, 0], both[:, 1]


def seconds_of(sound: np.ndarray, hertz: float) -> int:
    """In how many whole seconds of the sound this tone is what is heard most."""
    whole = len(sound) // RATE
    return sum(strength(second, hertz) > 1000 for second in np.split(sound[: whole * RATE], whole)) if whole else 0
