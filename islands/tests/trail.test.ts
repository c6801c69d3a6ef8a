import { beforeEach, expect, test, vi } from "vitest";

vi.mock("htmx.org", () => ({ default: { process: () => undefined } }));

import { around, showTrail, startTrail, type Trail, trailOf } from "../src/desk/trail";

const NAV =
  '<nav data-trail-nav hidden><a data-trail-to="list"></a><a data-trail-to="before"></a><a data-trail-to="after"></a><span data-trail-said></span></nav>';
const rows = (...numbers: number[]): string =>
  numbers.map((n) => `<tr><td class="cb-ticket-title"><a href="/tickets/${n}/">${n}</a></td></tr>`).join("");
const to = (which: string): string | null | undefined => document.querySelector(`[data-trail-to=${which}]`)?.getAttribute("href");
const goTo = (path: string): void => history.replaceState({}, "", path);

beforeEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
  goTo("/tickets/?view=open");
});

test("the places of a list are its links, each once, and where the rest of it is", () => {
  document.body.innerHTML = `<section data-trail=".cb-ticket-title a" data-trail-name="All open"><table><tbody>${rows(3, 1, 3)}<tr class="cb-more"><td><button hx-get="/tickets/?after=1">more</button></td></tr></tbody></table></section>`;
  const trail = trailOf(document.querySelector("section") as HTMLElement, "/tickets/1/");
  expect(trail).toEqual({
    list: "/tickets/?view=open",
    name: "All open",
    places: ["/tickets/3/", "/tickets/1/"],
    more: "/tickets/?after=1",
    at: "/tickets/1/",
  });
  expect(around(trail, "/tickets/1/")).toEqual({ at: 1, before: "/tickets/3/", after: "" });
  expect(around(trail, "/tickets/9/")).toEqual({ at: -1, before: "", after: "" });
});

test("what was opened from a list goes to the next of it, and back to its row", () => {
  document.body.innerHTML = `<section data-trail=".cb-ticket-title a" data-trail-name="All open"><table><tbody>${rows(5, 6, 7)}</tbody></table></section>`;
  startTrail(document);
  const link = document.querySelectorAll("a")[1] as HTMLAnchorElement;
  link.addEventListener("click", (event) => event.preventDefault());
  link.click();
  document.body.innerHTML = NAV;
  goTo("/tickets/6/");
  document.body.id = "";
  document.querySelector("nav")?.setAttribute("id", "trail");
  return showTrail(document).then(() => {
    expect([to("list"), to("before"), to("after")]).toEqual(["/tickets/?view=open", "/tickets/5/", "/tickets/7/"]);
    expect(document.querySelector("[data-trail-said]")?.textContent).toBe("2 / 3");
    // The ticket has left the list meanwhile: the one after it is at hand.
    goTo("/tickets/?view=open");
    document.body.innerHTML = `<div id="stage" tabindex="-1"><section data-trail=".cb-ticket-title a"><table><tbody>${rows(5, 7)}</tbody></table></section></div>`;
    document.getElementById("stage")?.dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true }));
    expect(document.activeElement?.textContent).toBe("7");
  });
});

test("at the end of what a list had shown the rest of it is fetched", async () => {
  const trail: Trail = { list: "/tickets/", name: "", places: ["/tickets/1/", "/tickets/2/"], more: "/tickets/?after=2", at: "" };
  sessionStorage.setItem("cb:trail", JSON.stringify(trail));
  vi.stubGlobal(
    "fetch",
    vi.fn(async () => new Response(rows(3, 4))),
  );
  goTo("/tickets/2/");
  document.body.innerHTML = NAV;
  await showTrail(document);
  expect(to("after")).toBe("/tickets/3/");
  expect(document.querySelector("[data-trail-said]")?.textContent).toBe("2 / 4");
});

test("a page that was not opened from a list shows none", async () => {
  sessionStorage.setItem("cb:trail", JSON.stringify({ list: "/tickets/", name: "", places: ["/tickets/1/"], more: "", at: "" }));
  goTo("/tickets/8/");
  document.body.innerHTML = NAV;
  await showTrail(document);
  expect(document.querySelector("nav")?.hidden).toBe(true);
});
