"""Emma reloads her page in the middle of a call, in Chromium: the customer is not hung up, gets no music, and hears her again. By sipp, with sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import CHROMIUM, SIPP, Cast, Sipp, channels, seconds_of, until
from tests.scene.test_scene import RECORD, look

sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.sip,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("demo centre"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not SIPP, reason="sipp is not installed"),
]

NOORS, EMMAS = 440.0, 800.0
LOST = """
from cordboard.events.models import Event
print(Event.objects.filter(kind__in=("routing.agent_media_lost", "interactions.segment_ended"), body__interaction={interaction}).count())
"""


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    with sync_api.sync_playwright() as play:
        made = Cast(play, tmp_path)
        yield made
        made.close()


def test_the_call_goes_on_after_a_reload(cast: Cast, demo_centre: Centre, tmp_path: Path) -> None:
    emma = cast.person(demo_centre, EMMAS)
    emma.sign_in("emma").ready()
    noor = Sipp(demo_centre, tmp_path, hertz=NOORS)
    try:
        emma.phase("offered", 90).press("F2").phase("talking")
        interaction = emma.page.get_attribute("#tools", "data-interaction")
        emma.hears(NOORS)
        emma.page.wait_for_timeout(2000)
        for _ in range(2):  # and once more: the second connection is as good as the first
            emma.page.reload()
            emma.phone().phase("talking")
            emma.hears(NOORS)
            emma.page.wait_for_timeout(2000)
        assert demo_centre.python(LOST.format(interaction=interaction)).strip() == "0", "nobody took her for gone"
        emma.press("F10").phase("wrapup")
        noor.ended()
        said = until(lambda: (found := look(demo_centre, RECORD.format(interaction=interaction)))["recordings"] and not found["open_recordings"] and found, 30)
        customer, agent = channels(demo_centre.data / "files" / said["recordings"][-1])
        assert seconds_of(customer, NOORS) >= 6
        assert seconds_of(agent, EMMAS) >= 5, "before, between and after"
        emma.press("F12").phase("idle")
        assert emma.complaints == []
    finally:
        noor.stop()
