"""A queue whose calls are answered by themselves: the agent hears a beep, and the customer is there. By sipp, in Chromium, with sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import BY_SIPP, IN_BROWSERS, Cast, Sipp, channels, seconds_of, until
from tests.scene.test_scene import RECORD
from tests.voice.hands import Hands

pytestmark = [*IN_BROWSERS, *BY_SIPP]

NOORS, EMMAS, BEEP = 440.0, 800.0, 880.0
"""Who says which tone, in Hz; the beep is of islands/src/softphone/sounds.ts."""

EAR = """(() => {
  const connect = AudioNode.prototype.connect;
  window.played = [];
  AudioNode.prototype.connect = function (to, ...rest) {
    const given = connect.call(this, to, ...rest);
    if (to instanceof AudioDestinationNode) {
      const ear = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 });
      connect.call(this, ear);
      const bins = new Float32Array(ear.frequencyBinCount);
      const timer = setInterval(() => {
        ear.getFloatFrequencyData(bins);
        let best = 1;
        for (let at = 1; at < bins.length; at += 1) if (bins[at] > bins[best]) best = at;
        if (bins[best] > -50) window.played.push(best * this.context.sampleRate / ear.fftSize);
      }, 20);
      setTimeout(() => clearInterval(timer), 5000);
    }
    return given;
  };
})()"""
"""An ear at the loudspeaker: whatever the page's own sounds send there is heard along, and the loudest frequency noted. A bin is 12 Hz wide."""


@pytest.fixture
def answered_by_itself(demo_centre: Centre, demo_hands: Hands) -> Iterator[Centre]:
    """The demo centre, with the terms of its queues changed for the time of a story."""
    demo_hands.do("Queue.objects.update(auto_answer=True)")
    yield demo_centre
    demo_hands.do("Queue.objects.update(auto_answer=False)")


def test_the_call_is_there_after_a_beep(cast: Cast, answered_by_itself: Centre, demo_hands: Hands, tmp_path: Path) -> None:
    centre = answered_by_itself
    emma = cast.person(centre, EMMAS)
    emma.page.add_init_script(EAR)
    emma.sign_in("emma").ready()
    noor = Sipp(centre, tmp_path, hertz=NOORS)
    try:
        emma.phase("talking", 90)  # nobody pressed anything
        played = until(lambda: emma.page.evaluate("window.played"), 10, "the beep")
        assert all(abs(hertz - BEEP) < 25 for hertz in played), f"a beep and no ringing, but heard {played}"
        interaction = emma.page.get_attribute("#tools", "data-interaction")
        emma.sees("#account", "Noor de Vries")

        # The conversation runs, both ways.
        emma.hears(NOORS)
        emma.page.wait_for_timeout(3000)  # something to be heard in the recording
        emma.press("F10").phase("wrapup")
        noor.ended()
        said = until(lambda: (found := demo_hands.do(RECORD, interaction=interaction))["recordings"] and not found["open_recordings"] and found, 30)
        customer, agent = channels(centre.data / "files" / said["recordings"][-1])
        assert seconds_of(customer, NOORS) >= 1
        assert seconds_of(agent, EMMAS) >= 1
        emma.press("F12").phase("idle")
        assert emma.complaints == []
    finally:
        noor.stop()
