// A line to the server that the test holds in its hands: sockets, time and chance.

import type { SocketLike, Surroundings } from "../src/live/client";

export class TestSocket implements SocketLike {
  readyState = 1;
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: ((event: Event) => unknown) | null = null;
  onclose: ((event: CloseEvent) => unknown) | null = null;
  onmessage: ((event: MessageEvent) => unknown) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
    this.closed = true;
  }

  says(message: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  }

  dies(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code } as CloseEvent);
  }
}

export class TestLine implements Surroundings {
  sockets: TestSocket[] = [];
  time = 0;
  chance = 0.5;
  private timers = new Map<number, { at: number; what: () => void }>();
  private names = 0;

  get last(): TestSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nothing was opened");
    return socket;
  }

  socket(): TestSocket {
    const socket = new TestSocket();
    this.sockets.push(socket);
    return socket;
  }

  random(): number {
    return this.chance;
  }

  now(): number {
    return this.time;
  }

  later(ms: number, what: () => void): number {
    this.names += 1;
    this.timers.set(this.names, { at: this.time + ms, what });
    return this.names;
  }

  cancel(timer: number): void {
    this.timers.delete(timer);
  }

  /** Let time pass; what falls due is done in its order. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = due[1].at;
      due[1].what();
    }
    this.time = until;
  }
}
