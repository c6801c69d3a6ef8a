// The box that telephone buttons open: the directory, the dial pad, parked calls. What stands in it is fetched when it opens; what carries
// `data-again` is fetched again when something happens on the topics that it hears (`data-hears`), line by line, so that nothing jumps under
// the pointer. Colleagues' states change in their lines without asking (`directory.ts`).

import htmx from "htmx.org";
import { COLLEAGUES } from "./directory";
import { openDialog } from "./menus";
import { failed } from "./requests";

/** Waits of queues that one does not serve are told by nobody: they are fetched now and then while the box is looked at. */
const EVERY = 15_000;
/** What comes at once is fetched once. */
const GATHER = 200;
/** A breath after the last key before the server is asked for more than stands there. */
const TYPED = 150;
let timer = 0;
let soon = 0;

const box = (): HTMLDialogElement | null => document.getElementById("transfer") as HTMLDialogElement | null;

async function fetched(url: string): Promise<string | null> {
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" } });
    const html = await response.text();
    if (response.ok && !response.redirected) return html;
    box()?.close();
    failed(response.redirected ? 401 : response.status, html);
  } catch {
    box()?.close();
    failed(0);
  }
  return null;
}

/** The topics that the open box hears. */
export function heard(): string[] {
  const dialog = box();
  const topics = dialog?.open ? dialog.querySelector<HTMLElement>("[data-hears]")?.dataset.hears : "";
  return (topics ?? "").split(" ").filter(Boolean);
}

/** Something happened on these topics: what the box shows of it is fetched, but for states, which events carry. */
export function touched(topics: readonly string[]): void {
  const own = heard().filter((topic) => topic !== COLLEAGUES);
  if (!topics.some((topic) => own.includes(topic))) return;
  window.clearTimeout(soon);
  soon = window.setTimeout(() => void again(), GATHER);
}

/** Open the box with what stands at this address. */
export async function openBox(url: string): Promise<void> {
  window.clearInterval(timer);
  const dialog = openDialog("transfer");
  if (!dialog) return;
  dialog.replaceChildren();
  const html = await fetched(url);
  if (html === null || !dialog.open) return;
  dialog.innerHTML = html;
  htmx.process(dialog);
  const field = dialog.querySelector<HTMLElement>("[autofocus]") ?? dialog.querySelector<HTMLElement>(".cb-dialog-body button:enabled");
  field?.focus();
  if (field instanceof HTMLInputElement) field.select();
  if (dialog.querySelector("[data-again]")) timer = window.setInterval(() => void again(), EVERY);
  // Who listens hears from now on what concerns it.
  document.dispatchEvent(new CustomEvent("cb:box"));
}

/** The dial box for a number on the screen: what is known of it goes along, and the contact at hand (the box says what happens to that). */
export function dialAddress(number: HTMLElement, interaction: string): string {
  const { dial = "", party = "", queue = "", callback = "" } = number.dataset;
  const known = Object.entries({ number: dial, party, queue, callback, interaction }).filter(([, value]) => value);
  return `/desk/dial/?${new URLSearchParams(known)}`;
}

/** Fetch once more what stands open, for what is typed there now. */
export async function again(): Promise<void> {
  const dialog = box();
  const url = dialog?.querySelector<HTMLElement>("[data-again]")?.dataset.again;
  if (!dialog?.open || !url) {
    window.clearInterval(timer);
    return;
  }
  if (document.hidden) return;
  const field = dialog.querySelector<HTMLInputElement>("[data-filter]");
  const typed = field?.value.trim() ?? "";
  const html = await fetched(typed && !looksLikeNumber(typed) ? `${url}&q=${encodeURIComponent(typed)}` : url);
  if (html === null || !dialog.open || dialog.querySelector<HTMLElement>("[data-again]")?.dataset.again !== url) return;
  if ((field?.value.trim() ?? "") !== typed) return; // typed on: the next answer is on its way
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const id of ["members", "targets"]) {
    const list = dialog.querySelector(`#${id}`);
    const next = fresh.querySelector(`#${id}`);
    if (list instanceof HTMLElement && next instanceof HTMLElement) {
      // Other words, another list: only what was looked for is put in its place, line by line.
      if (id === "targets" && typed !== (list.dataset.typed ?? "")) {
        list.replaceChildren(...next.children);
        htmx.process(list);
      } else renew(list, next);
      list.dataset.typed = typed;
      if (next.dataset.beyond) list.dataset.beyond = next.dataset.beyond;
      if (field?.dataset.filter === `#${id}`) narrow(field, list);
    } else if (list || next) {
      // There was nothing to choose and now there is, or the other way round.
      dialog.innerHTML = html;
      htmx.process(dialog);
      return;
    }
  }
}

