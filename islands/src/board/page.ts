// Puts the board's values into the page's cells. Rows keep their places; only what changed is written, and marked until seen.

import { clockText, serverNow } from "../live/clock";
import { fill, json, lateness, percent, setTone, type Words, write } from "./cells";
import { band, LONGEST_MINUTES } from "./estimate";
import type { AgentValues, Board, QueueValues } from "./reduce";
import { keepRows } from "./rows";
import { type Satisfaction, said } from "./satisfaction";
import { follow, type Times } from "./standing";
import { signs, type Telephony } from "./telephony";
import { isOver, level, levelNow, points, type QueueView, queueView, sign, staffing, sum, targetOf, tone, waitingLongest } from "./view";

const SVG = "http://www.w3.org/2000/svg";
const SHORT = new Intl.DateTimeFormat(document.documentElement.lang || "en", { timeStyle: "short", hour12: false });
const MEDIUM = new Intl.DateTimeFormat(document.documentElement.lang || "en", { timeStyle: "medium", hour12: false });

interface AgentRow {
  state: HTMLElement | null;
  words: HTMLElement | null;
  time: HTMLElement | null;
  drawn: string;
}

class BoardPage {
  private board: Board;
  private readonly rows = new Map<number, AgentRow>();
  private readonly queueRows = new Map<number, HTMLElement>();
  private charted = "";
  private times: Times = {};

  constructor(
    private readonly root: HTMLElement,
    board: Board,
    private readonly words: Words,
  ) {
    this.board = board;
    this.adopt();
  }

  /** Know the rows that stand there. */
  private adopt(): void {
    this.rows.clear();
    this.queueRows.clear();
    for (const row of this.root.querySelectorAll<HTMLElement>("[data-agent]"))
      this.rows.set(Number(row.dataset.agent), {
        state: row.querySelector(".cb-state"),
        words: row.querySelector('[data-cell="words"]'),
        time: row.querySelector("time"),
        drawn: "",
      });
    for (const row of this.root.querySelectorAll<HTMLElement>("[data-queue]")) this.queueRows.set(Number(row.dataset.queue), row);
  }

  take(board: Board): void {
    // Events change the values in place; others than before were read afresh, and may have queues and agents that have no row yet.
    if (board !== this.board) this.rowsFor(board);
    this.board = board;
    this.draw();
  }

  private rowsFor(board: Board): void {
    let changed = false;
    for (const [kind, all] of [
      ["agent", board.agents],
      ["queue", board.queues],
    ] as const) {
      const list = this.root.querySelector(`[data-board-${kind}s]`);
      const template = this.root.querySelector<HTMLTemplateElement>(`[data-board-${kind}-row]`);
      if (list && template) changed = keepRows(list, template, kind, Object.values(all)) || changed;
    }
    if (!changed) return;
    write(this.root.querySelector("[data-board-agent-count]"), String(Object.keys(board.agents).length));
    const none = this.root.querySelector<HTMLElement>("[data-board-no-queue]");
    if (none) none.hidden = Object.keys(board.queues).length > 0;
    this.adopt();
  }

  draw(): void {
    const agents = Object.values(this.board.agents);
    const staff = staffing(agents);
    const now = serverNow() / 1000;
    for (const queue of Object.values(this.board.queues)) {
      const row = this.queueRows.get(queue.id);
      if (!row) continue;
      const view = queueView(queue, staff.get(queue.id));
      const cell = (name: string) => row.querySelector<HTMLElement>(`[data-cell="${name}"]`);
      write(cell("waiting"), String(view.waiting));
      write(cell("offered"), String(view.offered));
      write(cell("abandoned"), String(view.abandoned));
      const present = levelNow(queue, this.board.interval, now);
      write(cell("now"), percent(this.words, present));
      setTone(cell("now"), tone(present, queue.target_percent));
      write(cell("expected"), this.expected(queue, view));
      write(cell("ready"), fill(this.words, "ready_of", { ready: view.ready, all: view.staffed }));
      const closed = cell("closed");
      if (closed) closed.hidden = queue.open;
      const bar = cell("level");
      if (bar) {
        setTone(bar, view.tone);
        write(bar.querySelector("b"), percent(this.words, view.level));
        const line = bar.querySelector("i");
        line?.style.setProperty("--v", `${Math.round(view.level ?? 0)}%`);
        line?.style.setProperty("--t", `${queue.target_percent}%`);
      }
    }
    this.kpis(agents);
    this.agents(agents);
    this.chart();
    this.waits();
  }

