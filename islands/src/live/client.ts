// The one socket of a page: subscribes, resumes after a loss with its cursor, keeps the line alive.
//
// Two kinds of topics. Topics of fragments are resumed by cursor: what was missed comes as events. Topics with values (counters of a
// queue, the board) are subscribed without one: the answer brings their present values, which is shorter than what happened meanwhile.

import {
  ACCESS_CHANGED,
  BAD,
  decode,
  FIRST_SPREAD,
  type FromPage,
  type LiveEvent,
  PRESENCE_EVERY,
  RECONNECT_SPREAD,
  SIGNED_OUT,
  SILENCE,
  SLOW,
  type ToPage,
  type Values,
} from "./wire";

export interface SocketLike {
  readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: Event) => unknown) | null;
  onclose: ((event: CloseEvent) => unknown) | null;
  onmessage: ((event: MessageEvent) => unknown) | null;
}

export interface Surroundings {
  socket(url: string): SocketLike;
  random(): number;
  now(): number;
  later(ms: number, what: () => void): number;
  cancel(timer: number): void;
}

export interface LiveListener {
  /** The line is there (again). `first` is true once in a page's life. */
  up?(first: boolean): void;
  /** The line is gone and is tried again by itself. */
  down?(): void;
  /** The session is over; nothing is tried any more. */
  signedOut?(): void;
  event?(event: LiveEvent): void;
  /** The present values of a topic, as they stand. */
  values?(topic: string, values: Values): void;
  /** What these topics missed is not told: read their data afresh. */
  reload?(topics: string[], reason: string): void;
  softphone?(message: Record<string, unknown>): void;
}

export const browser: Surroundings = {
  socket: (url) => new WebSocket(url),
  random: () => Math.random(),
  now: () => Date.now(),
  later: (ms, what) => window.setTimeout(what, ms),
  cancel: (timer) => window.clearTimeout(timer),
};

const OPEN = 1;

export class LiveClient {
  private socket: SocketLike | null = null;
  private cursor: string;
  private readonly topics = new Set<string>();
  private readonly valued = new Set<string>();
  private readonly listeners: LiveListener[] = [];
  private heartbeat = 0;
  private retry = 0;
  private heard = 0;
  private pings = 0;
  private tries = 0;
  private wasUp = false;
  private stopped = false;

  constructor(
    private readonly url: string,
    cursor = "",
    private readonly around: Surroundings = browser,
  ) {
    this.cursor = cursor;
  }

  get connected(): boolean {
    return this.socket?.readyState === OPEN;
  }

  /** Where a page stands: taken before it reads data, and given back to `subscribe` with the topics of that data. */
  get position(): string {
    return this.cursor;
  }

  listen(listener: LiveListener): void {
    this.listeners.push(listener);
  }

  start(): void {
    this.stopped = false;
    this.open();
  }

  stop(): void {
    this.stopped = true;
    this.around.cancel(this.retry);
    this.around.cancel(this.heartbeat);
    this.socket?.close(1000, "page closed");
    this.socket = null;
  }

  /** Come back at once, as when the network returns; does nothing on a living line. */
  hurry(): void {
    if (this.stopped || this.connected) return;
    this.around.cancel(this.retry);
    this.open();
  }

  /** Hear these topics, from `cursor` on (the page's own position if left out). */
  subscribe(topics: Iterable<string>, cursor = this.cursor): void {
    const fresh = [...topics].filter((topic) => !this.topics.has(topic));
    if (!fresh.length) return;
    for (const topic of fresh) this.topics.add(topic);
    if (this.connected) this.ask(fresh, cursor);
  }

  /** Hear these topics and no others: what a page does not show any more would add up over a day of calls. */
  follow(topics: ReadonlySet<string>, cursor = this.cursor): void {
    this.unsubscribe([...this.topics].filter((topic) => !topics.has(topic)));
    this.subscribe(topics, cursor);
  }

  /** Have the present values of these topics and no others. */
  followValues(topics: ReadonlySet<string>): void {
    this.unsubscribe([...this.valued].filter((topic) => !topics.has(topic) && !this.topics.has(topic)));
    this.watch(topics);
  }

