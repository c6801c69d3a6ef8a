"""The desk in a real browser, on a whole centre with the demo data: layout, keys, sound, what a lost network and a second window do."""

from __future__ import annotations

import math
import shutil
import struct
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
AXE = Path(__file__).parents[3] / "islands/node_modules/axe-core/axe.min.js"
PASSWORD = "lamp-and-ketel"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("demo centre"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
AREAS = {
    "navigation bar": "#nav",
    "toolbar": "#tools",
    "communication information": "#comm",
    "account information": "#account",
    "work area": "#work",
    "alerts": "#alerts",
    "scratch pad": "#pad-text",
}


def tone(path: Path, hertz: float) -> Path:
    """Ten seconds of one frequency, for a browser to say."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48000)
        out.writeframes(b"".join(struct.pack("<h", int(12000 * math.sin(2 * math.pi * hertz * at / 48000))) for at in range(480000)))
    return path


class Browsers:
    """Browsers that say a tone of their own; what a page complains of is kept."""

    def __init__(self, play: Any, folder: Path) -> None:
        self._play = play
        self._folder = folder
        self._open: list[Any] = []
        self.complaints: list[str] = []

    def browser(self, hertz: float) -> Any:
        sound = tone(self._folder / f"{hertz:.0f}.wav", hertz)
        made = self._play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-audio-capture={sound}"])
        self._open.append(made)
        return made

    def page(self, browser: Any, width: int = 1366, height: int = 768) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, permissions=["microphone"])
        page = context.new_page()
        self.listen(page)
        return page

    def listen(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))

    def close(self) -> None:
        for browser in self._open:
            browser.close()


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    with sync_api.sync_playwright() as play:
        made = Browsers(play, tmp_path_factory.mktemp("sound"))
        yield made
        made.close()


@pytest.fixture
def emma(demo_centre: Centre, browsers: Browsers) -> Iterator[Any]:
    """Emma at her desk, not ready."""
    browser = browsers.browser(800)
    page = sign_in(browsers.page(browser), demo_centre, "emma")
    be(page, "notready")
    browsers.complaints.clear()
    yield page
    page.goto("about:blank")
    browser.close()


def sign_in(page: Any, centre: Centre, name: str) -> Any:
    page.goto(f"{centre.url}/")
    page.fill("input[name=login]", f"{name}@lampketel.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("#shell")
    return page


def be(page: Any, state: str) -> None:
    """Ready or not ready, whatever a test before left behind."""
    at = page.get_attribute("#mystate .cb-state", "data-state")
    if (at == "ready") != (state == "ready"):
        page.keyboard.press("F11")
    page.wait_for_selector(f"#mystate .cb-state[data-state={state}]")


def until(true: Callable[[], Any], seconds: float = 20.0, what: str = "it") -> Any:
    end = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come")
        time.sleep(0.1)


def serious(page: Any) -> list[str]:
    """What axe finds that is serious or critical, with where. `evaluate` goes beside the content security policy, as a person's own tool would."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{one['id']}: {one['help']}: {[node['target'] for node in one['nodes']][:3]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1024, 768)])
def test_seven_areas_are_visible_without_scrolling(emma: Any, width: int, height: int) -> None:
    emma.set_viewport_size({"width": width, "height": height})
    for name, where in AREAS.items():
        box = emma.locator(where).bounding_box()
        assert box is not None, name
        assert box["width"] > 30, name
        assert box["height"] > 20, name
        assert box["x"] >= 0, name
        assert box["y"] >= 0, name
        assert box["x"] + box["width"] <= width, name
        assert box["y"] + box["height"] <= height, name
    assert emma.evaluate("[document.scrollingElement.scrollHeight, document.scrollingElement.scrollWidth]") == [height, width]


def test_all_by_keys(emma: Any) -> None:
    emma.keyboard.press("?")
    assert emma.locator("#shortcuts").is_visible()
    emma.keyboard.press("Escape")
    assert not emma.locator("#shortcuts").is_visible()
    emma.keyboard.press("Control+k")
    emma.keyboard.type("noor de vries")
    emma.wait_for_selector("#palette-list >> text=Customer Noor de Vries")
    emma.keyboard.press("Escape")
    assert not emma.locator("#palette").is_visible()
    emma.keyboard.press("F11")
    emma.wait_for_selector("#mystate .cb-state[data-state=ready]")
    emma.keyboard.press("F11")
    emma.wait_for_selector("#mystate .cb-state[data-state=notready]")
    emma.keyboard.press("Alt+n")
    assert emma.evaluate("document.activeElement.id") == "pad-text"
    emma.keyboard.type("? 1 are letters here")
    assert not emma.locator("#shortcuts").is_visible()
    assert emma.input_value("#pad-text").endswith("? 1 are letters here")


def test_the_pad_survives_a_lost_network_and_a_reload(emma: Any) -> None:
    context = emma.context
    emma.click("#pad-text")
    emma.fill("#pad-text", "kept before")
    until(
        lambda: (
            emma.inner_text("#pad-kept").startswith("Kept 2")
            or emma.inner_text("#pad-kept").startswith("Kept 0")
            or emma.inner_text("#pad-kept").startswith("Kept 1")
        )
    )
    context.set_offline(True)
    emma.fill("#pad-text", "typed without a network")
    until(lambda: "on this computer" in emma.inner_text("#pad-kept"))
    context.set_offline(False)
    until(lambda: emma.evaluate("Object.keys(localStorage).filter(key => key.startsWith('cb-pad:')).length") == 0, 30, "the pad to be sent")
    emma.reload()
    assert emma.input_value("#pad-text") == "typed without a network"


def test_only_one_window_has_the_telephone(emma: Any, browsers: Browsers, demo_centre: Centre) -> None:
    until(lambda: emma.get_attribute("#phone-state", "data-standing") == "ok")
    other = emma.context.new_page()
    other.goto(f"{demo_centre.url}/desk/")
    other.wait_for_selector("#shell-notices >> text=The telephone is in another window.")
    other.click("#shell-notices >> text=Take it here")
    until(lambda: other.get_attribute("#phone-state", "data-standing") == "ok")
    emma.wait_for_selector("#shell-notices >> text=The telephone is in another window.")
    other.close()
    until(lambda: emma.get_attribute("#phone-state", "data-standing") == "ok", what="the telephone to come back")


def test_a_refused_microphone_says_what_to_do(browsers: Browsers, demo_centre: Centre) -> None:
    browser = browsers._play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS[:4], "--deny-permission-prompts"])
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    sign_in(page, demo_centre, "tom")
    notice = page.wait_for_selector("#shell-notices .cb-notice[data-kind=error]")
    assert "microphone" in notice.inner_text().lower()
    assert "Check again" in notice.inner_text()
    browser.close()


