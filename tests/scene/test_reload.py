"""Emma reloads her page in the middle of a call, in Chromium: the customer is not hung up, gets no music, and hears her again. By sipp, with sound."""

from __future__ import annotations

from pathlib import Path

from cordboard.lib.testing.centre import Centre
from tests.scene.people import BY_SIPP, IN_BROWSERS, Cast, Sipp, channels, seconds_of, until
from tests.scene.test_scene import RECORD
from tests.voice.hands import Hands

pytestmark = [*IN_BROWSERS, *BY_SIPP]

NOORS, EMMAS = 440.0, 800.0
LOST = 'Event.objects.filter(kind__in=("routing.agent_media_lost", "interactions.segment_ended"), body__interaction=int(interaction)).count()'
LATE = """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => { await new Promise((done) => setTimeout(done, 1500)); return ask(wanted); };"""
"""A microphone that takes its time."""


def test_the_call_goes_on_after_a_reload(cast: Cast, demo_centre: Centre, demo_hands: Hands, tmp_path: Path) -> None:
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
        assert demo_hands.do(LOST, interaction=interaction) == 0, "nobody took her for gone"
        emma.press("F10").phase("wrapup")
        noor.ended()
        said = until(lambda: (found := demo_hands.do(RECORD, interaction=interaction))["recordings"] and not found["open_recordings"] and found, 30)
        customer, agent = channels(demo_centre.data / "files" / said["recordings"][-1])
        assert seconds_of(customer, NOORS) >= 6
        assert seconds_of(agent, EMMAS) >= 5, "before, between and after"
        emma.press("F12").phase("idle")
        assert emma.complaints == []
    finally:
        noor.stop()


def test_a_call_is_accepted_right_after_a_reload(cast: Cast, demo_centre: Centre, tmp_path: Path) -> None:
    """While it rings Emma reloads, on a computer that is slow to give the microphone, and presses F2 before it is there: the press is kept, once."""
    emma = cast.person(demo_centre, EMMAS)
    emma.sign_in("emma").ready()
    emma.page.add_init_script(LATE)
    noor = Sipp(demo_centre, tmp_path, hertz=NOORS)
    try:
        emma.phase("offered", 90)
        emma.page.reload()
        emma.phase("offered").press("F2", "F2").phase("talking")
        emma.hears(NOORS)
        emma.press("F10").phase("wrapup")
        noor.ended()
        emma.press("F12").phase("idle")
        assert emma.complaints == []
    finally:
        noor.stop()
