import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Lists } from "../src/live/lists";

const row = (n: number, words = "", more = "") =>
  `<tr id="r${n}" data-row><td><input type="checkbox" name="work" value="ticket:${n}"></td><td><a href="#${n}" data-row-first>Ticket ${n} ${words}</a>${more}</td></tr>`;
const page = (rows: string, topics = "user:7 unit:3") =>
  `<div id="worklist" data-live-list data-topics="${topics}"><table><tbody>${rows}</tbody></table></div>`;

const placed = vi.fn();
const lists = new Lists(document, placed);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  document.body.innerHTML = "";
});

const press = (key: string) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

test("a list is read afresh when something happens on its topics, and what is ticked stays", async () => {
  document.body.innerHTML = page(row(1) + row(2));
  const fetched = vi.fn(async () => new Response(page(row(2, "taken by Bob") + row(3))));
  vi.stubGlobal("fetch", fetched);
  (document.querySelector("#r2 input") as HTMLInputElement).checked = true;
  expect(lists.topics()).toEqual(["user:7", "unit:3"]);

  lists.touch(["unit:4"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(fetched).not.toHaveBeenCalled();

  lists.touch(["unit:3"]);
  lists.touch(["user:7"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(document.querySelector("#r1")).toBeNull();
  expect(document.querySelector("#r2 a")?.textContent).toContain("taken by Bob");
  expect((document.querySelector("#r2 input") as HTMLInputElement).checked).toBe(true);
  expect(document.querySelector("#r3")).not.toBeNull();
  expect(placed).toHaveBeenCalledTimes(1);
});

test("keys go through the rows, tick one and press its buttons", () => {
  document.body.innerHTML = page(row(1) + row(2, "", '<button type="button" data-row-key="t">Take</button>'));
  const take = vi.fn();
  document.querySelector("#r2 button")?.addEventListener("click", take);
  press("j");
  expect(document.activeElement?.getAttribute("href")).toBe("#1");
  press("t");
  press("ArrowDown");
  expect(document.activeElement?.getAttribute("href")).toBe("#2");
  press("j");
  expect(document.activeElement?.getAttribute("href")).toBe("#2");
  press("x");
  expect((document.querySelector("#r2 input") as HTMLInputElement).checked).toBe(true);
  expect(take).not.toHaveBeenCalled();
  press("t");
  expect(take).toHaveBeenCalledTimes(1);
  press("k");
  expect(document.activeElement?.getAttribute("href")).toBe("#1");
});
