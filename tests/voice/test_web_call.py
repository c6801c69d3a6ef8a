"""The caller's web page in Chromium, with a fake microphone that hums 600 Hz; and the leave to call, without a browser."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cordboard.channels.voice import tokens
from cordboard.lib.testing.centre import Centre
from cordboard.telephony import wav
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop
from tests.voice.telephone import hum

ALICE, VISITOR = 1000.0, 600.0
CHROMIUM = shutil.which("chromium")

LISTEN = """async () => {
  const stream = document.getElementById("cb-remote").srcObject;
  if (!stream) return 0;
  if (!window.ear) {
    const context = new AudioContext();
    window.ear = context.createAnalyser();
    window.ear.fftSize = 8192;
    window.rate = context.sampleRate;
    context.createMediaStreamSource(stream).connect(window.ear);
    await context.resume();
  }
  const bins = new Float32Array(window.ear.frequencyBinCount);
  window.ear.getFloatFrequencyData(bins);
  let best = 0;
  bins.forEach((level, at) => { if (level > bins[best]) best = at; });
  return bins[best] > -60 ? best * window.rate / window.ear.fftSize : 0;
}"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@in_loop
async def test_a_visitor_calls_from_the_page(shared_centre: Centre, shared_hands: Hands, tmp_path: Path) -> None:
    from playwright.async_api import async_playwright

    wav.write(tmp_path / "voice.wav", hum(VISITOR, 60.0))
    flags = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={tmp_path / 'voice.wav'}",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
    ]
    async with house(shared_centre, shared_hands) as centre, async_playwright() as play:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            page = await (await browser.new_context(permissions=["microphone"])).new_page()
            complaints: list[str] = []
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(f"{shared_centre.url}/call?line=100")
            await page.fill("#call-name", "Nora")
            await page.click("[data-part=call]")
            interaction = await alice.rings(20)
            await page.wait_for_selector("#call[data-phase=up]")
            await alice.accept(interaction)
            await alice.hears(VISITOR)

            async def tone() -> float:
                return float(await page.evaluate(LISTEN))

            for _ in range(100):
                if abs(await tone() - ALICE) < 20:
                    break
                await asyncio.sleep(0.1)
            assert abs(await tone() - ALICE) < 20
            names = centre.hands.do("list(ContextValue.objects.filter(interaction=pk).values_list('value', flat=True))", pk=interaction)
            assert "Nora" in names
            await page.click("[data-part=hang-up]")
            await centre.state(interaction, "wrapup")
            await page.wait_for_selector("#call[data-phase=ended]")
            assert complaints == []
        finally:
            await browser.close()


def _start(centre: Centre, address: str = "") -> tuple[int, dict[str, Any]]:
    """Ask for a token as the page does."""
    status, headers, body = centre.get("/call")
    assert status == 200
    cookies = headers["set-cookie"]
    csrf = cookies.split("csrftoken=")[1].split(";")[0]
    sent = {"Cookie": f"csrftoken={csrf}", "X-CSRFToken": csrf, "Content-Type": "application/x-www-form-urlencoded", "Origin": centre.url}
    status, _, body = centre.request("POST", "/call/start", headers=sent, body=b"name=Nora")
    return status, json.loads(body)


def test_leave_is_given_sparingly(shared_centre: Centre, shared_hands: Hands) -> None:
    shared_hands.do("WebCall.objects.all().delete()")
    first = _start(shared_centre)
    assert first[0] == 200
    statuses = [_start(shared_centre)[0] for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    shared_hands.do("WebCall.objects.all().delete()")


def test_no_leave_without_the_pages_own_form(shared_centre: Centre, shared_hands: Hands) -> None:
    status, _, _ = shared_centre.request("POST", "/call/start", body=b"name=Nora", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 403


OPEN = "o = voice.open_call(ref, ani='', dnis='100', kind='browser', claims={'web_call': key, 'language': 'nl'})\no and o.interaction"


def test_one_leave_one_call(shared_hands: Hands) -> None:
    shared_hands.do("WebCall.objects.all().delete()")
    shared_hands.do("from django.utils import timezone\nWebCall.objects.create(key='k1', address='a', issued_at=timezone.now())")
    first = shared_hands.do(OPEN, ref="web1", key="k1")
    assert first
    assert shared_hands.do(OPEN, ref="web1", key="k1") == first  # asked again by a switch that was not sure
    assert shared_hands.do(OPEN, ref="web2", key="k1") is None
    assert shared_hands.do(OPEN, ref="web3", key="") is None
    shared_hands.do(
        "from datetime import timedelta\nfrom django.utils import timezone\n"
        "WebCall.objects.create(key='k2', address='a', issued_at=timezone.now() - timedelta(minutes=3))"
    )
    assert shared_hands.do(OPEN, ref="web4", key="k2") is None  # too old to call with
    shared_hands.do("voice.call_ended(pk, cause='normal', by='caller')", pk=first)


def test_a_token_that_was_tampered_with() -> None:
    token = tokens.issue("k", language="nl-BE", name="Nora")
    claims = tokens.check(token)
    assert claims is not None
    assert claims["guest"] == claims["web_call"] == "k"
    assert claims["language"] == "nl"
    assert tokens.check(token[:-2] + "xx") is None
    assert tokens.check("") is None
