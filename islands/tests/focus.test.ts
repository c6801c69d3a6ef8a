import { beforeEach, expect, test } from "vitest";
import { arriveFocus, carryFocus } from "../src/live/focus";
import { morph } from "../src/live/morph";

const parse = (html: string): Element => new DOMParser().parseFromString(html, "text/html").body.firstElementChild as Element;
const acts = (...codes: string[]): string =>
  `<div id="acts" role="group" data-live-list>${codes.map((code) => `<button id="to-${code}">${code}</button>`).join("")}</div>`;
const row = (n: number): string => `<tr id="r${n}" data-row><td><a href="#${n}" data-row-first>${n}</a></td></tr>`;
const list = (...rows: number[]): string => `<div id="list" data-live-list><table><tbody>${rows.map(row).join("")}</tbody></table></div>`;
const old = (): Element => document.body.firstElementChild as Element;

beforeEach(() => {
  document.body.innerHTML = "";
  sessionStorage.clear();
});

test("an act that takes its own button away leaves the focus with the other acts, also when they are read once more", () => {
  document.body.innerHTML = acts("open", "resolved");
  document.getElementById("to-resolved")?.focus();
  morph(old(), parse(acts("open", "closed")));
  expect(document.activeElement?.id).toBe("acts");
  morph(old(), parse(acts("open", "closed", "waiting")));
  expect(document.activeElement?.id).toBe("acts");
});

test("a button that stays keeps the focus, whatever came before it", () => {
  document.body.innerHTML = acts("resolved");
  document.getElementById("to-resolved")?.focus();
  morph(old(), parse(acts("open", "waiting", "resolved")));
  expect(document.activeElement?.id).toBe("to-resolved");
});

test("of a list the row that moved up has the focus, at the end the last", () => {
  document.body.innerHTML = list(1, 2, 3);
  document.querySelector<HTMLElement>("#r2 a")?.focus();
  morph(old(), parse(list(1, 3)));
  expect(document.activeElement?.getAttribute("href")).toBe("#3");
  morph(old(), parse(list(1)));
  expect(document.activeElement?.getAttribute("href")).toBe("#1");
});

test("who is somewhere else stays there", () => {
  document.body.innerHTML = `${acts("open")}<input id="field">`;
  document.getElementById("field")?.focus();
  morph(old(), parse(acts("closed")));
  expect(document.activeElement?.id).toBe("field");
});

test("a page that an act reads anew has the focus where it was", () => {
  const page =
    '<div id="stage" tabindex="-1"><form hx-post="/cases/1/do/note/"><textarea name="text"></textarea><button>Add</button></form></div>';
  document.body.innerHTML = page;
  document.querySelector("button")?.focus();
  carryFocus(document, new URL(location.href));
  document.body.innerHTML = page;
  arriveFocus(document);
  expect(document.activeElement?.textContent).toBe("Add");

  carryFocus(document, new URL(location.href));
  document.body.innerHTML = '<div id="stage" tabindex="-1"></div>';
  arriveFocus(document);
  expect(document.activeElement?.id).toBe("stage");

  (document.activeElement as HTMLElement).blur();
  arriveFocus(document);
  expect(document.activeElement).toBe(document.body);
});
