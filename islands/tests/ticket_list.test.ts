import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

const asked: [string, string][] = [];
vi.mock("htmx.org", () => ({
  default: {
    process: () => undefined,
    trigger: () => undefined,
    ajax: (verb: string, url: string, context: { target?: unknown }) => {
      asked.push([verb, url]);
      if (context.target instanceof HTMLElement && context.target.id === "ticket-chosen-form")
        context.target.innerHTML = '<select name="change"><option>Open</option></select>';
      return Promise.resolve();
    },
  },
}));

import { next, TicketList } from "../src/tickets/list";

const row = (number: number): string =>
  `<tr data-ticket="${number}"><td><input type="checkbox" name="ids" value="${number}"></td><td class="cb-ticket-title"><a href="/tickets/${number}/">T</a></td></tr>`;
const press = (key: string): boolean =>
  (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0));
let list: TicketList;

describe("the list of tickets under the keyboard", () => {
  beforeAll(() => {
    list = new TicketList(document);
  });

  beforeEach(() => {
    asked.length = 0;
    document.body.innerHTML = `<section id="ticket-list" data-self="/tickets/?view=mine" data-form="/tickets/many/form/">
      <form id="ticket-chosen" hidden><span id="ticket-chosen-count" data-one="1" data-many="{n}" data-all="all"></span><span id="ticket-chosen-form"></span></form>
      <table><tbody>${row(10)}${row(11)}</tbody></table></section>`;
    list.look();
  });

  it("goes no further than its ends", () => {
    expect([next(0, -1, 1), next(3, -1, 1), next(3, -1, -1), next(3, 2, 1), next(3, 0, -1)]).toEqual([-1, 0, 2, 2, 0]);
  });

  it("takes and follows the ticket at hand, which stays at hand", async () => {
    press("j");
    press("j");
    expect(press("t")).toBe(false);
    await settled();
    expect(asked).toEqual([
      ["post", "/tickets/11/do/give/"],
      ["get", "/tickets/?view=mine"],
    ]);
    expect(document.activeElement?.getAttribute("href")).toBe("/tickets/11/");
    press("w");
    await settled();
    expect(asked[2]).toEqual(["post", "/tickets/11/do/watch/"]);
  });

  it("changes the one at hand, or those that are chosen", async () => {
    press("j");
    press("c");
    await settled();
    expect(document.querySelectorAll("input[name=ids]:checked").length).toBe(1);
    expect(document.activeElement?.getAttribute("name")).toBe("change");
  });

  it("leaves letters to whoever types, and does nothing before a row is at hand", async () => {
    press("t");
    document.body.insertAdjacentHTML("beforeend", '<input id="q">');
    document.getElementById("q")?.focus();
    press("t");
    await settled();
    expect(asked).toEqual([]);
  });
});
