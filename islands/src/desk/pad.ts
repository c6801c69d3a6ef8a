// The scratch pad: kept on the server as it is typed, in the browser's own store while the server is not reached.
//
// Each text has a revision that only grows; the server never lets an older one overwrite a newer. What could not be sent is found again
// after a reload, in whatever window, and sent then.

import { serverNow } from "../live/clock";
import { cookie } from "./cookie";
import { tell } from "./notices";
import { word } from "./words";

const TYPING_PAUSE = 500;
const RETRY = 4000;

export interface Kept {
  text: string;
  revision: number;
  url: string;
}

export interface PadStore {
  read(key: string): Kept | null;
  write(key: string, kept: Kept): void;
  drop(key: string): void;
  all(): [string, Kept][];
}

/** The browser's own store; each kind of text has a prefix of its own. */
export const browserStore = (prefix = "cb-pad:"): PadStore => ({
  read(key) {
    const text = localStorage.getItem(prefix + key);
    return text ? (JSON.parse(text) as Kept) : null;
  },
  write(key, kept) {
    localStorage.setItem(prefix + key, JSON.stringify(kept));
  },
  drop(key) {
    localStorage.removeItem(prefix + key);
  },
  all() {
    const found: [string, Kept][] = [];
    for (let at = 0; at < localStorage.length; at += 1) {
      const name = localStorage.key(at) ?? "";
      if (name.startsWith(prefix)) found.push([name.slice(prefix.length), JSON.parse(localStorage.getItem(name) ?? "{}") as Kept]);
    }
    return found;
  },
});

/** Where the text is typed (a selector) and where it is said that it is kept (an id). */
export interface PadPlace {
  area: string;
  kept: string;
}

export type Answer =
  | { state: "kept"; revision: number; at: string }
  | { state: "newer"; text: string; revision: number }
  | { state: "unreached" }
  | { state: "refused" };

/** Sends one text. The server answers {revision, at}, or 409 with {text, revision} when it has a newer one. */
export async function post(kept: Kept): Promise<Answer> {
  try {
    const body = new URLSearchParams({ text: kept.text, revision: String(kept.revision) });
    const response = await fetch(kept.url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": cookie("csrftoken") },
      credentials: "same-origin",
      keepalive: kept.text.length < 15_000,
    });
    if (response.redirected) return { state: "unreached" };
    if (response.status === 409) return { state: "newer", ...((await response.json()) as { text: string; revision: number }) };
    if (response.ok) return { state: "kept", ...((await response.json()) as { revision: number; at: string }) };
    return { state: response.status >= 500 || response.status === 401 || response.status === 429 ? "unreached" : "refused" };
  } catch {
    return { state: "unreached" };
  }
}

/** Two versions of a pad as one text, ours below, without saying twice what both begin with. */
export function joined(theirs: string, ours: string): string {
  if (!theirs.trim() || ours.startsWith(theirs)) return ours;
  if (!ours.trim() || theirs.includes(ours)) return theirs;
  return `${theirs.trimEnd()}\n${ours}`;
}

export class Pad {
  private timer = 0;
  private sending = false;

  constructor(
    private readonly root: Document,
    private readonly store: PadStore = browserStore(),
    private readonly send: (kept: Kept) => Promise<Answer> = post,
    private readonly at: PadPlace = { area: "#pad-text", kept: "pad-kept" },
  ) {}

  start(): void {
    this.root.addEventListener("input", (event) => {
      if (event.target === this.area) this.typed();
    });
    this.root.addEventListener("visibilitychange", () => {
      if (this.root.hidden) void this.flush();
    });
    window.addEventListener("pagehide", () => void this.flush());
    window.addEventListener("online", () => void this.resend());
    this.placed();
    void this.resend();
  }

  get area(): HTMLTextAreaElement | null {
    return this.root.querySelector<HTMLTextAreaElement>(this.at.area);
  }

  /** What stands in the pad now. */
  get text(): string {
    return this.area?.value ?? "";
  }

  /** A pad was put into the page: what the browser kept for it and the server has not got yet comes back. */
  placed(): void {
    const area = this.area;
    if (!area) return;
    const kept = this.store.read(area.dataset.key ?? "");
    if (!kept) return;
    if (kept.revision > Number(area.dataset.revision ?? 0) && kept.text !== area.value) {
      area.value = kept.text;
      this.say("pad.local");
    }
  }

  /** Send what waits, now. */
  async flush(): Promise<void> {
    window.clearTimeout(this.timer);
    const area = this.area;
    const key = area?.dataset.key ?? "";
    if (!area || !this.store.read(key) || this.sending) return;
    await this.push(key);
  }

  /** What was typed is done: it was sent where it belongs. */
  drop(): void {
    window.clearTimeout(this.timer);
    this.store.drop(this.area?.dataset.key ?? "");
  }

  /** Everything that the server has not got, of whatever interaction. */
  async resend(): Promise<void> {
    for (const [key] of this.store.all()) await this.push(key);
  }

  private typed(): void {
    const area = this.area;
    if (!area?.dataset.key || !area.dataset.save) return;
    const before = this.store.read(area.dataset.key);
    const revision = Math.max(Number(area.dataset.revision ?? 0), before?.revision ?? 0) + 1;
    this.store.write(area.dataset.key, { text: area.value, revision, url: area.dataset.save });
    this.say("pad.keeping");
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush(), TYPING_PAUSE);
  }

  private async push(key: string): Promise<void> {
    const kept = this.store.read(key);
    if (!kept) return;
    this.sending = true;
    const answer = await this.send(kept);
    this.sending = false;
    const area = this.area?.dataset.key === key ? this.area : null;
    const now = this.store.read(key);
    switch (answer.state) {
      case "kept": {
        if (area) area.dataset.revision = String(Math.max(answer.revision, kept.revision));
        if (now && now.revision > kept.revision) {
          await this.push(key);
          return;
        }
        this.store.drop(key);
        if (area) {
          this.say("pad.kept", { time: this.clock() });
          this.root.dispatchEvent(new CustomEvent("cb:kept"));
        }
        return;
      }
      case "newer": {
        const text = joined(answer.text, now?.text ?? kept.text);
        this.store.write(key, { ...kept, text, revision: answer.revision + 1 });
        if (area) {
          area.value = text;
          area.dataset.revision = String(answer.revision);
          tell({ title: word("pad.newer"), text: word("pad.newer_more") });
        }
        await this.push(key);
        return;
      }
      case "refused":
        // Not ours to write any more (the interaction went to another agent): the text stays in the pad, not in the store.
        this.store.drop(key);
        return;
      case "unreached":
        if (area) this.say("pad.local");
        window.clearTimeout(this.timer);
        this.timer = window.setTimeout(() => void this.resend(), RETRY);
    }
  }

  /** The time as the server would write it: in the person's time zone, which the page names. */
  private clock(): string {
    const timeZone = this.root.body.dataset.timezone || undefined;
    return new Date(serverNow()).toLocaleTimeString("en-GB", { hour12: false, ...(timeZone ? { timeZone } : {}) });
  }

  private say(key: string, values: Record<string, string> = {}): void {
    const place = this.root.getElementById(this.at.kept);
    if (place) place.textContent = word(key, values);
  }
}
