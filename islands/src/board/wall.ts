// Queues in figures that are read from across the room. As many as fit are shown; more take turns, unless they are held.

import { clockText, serverNow } from "../live/clock";
import { fill, json, lateness, percent, setTone, type Words, write } from "./cells";
import type { Board } from "./reduce";
import { figure, type Satisfaction, toneOf } from "./satisfaction";
import { signs, type Telephony } from "./telephony";
import { level, levelNow, queueView, staffing, sum, targetOf, tone } from "./view";

/** Queues at a time, and seconds that they stay. */
export const TOGETHER = 5;
export const TURN = 12;

/** Which of `count` queues are shown at turn `turn`: the first and the one after the last. */
export function turnOf(turn: number, count: number): [number, number] {
  const pages = Math.max(1, Math.ceil(count / TOGETHER));
  const first = (turn % pages) * TOGETHER;
  return [first, Math.min(count, first + TOGETHER)];
}

export class Wall {
  private board: Board | null;
  private readonly words: Words;
  private readonly rows: HTMLElement[];
  private turn = 0;
  private held = false;

  constructor(private readonly root: HTMLElement) {
    this.board = json<Board>(root, "board-values");
    this.words = json<Words>(root, "board-words") ?? { states: {}, reasons: {} };
    this.rows = [...root.querySelectorAll<HTMLElement>("[data-queue]")];
  }

  start(): void {
    document.addEventListener("cb:values", (event) => {
      const { topic, values } = (event as CustomEvent<{ topic: string; values: unknown }>).detail;
      if (topic === "board") this.take(values as Board);
      if (topic === "telephony") this.telephony(values as Telephony);
      if (topic === "satisfaction") this.satisfaction(values as Satisfaction);
    });
    window.setInterval(() => this.draw(), 1000);
    window.setInterval(() => {
      if (!this.held) this.turn += 1;
      this.page();
    }, TURN * 1000);
    const hold = this.root.querySelector<HTMLButtonElement>("[data-wall-hold]");
    if (hold) {
      hold.hidden = this.rows.length <= TOGETHER;
      hold.addEventListener("click", () => {
        this.held = !this.held;
        hold.setAttribute("aria-pressed", String(this.held));
      });
    }
    window.setInterval(() => this.day(), 60_000);
    this.page();
    this.draw();
  }

  line(up: boolean): void {
    const sign = this.root.querySelector<HTMLElement>("[data-wall-off]");
    write(sign, up ? "" : (sign?.dataset.words ?? ""));
    this.root.classList.toggle("cb-wall-stale", !up);
  }

  private take(board: Board): void {
    // Queues made, and days begun, since this page was: its rows come afresh. A wall has nobody to reload it.
    const known = new Set(this.rows.map((row) => row.dataset.queue));
    const ids = Object.keys(board.queues);
    if (ids.length !== known.size || ids.some((id) => !known.has(id))) {
      location.reload();
      return;
    }
    this.board = board;
    this.draw();
  }

  private telephony(values: Telephony): void {
    const said = signs(values, this.words);
    const sign = this.root.querySelector("[data-board-trunks]");
    write(sign, said.down ? said.trunks : "");
    sign?.classList.toggle("cb-bad", said.down);
  }

  /** What customers said today: of all, and queue by queue. */
  private satisfaction(values: Satisfaction): void {
    const put = (place: Element | null, one: Satisfaction | undefined): void => {
      const mean = one?.mean ?? null;
      write(place, mean === null ? String(this.words.none) : figure(mean, document.documentElement.lang || "en"));
      setTone(place, toneOf(mean));
    };
    put(this.root.querySelector('[data-kpi="satisfaction"]'), values);
    for (const row of this.rows) put(row.querySelector('[data-cell="satisfaction"]'), values.queues?.[row.dataset.queue ?? ""]);
  }

  private day(): void {
    // Midnight in the reader's time zone is where the snapshot began; a day later its "today" is yesterday.
    if (this.board && serverNow() / 1000 - this.board.since >= 24 * 3600) location.reload();
  }

  private page(): void {
    const [first, end] = turnOf(this.turn, this.rows.length);
    for (const [place, row] of this.rows.entries()) row.hidden = place < first || place >= end;
    const many = this.rows.length > TOGETHER;
    write(
      this.root.querySelector("[data-wall-place]"),
      many ? fill(this.words, "queues_of", { first: first + 1, last: end, all: this.rows.length }) : "",
    );
  }

  private draw(): void {
    const board = this.board;
    if (!board) return;
    const now = serverNow() / 1000;
    const queues = Object.values(board.queues);
    const agents = Object.values(board.agents);
    const staff = staffing(agents);
    let waiting = 0;
    let longest: number | null = null;
    for (const row of this.rows) {
      const queue = board.queues[row.dataset.queue ?? ""];
      if (!queue) continue;
      const view = queueView(queue, staff.get(queue.id));
      write(row.querySelector('[data-cell="name"]'), queue.name);
      waiting += view.waiting;
      if (view.longest !== null) longest = Math.min(longest ?? view.longest, view.longest);
      if (row.hidden) continue;
      const cell = (name: string) => row.querySelector<HTMLElement>(`[data-cell="${name}"]`);
      const present = levelNow(queue, board.interval, now);
      write(cell("waiting"), String(view.waiting));
      write(cell("longest"), view.longest === null ? String(this.words.none) : clockText(now - view.longest));
      setTone(cell("longest"), view.longest === null ? "" : lateness(now - view.longest));
      write(cell("now"), percent(this.words, present));
      setTone(cell("now"), tone(present, queue.target_percent));
      write(cell("level"), percent(this.words, view.level));
      setTone(cell("level"), view.tone);
      write(cell("ready"), String(view.ready));
      const closed = cell("closed");
      if (closed) closed.hidden = queue.open;
    }
    const kpi = (name: string) => this.root.querySelector(`[data-kpi="${name}"]`);
    const counts = sum(queues.flatMap((queue) => Object.values(queue.intervals)));
    const reached = level(counts);
    write(kpi("waiting"), String(waiting));
    write(kpi("longest"), longest === null ? String(this.words.none) : clockText(now - longest));
    setTone(kpi("longest"), longest === null ? "" : lateness(now - longest));
    write(kpi("level"), percent(this.words, reached));
    setTone(kpi("level"), tone(reached, targetOf(queues)));
    write(kpi("abandoned"), String(counts.abandoned));
    write(kpi("ready"), String(agents.filter((agent) => agent.state === "ready" && !agent.pending).length));
    write(this.root.querySelector("[data-wall-clock]"), CLOCK.format(serverNow()));
  }
}

const CLOCK = new Intl.DateTimeFormat(document.documentElement.lang || "en", { timeStyle: "short", hour12: false });