/** Each line keeps its place; only one that says something else is put anew. Whoever has the focus in it keeps it. */
export function renew(list: Element, next: Element): void {
  const old = new Map([...list.children].map((line) => [(line as HTMLElement).dataset.key, line as HTMLElement]));
  for (const line of [...next.children] as HTMLElement[]) {
    const key = line.dataset.key;
    const standing = old.get(key);
    old.delete(key);
    if (!standing) list.append(line);
    else if (line.hasAttribute("data-outside") || said(standing) === said(line)) continue;
    else {
      const focused = standing.contains(document.activeElement);
      line.hidden = standing.hidden;
      standing.replaceWith(line);
      if (focused) line.querySelector<HTMLElement>("button:enabled")?.focus();
    }
    htmx.process(line);
  }
  for (const gone of old.values()) gone.remove();
}

/** What a line says and can, without what ticks by itself. */
function said(line: HTMLElement): string {
  const state = line.querySelector<HTMLElement>("[data-state]")?.dataset.state ?? "";
  const words = [...line.querySelectorAll("span, b")].map((one) => one.firstChild?.textContent?.trim()).join("|");
  return `${state}|${words}|${line.querySelector("button:enabled") !== null}`;
}

export const looksLikeNumber = (typed: string): boolean => /^[+\d\s().\-/]+$/.test(typed) && typed.replace(/\D/g, "").length >= 3;

function narrow(field: HTMLInputElement, list: Element): void {
  const typed = field.value.trim();
  let any = false;
  for (const line of list.querySelectorAll<HTMLElement>("li")) {
    if (line.hasAttribute("data-outside")) {
      line.hidden = !looksLikeNumber(typed);
      const number = line.querySelector("[data-outside-number]");
      if (number) number.textContent = typed;
    } else line.hidden = !(line.dataset.text ?? "").includes(typed.toLowerCase());
    any ||= !line.hidden;
  }
  const none = list.parentElement?.querySelector<HTMLElement>("[data-none]");
  if (none) none.hidden = any;
}

/** The last search of the server's: Enter waits for it. */
let searching: Promise<void> = Promise.resolve();
let begun = 0;

/** Resolves after so long, unless it is asked for again meanwhile. */
function later(wait: number): Promise<void> {
  window.clearTimeout(begun);
  return new Promise((done) => {
    begun = window.setTimeout(done, wait);
  });
}

/** Up and down through what can be chosen; up from the first goes back to the field. */
function walk(event: KeyboardEvent, dialog: Element): boolean {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return false;
  const found = [...dialog.querySelectorAll<HTMLElement>("li:not([hidden]) > button:enabled, #dial-found button:enabled")];
  const at = found.indexOf(document.activeElement as HTMLElement);
  if (document.activeElement instanceof HTMLSelectElement || !found.length) return false;
  const to = event.key === "ArrowDown" ? at + 1 : at - 1;
  if (to < 0) dialog.querySelector<HTMLElement>("input[type=search]")?.focus();
  else found[Math.min(to, found.length - 1)]?.focus();
  return true;
}

/** Lists that are narrowed by what is typed: `<input data-filter="#list">`; Enter takes the first. Keys of the dial pad. */
export function startBox(root: Document): void {
  root.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    const list = field.dataset?.filter ? root.querySelector<HTMLElement>(field.dataset.filter) : null;
    if (!list) return;
    narrow(field, list);
    // Not everybody stands there: the server looks among the others.
    if (list.dataset.beyond) searching = later(TYPED).then(again);
  });
  document.getElementById("transfer")?.addEventListener("close", () => {
    window.clearInterval(timer);
    document.dispatchEvent(new CustomEvent("cb:box"));
  });

  root.addEventListener("keydown", (event) => {
    const field = event.target as HTMLElement;
    const dialog = field.closest("#transfer");
    if (dialog && walk(event, dialog)) {
      event.preventDefault();
      return;
    }
    if (event.key !== "Enter") return;
    if (field.dataset?.filter) {
      event.preventDefault();
      const first = `${field.dataset.filter} li:not([hidden]) button:enabled`;
      void searching.then(() => root.querySelector<HTMLButtonElement>(first)?.click());
    }
    if (field.id === "dial-number") {
      event.preventDefault();
      void choose(field as HTMLInputElement);
    }
  });

  root.addEventListener("click", (event) => {
    const other = (event.target as Element).closest<HTMLElement>("[data-box]")?.dataset.box;
    if (other) void openBox(other);
    const key = (event.target as Element).closest<HTMLElement>("[data-pad-key]")?.dataset.padKey;
    const field = key ? root.querySelector<HTMLInputElement>("#dial-number") : null;
    if (!key || !field) return;
    field.value += key;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/** Enter calls what was typed, also when the list does not stand there yet. */
async function choose(field: HTMLInputElement): Promise<void> {
  const typed = field.value.trim();
  for (let tries = 0; tries < 30; tries += 1) {
    const buttons = [...document.querySelectorAll<HTMLButtonElement>("#dial-found button:enabled")];
    const meant = looksLikeNumber(typed) ? buttons.find((one) => one.value === typed) : buttons[0];
    if (meant) {
      meant.click();
      return;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}
