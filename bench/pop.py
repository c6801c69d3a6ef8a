"""The screen pop: from the moment a call enters the queue until the account information is drawn in the agent's browser.

    python -m bench.pop [--database sqlite|postgresql] [--calls 40] [--agents 50] [--json]

A whole centre with the demo's customers is started for each database. Fifty agents are connected: one is ready, in Chromium, with the softphone; the
others hold the live socket, hear their topics and send their heartbeats. Real SIP calls come in one after another, each from another customer. The
clock begins at the time of the event `routing.entered` and ends at the first frame that shows the customer's name in the account information; both are of
this machine. Where both databases are measured, `pop_ms` is the worse.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.report import found, percentile, say
from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import postgres
from cordboard.lib.testing.centre import Centre
from tests.voice.hands import Hands
from tests.voice.telephone import Telephone

WATCH = """() => {
  window.drawn = {};
  window.asked = [];
  const plain = window.fetch;
  window.fetch = async (...given) => {
    const url = String(given[0]);
    if (!url.includes("/desk/fragments/")) return plain(...given);
    const step = { begun: Date.now(), answered: 0 };
    window.asked.push(step);
    const answer = await plain(...given);
    step.answered = Date.now();
    return answer;
  };
  const look = () => {
    const name = document.querySelector("#account h1")?.textContent.trim();
    if (name && !window.drawn[name]) {
      window.drawn[name] = 1;
      requestAnimationFrame(() => { window.drawn[name] = Date.now(); });
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""

PREPARE = """
from datetime import timedelta
from django.utils import timezone
service = Queue.objects.get(code="service")
Line.objects.get_or_create(number="777", defaults={"name": "Bench", "flow": "none", "queue": service, "country": "NL", "languages": ["en"]})
role = Role.objects.get(code="agent")
names = []
for number in range(agents):
    user = User.objects.create(username=f"bench{number}", name=f"Agent {number}", email=f"bench{number}@example.org", unit=User.objects.exclude(unit=None).first().unit)
    user.roles.add(role)
    for queue in Queue.objects.all():
        QueueMember.objects.create(queue=queue, agent=user)
    AgentSkill.objects.bulk_create(AgentSkill(agent=user, skill=skill, proficiency=5) for skill in Skill.objects.all())
    names.append(user.username)
first = User.objects.get(username="bench0")
points = ContactPoint.objects.filter(kind="phone", party__root=None, party__account_owner__isnull=False).select_related("party").order_by("id")
customers, seen = [], set()
for point in points:
    if point.party_id in seen or ContactPoint.objects.filter(value=point.value).values("party").distinct().count() > 1 or point.party.name in [c[1] for c in customers]:
        continue
    seen.add(point.party_id)
    customers.append((point.value, point.party.name))
    if len(customers) >= calls:
        break
Party.objects.filter(pk__in=seen).update(account_owner=first)
routing.sign_in(first)
[names, customers]
"""

SESSIONS = """
from django.contrib.sessions.backends.db import SessionStore
made = []
for user in User.objects.filter(username__in=names).order_by("id"):
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store["_auth_user_hash"] = user.get_session_auth_hash()
    store.create()
    made.append(store.session_key)
made
"""

TIMES = """
when = lambda kind: (lambda one: one.at.timestamp() * 1000 if one else 0.0)(Event.objects.filter(kind=kind).order_by("-id").first())
[when("routing.entered"), when("routing.offer_made")]
"""

FLAGS = (
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)


async def light(centre: Centre, session: str) -> None:
    """An agent's page without its screen: the live socket, its own topics, a heartbeat."""
    import websockets

    address = centre.url.replace("http", "ws") + "/live"
    async with websockets.connect(address, additional_headers={"Cookie": f"sessionid={session}"}, origin=centre.url) as socket:  # type: ignore[arg-type]
        welcome = json.loads(await socket.recv())
        await socket.send(json.dumps({"type": "subscribe", "topics": welcome["topics"]}))

        async def beat() -> None:
            while True:
                await socket.send('{"type":"presence"}')
                await asyncio.sleep(5)

        beating = asyncio.create_task(beat())
        try:
            async for _ in socket:
                pass
        finally:
            beating.cancel()


STEPS = ("routed", "told", "answered", "drawn")
"""Where the time goes: until the offer is made; until the page asks for its fragments; until it has them; until they are drawn."""


async def one(centre: Centre, hands: Hands, page: Any, number: str, name: str) -> tuple[float, dict[str, float]] | None:
    """Milliseconds for one call, and for its steps; None when it was not drawn within ten seconds."""
    phone = await Telephone(centre.sip_port, "777", number, 0.0).call()
    drawn: float = 0
    try:
        for _ in range(100):
            await asyncio.sleep(0.1)
            drawn = float(await page.evaluate("name => window.drawn[name] || 0", name))
            if drawn > 1:
                break
        asked = await page.evaluate("() => window.asked.splice(0)")
    finally:
        entered, offered = await asyncio.to_thread(hands.do, TIMES)
        await phone.close()
    for _ in range(100):
        if await asyncio.to_thread(hands.do, "AgentState.objects.get(agent__username='bench0').state") == "ready":
            break
        await asyncio.to_thread(hands.do, "routing.set_ready(User.objects.get(username='bench0'))")
        await asyncio.sleep(0.1)
    if drawn <= 1:
        return None
    fetched = [step for step in asked if offered <= step["begun"] and 0 < step["answered"] <= drawn]
    last = fetched[-1] if fetched else {"begun": offered, "answered": offered}
    points = (entered, offered, last["begun"], last["answered"], drawn)
    return drawn - entered, {step: after - before for step, before, after in zip(STEPS, points, points[1:], strict=False)}


async def drive(centre: Centre, hands: Hands, agents: int, calls: int) -> list[tuple[float, dict[str, float]] | None]:
    from playwright.async_api import async_playwright

    names, customers = hands.do(PREPARE, agents=agents, calls=calls)
    sessions = hands.do(SESSIONS, names=names)
    others = [asyncio.create_task(light(centre, session)) for session in sessions[1:]]
    chromium = shutil.which("chromium")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context = await browser.new_context(permissions=["microphone"], viewport={"width": 1366, "height": 768})
        await context.add_cookies([{"name": "sessionid", "value": sessions[0], "url": centre.url}])
        page = await context.new_page()
        await page.goto(f"{centre.url}/desk/")
        await page.evaluate(WATCH)
        await asyncio.sleep(2.0)
        await asyncio.to_thread(hands.do, "routing.set_ready(User.objects.get(username='bench0'))")
        gone = [task for task in others if task.done()]
        if gone:
            raise RuntimeError(f"{len(gone)} of the other agents' sockets were closed: {gone[0].exception()}")
        took = []
        for number, name in customers:
            took.append(await one(centre, hands, page, number, name))
            await asyncio.sleep(0.2)
        await browser.close()
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return took


def measure(database: str, agents: int, calls: int) -> dict[str, Any]:
    """`pop_ms` {p50, p95}, how many calls were `drawn` and `missed`."""
    cluster = postgres.start() if database == "postgresql" else None
    centre = centres.make(cluster=cluster, arguments=("--demo",))
    try:
        centre.start().up(240)
        hands = Hands(centre)
        try:
            took = asyncio.run(drive(centre, hands, agents, calls))
        finally:
            hands.close()
    except BaseException:
        kept = Path(tempfile.gettempdir()) / "cordboard-bench-pop.log"
        kept.write_text(centre.log)
        say(f"what the centre said stands in {kept}")
        raise
    finally:
        centres.discard(centre)
        if cluster is not None:
            cluster.stop()
    made = [each for each in took if each is not None]
    good = [each[0] for each in made]
    if not good:
        raise SystemExit("no call was drawn in the agent's browser")
    return {
        "pop_ms": {"p50": round(percentile(good, 50), 1), "p95": round(percentile(good, 95), 1)},
        "steps_p50_ms": {step: round(percentile([each[1][step] for each in made], 50), 1) for step in STEPS},
        "drawn": len(good),
        "missed": len(took) - len(good),
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pop", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="measure this one alone")
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--agents", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if shutil.which("chromium") is None:
        sys.exit("bench.pop needs Chromium")
    results: dict[str, dict[str, Any]] = {}
    for database in (options.database,) if options.database else ("sqlite", "postgresql"):
        say(f"{database}: {options.agents} agents, {options.calls} calls")
        results[database] = measure(database, options.agents, options.calls)
    worse = max(results.values(), key=lambda result: result["pop_ms"]["p95"])
    figures = {"pop_ms": worse["pop_ms"], "by_database": results, "agents": options.agents, "calls": options.calls}
    rows = [["database", "p50 ms", "p95 ms", "drawn", "missed", *(f"{step} p50" for step in STEPS)]]
    rows += [
        [
            name,
            str(each["pop_ms"]["p50"]),
            str(each["pop_ms"]["p95"]),
            str(each["drawn"]),
            str(each["missed"]),
            *(str(each["steps_p50_ms"][step]) for step in STEPS),
        ]
        for name, each in results.items()
    ]
    found("Call in the queue until the account information is drawn", figures, rows, as_json=options.json)


if __name__ == "__main__":
    main()