  stand(times: Times): void {
    this.times = times;
    this.draw();
  }

  telephony(values: Telephony): void {
    const said = signs(values, this.words);
    const trunks = this.root.querySelector("[data-board-trunks]");
    write(trunks, said.trunks);
    trunks?.classList.toggle("cb-bad", said.down);
    trunks?.classList.toggle("cb-soft", !said.down);
    write(this.root.querySelector("[data-board-recordings]"), said.running);
    const failed = this.root.querySelector<HTMLElement>("[data-board-failed]");
    write(failed, said.failed);
    if (failed) failed.hidden = said.failed === "";
  }

  satisfaction(values: Satisfaction): void {
    const shown = said(values, this.words, document.documentElement.lang || "en");
    const figure = this.root.querySelector('[data-kpi="satisfaction"]');
    write(figure, shown.mean);
    setTone(figure, shown.tone);
    write(this.root.querySelector('[data-kpi="satisfaction-note"]'), shown.note);
  }

  /** What a contact that comes now has to expect. */
  private expected(queue: QueueValues, view: QueueView): string {
    const wait = band(view.unoffered + 1, view.atWork, view.ready, this.times[String(queue.id)]);
    if (wait === null) return String(this.words.none);
    if (wait.high > LONGEST_MINUTES) return fill(this.words, "more_minutes", { n: LONGEST_MINUTES });
    return wait.high === 0 ? fill(this.words, "at_once") : fill(this.words, "minutes", { low: wait.low, high: wait.high });
  }

  /** What runs with the clock: waits and times in a state. */
  tick(): void {
    const now = serverNow() / 1000;
    for (const agent of Object.values(this.board.agents)) this.time(agent, now);
    this.waits();
    write(this.root.querySelector("[data-board-clock]"), MEDIUM.format(serverNow()));
  }

  private waits(): void {
    const now = serverNow() / 1000;
    for (const queue of Object.values(this.board.queues)) {
      const since = queueView(queue).longest;
      const cell = this.queueRows.get(queue.id)?.querySelector('[data-cell="longest"]') ?? null;
      write(cell, since === null ? String(this.words.none) : clockText(now - since));
      setTone(cell, since === null ? "" : lateness(now - since));
    }
    this.waiting(now);
  }

  private kpis(agents: AgentValues[]): void {
    const kpi = (name: string) => this.root.querySelector(`[data-kpi="${name}"]`);
    const queues = Object.values(this.board.queues);
    const counts = sum(queues.flatMap((queue) => Object.values(queue.intervals)));
    const reached = level(counts);
    const targets = new Set(queues.map((queue) => `${queue.target_percent}/${queue.target_seconds}`));
    const [first] = queues;
    const common = targets.size === 1 && first ? first : null;
    const goal = common
      ? fill(this.words, "target", { percent: common.target_percent, seconds: common.target_seconds })
      : String(this.words.own_targets);
    const wanted = targetOf(queues);
    write(kpi("waiting"), String(queues.reduce((all, queue) => all + Object.keys(queue.waiting).length, 0)));
    write(kpi("level"), percent(this.words, reached));
    setTone(kpi("level"), tone(reached, wanted));
    write(kpi("level-note"), goal);
    write(this.root.querySelector("[data-board-target]"), goal);
    write(kpi("offered"), String(counts.offered));
    write(kpi("offered-note"), fill(this.words, "answered", { n: counts.answered }));
    write(
      kpi("abandoned"),
      counts.offered ? fill(this.words, "percent", { n: ((100 * counts.abandoned) / counts.offered).toFixed(1) }) : String(this.words.none),
    );
    write(kpi("abandoned-note"), fill(this.words, "contacts", { n: counts.abandoned }));
    const here = agents.filter((agent) => agent.state !== "offline").length;
    write(kpi("ready"), String(agents.filter((agent) => agent.state === "ready" && !agent.pending).length));
    write(kpi("ready-note"), fill(this.words, "signed_in", { n: here, all: agents.length }));
  }

