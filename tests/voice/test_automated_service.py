"""Simple matters: the routing policy gives a caller to an automated service before a queue. Real calls by telephones of ours."""

from __future__ import annotations

from typing import Any

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop
from tests.voice.test_ivr import context, lined  # noqa: F401  the fixture that makes the lines

STATUS: dict[str, Any] = {
    "schema": 1,
    "code": "status",
    "languages": ["en", "nl"],
    "fallback": "en",
    "start": "more",
    "person_key": "0",
    "person": "person",
    "on_error": "person",
    "variables": {"more": {"type": "choice"}},
    "steps": {
        "more": {
            "type": "ask",
            "kind": "choice",
            "texts": {"en": "It is on its way.", "nl": "Hij is onderweg."},
            "into": "more",
            "tries": 1,
            "timeout": 20,
            "choices": [{"key": "1", "value": "enough"}],
            "next": "end",
            "give_up": "person",
        },
        "end": {"type": "end", "reason": "settled"},
        "person": {"type": "hand_over", "queue": "service"},
    },
}
ASK = """
from django.utils import timezone
from cordboard.flows.models import Flow
from cordboard.rules.models import Policy
Flow.objects.create(code="status", name="Order status", version=1, state="published", surfaces=["ivr"], graph=graph, published_at=timezone.now())
rules = [{"id": "simple", "name": "Simple matters", "when": {"fact": "context.matter", "op": "is", "value": "order"}, "actions": [{"do": "automated", "flow": "status"}]}]
Policy.objects.create(area="routing", code="simple", name="Simple", version=1, state="published", body={"schema": 1, "rules": rules}, published_at=timezone.now())
"""
NO_MORE = """
from cordboard.rules.models import Policy
Policy.objects.filter(code="simple").delete()
"""
RUNS = "list(Run.objects.filter(subject=s).order_by('pk').values_list('flow__code', 'ended_by'))"
SAID = """
[one["code"] for made in Decision.objects.filter(interaction=pk, kind="routing").order_by("pk") for one in made.sentences]
"""


@in_loop
async def test_the_service_settles_it_or_hands_over_to_a_person(shared_centre: Centre, lined: Hands) -> None:  # noqa: F811
    lined.do(ASK, graph=STATUS)
    try:
        async with house(shared_centre, lined) as centre:
            phone = await (await centre.phone("201", "+31205550777")).answered()
            await until(lambda: loudness(phone.heard()) > 200)
            settled = centre.newest()
            phone.press("2")
            await centre.eventually(lambda: context(centre, settled).get("automated_service") == "status")
            assert centre.row(settled, "state")["state"] == "automated", "it is in no queue"
            await centre.eventually(lambda: [code for code, _ended in centre.hands.do(RUNS, s=f"interaction:{settled}")] == ["short", "status"])
            phone.press("1")
            await centre.state(settled, "ended", 40)
            assert centre.hands.do(SAID, pk=settled).count("routing.automated") == 1
            assert centre.hands.do("Entry.objects.filter(interaction=pk).count()", pk=settled) == 0

            second = await (await centre.phone("201", "+31205550777")).answered()
            await until(lambda: loudness(second.heard()) > 200)
            handed = centre.newest()
            second.press("2")
            await centre.eventually(lambda: len(centre.hands.do(RUNS, s=f"interaction:{handed}")) == 2)
            second.press("0")
            await centre.state(handed, "waiting", 40)
            assert centre.hands.do(SAID, pk=handed).count("routing.automated") == 1, "it is not sent there again"
    finally:
        lined.do(NO_MORE)
