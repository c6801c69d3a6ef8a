"""The live board: from the commit of an agent's change until each of fifty boards has it, and until one real Chromium has drawn it.

    python -m bench.board [--database sqlite|postgresql] [--seconds 30] [--agents 500] [--boards 50] [--rate 100] [--hands 2] [--json]

A centre is started and gets 500 agents in 20 queues, each with the live socket of an open desk (own topics, heartbeats) and fifty managers with the
board's. A few processes of their own (as Django processes would) then make agents ready and not ready by the same actions as their desks do, a hundred times
a second together; each change is a transaction of seven or eight statements. The clock begins when the commit of a change has returned. It ends when a board's socket has the event (`board_ms`), and, for the board in Chromium, at the first frame after its row was changed
(`drawn_ms`). `cpu` is the share of a core that the centre's processes took meanwhile, in percent. All clocks are of this machine. Stops by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.report import found, percentile, say
from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import postgres
from cordboard.lib.testing.centre import Centre
from tests.voice.hands import Hands

PREPARE = """
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
queues = [Queue.objects.create(code=f"bench-{number}", name=f"Queue {number}") for number in range(20)]
NotReadyReason.objects.get_or_create(code="bench", defaults={"names": {"en": "Bench"}, "order": 800})
role = Role.objects.create(code="bench-agent", name="Agent", permissions={"routing.agent": "own"})
chief = Role.objects.create(code="bench-chief", name="Manager", permissions={"routing.watch": "all"})
def people(word, count, role):
    User.objects.bulk_create([User(username=f"{word}{n}", name=f"{word.title()} {n}", email=f"{word}{n}@example.org", password=make_password(None)) for n in range(count)])
    made = list(User.objects.filter(username__startswith=word).order_by("pk"))
    User.roles.through.objects.bulk_create([User.roles.through(user_id=one.pk, role_id=role.pk) for one in made])
    keys = []
    for user in made:
        store = SessionStore()
        store["_auth_user_id"] = str(user.pk)
        store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        store["_auth_user_hash"] = user.get_session_auth_hash()
        store.create()
        keys.append(store.session_key)
    return made, keys
staff, staff_keys = people("benchagent", agents, role)
_, board_keys = people("benchchief", boards, chief)
QueueMember.objects.bulk_create([QueueMember(queue=queues[(number + more) % 20], agent=one) for number, one in enumerate(staff) for more in (0, 7)])
for one in staff:
    routing.sign_in(one)
[staff_keys, board_keys]
"""

CHANGE = """
import time
from django.db import connection
staff = list(User.objects.filter(username__startswith="benchagent").order_by("pk"))[share::shares]
made, committed = [], []
commit = connection._commit
def noting():
    commit()
    committed.append(time.time() * 1000)
