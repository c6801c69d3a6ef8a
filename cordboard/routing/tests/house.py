"""A centre in processes of its own, for tests that kill routers: `python -m cordboard.routing.tests.house prepare | route | lead | work | check`.

The environment says where the database is (CORDBOARD_DATA, CORDBOARD_DATABASE_URL). `route` follows no lease, so that several by mistake lead at
once; with DIE=<before|inside|after>:<n> it kills itself at its n-th reservation: before it, in its open transaction, or after its commit.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from typing import Any

CONTACTS = 40
AGENTS = 8


def prepare() -> None:
    """Into a database that has its tables."""
    from cordboard.routing.tests.centre import make_centre

    centre = make_centre()
    from django.utils import timezone

    centre.now = timezone.now()
    centre.support.ring_seconds = 1
    centre.support.save()
    agents = [centre.alice, centre.bob, *(centre.agent(f"agent{number}") for number in range(AGENTS - 2))]
    centre.ready(*agents)
    for _ in range(CONTACTS):
        centre.call()


def route() -> None:
    from django.utils import timezone

    from cordboard.routing import actions_reserve, router

    where, _, count = os.environ.get("DIE", "never:0").partition(":")
    calls = 0
    reserve, write = router.reserve, actions_reserve._write

    def die_at(place: str) -> None:
        if place == where and calls >= int(count):
            os.kill(os.getpid(), signal.SIGKILL)

    def dying_reserve(*given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        die_at("before")
        done = reserve(*given, **named)
        die_at("after")
        return done

    def dying_write(*given: Any, **named: Any) -> Any:
        done = write(*given, **named)
        die_at("inside")
        return done

    router.reserve, actions_reserve._write = dying_reserve, dying_write  # type: ignore[assignment]
    one = router.Router()
    one.rebuild(timezone.now())
    while True:
        if not one.step(timezone.now()):
            time.sleep(0.02)


def lead() -> None:
    """As the worker does, by lease."""
    from cordboard.routing.router import run

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    run(stop)


def work() -> None:
    """Agents who answer most of what rings, and callers of whom some hang up; until nobody waits."""
    from django.utils import timezone

    from cordboard.events import presence
    from cordboard.interactions.models import Interaction, Segment
    from cordboard.org.models import User
    from cordboard.routing import actions
    from cordboard.routing.models import AgentState

    dice = random.Random(7)
    users = {user.pk: user for user in User.objects.filter(state__isnull=False)}
    while Interaction.objects.exclude(state="ended").exists():
        now = timezone.now()
        presence.heard(list(users), now)
        actions.expire_offers(now)
        for agent, interaction in list(Segment.objects.filter(state="offered").values_list("agent_id", "interaction_id")):
            chance = dice.random()
            if chance < 0.6:
                if actions.accept_offer(users[agent], interaction).done:
                    actions.customer_left(interaction)
                    actions.wrap_up(users[agent], interaction)
            elif chance < 0.7:
                actions.reject_offer(users[agent], interaction)
            elif chance < 0.75:
                actions.customer_left(interaction)
        for agent in AgentState.objects.filter(state="not_ready").values_list("agent_id", flat=True):
            actions.set_ready(users[agent])
        time.sleep(0.02)


def check() -> None:
    """What happened, from the log alone: was anything given twice, or never?"""
    from cordboard.events.models import Event
    from cordboard.interactions.models import Interaction, Segment
    from cordboard.routing.models import AgentState, Entry

    ringing: dict[int, int] = {}
    busy: dict[int, int] = {}
    twice = 0
    offers = 0
    for event in Event.objects.filter(kind__startswith="routing.").order_by("pk"):
        body = event.body
        match event.kind:
            case "routing.offer_made":
                offers += 1
                twice += body["entry"] in ringing
                twice += body["agent"] in busy
                ringing[body["entry"]], busy[body["agent"]] = body["agent"], body["entry"]
            case "routing.offer_accepted" | "routing.offer_rejected" | "routing.offer_expired" | "routing.offer_withdrawn":
                if ringing.pop(body["entry"], None) is None:
                    twice += 1
                if event.kind != "routing.offer_accepted":
                    busy.pop(body["agent"], None)
            case "routing.agent_state_changed":
                if body["state"] in ("ready", "not_ready", "offline"):
                    busy.pop(body["agent"], None)
    print(
        json.dumps(
            {
                "twice": twice,
                "offers": offers,
                "lost": Interaction.objects.exclude(state="ended").count(),
                "open_segments": Segment.objects.exclude(state="ended").count(),
                "open_entries": Entry.objects.filter(state__in=("waiting", "offered")).count(),
                "loads": sum(AgentState.objects.values_list("voice_load", flat=True)),
                "contacts": Interaction.objects.count(),
            }
        )
    )


def main() -> None:
    import django

    django.setup()
    {"prepare": prepare, "route": route, "lead": lead, "work": work, "check": check}[sys.argv[1]]()


if __name__ == "__main__":
    main()
