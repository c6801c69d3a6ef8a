// Values on the socket: counters and times that many pages show. A topic's snapshot comes with the subscription, events change it, and what
// shows it on the page says so: <span data-live-value="queue:3.waiting">.

import type { LiveClient } from "../live/client";
import { draw } from "../live/clock";
import type { LiveEvent, Values } from "../live/wire";
import { reduce, stale, summary } from "./reduce";

/** The value that asks for a topic without showing one: who draws it hears `cb:values`. */
const WHOLE = "standing";

export interface Boards {
  /** Watch the topics that the page shows now. */
  follow(): void;
}

/** The topics whose values stand on the page. */
export function shownTopics(root: ParentNode): Set<string> {
  const found = new Set<string>();
  for (const element of root.querySelectorAll<HTMLElement>("[data-live-value]")) {
    const topic = (element.dataset.liveValue ?? "").split(".")[0];
    if (topic) found.add(topic);
  }
  return found;
}

/** Put one value into the element that shows it. Texts for none and some come from the server, in the reader's language. */
export function show(element: HTMLElement, value: unknown): void {
  if (element.dataset.clock) {
    const at = typeof value === "number" && value > 0 ? String(Math.round(value * 1000)) : "";
    const time = element.querySelector<HTMLElement>("time") ?? element.appendChild(document.createElement("time"));
    element.hidden = at === "";
    if (at) time.dataset[element.dataset.clock] = at;
    else delete time.dataset[element.dataset.clock];
    return;
  }
  const number = Number(value ?? 0);
  const text =
    number === 0 && element.dataset.none ? element.dataset.none : (element.dataset.some ?? "{n}").replace("{n}", String(value ?? 0));
  if (element.textContent === text) return;
  element.textContent = text;
  if (element.dataset.v !== undefined) element.style.setProperty("--v", `${number}%`);
}

/** At the next frame; a page in the background gets no frames, and is in no hurry. */
function nextFrame(what: () => void): void {
  if (document.hidden) window.setTimeout(what, 1000);
  else window.requestAnimationFrame(what);
}

export function startBoards(root: Document, live: LiveClient, later: (what: () => void) => void = nextFrame): Boards {
  const standing = new Map<string, Values>();
  const asked = new Set<string>();
  const changed = new Set<string>();

  const paint = (topic: string): void => {
    const values = standing.get(topic);
    if (!values) return;
    const elements: [HTMLElement, string][] = [];
    for (const element of root.querySelectorAll<HTMLElement>(`[data-live-value^="${topic}."]`)) {
      const name = (element.dataset.liveValue ?? "").slice(topic.length + 1);
      if (name !== WHOLE) elements.push([element, name]);
    }
    if (elements.length) {
      const shown = summary(topic, values);
      for (const [element, name] of elements) if (name in shown) show(element, shown[name]);
      draw(root);
    }
    root.dispatchEvent(new CustomEvent("cb:values", { detail: { topic, values } }));
  };

  // A hundred events a second are drawn as often as the screen can show them, not a hundred times.
  const paintSoon = (topic: string): void => {
    if (!changed.size)
      later(() => {
        const topics = [...changed];
        changed.clear();
        for (const one of topics) paint(one);
      });
    changed.add(topic);
  };

  // Something new: its values are read afresh, not by all boards in the same moment, and once for all that is made at a time.
  const askSoon = (topic: string): void => {
    if (asked.has(topic)) return;
    asked.add(topic);
    window.setTimeout(
      () => {
        asked.delete(topic);
        if (standing.has(topic)) live.again(topic);
      },
      100 + Math.random() * 400,
    );
  };

  live.listen({
    values: (topic, values) => {
      standing.set(topic, values);
      paint(topic);
    },
    event: (event: LiveEvent) => {
      for (const topic of event.topics) {
        const values = standing.get(topic);
        if (!values) continue;
        if (stale(topic, values, event)) askSoon(topic);
        standing.set(topic, reduce(topic, values, event));
        paintSoon(topic);
      }
    },
  });

  return {
    follow: () => {
      const shown = shownTopics(root);
      for (const topic of standing.keys()) if (!shown.has(topic)) standing.delete(topic);
      live.followValues(shown);
      for (const topic of standing.keys()) paint(topic);
    },
  };
}
