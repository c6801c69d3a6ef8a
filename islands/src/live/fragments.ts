// Fragments refetch when something happens that concerns them: gathered, one request, only what is on the page.
//
// A fragment is `<... id="x" data-fragment="x" data-topics="interaction:91 user:7">`. What concerns this person alone (user:7) is fetched at
// once; what many look at waits 100 to 300 ms at random, so that an event is one request a page and not one a page at the same instant.

import { morph } from "./morph";
import type { LiveEvent } from "./wire";

export const AT_ONCE = 10;
export const GATHER_LEAST = 100;
export const GATHER_MOST = 300;

/** How long to gather before fetching what these topics touch, in milliseconds. */
export function gatherFor(topics: readonly string[], random: number): number {
  if (topics.some((topic) => topic.startsWith("user:"))) return AT_ONCE;
  return GATHER_LEAST + random * (GATHER_MOST - GATHER_LEAST);
}

/** Whether an event says nothing that a page of `user` does not know already: its own pad, saved a moment ago. */
export function isOwnEcho(event: LiveEvent, user: string): boolean {
  return event.kind === "interactions.note_saved" && String(event.body.author) === user;
}

export interface FragmentSource {
  /** The address that answers for these fragments. */
  url(names: string[]): string;
  /** After fragments were put in: bind what needs binding. */
  placed(elements: Element[]): void;
  /** The request failed. `status` is 0 when the server was not reached. */
  failed(status: number): void;
}

export class Fragments {
  private readonly waiting = new Set<string>();
  private timer = 0;
  private due = Number.POSITIVE_INFINITY;
  private asking: AbortController | null = null;
  private readonly etags = new Map<string, string>();

  constructor(
    private readonly root: Document,
    private readonly source: FragmentSource,
  ) {
    root.addEventListener("visibilitychange", () => {
      if (!root.hidden && this.waiting.size) this.schedule(AT_ONCE);
    });
  }

  /** The topics that the fragments on the page ask for. */
  topics(): Set<string> {
    const found = new Set<string>();
    for (const element of this.root.querySelectorAll<HTMLElement>("[data-fragment][data-topics]"))
      for (const topic of (element.dataset.topics ?? "").split(" ")) if (topic) found.add(topic);
    return found;
  }

  /** Something happened on these topics. */
  touch(topics: readonly string[], random: number = Math.random()): void {
    let hit = false;
    for (const element of this.root.querySelectorAll<HTMLElement>("[data-fragment][data-topics]")) {
      const own = (element.dataset.topics ?? "").split(" ");
      if (!topics.some((topic) => own.includes(topic))) continue;
      this.waiting.add(element.dataset.fragment ?? "");
      hit = true;
    }
    for (const topic of topics) this.root.dispatchEvent(new CustomEvent(`live:${topic.replace(":", "-")}`));
    if (hit) this.schedule(gatherFor(topics, random));
  }

  /** Fetch these fragments (all on the page when left out) now. */
  async refresh(names?: string[]): Promise<void> {
    const wanted =
      names ?? [...this.root.querySelectorAll<HTMLElement>("[data-fragment]")].map((element) => element.dataset.fragment ?? "");
    for (const name of wanted) this.waiting.add(name);
    await this.flush();
  }

  private schedule(wait: number): void {
    const at = Date.now() + wait;
    if (at >= this.due) return;
    window.clearTimeout(this.timer);
    this.due = at;
    this.timer = window.setTimeout(() => void this.flush(), wait);
  }

  private async flush(): Promise<void> {
    window.clearTimeout(this.timer);
    this.due = Number.POSITIVE_INFINITY;
    // The pad goes with the work area: it is the pad of whatever contact stands there, and morphing leaves the writer's own alone.
    if (this.waiting.has("work")) this.waiting.add("pad");
    const names = [...this.waiting].filter((name) => this.root.querySelector(`[data-fragment="${name}"]`)).sort();
    this.waiting.clear();
    if (!names.length) return;
    // A newer question makes the older answer stale: what it asked for is asked again.
    if (this.asking) {
      this.asking.abort();
      for (const name of this.flying) if (!names.includes(name)) names.push(name);
    }
    const control = new AbortController();
    this.asking = control;
    this.flying = names;
    const url = this.source.url(names);
    try {
      const headers: Record<string, string> = { "X-Fragments": "1" };
      const etag = this.etags.get(url);
      if (etag) headers["If-None-Match"] = etag;
      const response = await fetch(url, { headers, signal: control.signal, cache: "no-store", credentials: "same-origin" });
      if (response.status === 304) return;
      if (!response.ok || response.redirected) {
        this.source.failed(response.redirected ? 401 : response.status);
        return;
      }
      const html = await response.text();
      if (control.signal.aborted) return;
      // Only the last answer per address is worth comparing with: another address in between changed the page.
      this.etags.clear();
      const tag = response.headers.get("ETag");
      if (tag) this.etags.set(url, tag);
      this.place(html);
    } catch (problem) {
      if (!(problem instanceof DOMException && problem.name === "AbortError")) this.source.failed(0);
    } finally {
      if (this.asking === control) {
        this.asking = null;
        this.flying = [];
      }
    }
  }

  private flying: string[] = [];

  private place(html: string): void {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const placed: Element[] = [];
    for (const fresh of [...parsed.body.children]) {
      const name = fresh.getAttribute("data-fragment");
      const old = name ? this.root.querySelector(`[data-fragment="${name}"]`) : null;
      if (!old) continue;
      morph(old, fresh);
      placed.push(this.root.querySelector(`[data-fragment="${name}"]`) ?? old);
    }
    this.source.placed(placed);
  }
}
