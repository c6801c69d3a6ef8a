"""From desk to desk in Chromium: a customer held and handed to a queue, and a callback that is offered, dialled and talked. Every person says a tone of its own."""

from __future__ import annotations

from cordboard.lib.testing.centre import Centre
from tests.scene.people import HEARD, IN_BROWSERS, Cast, until
from tests.scene.test_call_control import ANSWERS, EMMAS, GUESTS, JORISS, choose, done
from tests.voice.hands import Hands

pytestmark = IN_BROWSERS

PROMISE = """
from django.utils import timezone
from cordboard.routing import actions_callback
# It is noon where she is, so no quiet hours keep anybody from calling her, whenever this runs.
ahead = 12 - timezone.now().hour
zone = f"Etc/GMT{'-' if ahead > 0 else '+'}{abs(ahead)}" if ahead else "UTC"
nora = Party.objects.create(kind="person", name="Nora Quist", languages=["en"], timezone=zone, created_at=timezone.now())
made = actions_callback.request(number, Queue.objects.get(code="service"), origin="web", party=nora.pk, about="Her kettle hums", language="en")
made.state
"""


def test_held_and_handed_to_a_queue(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    joris = cast.agent(demo_centre, "joris", JORISS).phone()
    guest = cast.guest(demo_centre, GUESTS, "Alice Jansen")
    emma.phase("offered", 60).press("F2").phase("talking").hears(GUESTS)
    guest.hears(EMMAS)

    emma.press("F4").phase("held")
    until(lambda: abs(guest.page.evaluate(HEARD) - EMMAS) > 15, 20, "music")
    emma.press("F4").phase("talking").hears(GUESTS)
    guest.hears(EMMAS)

    joris.ready()
    emma.press("F7")
    choose(emma, "Orders and delivery")
    emma.phase("wrapup")
    joris.phase("offered", 60).press("F2").phase("talking").hears(GUESTS)
    guest.hears(JORISS)
    emma.press("F12").phase("idle")
    joris.press("F10").phase("wrapup").press("F12").phase("idle")
    done(emma, joris)


def test_a_callback_is_offered_dialled_and_talked(cast: Cast, demo_centre: Centre, demo_hands: Hands) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    assert demo_hands.do(PROMISE, number=ANSWERS) == "queued"
    emma.phase("offered", 60).sees("#work", "Nora Quist", "Her kettle hums")
    emma.press("F2").phase("talking").hears(EMMAS, 40)  # the town answers, and lets her hear herself
    emma.press("F10").phase("wrapup").press("F12").phase("idle")
    # One try was made and counted. What came of it is not asked: to our ear a tone that goes on and on may be a machine's.
    made = "dict(Callback.objects.filter(about='Her kettle hums').values('tries', 'attempt').get())"
    until(lambda: demo_hands.do(made) == {"tries": 1, "attempt": None}, what="the try counted")
    assert demo_hands.do("Outgoing.objects.get(callback__about='Her kettle hums').answered_at is not None")
    # Where a machine was heard she is called again, which is not for the story after this one.
    demo_hands.do("Callback.objects.filter(about='Her kettle hums', state__in=Callback.OPEN).update(state=Callback.State.CANCELLED)")
    done(emma)
