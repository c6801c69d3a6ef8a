import { afterEach, describe, expect, it, vi } from "vitest";
import type { Board } from "../src/board/reduce";
import { staleBoard } from "../src/board/reduce";
import { keepRows } from "../src/board/rows";
import { said } from "../src/board/satisfaction";
import { applyTelephony, isUp, signs, staleTelephony, type Telephony } from "../src/board/telephony";
import { startBoards } from "../src/board/values";
import type { LiveClient, LiveListener } from "../src/live/client";

afterEach(() => document.body.replaceChildren());

const words = {
  states: {},
  reasons: {},
  no_trunks: "no trunks",
  trunks_down: "trunks down: {names}",
  trunks_up: "trunks up: {n}",
  recordings: "recordings running: {n}",
  recordings_failed: "recordings failed today: {n}",
};

const telephony = (): Telephony => ({
  since: 0,
  trunks: { "3": { id: 3, code: "carrier", name: "Carrier", nodes: { one: { up: true, reason: "", since: 100 } } } },
  running: { "41": 91 },
  failed: {},
});

describe("trunks and recordings", () => {
  it("follow their events, and a trunk is up while one node can use it", () => {
    const values = telephony();
    applyTelephony(values, "voice.trunk_state", { trunk: 3, node: "one", up: false, reason: "no answer" }, 200);
    expect(signs(values, words)).toEqual({ trunks: "trunks down: Carrier", down: true, running: "recordings running: 1", failed: "" });
    applyTelephony(values, "voice.trunk_state", { trunk: 3, node: "one", up: false, reason: "refused" }, 300);
    expect(values.trunks["3"]?.nodes.one).toEqual({ up: false, reason: "refused", since: 200 });
    applyTelephony(values, "voice.trunk_state", { trunk: 3, node: "two", up: true, reason: "" }, 400);
    expect(signs(values, words).trunks).toBe("trunks up: 1");
    expect(isUp({ id: 4, code: "new", name: "New", nodes: {} })).toBe(false);
  });

  it("count what runs and what failed, each once", () => {
    const values = telephony();
    applyTelephony(values, "voice.recording_started", { recording: 42, interaction: 92 }, 1);
    applyTelephony(values, "voice.recording_started", { recording: 42, interaction: 92 }, 1);
    expect(signs(values, words).running).toBe("recordings running: 2");
    applyTelephony(values, "voice.recording_ended", { recording: 42, interaction: 92, error: "disk full" }, 2);
    applyTelephony(values, "voice.recording_ended", { recording: 42, interaction: 92, error: "disk full" }, 3);
    applyTelephony(values, "voice.call_ended", { interaction: 91 }, 4);
    expect(signs(values, words)).toMatchObject({ running: "recordings running: 0", failed: "recordings failed today: 1" });
  });

  it("are read afresh when there are other trunks", () => {
    expect(staleTelephony(telephony(), "voice.trunk_changed", { trunk: 3 })).toBe(true);
    expect(staleTelephony(telephony(), "voice.trunk_state", { trunk: 4 })).toBe(true);
    expect(staleTelephony(telephony(), "voice.trunk_state", { trunk: 3 })).toBe(false);
  });
});

describe("satisfaction", () => {
  const own = {
    ...words,
    none: "–",
    of_five: "{n} of 5",
    rated: "ratings: {n}",
    rated_low: "ratings: {n}, low: {low}",
    nobody_rated: "nobody",
  };

  it("is a mean of five with how many said so, in the reader's figures", () => {
    expect(said({ mean: 4.25, number: 4, low: 0 }, own, "en")).toEqual({ mean: "4.3 of 5", note: "ratings: 4", tone: "" });
    expect(said({ mean: 2.5, number: 2, low: 1 }, own, "nl")).toEqual({ mean: "2,5 of 5", note: "ratings: 2, low: 1", tone: "warn" });
    expect(said({ mean: 1, number: 1, low: 1 }, own, "en").tone).toBe("bad");
    expect(said({ mean: null, number: 0, low: 0 }, own, "en")).toEqual({ mean: "–", note: "nobody", tone: "" });
  });
});

