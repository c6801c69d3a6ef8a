// Writing values into the cells of a page: only what differs is written, since each write costs the browser a layout.

import type { Reason } from "./view";

export interface Words {
  states: Record<string, string>;
  reasons: Record<string, Reason>;
  [key: string]: unknown;
}

/** A sentence with its {places} filled. */
export function fill(words: Words, key: string, values: Record<string, string | number> = {}): string {
  return String(words[key] ?? "").replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ""));
}

export function write(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** What stands in a JSON script element below `root`. */
export function json<T>(root: ParentNode, id: string): T | null {
  const text = root.querySelector(`#${id}`)?.textContent;
  return text ? (JSON.parse(text) as T) : null;
}

export function setTone(element: Element | null, name: string): void {
  element?.classList.toggle("cb-warn", name === "warn");
  element?.classList.toggle("cb-bad", name === "bad");
}

/** A share of a hundred in words, or the sign for none. */
export function percent(words: Words, value: number | null): string {
  return value === null ? String(words.none) : fill(words, "percent", { n: Math.round(value) });
}

/** "warn" after a minute of waiting, "bad" after two. */
export function lateness(seconds: number): "" | "warn" | "bad" {
  return seconds > 120 ? "bad" : seconds > 60 ? "warn" : "";
}
