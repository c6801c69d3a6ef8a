// The live board in the browser: a snapshot plus events gives what a fresh snapshot would. The same rules as cordboard/routing/reduce.py; a
// test of either language runs the same histories (tests/histories.jsonl, written by the Python side).

import type { LiveEvent, Values } from "../live/wire";
import { applyTelephony, staleTelephony, type Telephony } from "./telephony";

export interface Waiter {
  interaction: number;
  since: number;
  priority: number;
  agent: number | null;
}

export interface Counts {
  offered: number;
  answered: number;
  in_target: number;
  abandoned: number;
  short: number;
  left: number;
}

export interface QueueValues {
  id: number;
  code: string;
  name: string;
  open: boolean;
  target_percent: number;
  target_seconds: number;
  waiting: Record<string, Waiter>;
  intervals: Record<string, Counts>;
}

export interface AgentValues {
  id: number;
  name: string;
  queues: number[];
  state: string;
  reason: string | null;
  since: number;
  until: number | null;
  pending: boolean;
  pending_reason: string | null;
  load: number;
  capacity: number;
  interaction: number | null;
}

export interface Board {
  since: number;
  interval: number;
  /** It has all queues and agents, not those of a unit. */
  whole?: boolean;
  queues: Record<string, QueueValues>;
  agents: Record<string, AgentValues>;
}

type Body = Record<string, unknown>;
type CountName = keyof Counts;

const IN_WORK = ["offered", "talking", "wrapup"];
const none = (): Counts => ({ offered: 0, answered: 0, in_target: 0, abandoned: 0, short: 0, left: 0 });

/** The key of the interval that a moment (seconds since 1970) belongs to. */
export function intervalOf(moment: number, interval: number): string {
  return String(Math.floor(moment / interval) * interval);
}

function queueOf(board: Board, body: Body): QueueValues | undefined {
  return board.queues[String(body.queue)];
}

function waits(board: Board, body: Body, agent: number | null): void {
  const queue = queueOf(board, body);
  if (!queue || body.kind === "consult") return;
  queue.waiting[String(body.entry)] = {
    interaction: body.interaction as number,
    since: body.waiting_since as number,
    priority: body.priority as number,
    agent,
  };
}

function rings(board: Board, body: Body, agent: number | null): void {
  const entry = queueOf(board, body)?.waiting[String(body.entry)];
  if (entry) entry.agent = agent;
}

function gone(board: Board, body: Body): void {
  const queue = queueOf(board, body);
  if (queue) delete queue.waiting[String(body.entry)];
}

function count(board: Board, body: Body, ...names: CountName[]): void {
  const queue = queueOf(board, body);
  const entered = body.entered_at as number;
  if (!queue || !body.counted || entered < board.since) return;
  const key = intervalOf(entered, board.interval);
  const counts = queue.intervals[key] ?? none();
  queue.intervals[key] = counts;
  for (const name of names) counts[name] += 1;
}

const CHANGES: Record<string, (board: Board, body: Body) => void> = {
  "routing.entered": (board, body) => {
    waits(board, body, (body.agent as number | null | undefined) ?? null);
    count(board, body, "offered");
  },
  "routing.returned": (board, body) => waits(board, body, null),
  "routing.offer_made": (board, body) => {
    rings(board, body, body.agent as number);
    const agent = board.agents[String(body.agent)];
    if (agent)
      Object.assign(agent, {
        state: "offered",
        reason: null,
        since: body.offered_at,
        until: null,
        load: body.load,
        interaction: body.interaction,
      });
  },
  "routing.offer_rejected": (board, body) => rings(board, body, null),
  "routing.offer_expired": (board, body) => rings(board, body, null),
  "routing.offer_withdrawn": (board, body) => rings(board, body, null),
  "routing.offer_accepted": (board, body) => {
    gone(board, body);
    count(board, body, "answered", ...(body.in_target ? (["in_target"] as const) : []));
  },
  "routing.abandoned": (board, body) => {
    gone(board, body);
    count(board, body, "abandoned", ...(body.short ? (["short"] as const) : []));
  },
  "routing.left": (board, body) => {
    gone(board, body);
    count(board, body, "left");
  },
  "routing.agent_state_changed": (board, body) => {
    const agent = board.agents[String(body.agent)];
    if (!agent) return;
    for (const name of ["state", "reason", "since", "until", "pending", "pending_reason", "load", "capacity"] as const)
      Object.assign(agent, { [name]: body[name] });
    if (!IN_WORK.includes(agent.state)) agent.interaction = null;
    else if (body.interaction !== null && body.interaction !== undefined) agent.interaction = body.interaction as number;
  },
  "routing.agent_changed": (board, body) => {
    const agent = board.agents[String(body.agent)];
    if (agent) agent.queues = [...(body.queues as number[])];
  },
  "routing.entry_changed": (board, body) => {
    const entry = queueOf(board, body)?.waiting[String(body.entry)];
    if (entry) entry.priority = body.priority as number;
  },
  "routing.queue_changed": (board, body) => {
    const queue = queueOf(board, body);
    if (queue) queue.open = body.open as boolean;
  },
};