describe("what is new on the board", () => {
  const board = { since: 0, interval: 1800, whole: true, queues: {}, agents: { "7": {} } } as unknown as Board;

  it("is read afresh: a queue made or renamed, an agent put on a queue or signed in for the first time", () => {
    expect(staleBoard(board, "routing.queue_changed", { queue: 3, open: true, change: "made" })).toBe(true);
    expect(staleBoard(board, "routing.queue_changed", { queue: 3, open: true, change: "opened" })).toBe(false);
    expect(staleBoard(board, "routing.agent_changed", { agent: 8, change: "joined" })).toBe(true);
    expect(staleBoard(board, "routing.agent_changed", { agent: 7, change: "joined" })).toBe(false);
    expect(staleBoard(board, "routing.agent_state_changed", { agent: 8 })).toBe(true);
    expect(staleBoard({ ...board, whole: false }, "routing.agent_state_changed", { agent: 8 })).toBe(false);
  });

  it("is asked for once for all that is made at a time", () => {
    vi.useFakeTimers();
    document.body.innerHTML = '<span data-live-value="board.standing"></span>';
    let listener: LiveListener = {};
    const again = vi.fn();
    const live = { listen: (one: LiveListener) => (listener = one), followValues: () => undefined, again } as unknown as LiveClient;
    startBoards(document, live, (what) => what());
    listener.values?.("board", structuredClone(board) as unknown as Record<string, unknown>);
    const made = (queue: number) => ({
      id: queue,
      kind: "routing.queue_changed",
      version: 1,
      at: "2026-11-22T07:00:00Z",
      actor: "user:1",
      topics: ["board"],
      body: { queue, open: true, change: "made" },
    });
    for (const queue of [4, 5, 6]) listener.event?.(made(queue));
    expect(again).not.toHaveBeenCalled();
    vi.advanceTimersByTime(600);
    expect(again.mock.calls).toEqual([["board"]]);
    vi.useRealTimers();
  });
});

describe("rows of the board", () => {
  it("come, go and stand in the order of their names; the others are not touched", () => {
    document.body.innerHTML = `<ol id="list"><li data-agent="7"><button data-cell="name" data-row-box="/board/agents/7/">Bob</button></li></ol>
      <template id="row"><li data-agent="0"><button data-cell="name" data-row-box="/board/agents/0/"></button></li></template>`;
    const list = document.getElementById("list") as HTMLElement;
    const template = document.getElementById("row") as HTMLTemplateElement;
    const bob = list.querySelector("li");
    const shown = () => [...list.querySelectorAll<HTMLElement>("li")].map((row) => `${row.dataset.agent} ${row.textContent?.trim()}`);
    expect(keepRows(list, template, "agent", [{ id: 7, name: "Bob" }])).toBe(false);
    const more = [
      { id: 7, name: "Bob" },
      { id: 9, name: "carol" },
      { id: 8, name: "Alice" },
    ];
    expect(keepRows(list, template, "agent", more)).toBe(true);
    expect(shown()).toEqual(["8 Alice", "7 Bob", "9 carol"]);
    expect(list.querySelectorAll("li")[1]).toBe(bob);
    expect(list.querySelector<HTMLElement>("[data-agent='8'] button")?.dataset.rowBox).toBe("/board/agents/8/");
    const renamed = [
      { id: 7, name: "Bob" },
      { id: 9, name: "carol" },
      { id: 8, name: "Zoe" },
    ];
    list.querySelector<HTMLElement>("[data-agent='8'] button")?.focus();
    expect(keepRows(list, template, "agent", renamed)).toBe(false);
    expect(shown()).toEqual(["7 Bob", "9 carol", "8 Zoe"]);
    expect(list.querySelectorAll("li")[0]).toBe(bob);
    expect(document.activeElement?.textContent).toBe("Zoe");
    expect(keepRows(list, template, "agent", [{ id: 9, name: "Caroline" }])).toBe(true);
    expect(shown()).toEqual(["9 Caroline"]);
  });
});
