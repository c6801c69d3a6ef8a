"""Screens that nobody reloads: the live board, the wallboard and messages to colleagues, in Chromium, while the centre changes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import IN_BROWSERS, Cast, Person, until
from tests.voice.hands import Hands

pytestmark = IN_BROWSERS

MAKE = """
from cordboard.channels.voice.actions_trunk import set_trunk, trunk_state
from cordboard.org.models import Role, User
from cordboard.routing.actions_settings import QUEUE_FIELDS, keep_queue
from cordboard.routing.models import Queue
from cordboard.routing import actions as routing
from cordboard.telephony import driver
femke = User.objects.get(username="femke")
"""
NEW = (
    MAKE
    + """
values = {{name: getattr(Queue(unit=femke.unit), name) for name in QUEUE_FIELDS}} | {{"name": "Returns {tag}"}}
made = keep_queue(femke, None, values, code="returns-{tag}")
zoe = User.objects.create(username="zoe-{tag}", name="Zoe {tag}", unit=femke.unit)
zoe.roles.add(Role.objects.get(code="agent"))
routing.join_queue(femke, zoe.pk, made.pk)
[made.pk, zoe.pk]
"""
)
STATE = MAKE + "trunk_state('elsewhere', '{code}', {up}, '{reason}')"
TRUNK = MAKE + "set_trunk(None, driver.Trunk('{code}', host='127.0.0.9', transport='udp', numbers=('+31205550100',)), name='Carrier {code}')"
RECORDS = """
from cordboard.channels.voice.actions_sound import recording_started
from cordboard.channels.voice.models import Call
from cordboard.interactions import actions as interactions
row = interactions.open_interaction(channel="voice", from_address="+31205550199", to_address="100")
Call.objects.create(interaction=row, reference="{tag}", node="elsewhere")
recording_started(row.pk, "{tag}", "{tag}.wav", announced=True, rule="")
"""
FAILS = """
from cordboard.channels.voice.actions_call import call_ended
from cordboard.channels.voice.actions_sound import recording_ended
from cordboard.channels.voice.models import Call
recording_ended("{tag}", seconds=2.0, error="disk full")
call_ended(Call.objects.get(reference="{tag}").pk, cause="normal", by="customer")
"""
TIDY = """
from cordboard.channels.voice.actions_trunk import remove_trunk
from cordboard.channels.voice.models import Recording, Trunk
from cordboard.routing.models import Queue, QueueMember
from cordboard.org.models import User
for row in Trunk.objects.filter(code="{code}"): remove_trunk(None, row)
Recording.objects.filter(reference="{tag}").delete()
Queue.objects.filter(code="returns-{tag}").delete()
User.objects.filter(username="zoe-{tag}").update(is_active=False)
"""


def same_page(person: Person) -> None:
    """Put a mark on the page: a reload would lose it."""
    person.page.evaluate("window.same = true")


def is_same(person: Person) -> bool:
    return bool(person.page.evaluate("window.same === true"))


def says(person: Person, where: str, words: str, seconds: float = 30.0) -> None:
    until(lambda: words in (person.page.text_content(where) or ""), seconds, f"{words!r} at {where}")


@pytest.fixture
def hands(demo_centre: Centre) -> Iterator[Hands]:
    made = Hands(demo_centre)
    yield made
    made.close()


def test_the_board_takes_in_what_is_new(cast: Cast, demo_centre: Centre, hands: Hands) -> None:
    tag = secrets.token_hex(3)
    femke = cast.unheard(demo_centre).sign_in("femke")
    femke.go("/board/")
    page = femke.page
    says(femke, "[data-board-trunks]", "trunks up")
    same_page(femke)
    agents = page.locator("#board-agents > li").count()
    try:
        queue, zoe = hands.do(NEW.format(tag=tag))
        page.wait_for_selector(f"[data-board-queues] [data-queue='{queue}'] >> text=Returns {tag}")
        page.wait_for_selector(f"#board-agents [data-agent='{zoe}'] >> text=Zoe {tag}")
        says(femke, "[data-board-agent-count]", str(agents + 1))
        page.click(f"[data-queue='{queue}'] button")
        femke.sees("#transfer", f"Returns {tag}", "Close the queue").press("Escape")

        # A trunk, and how it stands.
        hands.do(TRUNK.format(code=f"t{tag}"))
        says(femke, "[data-board-trunks]", f"trunks down: Carrier t{tag}")
        hands.do(STATE.format(code=f"t{tag}", up=True, reason=""))
        says(femke, "[data-board-trunks]", "trunks up: 2")
        hands.do(STATE.format(code=f"t{tag}", up=False, reason="no answer"))
        says(femke, "[data-board-trunks]", f"trunks down: Carrier t{tag}")
        page.click("[data-board-trunks]")
        femke.sees("#transfer", f"Carrier t{tag}", "down, no answer").press("Escape")

        # Recordings.
        hands.do(RECORDS.format(tag=tag))
        says(femke, "[data-board-recordings]", "recordings running: 1")
        hands.do(FAILS.format(tag=tag))
        says(femke, "[data-board-recordings]", "recordings running: 0")
        says(femke, "[data-board-failed]", "recordings failed today: ")
        assert is_same(femke), "without a reload"
        assert femke.complaints == []
    finally:
        hands.do(TIDY.format(tag=tag, code=f"t{tag}"))


def test_the_wall_counts_by_itself(cast: Cast, demo_centre: Centre, hands: Hands) -> None:
    wall = cast.unheard(demo_centre, (1920, 1080)).sign_in("femke")
    wall.go("/wallboard/")
    page = wall.page
    same_page(wall)
    service = hands.do("Queue.objects.get(code='service').pk")
    cell = f"[data-queue='{service}'] [data-cell="
    until(lambda: (page.text_content(f"{cell}waiting]") or "") == "0", what="nobody who waits")
    ready = int(page.text_content("[data-kpi=ready]") or 0)
    emma = cast.agent(demo_centre, "emma", 800).ready()
    says(wall, "[data-kpi=ready]", str(ready + 1))
    emma.not_ready()
    says(wall, "[data-kpi=ready]", str(ready))
    waits = (
        "from cordboard.interactions import actions as interactions; from cordboard.routing import actions as routing\n"
        "row = interactions.open_interaction(channel='voice', from_address='+31205550198', to_address='100')\n"
        "routing.enqueue(row.pk, 'service')\nrow.pk"
    )
    row = hands.do(waits)
    says(wall, f"{cell}waiting]", "1")
    says(wall, "[data-kpi=waiting]", "1")
    until(lambda: ":" in (page.text_content(f"{cell}longest]") or ""), what="how long")
    hands.do(f"routing.customer_left({row}, 'customer')")
    says(wall, f"{cell}waiting]", "0")
    assert is_same(wall), "without a reload"
    assert wall.complaints == []


def test_a_message_is_read_and_its_sender_sees_it(cast: Cast, demo_centre: Centre) -> None:
    femke = cast.unheard(demo_centre).sign_in("femke")
    emma = cast.agent(demo_centre, "emma", 800).phone()
    same_page(emma)
    femke.go("/messages/")
    page, words = femke.page, f"The parcel service is late, {secrets.token_hex(3)}."
    page.fill("[name=text]", words)
    page.select_option("[name=to]", label="Service")
    page.click("text=Send")
    femke.sees("#toasts", "Sent.")
    mine = page.locator("article", has_text=words)
    mine.wait_for()
    assert "Read by 0 of" in mine.inner_text()
    emma.sees("#shell-notices", "Message from Femke Everts", words)
    emma.page.locator("#shell-notices .cb-notice", has_text=words).get_by_text("I have read it").click()
    until(lambda: "Read by 1 of" in mine.inner_text(), 30, "the receipt")
    until(lambda: words not in emma.page.inner_text("#shell-notices"), 30, "the notice to go")
    assert is_same(emma)
    both: list[Any] = [*femke.complaints, *emma.complaints]
    assert both == []


def test_who_was_signed_out_stays_out_until_they_come_back(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", 800).ready()
    femke = cast.unheard(demo_centre).sign_in("femke")
    femke.go("/board/")
    femke.page.wait_for_selector("#board-agents .cb-state[data-state=ready] >> text=Emma Bakker")
    femke.page.click("#board-agents button:has-text('Emma Bakker')")
    femke.page.click("#transfer [data-key=out] button")
    emma.sees("#shell-notices", "Femke Everts signed you out at", "You get no calls until you come back.")
    emma.page.reload()
    emma.sees("#shell-notices", "Femke Everts signed you out at")
    emma.page.wait_for_selector("#mystate .cb-state[data-state=offline]")
    femke.page.wait_for_selector("#board-agents .cb-state[data-state=offline] >> text=Emma Bakker")
    emma.page.click("text=Come back, not ready")
    emma.page.wait_for_selector("#mystate .cb-state[data-state=notready]")
    until(lambda: "signed you out" not in emma.page.inner_text("#shell-notices"), 30, "the notice to go")
    femke.page.wait_for_selector("#board-agents .cb-state[data-state=notready] >> text=Emma Bakker")
    both: list[Any] = [*femke.complaints, *emma.complaints]
    assert both == []
