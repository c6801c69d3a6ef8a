import { describe, expect, it } from "vitest";
import { LiveClient } from "../src/live/client";
import { FIRST_SPREAD, type LiveEvent, RECONNECT_SPREAD } from "../src/live/wire";
import { TestLine } from "./line";

function event(id: number, topics: string[]): LiveEvent {
  return { id, kind: "interactions.opened", version: 1, at: "2026-11-22T00:00:00Z", actor: "switch", topics, body: {} };
}

function page(cursor = "1:10") {
  const line = new TestLine();
  const live = new LiveClient("ws://x/live", cursor, line);
  const seen: string[] = [];
  live.listen({
    up: (first) => seen.push(first ? "up" : "back"),
    down: () => seen.push("down"),
    signedOut: () => seen.push("signed out"),
    event: (one) => seen.push(`event ${one.id}`),
    values: (topic, values) => seen.push(`values ${topic} ${JSON.stringify(values)}`),
    reload: (topics) => seen.push(`reload ${topics.join(" ")}`),
  });
  return { line, live, seen };
}

const welcome = { type: "welcome", page: "p", user: 7, topics: ["user:7"] };

describe("the live line", () => {
  it("subscribes with the cursor that the page was made with", () => {
    const { line, live } = page();
    live.subscribe(["user:7", "interaction:91"]);
    live.start();
    line.last.says(welcome);
    expect(line.last.sent[0]).toEqual({ type: "subscribe", topics: ["user:7", "interaction:91"], cursor: "1:10" });
  });

  it("resumes after a loss with the cursor of what it heard last", () => {
    const { line, live, seen } = page();
    live.subscribe(["user:7"]);
    live.start();
    line.last.says(welcome);
    line.last.says({ type: "events", events: [event(11, ["user:7"])], cursor: "1:11" });
    line.last.dies();
    line.pass(5000);
    line.last.says(welcome);
    expect(line.sockets).toHaveLength(2);
    expect(line.last.sent[0]).toEqual({ type: "subscribe", topics: ["user:7"], cursor: "1:11" });
    expect(seen).toEqual(["up", "event 11", "down", "back"]);
  });

  it("comes back at random within two seconds, so that a new front is not trampled", () => {
    const { line, live } = page();
    live.start();
    line.last.says(welcome);
    line.chance = 0.9;
    line.last.dies();
    line.pass(1700);
    expect(line.sockets).toHaveLength(1);
    line.pass(200);
    expect(line.sockets).toHaveLength(2);
  });

  it("does not take the cursor of a subscription over that of its events", () => {
    const { line, live } = page();
    live.subscribe(["user:7"]);
    live.start();
    line.last.says(welcome);
    line.last.says({ type: "subscribed", topics: ["user:7"], refused: [], values: {}, cursor: "1:99" });
    expect(live.position).toBe("1:10");
  });

  it("asks for values afresh after a loss instead of resuming them", () => {
    const { line, live, seen } = page();
    live.watch(["queue:3"]);
    live.start();
    line.last.says(welcome);
    expect(line.last.sent).toEqual([{ type: "subscribe", topics: ["queue:3"] }]);
    line.last.says({ type: "subscribed", topics: ["queue:3"], refused: [], values: { "queue:3": { waiting: 2 } }, cursor: "1:12" });
    line.last.dies();
    line.pass(5000);
    line.last.says(welcome);
    expect(line.last.sent).toEqual([{ type: "subscribe", topics: ["queue:3"] }]);
    expect(seen).toContain('values queue:3 {"waiting":2}');
  });

  it("stays away when the session is over", () => {
    const { line, live, seen } = page();
    live.start();
    line.last.says(welcome);
    line.last.dies(4401);
    line.pass(60_000);
    expect(line.sockets).toHaveLength(1);
    expect(seen).toEqual(["up", "signed out"]);
  });

  it("comes back at once, without alarming anybody, when its rights changed", () => {
    const { line, live, seen } = page();
    live.start();
    line.last.says(welcome);
    line.last.dies(4403);
    line.pass(0);
    expect(line.sockets).toHaveLength(2);
    expect(seen).not.toContain("down");
  });

  it("notices a line that is dead although nobody said so", () => {
    const { line, live, seen } = page();
    live.start();
    line.last.says(welcome);
    const first = line.last;
    line.pass(25_000);
    expect(first.closed).toBe(true);
    expect(seen).toContain("down");
  });

  it("sends a heartbeat every five seconds", () => {
    const { line, live } = page();
    live.start();
    line.last.says(welcome);
    line.pass(5000);
    line.last.says({ type: "pong", n: 1 });
    line.pass(5000);
    expect(line.last.sent.filter((one) => one.type === "presence")).toHaveLength(2);
  });

  it("answers at once when it is asked whether it is there", () => {
    const { line, live } = page();
    live.start();
    line.last.says(welcome);
    line.last.says({ type: "beat" });
    expect(line.last.sent).toEqual([{ type: "presence" }]);
  });

  it("tries more patiently when the first try was in vain", () => {
    const { line, live } = page();
    live.start();
    line.last.says(welcome);
    line.chance = 0.9;
    line.last.dies();
    line.pass(FIRST_SPREAD);
    expect(line.sockets).toHaveLength(2);
    line.last.dies();
    line.pass(FIRST_SPREAD);
    expect(line.sockets).toHaveLength(2);
    line.pass(RECONNECT_SPREAD - FIRST_SPREAD);
    expect(line.sockets).toHaveLength(3);
  });

  it("forgets topics that it may not hear", () => {
    const { line, live } = page();
    live.subscribe(["party:1"]);
    live.start();
    line.last.says(welcome);
    line.last.says({ type: "subscribed", topics: [], refused: ["party:1"], values: {}, cursor: "1:11" });
    line.last.dies();
    line.pass(5000);
    line.last.says(welcome);
    expect(line.last.sent).toEqual([]);
  });

  it("lets go of topics that the page does not show any more", () => {
    const { line, live } = page();
    live.follow(new Set(["user:7", "interaction:91", "party:12"]));
    live.watch(["queue:3"]);
    live.start();
    line.last.says(welcome);
    live.follow(new Set(["user:7", "interaction:92"]));
    live.followValues(new Set(["queue:4"]));
    expect(line.last.sent.slice(2)).toEqual([
      { type: "unsubscribe", topics: ["interaction:91", "party:12"] },
      { type: "subscribe", topics: ["interaction:92"], cursor: "1:10" },
      { type: "unsubscribe", topics: ["queue:3"] },
      { type: "subscribe", topics: ["queue:4"] },
    ]);
    line.last.dies();
    line.pass(5000);
    line.last.says(welcome);
    expect(line.last.sent.map((one) => one.topics)).toEqual([["user:7", "interaction:92"], ["queue:4"]]);
  });

  it("passes over messages that it does not know", () => {
    const { line, live, seen } = page();
    live.start();
    line.last.says({ type: "something newer" });
    line.last.onmessage?.({ data: "not json" } as MessageEvent);
    line.last.says(welcome);
    expect(seen).toEqual(["up"]);
  });

  it("goes on when one listener fails", () => {
    const { line, live, seen } = page();
    const problems: unknown[] = [];
    const error = console.error;
    console.error = (problem: unknown) => problems.push(problem);
    live.listen({
      event: () => {
        throw new Error("mine");
      },
    });
    live.start();
    line.last.says(welcome);
    line.last.says({ type: "events", events: [event(11, []), event(12, [])], cursor: "1:12" });
    console.error = error;
    expect(seen).toEqual(["up", "event 11", "event 12"]);
    expect(live.position).toBe("1:12");
    expect(problems).toHaveLength(2);
  });
});