  /** Hear these topics and have their present values. */
  watch(topics: Iterable<string>): void {
    const fresh = [...topics].filter((topic) => !this.valued.has(topic));
    if (!fresh.length) return;
    for (const topic of fresh) this.valued.add(topic);
    if (this.connected) this.send({ type: "subscribe", topics: fresh });
  }

  /** Have the present values of a topic once more: something is in them that no event tells. */
  again(topic: string): void {
    if (!this.valued.has(topic) || this.topics.has(topic)) return;
    // Not heard meanwhile: what comes after the fresh values comes once.
    this.send({ type: "unsubscribe", topics: [topic] });
    this.send({ type: "subscribe", topics: [topic] });
  }

  unsubscribe(topics: Iterable<string>): void {
    const gone = [...topics].filter((topic) => {
      const heard = this.topics.delete(topic);
      const valued = this.valued.delete(topic);
      return heard || valued;
    });
    if (gone.length) this.send({ type: "unsubscribe", topics: gone });
  }

  /** Pass a message to the switch. False when the line is not there: the softphone registers anew when it is back. */
  softphone(message: Record<string, unknown>): boolean {
    return this.send({ type: "softphone", message });
  }

  private ask(topics: string[], cursor: string): void {
    this.send(cursor ? { type: "subscribe", topics, cursor } : { type: "subscribe", topics });
  }

  private send(message: FromPage): boolean {
    if (!this.connected || !this.socket) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private open(): void {
    const socket = this.around.socket(this.url);
    this.socket = socket;
    socket.onmessage = (event) => {
      if (this.socket !== socket) return;
      this.heard = this.around.now();
      const message = decode(String(event.data));
      if (message) this.take(message);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code);
    };
  }

  private take(message: ToPage): void {
    switch (message.type) {
      case "welcome": {
        const topics = [...this.topics];
        if (topics.length) this.ask(topics, this.cursor);
        if (this.valued.size) this.send({ type: "subscribe", topics: [...this.valued] });
        this.beat();
        const first = !this.wasUp;
        this.wasUp = true;
        this.tries = 0;
        this.each((one) => one.up?.(first));
        break;
      }
      case "subscribed":
        // Its cursor may lie after events of other topics that are still on their way, so it only serves who has none.
        if (!this.cursor) this.cursor = message.cursor;
        for (const topic of message.refused) {
          this.topics.delete(topic);
          this.valued.delete(topic);
        }
        for (const [topic, values] of Object.entries(message.values)) this.each((one) => one.values?.(topic, values));
        break;
      case "events":
        for (const event of message.events) this.each((one) => one.event?.(event));
        this.cursor = message.cursor;
        break;
      case "reload":
        this.cursor = message.cursor;
        this.each((one) => one.reload?.(message.topics, message.reason));
        break;
      case "softphone":
        this.each((one) => one.softphone?.(message.message));
        break;
      case "error":
        console.warn("live:", message.reason);
        break;
      case "beat":
        this.send({ type: "presence" });
        break;
      case "pong":
        break;
    }
  }

  private each(what: (one: LiveListener) => void): void {
    for (const one of this.listeners) {
      try {
        what(one);
      } catch (problem) {
        // One listener's fault must not cost the others the event, nor the page its cursor.
        console.error(problem);
      }
    }
  }

  private beat(): void {
    this.around.cancel(this.heartbeat);
    this.heartbeat = this.around.later(PRESENCE_EVERY, () => {
      if (this.around.now() - this.heard > SILENCE) {
        const dead = this.socket;
        this.lost(1006);
        dead?.close();
        return;
      }
      this.send({ type: "presence" });
      this.pings += 1;
      this.send({ type: "ping", n: this.pings });
      this.beat();
    });
  }

  private lost(code: number): void {
    this.socket = null;
    this.around.cancel(this.heartbeat);
    if (this.stopped) return;
    if (code === SIGNED_OUT) {
      this.stopped = true;
      this.each((one) => one.signedOut?.());
      return;
    }
    if (code !== ACCESS_CHANGED && code !== SLOW) this.each((one) => one.down?.());
    if (code === BAD) console.error("live: the server did not understand this page");
    const spread = this.tries++ ? RECONNECT_SPREAD : FIRST_SPREAD;
    const wait = code === ACCESS_CHANGED || code === SLOW ? 0 : this.around.random() * spread;
    this.retry = this.around.later(wait, () => this.open());
  }
}
