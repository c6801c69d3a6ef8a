// Notices: what happened, what was kept, what to do. Those that last stand over the stage until they are over; the others pass.

import { word } from "./words";

export interface Notice {
  title: string;
  text?: string;
  kind?: "status" | "error";
  action?: { words: string; run(): void };
}

const SHOWN_FOR = 7000;

function sprite(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "cb-i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const any = document.querySelector("use")?.getAttribute("href") ?? "#";
  use.setAttribute("href", `${any.split("#")[0]}#i-${name}`);
  svg.append(use);
  return svg;
}

export function icon(name: string): SVGSVGElement {
  return sprite(name);
}

function build(notice: Notice, close: () => void): HTMLElement {
  const box = document.createElement("div");
  box.className = "cb-notice";
  box.dataset.kind = notice.kind ?? "status";
  box.setAttribute("role", notice.kind === "error" ? "alert" : "status");
  const text = document.createElement("p");
  const strong = document.createElement("b");
  strong.textContent = notice.title;
  text.append(strong, notice.text ? ` ${notice.text}` : "");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cb-link";
  button.textContent = notice.action?.words ?? word("notice.close");
  button.addEventListener("click", () => {
    notice.action?.run();
    close();
  });
  box.append(sprite(notice.kind === "error" ? "alert-circle" : "circle-check"), text, button);
  return box;
}

/** A notice that stands until `clear(id)`; the same id replaces it. */
export function stand(id: string, notice: Notice): void {
  const host = document.getElementById("shell-notices");
  if (!host) return;
  const shown = `${notice.kind}|${notice.title}|${notice.text}`;
  const old = host.querySelector<HTMLElement>(`[data-notice="${id}"]`);
  if (old?.dataset.shown === shown) return;
  const box = build(notice, () => {
    if (!notice.action) clear(id);
  });
  box.dataset.notice = id;
  box.dataset.shown = shown;
  if (old) old.replaceWith(box);
  else host.append(box);
}

export function clear(id: string): void {
  document.querySelector(`#shell-notices [data-notice="${id}"]`)?.remove();
}

/** What went wrong has been read once the next act succeeds; it would only lie over the work. */
export function settled(): void {
  const host = document.getElementById("toasts");
  for (const box of host?.querySelectorAll('[data-kind="error"]') ?? []) box.remove();
  if (host && !host.children.length && host.matches(":popover-open")) host.hidePopover();
}

const passing = new Set<Notice>();
const CARRIED = "cb:notices";

/** What was said just now is read on the page that comes next: kept until that page has begun, and no longer. */
export function carry(): void {
  const said = [...passing].map(({ title, text }) => ({ title, text }));
  if (said.length) sessionStorage.setItem(CARRIED, JSON.stringify(said));
}

/** Say what the page before had to say. */
export function arrive(): void {
  const said = sessionStorage.getItem(CARRIED);
  if (said === null) return;
  sessionStorage.removeItem(CARRIED);
  for (const notice of JSON.parse(said) as Notice[]) tell(notice);
}

/** Told to those who listen to the page: what an act did, where the page itself shows it to those who look. */
export function announce(words: string): void {
  const box = document.getElementById("said");
  if (!box) return;
  box.textContent = "";
  // The same words once more are news as well: the region is empty for a moment.
  window.setTimeout(() => (box.textContent = words), 60);
}

/** A notice that passes by itself; errors stay until closed, or until an act succeeds. */
export function tell(notice: Notice): void {
  const host = document.getElementById("toasts");
  if (!host) return;
  const box = build(notice, () => gone());
  if (notice.kind !== "error") passing.add(notice);
  const gone = () => {
    passing.delete(notice);
    box.remove();
    if (!host.children.length && host.matches(":popover-open")) host.hidePopover();
  };
  host.append(box);
  if (!host.matches(":popover-open")) host.showPopover();
  if (notice.kind !== "error") window.setTimeout(gone, SHOWN_FOR);
}
