"""A call by a telephone of ours while the service that the routing policy asks hangs: it goes on by the default path, and other calls with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from cordboard.flows.tests.shop import opened
from cordboard.lib.testing.centre import Centre
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop

ASK = """
from django.utils import timezone
from cordboard.flows.actions_lookups import keep_lookup
from cordboard.flows.actions_services import set_service
from cordboard.rules.models import Policy
service = set_service("crm", "CRM", address, None, inside=True)
keep_lookup(None, None, {
    "name": "CRM", "service_id": service.pk, "path": "/hangs", "limit_ms": 300, "keep_seconds": 0, "inputs": [{"name": "number", "fact": "interaction.from"}],
    "outputs": [{"name": "tier", "type": "text", "path": "customer.tier"}],
}, code="crm")
rules = [
    {"id": "gold", "name": "Gold", "when": {"fact": "lookup.crm.tier", "op": "is", "value": "gold"}, "actions": [{"do": "priority", "priority": 1}], "then": "continue"},
    {"id": "unsure", "name": "Unsure", "when": {"fact": "lookup.crm.failed", "op": "is", "value": True}, "actions": [{"do": "queue", "queue": "second"}]},
]
Policy.objects.create(area="routing", code="looks-up", name="Looks up", version=1, state="published", body={"schema": 1, "rules": rules}, published_at=timezone.now())
"""
NO_MORE = """
from cordboard.flows.models import Lookup, WebService
from cordboard.rules.models import Policy
Policy.objects.filter(code="looks-up").delete()
Lookup.objects.all().delete()
WebService.objects.all().delete()
"""
WHY = """
from cordboard.interactions.models import Decision
list(Decision.objects.filter(interaction=pk, kind="routing").values_list("trace", flat=True))
"""


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    with opened() as server:
        yield server


@in_loop
async def test_a_call_goes_on_by_default_while_a_service_hangs(shared_centre: Centre, shared_hands: Hands, shop: ThreadingHTTPServer) -> None:
    shared_hands.do(ASK, address=f"http://127.0.0.1:{shop.server_port}/api")
    try:
        async with house(shared_centre, shared_hands) as centre:
            alice = centre.agent("alice", queues=("second",)).sit_down().ready()
            first = await (await centre.phone()).answered()
            interaction = await alice.rings()
            await alice.accept(interaction)
            await first.hears(1000.0)
            trace = shared_hands.do(WHY, pk=interaction)[0]
            assert (trace["looked_up"]["crm"]["how"], trace["looked_up"]["crm"]["limit"]) == ("slow", 300)
            assert next(one for one in trace["rules"] if one["id"] == "gold")["result"] == "skipped"
            assert [path for _, path, _, _ in shop.seen] == ["/api/hangs"]  # type: ignore[attr-defined]
            more = [await centre.phone(from_=f"+3120555020{number}") for number in range(3)]
            await asyncio.gather(*(phone.answered() for phone in more))
            queued = "Entry.objects.filter(queue__code='second', left_at=None, state='waiting').count() == 3"
            await centre.eventually(lambda: shared_hands.do(queued), 20)
    finally:
        shared_hands.do(NO_MORE)
