// Lists beside the desk that follow what happens: `<div id="work" data-live-list data-topics="user:7 unit:3">` is read afresh from the page's own
// address and morphed, so that what is ticked, typed or focused stays. Arrow keys, J and K go through its rows (`data-row`), X ticks one,
// and letters press a row's buttons (`data-row-key`).

import { isTyping } from "../desk/keyboard";
import { letterOf, singleKeys } from "../desk/letters";
import { gatherFor } from "./fragments";
import { morph } from "./morph";

/** What is nobody's event (something became late) shows after so long at most. */
export const EVERY = 60_000;

const lists = (root: Document): HTMLElement[] => [...root.querySelectorAll<HTMLElement>("[data-live-list]")];

export class Lists {
  private timer = 0;
  private asked = 0;

  constructor(
    private readonly root: Document,
    private readonly placed: (element: Element) => void,
  ) {
    root.addEventListener("keydown", (event) => keys(event));
    window.setInterval(() => {
      if (!root.hidden && lists(root).length) void this.again();
    }, EVERY);
  }

  topics(): string[] {
    return lists(this.root).flatMap((list) => (list.dataset.topics ?? "").split(" ").filter(Boolean));
  }

  touch(topics: readonly string[]): void {
    const own = this.topics();
    if (!topics.some((topic) => own.includes(topic))) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.again(), Math.max(150, gatherFor(topics, Math.random())));
  }

  /** Read the lists of this page afresh. An answer that a newer question or another page overtook is passed over. */
  async again(): Promise<void> {
    const question = ++this.asked;
    const here = location.href;
    try {
      const response = await fetch(here, { headers: { "HX-Request": "true" }, cache: "no-store", credentials: "same-origin" });
      if (!response.ok || response.redirected) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      if (question !== this.asked || here !== location.href) return;
      for (const old of lists(this.root)) {
        const next = fresh.getElementById(old.id);
        if (!next) continue;
        morph(old, next);
        const standing = this.root.getElementById(old.id);
        if (standing) this.placed(standing);
      }
    } catch (problem) {
      // The line says by itself when the server is away; the list is asked for again with the next event.
      console.warn("list:", problem);
    }
  }
}

function keys(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (!(target instanceof HTMLElement) || isTyping(target) || target.closest("dialog, [popover]")) return;
  const letter = singleKeys() || event.key.length > 1 ? letterOf(event) : "";
  const down = event.key === "ArrowDown" || letter === "J";
  const row = target.closest<HTMLElement>("[data-row]");
  if (!row) {
    // From nowhere in particular the first key goes to the first row.
    if (letter !== "J") return;
    const first = target.ownerDocument.querySelector<HTMLElement>("[data-live-list] [data-row] [data-row-first]");
    if (!first) return;
    event.preventDefault();
    first.focus();
    return;
  }
  if (letter === "X") {
    row.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
    return;
  }
  if (down || event.key === "ArrowUp" || letter === "K") {
    const rows = [...(row.closest("[data-live-list]")?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    const next = rows[rows.indexOf(row) + (down ? 1 : -1)];
    const first = next?.querySelector<HTMLElement>("[data-row-first], a, button");
    if (!first) return;
    event.preventDefault();
    first.focus();
    return;
  }
  const button = [...row.querySelectorAll<HTMLButtonElement>("[data-row-key]")].find((one) => one.dataset.rowKey === letter.toLowerCase());
  if (!button || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  button.click();
}