@pytest.mark.parametrize("path", ["/desk/", "/customers/", "/customers/new/", "/knowledge/", "/account/settings/", "/account/sessions/"])
def test_axe_finds_nothing_serious_for_agents(emma: Any, demo_centre: Centre, path: str) -> None:
    emma.goto(f"{demo_centre.url}{path}")
    assert serious(emma) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_public_and_for_managers(browsers: Browsers, demo_centre: Centre, theme: str) -> None:
    browser = browsers.browser(600)
    page = browsers.page(browser)
    page.context.add_cookies([{"name": "cordboard_theme", "value": theme, "url": demo_centre.url}])
    for path in ("/account/login/", "/call"):
        page.goto(f"{demo_centre.url}{path}")
        assert serious(page) == [], path
    sign_in(page, demo_centre, "femke")
    page.emulate_media(reduced_motion="reduce")  # colours do not fade: axe would measure one in between
    page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
    assert serious(page) == []
    browser.close()


HEARD = """async () => {
  const media = [...document.querySelectorAll('audio')].find((one) => one.srcObject && one.srcObject.active);
  if (!media) return 0;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(media.srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 500));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let best = 1;
  for (let at = 1; at < bins.length; at += 1) if (bins[at] > bins[best]) best = at;
  const hertz = bins[best] > -60 ? best * context.sampleRate / analyser.fftSize : 0;
  await context.close();
  return hertz;
}"""


def hears(page: Any, hertz: float, seconds: float = 15.0) -> None:
    """The loudest that the page hears is this frequency."""
    until(lambda: abs(page.evaluate(HEARD) - hertz) < 15, seconds, f"{hertz} Hz")


