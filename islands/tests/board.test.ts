import { describe, expect, it } from "vitest";
import type { AgentValues, Board, QueueValues } from "../src/board/reduce";
import { isOver, level, NONE, points, queueView, sign, staffing, targetOf, tone, waitingLongest } from "../src/board/view";

const alice: AgentValues = {
  id: 7,
  name: "Alice",
  queues: [3],
  state: "ready",
  reason: null,
  since: 0,
  until: null,
  pending: false,
  pending_reason: null,
  load: 0,
  capacity: 1,
  interaction: null,
};
const bob: AgentValues = { ...alice, id: 8, name: "Bob", state: "talking" };
const counts = { offered: 10, answered: 6, in_target: 5, abandoned: 3, short: 1, left: 1 };
const queue: QueueValues = {
  id: 3,
  code: "service",
  name: "Service",
  open: true,
  target_percent: 80,
  target_seconds: 20,
  waiting: {
    "17": { interaction: 91, since: 1000, priority: 5, agent: null },
    "18": { interaction: 92, since: 990, priority: 5, agent: 8 },
  },
  intervals: { "1800": counts, "3600": { ...NONE, offered: 1 } },
};
const board: Board = { since: 0, interval: 1800, queues: { "3": queue }, agents: { "7": alice, "8": bob } };

describe("the live board", () => {
  it("divides what was answered in time by what was answered or given up, short abandons apart", () => {
    expect(level(counts)).toBeCloseTo((100 * 5) / 8);
    expect(level(NONE)).toBeNull();
  });

  it("keeps good news quiet", () => {
    expect([tone(80, 80), tone(79, 80), tone(70, 80), tone(69, 80), tone(null, 80)]).toEqual(["", "warn", "warn", "bad", ""]);
  });

  it("counts who is ready of who is here", () => {
    const away = { ...alice, id: 9, state: "offline" };
    const leaving = { ...alice, id: 10, pending: true };
    const view = queueView(queue, staffing([alice, bob, away, leaving]).get(queue.id));
    expect([view.ready, view.staffed, view.waiting, view.longest, view.offered]).toEqual([1, 3, 2, 990, 11]);
  });

  it("shows a break as a break", () => {
    const reasons = { lunch: { words: "Lunch", break: true }, admin: { words: "Admin", break: false } };
    expect(sign({ ...alice, state: "not_ready", reason: "lunch" }, reasons)).toBe("break");
    expect(sign({ ...alice, state: "not_ready", reason: "admin" }, reasons)).toBe("notready");
    expect(sign(bob, reasons)).toBe("talking");
  });

  it("tells a break that is over from one that runs", () => {
    const lunch = { ...alice, state: "not_ready", reason: "lunch", until: 900 };
    expect(isOver(lunch, 899)).toBe(false);
    expect(isOver(lunch, 900)).toBe(true);
    expect(isOver({ ...lunch, until: null }, 9000)).toBe(false);
    expect(isOver({ ...lunch, state: "ready" }, 9000)).toBe(false);
  });

  it("puts who waited longest first, and says where it rings", () => {
    expect(waitingLongest(board, 5).map((one) => [one.entry, one.agent])).toEqual([
      ["18", "Bob"],
      ["17", ""],
    ]);
    expect(waitingLongest(board, 1)).toHaveLength(1);
  });

  it("weighs the targets of several queues by what they were offered", () => {
    const small = { ...queue, target_percent: 70, intervals: { "1800": { ...NONE, offered: 11 } } };
    expect(targetOf([queue, small])).toBe(75);
    expect(targetOf([])).toBe(80);
  });

  it("draws half hours in order, with a gap where nothing was decided", () => {
    expect(points(board).map((point) => point.at)).toEqual([1800, 3600]);
    expect(points(board)[1]?.level).toBeNull();
  });
});
