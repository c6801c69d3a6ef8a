"""A visitor whose network lets nothing through but to a TURN server calls from the page: Chromium, coturn, and sound by frequency."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordboard.lib.testing import centre as centres
from cordboard.lib.testing.centre import Centre
from cordboard.lib.testing.postgres import Cluster
from cordboard.lib.testing.prepared import Source
from cordboard.telephony import wav
from cordboard.telephony.tests.switch_house import free_port
from cordboard.telephony.tests.turn_server import INSTALLED, LOCAL, MISSING, turn_server
from tests.voice import house as houses
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop
from tests.voice.telephone import hum
from tests.voice.test_web_call import ALICE, CHROMIUM, LISTEN, VISITOR

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not INSTALLED, reason=MISSING),
]

CLOSED_NETWORK = """
const Native = window.RTCPeerConnection;
window.told = [];
window.RTCPeerConnection = class extends Native {
  constructor(settings) {
    window.told.push(settings.iceServers);
    super({ ...settings, iceTransportPolicy: "relay" });
  }
};
"""
"""Only what a TURN server relays gets through; and what the page was told is kept for the test."""


@pytest.fixture
def relayed(server: Cluster | None, migrated: Source, tmp_path: Path) -> Iterator[tuple[Centre, Hands, int]]:
    """A centre that tells browsers of a TURN server, and that server's port."""
    with turn_server(tmp_path, free_port()) as port:
        made = centres.make(cluster=server, source=migrated, ice_servers=f"turn:{LOCAL}:{port}?transport=udp", turn_secret="lamp").start().up()
        here = Hands(made)
        houses.furnish(here)
        yield made, here, port
        here.close()
        centres.discard(made)


@in_loop
async def test_a_visitor_behind_a_closed_network_talks_by_the_turn_server(relayed: tuple[Centre, Hands, int], tmp_path: Path) -> None:
    from playwright.async_api import async_playwright

    made, hands, port = relayed
    wav.write(tmp_path / "voice.wav", hum(VISITOR, 60.0))
    flags = [
        "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={tmp_path / 'voice.wav'}",
        "--autoplay-policy=no-user-gesture-required",
    ]  # fmt: skip
    async with house(made, hands) as centre, async_playwright() as play:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            context = await browser.new_context(permissions=["microphone"])
            await context.add_init_script(CLOSED_NETWORK)
            page = await context.new_page()
            await page.goto(f"{made.url}/call?line=100")
            await page.click("[data-part=call]")
            interaction = await alice.rings(30)
            await alice.accept(interaction)
            await alice.hears(VISITOR)
            told = await page.evaluate("window.told[0]")
            assert [one["urls"] for one in told] == [f"turn:{LOCAL}:{port}?transport=udp"]
            assert told[0]["username"].endswith(":guest")
            for _ in range(100):
                if abs(float(await page.evaluate(LISTEN)) - ALICE) < 20:
                    break
                await asyncio.sleep(0.1)
            assert abs(float(await page.evaluate(LISTEN)) - ALICE) < 20
            await page.click("[data-part=hang-up]")
            await centre.state(interaction, "wrapup")
        finally:
            await browser.close()
