// The box that telephone buttons open: the directory, the dial pad, parked calls. What stands in it is fetched when it opens; what carries
// `data-again` is fetched again while it stands open, line by line, so that nothing jumps under the pointer.

import htmx from "htmx.org";
import { openDialog } from "./menus";
import { failed } from "./requests";

const EVERY = 2000;
let timer = 0;

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
  const field = dialog.querySelector<HTMLElement>("[autofocus], .cb-dialog-body button:enabled");
  field?.focus();
  if (field instanceof HTMLInputElement) field.select();
  if (dialog.querySelector("[data-again]")) timer = window.setInterval(() => void again(), EVERY);
}

/** The dial box for a number on the screen: what is known of it goes along, and the contact at hand (the box says what happens to that). */
export function dialAddress(number: HTMLElement, interaction: string): string {
  const { dial = "", party = "", queue = "", callback = "" } = number.dataset;
  const known = Object.entries({ number: dial, party, queue, callback, interaction }).filter(([, value]) => value);
  return `/desk/dial/?${new URLSearchParams(known)}`;
}

/** Fetch once more what stands open. */
export async function again(): Promise<void> {
  const dialog = box();
  const url = dialog?.querySelector<HTMLElement>("[data-again]")?.dataset.again;
  if (!dialog?.open || !url) {
    window.clearInterval(timer);
    return;
  }
  if (document.hidden) return;
  const html = await fetched(url);
  if (html === null || !dialog.open || dialog.querySelector<HTMLElement>("[data-again]")?.dataset.again !== url) return;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const id of ["members", "targets"]) {
    const list = dialog.querySelector(`#${id}`);
    const next = fresh.querySelector(`#${id}`);
    if (list && next) renew(list, next);
    else if (list || next) {
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
    const list = field.dataset?.filter ? root.querySelector(field.dataset.filter) : null;
    if (list) narrow(field, list);
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
      root.querySelector<HTMLButtonElement>(`${field.dataset.filter} li:not([hidden]) button:enabled`)?.click();
    }
    if (field.id === "dial-number") {
      event.preventDefault();
      void choose(field as HTMLInputElement);
    }
  });

  root.addEventListener("click", (event) => {
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