  private agents(agents: AgentValues[]): void {
    const now = serverNow() / 1000;
    const counted: Record<string, number> = {};
    for (const agent of agents) {
      const kind = sign(agent, this.words.reasons);
      counted[kind] = (counted[kind] ?? 0) + 1;
      const row = this.rows.get(agent.id);
      if (!row) continue;
      const drawn = `${kind} ${agent.reason} ${agent.since} ${agent.until} ${agent.pending} ${agent.pending_reason}`;
      if (row.drawn === drawn) continue;
      row.drawn = drawn;
      if (row.state && row.state.dataset.state !== kind) row.state.dataset.state = kind;
      this.time(agent, now);
      this.say(agent, now);
    }
    for (const part of this.root.querySelectorAll<HTMLElement>("[data-board-stack] i")) {
      const share = String(counted[part.dataset.state ?? ""] ?? 0);
      if (part.style.flexGrow !== share) part.style.flexGrow = share;
    }
    for (const line of this.root.querySelectorAll<HTMLElement>("[data-board-legend] > li")) {
      const kind = line.dataset.state ?? "";
      const also = kind === "talking" ? (counted.offered ?? 0) : kind === "notready" ? (counted.break ?? 0) : 0;
      write(line.querySelector("b"), String((counted[kind] ?? 0) + also));
    }
  }

  /** How long the agent is in the state; words and tone change too when a break is over. */
  private time(agent: AgentValues, now: number): void {
    const time = this.rows.get(agent.id)?.time ?? null;
    write(time, agent.state === "offline" ? "" : clockText(now - agent.since));
    if (agent.until === null && !time?.classList.contains("cb-warn")) return;
    setTone(time, isOver(agent, now) ? "warn" : "");
    this.say(agent, now);
  }

  private say(agent: AgentValues, now: number): void {
    const cell = this.rows.get(agent.id)?.words ?? null;
    write(cell, this.said(agent, now));
    setTone(cell, isOver(agent, now) ? "warn" : "");
  }

  private said(agent: AgentValues, now: number): string {
    const reason = (code: string | null) => (code ? (this.words.reasons[code]?.words ?? code) : fill(this.words, "then_not_ready"));
    let said = agent.state === "not_ready" && agent.reason ? reason(agent.reason) : (this.words.states[agent.state] ?? agent.state);
    if (agent.state === "not_ready" && agent.until !== null) {
      const time = SHORT.format(agent.until * 1000);
      said = fill(this.words, isOver(agent, now) ? "over" : "until", { reason: said, time });
    }
    return agent.pending ? fill(this.words, "then", { state: said, reason: reason(agent.pending_reason) }) : said;
  }

  private waiting(now: number): void {
    const list = this.root.querySelector("[data-board-waiting]");
    const template = this.root.querySelector<HTMLTemplateElement>("[data-board-waiting-row]");
    const nobody = this.root.querySelector<HTMLElement>("[data-board-nobody]");
    if (!list || !template) return;
    const shown = waitingLongest(this.board, 6);
    const kept = new Set(shown.map((one) => one.entry));
    for (const row of [...list.querySelectorAll<HTMLElement>("li")]) if (!kept.has(row.dataset.entry ?? "")) row.remove();
    for (const one of shown) {
      let row = list.querySelector<HTMLElement>(`li[data-entry="${one.entry}"]`);
      if (!row) {
        row = (template.content.cloneNode(true) as DocumentFragment).querySelector("li") as HTMLElement;
        row.dataset.entry = one.entry;
        list.append(row);
      }
      write(row.querySelector("b"), one.queue);
      write(row.querySelector("p"), one.agent ? fill(this.words, "ringing_at", { name: one.agent }) : String(this.words.waiting));
      const time = row.querySelector("time");
      write(time, clockText(now - one.since));
      setTone(time, lateness(now - one.since));
    }
    if (nobody) nobody.hidden = shown.length > 0;
    const first = shown[0];
    const note = this.root.querySelector('[data-kpi="waiting-note"]');
    write(
      note,
      first ? fill(this.words, "longest", { time: clockText(now - first.since), queue: first.queue }) : String(this.words.nobody),
    );
  }