/** Take one event into the board, in place. What does not concern it changes nothing. */
export function apply(board: Board, kind: string, body: Body): void {
  CHANGES[kind]?.(board, body);
}

/** Take an event into the values of a topic. */
export function reduce(topic: string, values: Values, event: LiveEvent): Values {
  if (topic === "board" || topic.startsWith("queue:")) apply(values as unknown as Board, event.kind, event.body);
  if (topic === "telephony") applyTelephony(values as unknown as Telephony, event.kind, event.body, Date.parse(event.at) / 1000);
  return values;
}

/** Whether only reading afresh tells what came of this event: a queue was made or is called otherwise, an agent is new here. */
export function staleBoard(board: Board, kind: string, body: Body): boolean {
  if (kind === "routing.queue_changed") return body.change === "made" || body.change === "terms";
  if (kind === "routing.agent_changed") {
    const known = String(body.agent) in board.agents;
    return (known ? ["renamed", "closed"] : ["joined", "opened"]).includes(String(body.change));
  }
  return kind === "routing.agent_state_changed" && board.whole === true && !(String(body.agent) in board.agents);
}

/** Whether the values of a topic must be read afresh for this event. */
export function stale(topic: string, values: Values, event: LiveEvent): boolean {
  if (topic === "board") return staleBoard(values as unknown as Board, event.kind, event.body);
  if (topic === "satisfaction") return true; // no event carries a rating
  return topic === "telephony" && staleTelephony(values as unknown as Telephony, event.kind, event.body);
}

/** How many wait, and since when the first has waited (seconds since 1970, 0 when nobody does). */
export function longest(queue: QueueValues): { waiting: number; since: number } {
  const waiting = Object.values(queue.waiting);
  return { waiting: waiting.length, since: waiting.length ? Math.min(...waiting.map((one) => one.since)) : 0 };
}

/** The sums of all intervals of a queue. */
export function today(queue: QueueValues): Counts {
  const sums = none();
  for (const counts of Object.values(queue.intervals)) for (const name of Object.keys(sums) as CountName[]) sums[name] += counts[name];
  return sums;
}

/** Share answered within the target of all offered, without those who hung up at once; in percent, null before the first. */
export function serviceLevel(counts: Counts): number | null {
  const of = counts.answered + counts.abandoned - counts.short;
  return of > 0 ? (100 * counts.in_target) / of : null;
}

/** What pages show of a topic: `queue:3.waiting`, `queue:3.longest_since`, `board.queue-3-waiting`, `board.agent-7-state`. */
export function summary(topic: string, values: Values): Values {
  const board = values as unknown as Board;
  if (!board.queues) return values;
  if (topic.startsWith("queue:")) {
    const queue = Object.values(board.queues)[0];
    if (!queue) return {};
    const { waiting, since } = longest(queue);
    return { waiting, longest_since: since, open: queue.open };
  }
  const shown: Values = {};
  for (const [id, queue] of Object.entries(board.queues)) {
    const { waiting, since } = longest(queue);
    const sums = today(queue);
    Object.assign(shown, {
      [`queue-${id}-waiting`]: waiting,
      [`queue-${id}-longest`]: since,
      [`queue-${id}-level`]: serviceLevel(sums) === null ? null : Math.round(serviceLevel(sums) ?? 0),
    });
    for (const [name, value] of Object.entries(sums)) shown[`queue-${id}-${name}`] = value;
  }
  for (const [id, agent] of Object.entries(board.agents)) {
    shown[`agent-${id}-state`] = agent.state;
    shown[`agent-${id}-since`] = agent.since;
  }
  return shown;
}