connection._commit = noting
begun, number = time.monotonic(), 0
while time.monotonic() - begun < seconds:
    one, ready = staff[number % len(staff)], (number // len(staff)) % 2 == 0
    (routing.set_ready(one) if ready else routing.set_not_ready(one, "bench"))
    made.append([one.pk, "ready" if ready else "not_ready", committed[-1]])
    number += 1
    # The beat goes on where the machine was late: never more than a tenth of a second of it at once.
    begun_at = begun + number * shares / rate
    wait = begun_at - time.monotonic()
    if wait > 0:
        time.sleep(wait)
    elif wait < -0.1:
        seconds, begun = seconds + wait, begun - wait
connection._commit = commit
made
"""

WATCH = """() => {
  window.drawn = [];
  window.frames = { count: 0, longest: 0, last: performance.now() };
  new MutationObserver((changes) => {
    const now = changes.filter((one) => one.attributeName === "data-state").map((one) => one.target.closest("[data-agent]").dataset.agent + "/" + one.target.dataset.state);
    if (now.length) requestAnimationFrame(() => { for (const one of now) window.drawn.push([one, Date.now()]); });
  }).observe(document.getElementById("board-agents"), { subtree: true, attributes: true, attributeFilter: ["data-state"] });
  const frame = (at) => { const of = window.frames; of.count += 1; of.longest = Math.max(of.longest, at - of.last); of.last = at; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}"""

CHANGED = re.compile(r'"kind":"routing\.agent_state_changed".*?"body":(\{.*?\})')


class Member:
    """A page without its screen: the live socket, its topics, an answer to each beat. A board keeps what it is sent, with the time."""

    def __init__(self, centre: Centre, session: str, topics: tuple[str, ...] = ()) -> None:
        self.centre, self.session, self.topics = centre, session, topics
        self.there = asyncio.Event()
        self.got: list[tuple[float, str]] = []

    async def run(self) -> None:
        import websockets

        address = self.centre.url.replace("http", "ws") + "/live"
        headers = {"Cookie": f"sessionid={self.session}"}
        async with websockets.connect(address, additional_headers=headers, origin=self.centre.url, compression=None) as socket:  # type: ignore[arg-type]
            welcome = json.loads(await socket.recv())
            await socket.send(json.dumps({"type": "subscribe", "topics": [*welcome["topics"], *self.topics]}))
            async for text in socket:
                now = time.time() * 1000
                if not isinstance(text, str):
                    continue
                if text.startswith('{"type":"events"'):
                    if self.topics:
                        self.got.append((now, text))
                elif text.startswith('{"type":"beat"'):
                    await socket.send('{"type":"presence"}')
                elif text.startswith('{"type":"subscribed"'):
                    self.there.set()


def spent(centre: Centre) -> dict[str, float]:
    """Seconds of CPU that each role's processes took so far, children included."""
    parents: dict[int, list[int]] = {}
    own: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            pid = int(stat.parent.name)
            parents.setdefault(int(fields[1]), []).append(pid)
            own[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def tree(pid: int) -> float:
        return own.get(pid, 0.0) + sum(tree(child) for child in parents.get(pid, ()))

    return {name: tree(int(role["pid"])) for name, role in centre.roles().items() if role.get("pid")}


def delays(made: list[list[Any]], seen: dict[tuple[int, str], list[float]]) -> list[float]:
    """Milliseconds for each change that was seen. An agent comes by again in the same state after many seconds: the first sight after the commit is its own."""
    took = []
    for agent, state, at in made:
        # A socket may have the event before the hook after the commit has read the clock.
        after = [when for when in seen.get((agent, state), ()) if when > at - 50]
        if after:
            took.append(max(0.0, after[0] - at))
    return took


async def change(hands: list[Hands], options: argparse.Namespace) -> list[list[Any]]:
    """Everybody's changes, in the order of their commits."""
    shares = [
        asyncio.to_thread(lambda one=one, at=at: one.do(CHANGE, seconds=options.seconds, rate=options.rate, share=at, shares=len(hands)))
        for at, one in enumerate(hands)
    ]
    return sorted((one for made in await asyncio.gather(*shares) for one in made), key=lambda one: one[2])


async def drive(centre: Centre, hands: list[Hands], options: argparse.Namespace) -> dict[str, Any]:
    staff, chiefs = await asyncio.to_thread(lambda: hands[0].do(PREPARE, agents=options.agents, boards=options.boards))
    boards = [Member(centre, key, ("board",)) for key in chiefs]
    members = [Member(centre, key) for key in staff] + boards
    tasks = []
    for begin in range(0, len(members), 20):
        some = members[begin : begin + 20]
        tasks += [asyncio.create_task(one.run()) for one in some]
        await asyncio.wait_for(asyncio.gather(*(one.there.wait() for one in some)), 60)
    say(f"{len(members)} sockets are connected")
    try:
        async with contextlib.AsyncExitStack() as stack:
            page = await chromium(stack, centre, chiefs[0]) if not options.no_browser and shutil.which("chromium") else None
            await asyncio.sleep(2)
            before, began = spent(centre), time.monotonic()
            made = await change(hands, options)
            after, took = spent(centre), time.monotonic() - began
            await asyncio.sleep(2)
            lost = sum(task.done() for task in tasks)
            drawn, frames = (await page.evaluate("() => [window.drawn, window.frames]")) if page else ([], {})
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    received, expected = [], len(made) * len(boards)
    for board in boards:
        seen: dict[tuple[int, str], list[float]] = {}
        for now, text in board.got:
            for body in CHANGED.findall(text):
                fields = json.loads(body)
                seen.setdefault((fields["agent"], fields["state"]), []).append(now)
        received += delays(made, seen)
    if not received:
        raise SystemExit("no board received a change")
    sight: dict[tuple[int, str], list[float]] = {}
    for name, when in drawn:
        agent, _, state = name.partition("/")
        sight.setdefault((int(agent), state.replace("notready", "not_ready")), []).append(when)
    shown = delays(made, sight)
    return {
        "board_ms": {"p50": round(percentile(received, 50), 1), "p95": round(percentile(received, 95), 1)},
        "drawn_ms": {"p50": round(percentile(shown, 50), 1), "p95": round(percentile(shown, 95), 1)} if shown else None,
        "cpu": {name: round(100 * (after[name] - before.get(name, 0.0)) / took, 1) for name in sorted(after)},
        "changes": len(made),
        "changes_per_s": round(len(made) / took, 1),
        "missing": expected - len(received),
        "not_drawn": len(made) - len(shown) if page else None,
        "sockets_lost": lost,
        "frames_per_s": round(frames["count"] / (took + 4), 1) if frames else None,
        "longest_frame_ms": round(frames["longest"]) if frames else None,
    }


async def chromium(stack: contextlib.AsyncExitStack, centre: Centre, session: str) -> Any:
    """A real board, drawn."""
    from playwright.async_api import async_playwright

    play = await stack.enter_async_context(async_playwright())
    browser = await play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    stack.push_async_callback(browser.close)
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    await context.add_cookies([{"name": "sessionid", "value": session, "url": centre.url}])
    page = await context.new_page()
    await page.goto(f"{centre.url}/board/")
    await page.evaluate(WATCH)
    return page


def measure(database: str, options: argparse.Namespace) -> dict[str, Any]:
    cluster = postgres.start() if database == "postgresql" else None
    centre = centres.make(cluster=cluster)
    try:
        centre.start().up(120)
        hands = [Hands(centre) for _ in range(options.hands)]
        try:
            return asyncio.run(drive(centre, hands, options))
        finally:
            for one in hands:
                one.close()
    except BaseException:
        kept = Path(tempfile.gettempdir()) / "cordboard-bench-board.log"
        kept.write_text(centre.log)
        say(f"what the centre said stands in {kept}")
        raise
    finally:
        centres.discard(centre)
        if cluster is not None:
            cluster.stop()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.board", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--boards", type=int, default=50)
    parser.add_argument("--rate", type=float, default=100, help="changes a second")
    parser.add_argument("--hands", type=int, default=2, help="processes that make the changes")
    parser.add_argument("--no-browser", action="store_true", help="without the board in Chromium")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    say(f"{options.database}: {options.agents} agents, {options.boards} boards, {options.rate:.0f} changes a second for {options.seconds:.0f} s")
    figures = {**measure(options.database, options), "database": options.database, "agents": options.agents, "boards": options.boards}
    drawn = figures["drawn_ms"] or {"p50": "–", "p95": "–"}
    rows = [
        ["", "p50 ms", "p95 ms"],
        ["received by a board", str(figures["board_ms"]["p50"]), str(figures["board_ms"]["p95"])],
        ["drawn in Chromium", str(drawn["p50"]), str(drawn["p95"])],
        *([f"CPU of {name}, % of a core", str(share), ""] for name, share in figures["cpu"].items()),
        *([name, str(figures[name]), ""] for name in ("changes_per_s", "missing", "not_drawn", "sockets_lost", "frames_per_s", "longest_frame_ms")),
    ]
    found("From an agent's change to the live boards", figures, rows, as_json=options.json)


if __name__ == "__main__":
    main()