  /** A line of the day so far: half hours along, 40 to 100 percent up. */
  private chart(): void {
    const svg = this.root.querySelector<SVGSVGElement>("[data-board-chart]");
    if (!svg) return;
    const known = points(this.board).filter((point) => point.level !== null) as { at: number; level: number }[];
    const goal = Math.round(targetOf(Object.values(this.board.queues)));
    const present = Math.floor(serverNow() / 1000 / this.board.interval) * this.board.interval;
    const charted = JSON.stringify([known, goal, present]);
    if (charted === this.charted) return;
    this.charted = charted;
    const make = (name: string, values: Record<string, string | number>, text = ""): SVGElement => {
      const element = document.createElementNS(SVG, name);
      for (const [key, value] of Object.entries(values)) element.setAttribute(key, String(value));
      if (text) element.textContent = text;
      return element;
    };
    const [left, right, top, bottom] = [30, 388, 8, 172];
    const begin = known[0]?.at ?? this.board.since + 8 * 3600;
    const end = Math.max(known.at(-1)?.at ?? begin, begin + 8 * this.board.interval);
    const low = Math.min(40, ...known.map((point) => Math.floor(point.level / 20) * 20));
    const x = (at: number) => left + 6 + ((right - left - 12) * (at - begin)) / (end - begin);
    const y = (percent: number) => bottom - ((bottom - top) * (percent - low)) / (100 - low);
    const parts: SVGElement[] = [];
    for (const percent of [100, goal, low]) {
      parts.push(make("line", { x1: left, x2: right, y1: y(percent), y2: y(percent), class: percent === goal ? "target" : "grid" }));
      parts.push(make("text", { x: left - 6, y: y(percent) + 4, "text-anchor": "end" }, String(percent)));
    }
    const hour = SHORT;
    const step = Math.max(1, Math.ceil((end - begin) / this.board.interval / 5)) * this.board.interval;
    for (let at = begin; at <= end; at += step)
      parts.push(make("text", { x: x(at), y: 194, "text-anchor": "middle" }, hour.format(at * 1000)));
    if (known.length) {
      parts.push(make("polyline", { points: known.map((point) => `${x(point.at).toFixed(1)},${y(point.level).toFixed(1)}`).join(" ") }));
      const last = known[known.length - 1] as { at: number; level: number };
      parts.push(make("circle", { cx: x(last.at), cy: y(last.level), r: 3.5 }));
      const beyond = x(last.at) > right - 60;
      const beside = y(last.level) + 18 > bottom ? -8 : 18; // above, where below stand the hours
      parts.push(
        make(
          "text",
          { x: x(last.at) + (beyond ? -8 : 8), y: y(last.level) + beside, class: "now", "text-anchor": beyond ? "end" : "start" },
          last.at >= present ? fill(this.words, "now", { n: Math.round(last.level) }) : String(Math.round(last.level)),
        ),
      );
    } else
      parts.push(make("text", { x: (left + right) / 2, y: (top + bottom) / 2, "text-anchor": "middle" }, String(this.words.no_contacts)));
    svg.replaceChildren(...parts);
    svg.setAttribute(
      "aria-label",
      fill(this.words, "chart", {
        values:
          known.map((point) => `${hour.format(point.at * 1000)} ${Math.round(point.level)}`).join(", ") || String(this.words.no_contacts),
      }),
    );
  }
}

/** Watch for the board coming onto the page (navigation swaps the stage) and keep it drawn. */
export function startBoardPage(root: Document): () => void {
  let shown: BoardPage | null = null;
  let place: HTMLElement | null = null;
  const look = (): void => {
    const found = root.getElementById("board");
    if (found === place) return;
    place = found;
    const values = found ? json<Board>(found, "board-values") : null;
    const words = found ? json<Words>(found, "board-words") : null;
    shown = found && values && words ? new BoardPage(found, values, words) : null;
    shown?.draw();
    shown?.tick();
    if (shown) ask();
  };
  const ask = follow(
    () => place?.dataset.standing,
    (times) => shown?.stand(times),
  );
  root.addEventListener("cb:values", (event) => {
    const { topic, values } = (event as CustomEvent<{ topic: string; values: unknown }>).detail;
    if (topic === "board") shown?.take(values as Board);
    if (topic === "telephony") shown?.telephony(values as Telephony);
    if (topic === "satisfaction") shown?.satisfaction(values as Satisfaction);
  });
  window.setInterval(() => {
    if (!root.hidden) shown?.tick();
  }, 1000);
  look();
  return look;
}
