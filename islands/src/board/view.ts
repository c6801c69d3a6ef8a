// What the live board shows of its values: pure, so that it can be tested without a page. The values are those of cordboard/routing/reduce.py.

import { type AgentValues, type Board, type Counts, intervalOf, type QueueValues } from "./reduce";

export interface Reason {
  words: string;
  break: boolean;
}

export const NONE: Counts = { offered: 0, answered: 0, in_target: 0, abandoned: 0, short: 0, left: 0 };

export function add(one: Counts, other: Counts): Counts {
  return {
    offered: one.offered + other.offered,
    answered: one.answered + other.answered,
    in_target: one.in_target + other.in_target,
    abandoned: one.abandoned + other.abandoned,
    short: one.short + other.short,
    left: one.left + other.left,
  };
}

/** Answered within the target time ÷ (answered + abandoned − short abandons), in percent; null while there is nothing to divide by. */
export function level(counts: Counts): number | null {
  const base = counts.answered + counts.abandoned - counts.short;
  return base > 0 ? (100 * counts.in_target) / base : null;
}

/** "" on target or above, warn up to ten points below, bad beyond. Good news is quiet. */
export function tone(percent: number | null, target: number): "" | "warn" | "bad" {
  if (percent === null || percent >= target) return "";
  return percent >= target - 10 ? "warn" : "bad";
}

export function sum(counts: Iterable<Counts>): Counts {
  let total = NONE;
  for (const one of counts) total = add(total, one);
  return total;
}

export interface QueueView {
  id: number;
  waiting: number;
  /** Those at whom nobody's telephone rings yet. */
  unoffered: number;
  longest: number | null;
  /** Of today. */
  level: number | null;
  tone: "" | "warn" | "bad";
  offered: number;
  abandoned: number;
  ready: number;
  staffed: number;
  atWork: number;
}

export function sign(agent: AgentValues, reasons: Record<string, Reason>): string {
  if (agent.state !== "not_ready") return agent.state;
  return agent.reason && reasons[agent.reason]?.break ? "break" : "notready";
}

/** Whether an agent is not ready longer than was meant. */
export function isOver(agent: AgentValues, now: number): boolean {
  return agent.state === "not_ready" && agent.until !== null && agent.until <= now;
}

export interface Staff {
  ready: number;
  /** Signed in. */
  staffed: number;
  /** Ready, or with a contact and not about to leave. */
  atWork: number;
}

const AT_WORK = ["ready", "offered", "talking", "wrapup"];

/** Who serves each queue now, by the queue's id, in one pass over the agents. */
export function staffing(agents: Iterable<AgentValues>): Map<number, Staff> {
  const found = new Map<number, Staff>();
  for (const agent of agents) {
    if (agent.state === "offline") continue;
    const ready = agent.state === "ready" && !agent.pending ? 1 : 0;
    const atWork = AT_WORK.includes(agent.state) && !agent.pending ? 1 : 0;
    for (const queue of agent.queues) {
      const staff = found.get(queue);
      if (staff) {
        staff.ready += ready;
        staff.staffed += 1;
        staff.atWork += atWork;
      } else found.set(queue, { ready, staffed: 1, atWork });
    }
  }
  return found;
}

export function queueView(queue: QueueValues, staff: Staff = { ready: 0, staffed: 0, atWork: 0 }): QueueView {
  const counts = sum(Object.values(queue.intervals));
  const waits = Object.values(queue.waiting);
  const percent = level(counts);
  return {
    id: queue.id,
    waiting: waits.length,
    unoffered: waits.filter((one) => one.agent === null).length,
    longest: waits.length ? Math.min(...waits.map((one) => one.since)) : null,
    level: percent,
    tone: tone(percent, queue.target_percent),
    offered: counts.offered,
    abandoned: counts.abandoned,
    ready: staff.ready,
    staffed: staff.staffed,
    atWork: staff.atWork,
  };
}

/** Service level of those who entered the queue in the present half hour; `now` in seconds since 1970. */
export function levelNow(queue: QueueValues, interval: number, now: number): number | null {
  return level(queue.intervals[intervalOf(now, interval)] ?? NONE);
}

export interface Point {
  at: number;
  level: number | null;
}

/** Service level of all queues together by interval, oldest first. */
export function points(board: Board): Point[] {
  const by = new Map<number, Counts>();
  for (const queue of Object.values(board.queues))
    for (const [at, counts] of Object.entries(queue.intervals)) by.set(Number(at), add(by.get(Number(at)) ?? NONE, counts));
  return [...by.entries()].sort((one, other) => one[0] - other[0]).map(([at, counts]) => ({ at, level: level(counts) }));
}

export interface WaitingView {
  entry: string;
  queue: string;
  since: number;
  agent: string;
}

/** Who has waited longest, first. */
export function waitingLongest(board: Board, most: number): WaitingView[] {
  const all: WaitingView[] = [];
  for (const queue of Object.values(board.queues))
    for (const [entry, one] of Object.entries(queue.waiting))
      all.push({
        entry,
        queue: queue.name,
        since: one.since,
        agent: one.agent === null ? "" : (board.agents[String(one.agent)]?.name ?? ""),
      });
  return all.sort((one, other) => one.since - other.since).slice(0, most);
}

/** The target of several queues together: each queue's own, weighted by what it was offered; 80 while nothing was. */
export function targetOf(queues: readonly QueueValues[]): number {
  let weight = 0;
  let total = 0;
  for (const queue of queues) {
    const offered = sum(Object.values(queue.intervals)).offered;
    weight += offered;
    total += offered * queue.target_percent;
  }
  return weight ? total / weight : (queues[0]?.target_percent ?? 80);
}
