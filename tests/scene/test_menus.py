"""A manager changes the menu in the designer while somebody is in it: that call goes on as it began, the next one follows the new menu. By SIP calls."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import IN_BROWSERS, Cast, until
from tests.voice.hands import Hands
from tests.voice.telephone import Telephone

pytestmark = IN_BROWSERS

MENU = {
    "schema": 1, "code": "menu-190", "languages": ["en"], "fallback": "en", "start": "matter", "person_key": "0", "person": "person", "on_error": "person",
    "variables": {"matter": {"type": "choice"}},
    "steps": {
        "matter": {
            "type": "ask", "kind": "choice", "texts": {"en": "For orders press one."}, "into": "matter", "tries": 9, "timeout": 20, "next": "queue",
            "give_up": "person", "choices": [{"key": "1", "value": "old"}],
        },
        "queue": {"type": "enqueue", "queue": "service"},
        "person": {"type": "hand_over", "reason": "asked"},
    },
}  # fmt: skip
AWAY = """
from cordboard.flows.models import Run
Line.objects.filter(number="190").delete()
Run.objects.filter(flow__code="menu-190").delete(); Flow.objects.filter(code="menu-190").delete()
"""
THERE = """
from cordboard.flows import actions
actions.publish(actions.create("menu-190", "Menu of 190", ["ivr"], None, graph=menu).pk, None)
Line.objects.create(number="190", name="Changing menu", flow="menu-190", queue=Queue.objects.get(code="service"), country="NL", languages=["en"])
"""
STANDS = """
from cordboard.flows.models import Run
row = Run.objects.filter(flow__code="menu-190", subject__in=[f"interaction:{one.pk}" for one in Interaction.objects.filter(from_address=number)]).order_by("-pk").first()
{"version": row.flow.version, "at": row.state.get("at"), "matter": ContextValue.objects.filter(interaction_id=int(row.subject.split(":")[1]), name="matter").values_list("value", flat=True).first()} if row else {}
"""


class Callers:
    """Telephones in a loop of their own, beside the browser."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.phones: list[Telephone] = []
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def call(self, number: str) -> Telephone:
        async def answered() -> Telephone:
            return await (await Telephone(self.centre.sip_port, "190", number).call()).answered(40)

        self.phones.append(self._do(answered()))
        return self.phones[-1]

    def press(self, phone: Telephone, keys: str) -> None:
        self.loop.call_soon_threadsafe(phone.press, keys)

    def close(self) -> None:
        for phone in self.phones:
            self._do(phone.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@pytest.fixture
def callers(demo_centre: Centre, demo_hands: Hands) -> Iterator[Callers]:
    demo_hands.do(AWAY)
    demo_hands.do(THERE, menu=MENU)
    made = Callers(demo_centre)
    yield made
    made.close()
    demo_hands.do(AWAY)


def test_a_running_call_ends_in_the_old_menu_and_the_next_follows_the_new_one(cast: Cast, demo_centre: Centre, demo_hands: Hands, callers: Callers) -> None:
    femke = cast.agent(demo_centre, "femke", 600)
    page = femke.page
    page.set_default_timeout(60_000)
    page.goto(f"{demo_centre.url}/flows/menu-190/")
    page.wait_for_selector(".react-flow__node[data-id=matter]")
    page.focus(".react-flow__node[data-id=matter]")
    page.get_by_label("Value of choice 1").fill("new")
    until(lambda: "saved" in page.inner_text(".cb-designer .cb-bar [role=status]"), 30, "the draft")

    def stands(number: str) -> Any:
        return demo_hands.do(STANDS, number=number)

    first = callers.call("+31205550191")
    until(lambda: stands("+31205550191").get("at") == "matter", 60, "the first caller in the menu")
    page.click("#designer-publish")
    page.click("dialog[open] button:text-is('Publish')")
    page.wait_for_selector("text=Version 2 is live")
    callers.press(first, "1")
    until(lambda: stands("+31205550191").get("matter"), 60, "the first caller's choice")
    assert stands("+31205550191") == {"version": 1, "at": "queue", "matter": "old"}

    second = callers.call("+31205550192")
    until(lambda: stands("+31205550192").get("at") == "matter", 60, "the second caller in the menu")
    callers.press(second, "1")
    until(lambda: stands("+31205550192").get("matter"), 60, "the second caller's choice")
    assert stands("+31205550192") == {"version": 2, "at": "queue", "matter": "new"}
    assert femke.complaints == []