def test_a_call_from_a_web_page_from_ring_to_wrap_up(emma: Any, browsers: Browsers, demo_centre: Centre) -> None:
    be(emma, "ready")
    until(lambda: emma.get_attribute("#phone-state", "data-standing") == "ok")
    elsewhere = browsers.browser(1200)
    guest = browsers.page(elsewhere, 390, 760)
    guest.goto(f"{demo_centre.url}/call?line=100")
    guest.fill("#call-name", "Noor de Vries")
    guest.click("[data-part=call]")
    until(lambda: guest.get_attribute("#call", "data-phase") == "up", 20, "the call")
    # out to a person at any time
    guest.click("[data-key='0']")
    emma.wait_for_selector("#tools[data-phase=offered]", timeout=60_000)
    assert "The caller gave the name Noor de Vries" in emma.inner_text("#account")
    assert "Why this call came to you" in emma.inner_text("#work")
    assert serious(emma) == []
    emma.keyboard.press("F2")
    emma.wait_for_selector("#tools[data-phase=talking]")
    hears(emma, 1200)
    hears(guest, 800)
    # who it is
    emma.fill("#account input[name=q]", "noor de vries")
    emma.press("#account input[name=q]", "Enter")
    emma.click("#work >> text=This is the customer")
    emma.wait_for_selector("#account h1 >> text=Noor de Vries")
    # notes lead to solutions, and into a ticket
    emma.click("#pad-text")
    emma.keyboard.type("E18, water stays in the drum")
    emma.wait_for_selector("#work .cb-solutions >> text=E18", timeout=15_000)
    assert serious(emma) == []
    emma.click("#pad [popovertarget=pad-into]")
    emma.click("#pad-into >> text=A new ticket")
    emma.wait_for_selector("#ticket-form")
    assert emma.input_value("#ticket-form input[name=ticket-title]") == "E18, water stays in the drum"
    emma.click("#ticket-form button[type=submit]")
    emma.wait_for_selector("#work .cb-doc h2 >> text=E18, water stays in the drum")
    # mute, hold
    emma.keyboard.press("Escape")
    emma.keyboard.press("F6")
    until(lambda: guest.evaluate(HEARD) == 0, 15, "silence")
    emma.keyboard.press("F6")
    hears(guest, 800)
    emma.keyboard.press("F4")
    emma.wait_for_selector("#tools[data-phase=held]")
    until(lambda: abs(guest.evaluate(HEARD) - 800) > 15, 15, "music")
    emma.keyboard.press("F4")
    emma.wait_for_selector("#tools[data-phase=talking]")
    hears(guest, 800)
    # a reload in mid-call costs nothing
    emma.reload()
    until(lambda: emma.get_attribute("#phone-state", "data-standing") == "ok")
    hears(emma, 1200, 25)
    hears(guest, 800, 25)
    # the end
    emma.keyboard.press("F10")
    emma.wait_for_selector("#tools[data-phase=wrapup]")
    emma.wait_for_selector("#work >> text=How did it end?")
    until(lambda: guest.get_attribute("#call", "data-phase") == "ended")
    emma.keyboard.press("1")
    emma.wait_for_selector("#work .cb-chip")
    emma.click("#work [role=radio] >> text=Ticket opened")
    emma.wait_for_selector("#work [role=radio][aria-checked=true]")
    assert serious(emma) == []
    emma.keyboard.press("F12")
    emma.wait_for_selector("#tools[data-phase=idle]")
    assert browsers.complaints == []
    elsewhere.close()


def test_a_warm_transfer_with_everything(emma: Any, browsers: Browsers, demo_centre: Centre) -> None:
    colleague = browsers.browser(1000)
    anna = sign_in(browsers.page(colleague), demo_centre, "anna")
    for page in (emma, anna):
        until(lambda page=page: page.get_attribute("#phone-state", "data-standing") == "ok")  # type: ignore[misc]
    be(emma, "ready")
    elsewhere = browsers.browser(1200)
    guest = browsers.page(elsewhere, 390, 760)
    guest.goto(f"{demo_centre.url}/call?line=100")
    guest.click("[data-part=call]")
    until(lambda: guest.get_attribute("#call", "data-phase") == "up", 20, "the call")
    guest.click("[data-key='0']")
    emma.wait_for_selector("#tools[data-phase=offered]", timeout=60_000)
    emma.click("#tool-accept")
    emma.wait_for_selector("#tools[data-phase=talking]")
    hears(guest, 800)
    # emma notes something for the record, then asks anna while the caller hears music
    emma.click("#pad-text")
    emma.keyboard.type("Wants a mechanic, no exchange")
    until(lambda: "Kept" in emma.inner_text("#pad-kept"))
    emma.click("#pad [popovertarget=pad-into]")
    emma.click("#pad-into >> text=The record of this contact")
    emma.wait_for_selector("#toasts >> text=Your notes are in the record.")
    be(anna, "ready")
    emma.keyboard.press("F8")
    emma.wait_for_selector("#transfer >> text=Anna Kowalczyk")
    emma.fill("#transfer input", "anna")
    emma.press("#transfer input", "Enter")
    emma.wait_for_selector("#tools[data-phase=consult_ringing]")
    anna.wait_for_selector("#work >> text=Emma Bakker asks for your help.")
    anna.keyboard.press("F2")
    emma.wait_for_selector("#tools[data-phase=consulting]")
    assert "Wants a mechanic, no exchange" in anna.inner_text("#work")
    hears(anna, 800)
    hears(emma, 1000)
    until(lambda: abs(guest.evaluate(HEARD) - 800) > 15, 15, "music")
    # handed over
    emma.keyboard.press("F7")
    anna.wait_for_selector("#tools[data-phase=talking]")
    emma.wait_for_selector("#tools[data-phase=wrapup]")
    hears(anna, 1200)
    hears(guest, 1000)
    emma.keyboard.press("F12")
    emma.wait_for_selector("#tools[data-phase=idle]")
    # the caller hangs up: anna wraps up
    guest.click("[data-part=hang-up]")
    anna.wait_for_selector("#tools[data-phase=wrapup]")
    anna.keyboard.press("F12")
    anna.wait_for_selector("#tools[data-phase=idle]")
    assert browsers.complaints == []
    elsewhere.close()
    colleague.close()
