"""Rules: evaluations a second, a large policy per interaction, a draft replayed over 100,000 contacts, and what looking up elsewhere costs a decision.

    python -m bench.rules [--json] [--quick] [--only evals,policy,lookups,replay]

Keys of the JSON: evals_per_s (one policy of one rule with four conditions, all of which are looked at; CPU seconds of one core), policy_ms (500 rules asked about one interaction with facts read when
asked for, p95, milliseconds of processor), lookup_slow_ms (a routing decision whose rule asks a web service that hangs, limit LOOKUP_LIMIT: p95, wall milliseconds from the
beginning of the decision to its end), lookup_cached_ms (the same with an answer that is kept, p95), replay_s (a draft over 100,000 contacts on SQLite: read, decided on twice and simulated twice; wall seconds). The rest stands under "more". Ends by itself after
some two minutes; `--quick` measures shorter and replays 10,000.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.report import found, percentile, say

PARTS = ("evals", "policy", "lookups", "replay")
LOOKUP_LIMIT = 200
"""Milliseconds."""
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SEGMENTS = ("gold", "silver", "bronze", "new")
MATTERS = ("order", "delivery", "product", "account")


def _registry() -> Any:
    from cordboard.rules import facts

    made = facts.Registry()
    made.declare("segment", facts.CHOICE, "segment", choices={one: one for one in SEGMENTS})
    made.declare("overdue", facts.NUMBER, "overdue")
    made.declare("matter", facts.TEXT, "matter")
    made.declare("safety", facts.BOOLEAN, "safety")
    for number in range(60):
        made.declare(f"fact-{number}", facts.NUMBER, f"fact {number}")
    return made


def evals(seconds: float) -> tuple[int, dict[str, Any]]:
    """Evaluations of four conditions a second of one core; the same with the trace made too."""
    from cordboard.rules.evaluate import compile_policy

    four = {
        "all": [
            {"fact": "segment", "op": "in", "value": ["gold", "silver"]},
            {"fact": "overdue", "op": "less", "value": 30},
            {"fact": "matter", "op": "is", "value": "order"},
            {"not": {"fact": "safety", "op": "is", "value": True}},
        ]
    }
    policy = compile_policy({"rules": [{"id": "r", "name": "R", "when": four, "actions": [{"do": "queue", "queue": "q"}]}]}, _registry(), {})
    situation = {"segment": "gold", "overdue": 3, "matter": "order", "safety": False}
    assert policy.evaluate(situation, NOW).actions == [{"do": "queue", "queue": "q", "rule": "r"}]
    rates = {}
    for name, work in (("plain", lambda: policy.evaluate(situation, NOW)), ("with_trace", lambda: policy.evaluate(situation, NOW).trace)):
        best = 0.0
        for _turn in range(5):
            count, begun = 0, time.process_time()
            while time.process_time() - begun < seconds / 5:
                for _one in range(500):
                    work()
                count += 500
            best = max(best, count / (time.process_time() - begun))
        rates[name] = round(best)
    return rates["plain"], {"evals_with_trace_per_s": rates["with_trace"]}


def policy(rounds: int) -> tuple[float, dict[str, Any]]:
    """500 rules of two conditions over 64 facts, of which the last holds: p95 of one interaction in milliseconds. Facts are read by a function, each once."""
    from cordboard.rules.evaluate import compile_policy

    chance = random.Random(4)
    rules: list[dict[str, Any]] = []
    for number in range(499):
        when = [
            {"fact": f"fact-{chance.randrange(60)}", "op": "more", "value": 900},
            {"fact": "segment", "op": "is", "value": chance.choice(SEGMENTS)},
        ]
        rules.append({"id": f"r{number}", "when": {"all": when}, "actions": [{"do": "queue", "queue": "q"}]})
    rules.append({"id": "rest", "actions": [{"do": "queue", "queue": "rest"}]})
    begun = time.perf_counter()
    compiled = compile_policy({"rules": rules}, _registry(), {})
    compile_ms = 1000 * (time.perf_counter() - begun)
    took = []
    for number in range(rounds):
        values = {f"fact-{one}": (number * 7 + one * 13) % 900 for one in range(60)} | {"segment": "gold"}
        begun = time.thread_time()
        outcome = compiled.evaluate(values.__getitem__, NOW)
        took.append(1000 * (time.thread_time() - begun))
        assert outcome.actions[0]["queue"] == "rest"
    return round(percentile(took, 95), 4), {"policy_p50_ms": round(percentile(took, 50), 4), "compile_500_ms": round(compile_ms, 1)}


@cache
def _database() -> tempfile.TemporaryDirectory[str]:
    """A fresh SQLite database, the one of this process."""
    folder = tempfile.TemporaryDirectory(prefix="cb-bench-rules-")
    os.environ.update(CORDBOARD_DATA=folder.name, CORDBOARD_DATABASE_URL="", DJANGO_SETTINGS_MODULE="cordboard.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return folder


class _Service(BaseHTTPRequestHandler):
    """Answers at once, or hangs."""

    def do_GET(self) -> None:
        if self.path == "/hangs":
            self.server.over.wait(30)  # type: ignore[attr-defined]
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"tier": "gold"}')

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def look_ups(rounds: int) -> tuple[float, float, dict[str, Any]]:
    """(with a service that hangs, with a kept answer, ...): milliseconds of a routing decision, p95."""
    _database()
    from cordboard.flows import lookups
    from cordboard.flows.actions_lookups import keep_lookup
    from cordboard.flows.actions_services import delete_service, set_service
    from cordboard.flows.models import Lookup
    from cordboard.interactions.models import Interaction
    from cordboard.routing import policy as routing
    from cordboard.routing.models import Queue
    from cordboard.rules import published
    from cordboard.rules.models import Policy

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    server.over = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    queue = Queue.objects.create(code="asked", name="Asked")
    contact = Interaction.objects.create(channel="voice", state="automated", language="en", from_address="+31205550123", started_at=NOW)
    service = set_service("bench", "Bench", f"http://127.0.0.1:{server.server_port}", None, inside=True)
    outputs = [{"name": "tier", "type": "text", "path": "tier", "default": "none"}]
    terms = {
        "name": "Bench",
        "service_id": service.pk,
        "path": "/fast",
        "inputs": [{"name": "number", "fact": "interaction.from"}],
        "outputs": outputs,
        "limit_ms": LOOKUP_LIMIT,
    }
    row = keep_lookup(None, None, terms, code="bench")

    def decided(fact: str, rounds: int, how: str = "", anew: bool = False) -> tuple[float, float]:
        """(p50, p95) of decisions whose one rule asks for the fact; each came as `how`."""
        published.forget()
        Policy.objects.filter(area="routing").delete()
        rules = [{"id": "r", "name": "R", "when": {"fact": fact, "op": "is", "value": "gold"}, "actions": [{"do": "priority", "priority": 2}]}]
        Policy.objects.create(area="routing", code="bench", name="Bench", version=1, state="published", body={"schema": 1, "rules": rules})
        took = []
        for number in range(rounds + 2):
            if anew:
                lookups.forget()
            begun = time.perf_counter()
            placed = routing.place(contact, queue, now=NOW, look_up=lookups.WAIT)
            if number >= 2:  # the first compile the policy and fill what is kept
                took.append(1000 * (time.perf_counter() - begun))
                came = placed.trace.get("looked_up", {}).get("bench", {}).get("how", "")
                assert came == how, (came, how)
        return round(percentile(took, 50), 2), round(percentile(took, 95), 2)

    try:
        none = decided("interaction.language", rounds)
        cached = decided("lookup.bench.tier", rounds, "kept")
        read = decided("lookup.bench.tier", rounds, "read", anew=True)
        keep_lookup(None, row.pk, {"path": "/hangs"})
        slow = decided("lookup.bench.tier", max(20, rounds // 20), "slow", anew=True)
        for _turn in range(20):
            routing.place(contact, queue, now=NOW, look_up=lookups.WAIT)
        resting = decided("lookup.bench.tier", rounds, "resting")
    finally:
        server.over.set()  # type: ignore[attr-defined]
        server.shutdown()
        Policy.objects.filter(area="routing").delete()
        Lookup.objects.all().delete()
        delete_service("bench", None)
        contact.delete()
        queue.delete()
    more = {
        "lookup_limit_ms": LOOKUP_LIMIT, "lookup_none_ms": none[1], "lookup_read_ms": read[1], "lookup_resting_ms": resting[1], "lookup_slow_p50_ms": slow[0],
        "lookup_cached_p50_ms": cached[0], "lookup_none_p50_ms": none[0], "lookup_read_p50_ms": read[0],
    }  # fmt: skip
    return slow[1], cached[1], more


def replay(contacts: int) -> tuple[float, dict[str, Any]]:
    """Seconds for a replay on a fresh SQLite database."""
    _database()
    say(f"Writing {contacts:,} contacts ...")
    begin, end, old, new = _days(contacts)
    from cordboard.routing import replay as routing

    say("Replaying ...")
    marks: dict[str, float] = {}
    begun, worked = time.perf_counter(), time.process_time()

    def tell(done: int, of: int) -> None:
        for name, part in (("decided", 1 / 3), ("simulated_once", 2 / 3), ("simulated", 1.0)):
            if done >= of * part and name not in marks:
                marks[name] = round(time.perf_counter() - begun, 1)

    report = routing.run(old, new, begin, end, tell)
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    assert report["contacts"] == contacts, report["contacts"]
    assert report["elsewhere"] > 0
    return round(seconds, 1), {
        "replay_contacts": contacts,
        "replay_cpu_s": round(worked, 1),
        "replay_parts_s": marks,
        "replay_elsewhere": report["elsewhere"],
        "replay_level": report["after"]["all"]["level"],
        "replay_pace": report["sure"]["pace"],
    }


def _days(contacts: int) -> tuple[datetime, datetime, dict[str, Any], dict[str, Any]]:
    """Contacts with decisions as routing keeps them: 50 agents, 10,000 customers, so many calls an hour that agents are nine tenths busy."""
    from cordboard.interactions.models import Decision, Interaction, Segment
    from cordboard.org.models import User
    from cordboard.parties.models import Party
    from cordboard.routing.models import AgentSkill, Entry, Queue, QueueMember, Skill, StateLog
    from cordboard.rules import facts
    from cordboard.rules.evaluate import compile_policy
    from cordboard.rules.models import Policy

    chance = random.Random(7)
    queues = {code: Queue.objects.create(code=code, name=code.capitalize()) for code in ("service", "orders", "collections")}
    skills = [Skill.objects.create(code=code, kind="language", names={"en": code}) for code in ("nl", "en")]
    agents = User.objects.bulk_create([User(username=f"agent-{number}", name=f"Agent {number}") for number in range(50)])
    AgentSkill.objects.bulk_create(AgentSkill(agent=agent, skill=skill, proficiency=chance.randint(2, 5)) for agent in agents for skill in skills)
    QueueMember.objects.bulk_create(QueueMember(queue=queue, agent=agent) for queue in queues.values() for agent in agents)
    parties = Party.objects.bulk_create(
        [Party(kind="person", name=f"Customer {number}", value_segment=chance.choice(SEGMENTS), created_at=NOW) for number in range(10_000)],
        batch_size=1000,
    )
    rules: list[dict[str, Any]] = [
        {"id": "orders", "name": "Orders", "when": {"fact": "context.matter", "op": "in", "value": ["order", "delivery"]}, "actions": [{"do": "queue", "queue": "orders"}]},
        {"id": "gold", "name": "Gold", "when": {"fact": "party.value_segment", "op": "is", "value": "gold"}, "actions": [{"do": "priority", "priority": 2}]},
        {"id": "nl", "name": "Dutch", "when": {"fact": "interaction.language", "op": "is", "value": "nl"}, "actions": [{"do": "require", "skill": "nl", "proficiency": 2}, {"do": "relax", "after": 60, "drop": "nl"}]},
    ]  # fmt: skip
    old = {"schema": 1, "mode": "all", "rules": rules}
    silver = {"fact": "party.value_segment", "op": "is", "value": "silver"}
    new = {**old, "rules": [*rules, {"id": "silver", "name": "Silver", "when": {"all": [silver, {"fact": "context.matter", "op": "is", "value": "account"}]}, "actions": [{"do": "queue", "queue": "collections"}, {"do": "priority", "priority": 3}]}]}  # fmt: skip
    Policy.objects.create(area="routing", code="voice", name="Voice", version=1, state="published", body=old)
    compiled = compile_policy(old)
    handling, spacing = 180.0, 180.0 / 50 / 0.9
    begin = NOW - timedelta(seconds=spacing * contacts)
    StateLog.objects.bulk_create(
        StateLog(agent=agent, state="ready", at=begin + timedelta(hours=6 * number))
        for agent in agents
        for number in range(int(spacing * contacts / 21600) + 1)
    )
    known = facts.REGISTRY
    batch: list[tuple[Any, Any, Any, Any]] = []

    def write() -> None:
        rows = Interaction.objects.bulk_create([one[0] for one in batch])
        for row, (_row, part, visit, decision) in zip(rows, batch, strict=True):
            part.interaction = visit.interaction = decision.interaction = row
        parts = Segment.objects.bulk_create([one[1] for one in batch])
        for part, one in zip(parts, batch, strict=True):
            one[2].segment = part
        Entry.objects.bulk_create([one[2] for one in batch])
        Decision.objects.bulk_create([one[3] for one in batch])
        batch.clear()

    for number in range(contacts):
        at = begin + timedelta(seconds=spacing * number)
        party, matter, language = chance.choice(parties), chance.choice(MATTERS), chance.choice(("nl", "en"))
        row = Interaction(channel="voice", state="ended", subject=party, language=language, started_at=at, queued_at=at, ended_at=at)
        outcome = compiled.evaluate(known.reader({"interaction": row, "party": party, "context": {"matter": matter}, "now": at}), at)
        queue = queues["orders" if matter in ("order", "delivery") else "service"]
        accepted = at + timedelta(seconds=chance.expovariate(1 / 20))
        done = accepted + timedelta(seconds=chance.expovariate(1 / handling))
        part = Segment(agent=chance.choice(agents), state="ended", offered_at=at, accepted_at=accepted, ended_at=done, wrapped_up_at=done)
        visit = Entry(queue=queue, state="answered", entered_at=at, waiting_since=at, left_at=accepted)
        sentences = [{"code": "routing.queue", "values": {"queue": queue.pk, "asked": queues["service"].pk}, "rule": ""}] if queue.code != "service" else []
        batch.append((row, part, visit, Decision(kind="routing", policy="voice", policy_version=1, sentences=sentences, trace=outcome.trace, at=at)))
        if len(batch) == 2000:
            write()
    write()
    return begin - timedelta(minutes=1), NOW + timedelta(minutes=1), old, new


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description="Benchmark of rules.")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--quick", action="store_true", help="shorter, less sure")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    options = parser.parse_args()
    parts = options.only.split(",")
    figures: dict[str, Any] = {}
    more: dict[str, Any] = {}
    rows: list[list[str]] = [["", "measured", "aim"]]
    if "evals" in parts:
        say("Evaluating four conditions ...")
        figures["evals_per_s"], extra = evals(1.0 if options.quick else 5.0)
        more |= extra
        rows += [
            ["evaluations a second, four conditions", f"{figures['evals_per_s']:,}", "200,000"],
            ["  with the trace made", f"{extra['evals_with_trace_per_s']:,}", ""],
        ]
    if "policy" in parts:
        say("Asking 500 rules ...")
        figures["policy_ms"], extra = policy(500 if options.quick else 5000)
        more |= extra
        rows += [["500 rules, one interaction, p95", f"{figures['policy_ms']:.3f} ms", "1 ms"], ["  p50", f"{extra['policy_p50_ms']:.3f} ms", ""], ["  compiled once in", f"{extra['compile_500_ms']:.0f} ms", ""]]  # fmt: skip
    if "lookups" in parts:
        say("Looking up elsewhere ...")
        figures["lookup_slow_ms"], figures["lookup_cached_ms"], extra = look_ups(100 if options.quick else 400)
        more |= extra
        rows += [
            [f"decision with a service that hangs, p95 (limit {LOOKUP_LIMIT} ms)", f"{figures['lookup_slow_ms']:.1f} ms", f"{LOOKUP_LIMIT} ms and no more"],
            ["  with a kept answer, p95", f"{figures['lookup_cached_ms']:.2f} ms", ""],
            ["  with a service on this machine, p95", f"{extra['lookup_read_ms']:.2f} ms", ""],
            ["  left alone after failures, p95", f"{extra['lookup_resting_ms']:.2f} ms", ""],
            ["  without any look-up, p95", f"{extra['lookup_none_ms']:.2f} ms", ""],
        ]
    if "replay" in parts:
        contacts = 10_000 if options.quick else 100_000
        figures["replay_s"], extra = replay(contacts)
        more |= extra
        rows += [[f"replay of {contacts:,} contacts, SQLite", f"{figures['replay_s']:.1f} s", "60 s"], ["  of processor", f"{extra['replay_cpu_s']:.1f} s", ""]]
    found("Rules", {**figures, "more": more}, rows, as_json=options.json)


if __name__ == "__main__":
    main()
