// The list that one came from: what is opened from it goes to the next and the previous of it, and back to the same row. Kept in this window as the list stood
// when something was opened, so that a row that left it meanwhile (a resolved ticket) loses nobody's place. What the list had not shown yet is fetched at its end.
//
// A list says `data-trail="selector of its links"` and `data-trail-name`; a page that can be opened from one has `[data-trail-nav]`.

import htmx from "htmx.org";
import { isTyping } from "./keyboard";
import { chordOf, singleKeys } from "./letters";

const KEPT = "cb:trail";

export interface Trail {
  /** The address of the list, and what it is called. */
  list: string;
  name: string;
  places: string[];
  /** Where the list fetches what comes after them; empty at its end. */
  more: string;
  /** What was opened last: there the list takes up again. */
  at: string;
}

const pathOf = (href: string): string => new URL(href, location.href).pathname;

/** What a list shows now, its name and where its rest is. */
export function trailOf(list: HTMLElement, at: string): Trail {
  const links = [...list.querySelectorAll<HTMLAnchorElement>(list.dataset.trail ?? "")].map((link) => pathOf(link.href));
  const more = list.querySelector<HTMLElement>(".cb-more [hx-get]")?.getAttribute("hx-get") ?? "";
  return {
    list: location.pathname + location.search,
    name: list.dataset.trailName ?? "",
    places: [...new Set(links)],
    more,
    at: pathOf(at),
  };
}

export function around(trail: Trail, path: string): { at: number; before: string; after: string } {
  const at = trail.places.indexOf(path);
  return { at, before: trail.places[at - 1] ?? "", after: at < 0 ? "" : (trail.places[at + 1] ?? "") };
}

function kept(): Trail | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Trail | null;
  } catch {
    return null;
  }
}

function keep(trail: Trail): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(trail));
  } catch {
    // The browser keeps nothing for pages, or no more: the page opens without its list, as it does from a bookmark.
  }
}

/** The next page of the list, as rows that come after the last. */
async function further(trail: Trail): Promise<Trail> {
  const response = await fetch(trail.more, { headers: { "HX-Request": "true", "HX-Target": "ticket-more-0" }, credentials: "same-origin" });
  if (!response.ok || response.redirected) return trail;
  const rows = new DOMParser().parseFromString(`<table><tbody>${await response.text()}</tbody></table>`, "text/html");
  const links = [...rows.querySelectorAll<HTMLAnchorElement>(".cb-ticket-title a")].map((link) => pathOf(link.getAttribute("href") ?? ""));
  const more = rows.querySelector(".cb-more [hx-get]")?.getAttribute("hx-get") ?? "";
  return { ...trail, places: [...new Set([...trail.places, ...links])], more: more === trail.more ? "" : more };
}

function point(link: HTMLAnchorElement | null, path: string): void {
  if (!link) return;
  if (path) link.setAttribute("href", path);
  else link.removeAttribute("href");
  link.setAttribute("aria-disabled", String(!path));
}

/** Show where this page stands in its list, if it was opened from one. */
export async function showTrail(root: Document): Promise<void> {
  const nav = root.querySelector<HTMLElement>("[data-trail-nav]");
  let trail = kept();
  if (!nav || !trail) return;
  const path = location.pathname;
  let found = around(trail, path);
  if (found.at < 0) return;
  if (!found.after && trail.more) {
    try {
      trail = await further(trail);
    } catch (problem) {
      console.warn("trail:", problem);
    }
    if (!nav.isConnected || path !== location.pathname) return;
    found = around(trail, path);
  }
  keep({ ...trail, at: path });
  point(nav.querySelector("[data-trail-to=list]"), trail.list);
  point(nav.querySelector("[data-trail-to=before]"), found.before);
  point(nav.querySelector("[data-trail-to=after]"), found.after);
  const said = nav.querySelector<HTMLElement>("[data-trail-said]");
  if (said) {
    said.textContent = `${found.at + 1} / ${trail.places.length}${trail.more ? "+" : ""}`;
    said.title = trail.name;
  }
  nav.hidden = false;
  // The links have addresses only now: they go within the shell, as the navigation bar does.
  htmx.process(nav);
}

/** Back on the list: the row that was opened last has the focus again, unless somebody is doing something else. */
function takeUp(root: Document): void {
  const trail = kept();
  const list = root.querySelector<HTMLElement>("[data-trail]");
  if (!list || !trail?.at || trail.list !== location.pathname + location.search) return;
  const active = root.activeElement;
  if (active && active !== root.body && active.id !== "stage") return;
  const links = [...list.querySelectorAll<HTMLAnchorElement>(list.dataset.trail ?? "")];
  const past = trail.places.slice(trail.places.indexOf(trail.at));
  // It may have left the list: then the first that came after it.
  const link = past.map((path) => links.find((one) => pathOf(one.href) === path)).find((one) => one !== undefined);
  keep({ ...trail, at: "" });
  link?.focus();
  link?.scrollIntoView({ block: "center" });
}

/** J and K through a list that has no keys of its own. */
function walk(root: Document, event: KeyboardEvent): void {
  if (event.defaultPrevented || !singleKeys() || isTyping(root.activeElement) || root.querySelector("dialog[open]")) return;
  const step = { J: 1, K: -1 }[chordOf(event)];
  const list = root.querySelector<HTMLElement>("[data-trail]");
  if (!step || !list || list.id === "ticket-list" || list.querySelector("[data-row]")) return;
  const links = [...list.querySelectorAll<HTMLAnchorElement>(list.dataset.trail ?? "")];
  const at = links.indexOf(root.activeElement as HTMLAnchorElement);
  const next = at < 0 ? links[0] : links[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export function startTrail(root: Document): void {
  root.addEventListener("keydown", (event) => walk(root, event));
  root.addEventListener(
    "click",
    (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
      const list = link?.closest<HTMLElement>("[data-trail]");
      if (link && list && link.matches(list.dataset.trail ?? "")) keep(trailOf(list, link.href));
    },
    true,
  );
  const look = () => {
    void showTrail(root);
    takeUp(root);
  };
  root.addEventListener("htmx:afterSettle", (event) => {
    if ((event.target as Element).id === "stage") look();
  });
  look();
}
