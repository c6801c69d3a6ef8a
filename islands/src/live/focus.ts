// The focus is never lost: where what had it goes away (an act took its button from the page, a list was read afresh), it moves to what is next to it, and
// not to the top of the page.

const FOCUSABLE =
  "a[href], button:not(:disabled), input:not(:disabled, [type=hidden]), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]";

export interface Held {
  /** What had the focus. */
  element: HTMLElement;
  id: string;
  /** What it was in, from the inside out. */
  around: HTMLElement[];
  /** Of a row in a list: which one, counted from the top. */
  list: HTMLElement | null;
  row: number;
}

/** Who has the focus within `part`, before something happens to it. */
export function heldIn(part: Element): Held | null {
  const element = part.ownerDocument.activeElement;
  if (!(element instanceof HTMLElement) || element === part.ownerDocument.body || !part.contains(element)) return null;
  const around: HTMLElement[] = [];
  for (let at = element.parentElement; at && at !== at.ownerDocument.body; at = at.parentElement) around.push(at);
  const list = element.closest<HTMLElement>("[data-live-list]");
  const row = element.closest("[data-row]");
  return { element, id: element.id, around, list, row: row && list ? [...list.querySelectorAll("[data-row]")].indexOf(row) : -1 };
}

const usable = (element: Element | null | undefined): element is HTMLElement =>
  element instanceof HTMLElement && element.isConnected && element.matches(FOCUSABLE) && !element.closest("[hidden], [inert]");

/** Where the focus goes when what held it is gone. */
export function placeFor(held: Held, root: Document): HTMLElement | null {
  const same = held.id ? root.getElementById(held.id) : null;
  if (usable(same)) return same;
  if (held.row >= 0) {
    // The row that moved up into its place, or the last one.
    const list = held.list?.isConnected ? held.list : held.list?.id ? root.getElementById(held.list.id) : null;
    const rows = [...(list?.querySelectorAll("[data-row]") ?? [])];
    const row = rows[Math.min(held.row, rows.length - 1)];
    const first = row?.querySelector("[data-row-first], a[href], button:not(:disabled)");
    if (usable(first)) return first;
  }
  for (const one of held.around) {
    const standing = one.isConnected ? one : one.id ? root.getElementById(one.id) : null;
    if (!standing || standing.closest("[hidden]")) continue;
    // What the act answered with comes first: a field that is wrong, what was said.
    const said = standing.querySelector("[aria-invalid=true], [role=alert], .cb-done");
    if (said instanceof HTMLElement && said.isConnected) return said;
    if (!one.isConnected || standing.matches("section, form, li, tr, [role], [data-live-list], main, details, [tabindex]")) return standing;
  }
  return null;
}

/** Give the focus a place, if it has none any more. True when it was moved. */
export function settle(held: Held | null, root: Document): boolean {
  if (!held) return false;
  const active = root.activeElement;
  const lost = !active || active === root.body || (active === held.element && !usable(held.element));
  if (!lost) return false;
  const place = placeFor(held, root);
  if (!place) return false;
  if (!place.matches(FOCUSABLE)) place.tabIndex = -1;
  place.focus({ preventScroll: true });
  return true;
}

const CARRIED = "cb:focus";

/** How an element is found on the same page read anew: by its id, or as the field or button of its form. */
function found(element: Element): string {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const form = element.closest("form[hx-post]");
  if (!form) return "";
  const name = element.getAttribute("name");
  return `form[hx-post="${CSS.escape(form.getAttribute("hx-post") ?? "")}"] ${name ? `[name="${CSS.escape(name)}"]` : "button"}`;
}

/** This page is read anew after an act: where the focus was, it is again (`arriveFocus`). */
export function carryFocus(root: Document, to: URL): void {
  const active = root.activeElement;
  if (!active || active === root.body || to.pathname !== location.pathname) return;
  sessionStorage.setItem(CARRIED, JSON.stringify({ path: to.pathname, place: found(active) }));
}

/** The page came anew: the focus goes where it was, or to the page where that is gone, so that the next Tab does not begin at the top. */
export function arriveFocus(root: Document): void {
  const kept = sessionStorage.getItem(CARRIED);
  if (kept === null) return;
  sessionStorage.removeItem(CARRIED);
  const { path, place } = JSON.parse(kept) as { path: string; place: string };
  if (path !== location.pathname || (root.activeElement && root.activeElement !== root.body)) return;
  const element = place ? root.querySelector<HTMLElement>(place) : null;
  (usable(element) ? element : root.getElementById("stage"))?.focus();
}

/** What htmx puts in the place of something: the focus stays near to where it was, and goes to the head of a page that came whole. */
export function startFocus(root: Document): void {
  let held: Held | null = null;
  root.addEventListener("htmx:beforeSwap", (event) => {
    held = heldIn(event.target as Element);
  });
  root.addEventListener("htmx:afterSettle", (event) => {
    const target = event.target as Element;
    if (target.id === "stage" && (!root.activeElement || root.activeElement === root.body)) {
      root.getElementById("stage")?.focus({ preventScroll: true });
    } else settle(held, root);
    held = null;
  });
}
