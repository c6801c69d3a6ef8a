import { afterEach, describe, expect, it } from "vitest";
import { band } from "../src/board/estimate";
import type { AgentValues, QueueValues } from "../src/board/reduce";
import { startBoards } from "../src/board/values";
import { levelNow, NONE, staffing } from "../src/board/view";
import { TOGETHER, turnOf, Wall } from "../src/board/wall";
import { Broadcasts } from "../src/desk/broadcasts";
import type { LiveClient, LiveListener } from "../src/live/client";

afterEach(() => document.body.replaceChildren());

describe("the wait to expect", () => {
  it("is that of cordboard/routing/estimate.py", () => {
    // band(place, agents, Handling(mean, calls), free=...) in Python
    expect(band(1, 0, 0)).toBeNull();
    expect(band(2, 5, 2, [240, 50])).toEqual({ low: 0, high: 0 });
    expect(band(3, 4, 0, [240, 40])).toEqual({ low: 0, high: 7 });
    expect(band(12, 5, 0, [300, 100])).toEqual({ low: 7, high: 19 });
  });
});

describe("the wallboard", () => {
  it("shows queues in turns, all of them and none twice", () => {
    const count = 2 * TOGETHER + 1;
    const turns = [0, 1, 2].map((turn) => turnOf(turn, count));
    expect(turns).toEqual([
      [0, TOGETHER],
      [TOGETHER, 2 * TOGETHER],
      [2 * TOGETHER, count],
    ]);
    expect(turnOf(3, count)).toEqual(turns[0]);
    expect(turnOf(7, 0)).toEqual([0, 0]);
  });

  it("has the level of this half hour, not of the one before", () => {
    const queue = { intervals: { "1800": { ...NONE, offered: 2, answered: 2, in_target: 1 } } } as unknown as QueueValues;
    expect(levelNow(queue, 1800, 3599)).toBe(50);
    expect(levelNow(queue, 1800, 3600)).toBeNull();
  });

  it("says what customers said today, of all and queue by queue", () => {
    document.body.innerHTML = `<main id="wall"><dd data-kpi="satisfaction">–</dd>
      <table><tr data-queue="3"><td data-cell="satisfaction"></td></tr><tr data-queue="4"><td data-cell="satisfaction"></td></tr></table>
      <script type="application/json" id="board-words">{"states": {}, "reasons": {}, "none": "–"}</script></main>`;
    new Wall(document.getElementById("wall") as HTMLElement).start();
    const say = (mean: number | null, queues: object) =>
      document.dispatchEvent(
        new CustomEvent("cb:values", { detail: { topic: "satisfaction", values: { mean, number: 1, low: 0, queues } } }),
      );
    say(4.25, { "3": { mean: 1.5, number: 1, low: 1 } });
    const all = document.querySelector('[data-kpi="satisfaction"]') as HTMLElement;
    const cells = [...document.querySelectorAll<HTMLElement>('[data-cell="satisfaction"]')];
    expect([all.textContent, ...cells.map((cell) => cell.textContent)]).toEqual(["4.3", "1.5", "–"]);
    expect([all, ...cells].map((cell) => cell.classList.contains("cb-bad"))).toEqual([false, true, false]);
    say(null, {});
    expect([all.textContent, ...cells.map((cell) => cell.textContent)]).toEqual(["–", "–", "–"]);
  });

  it("counts who works, and not who is about to leave", () => {
    const one = { state: "talking", pending: false, queues: [3] } as unknown as AgentValues;
    const found = staffing([one, { ...one, pending: true }, { ...one, state: "not_ready" }, { ...one, state: "offline" }]);
    expect(found.get(3)).toEqual({ ready: 0, staffed: 3, atWork: 1 });
  });
});

describe("a hundred events", () => {
  it("are drawn once a frame", () => {
    document.body.innerHTML = '<span data-live-value="board.standing"></span>';
    let listener: LiveListener = {};
    const live = { listen: (one: LiveListener) => (listener = one), followValues: () => undefined } as unknown as LiveClient;
    const frames: (() => void)[] = [];
    startBoards(document, live, (what) => frames.push(what));
    let drawn = 0;
    const count = () => (drawn += 1);
    document.addEventListener("cb:values", count);
    listener.values?.("board", { queues: {}, agents: { "7": { state: "ready" } }, since: 0, interval: 1800 });
    drawn = 0;
    const event = {
      id: 1,
      kind: "routing.agent_state_changed",
      version: 1,
      at: "",
      actor: "user:7",
      topics: ["board"],
      body: { agent: 7, state: "talking" },
    };
    for (let n = 0; n < 100; n += 1) listener.event?.(event);
    expect([drawn, frames.length]).toEqual([0, 1]);
    frames[0]?.();
    expect(drawn).toBe(1);
    listener.event?.(event);
    expect(frames.length).toBe(2);
    document.removeEventListener("cb:values", count);
  });
});

describe("a message to many", () => {
  it("stands until it is acknowledged, and stays when that did not reach the server", async () => {
    document.body.innerHTML = '<div id="shell-notices"></div>';
    let waiting = [{ id: 4, title: "Message from Carol:", text: "Line 3 is down.", url: "/messages/4/read/" }];
    let reached = false;
    const broadcasts = new Broadcasts(
      "/messages/unread/",
      "7",
      async () => waiting,
      async () => reached,
    );
    const notice = () => document.querySelector<HTMLElement>("[data-notice=broadcast-4]");
    const settle = () => new Promise((done) => setTimeout(done));
    await broadcasts.look();
    expect(notice()?.textContent).toContain("Line 3 is down.");
    notice()?.querySelector("button")?.click();
    await settle();
    expect(notice()).not.toBeNull();
    reached = true;
    waiting = [];
    notice()?.querySelector("button")?.click();
    await settle();
    expect(notice()).toBeNull();
  });

  it("without an address is put away here alone: it waits on its own page", async () => {
    document.body.innerHTML = '<div id="shell-notices"></div>';
    const asked: string[] = [];
    const broadcasts = new Broadcasts(
      "/messages/unread/",
      "7",
      async () => [{ id: -8, title: "Alice asks for your approval:", text: "Refund?", url: "" }],
      async (url) => {
        asked.push(url);
        return true;
      },
    );
    const notice = () => document.querySelector<HTMLElement>("[data-notice='broadcast--8']");
    await broadcasts.look();
    notice()?.querySelector("button")?.click();
    await new Promise((done) => setTimeout(done));
    expect(notice()).toBeNull();
    await broadcasts.look();
    expect(notice()).toBeNull();
    expect(asked).toEqual([]);
  });

  it("is looked for when somebody asks for an approval or answers one", () => {
    let looked = 0;
    let listener: LiveListener | undefined;
    const broadcasts = new Broadcasts("/messages/unread/", "7", async () => {
      looked += 1;
      return [];
    });
    broadcasts.listen({ listen: (one: LiveListener) => (listener = one) } as unknown as LiveClient, () => {});
    const tell = (kind: string, body: Record<string, unknown>) => listener?.event?.({ kind, body } as never);
    tell("interactions.approval_asked", { approver: 7, asked_by: 3 });
    tell("interactions.approval_settled", { approver: 3, asked_by: 7 });
    tell("interactions.approval_settled", { approver: 3, asked_by: 4 });
    expect(looked).toBe(2);
  });
});
