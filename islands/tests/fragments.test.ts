import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Fragments, gatherFor, isOwnEcho } from "../src/live/fragments";

function source() {
  return { url: (names: string[]) => `/desk/fragments/?names=${names.join(",")}`, placed: vi.fn(), failed: vi.fn() };
}

function answer(html: string, init: ResponseInit = {}) {
  return vi.fn(async () => new Response(init.status === 304 ? null : html, { status: 200, ...init }));
}

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `
    <section id="account" data-fragment="account" data-topics="interaction:91 party:12">old account</section>
    <section id="alerts" data-fragment="alerts" data-topics="interaction:91">old alerts</section>
    <section id="tools" data-fragment="tools" data-topics="user:7">old tools</section>`;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("fragments", () => {
  it("know which topics they need", () => {
    expect(new Fragments(document, source()).topics()).toEqual(new Set(["interaction:91", "party:12", "user:7"]));
  });

  it("gather what happens into one request, of what is concerned only", async () => {
    const fetched = answer('<section id="account" data-fragment="account" data-topics="interaction:91 party:12">new</section>');
    vi.stubGlobal("fetch", fetched);
    const fragments = new Fragments(document, source());
    fragments.touch(["interaction:91"], 0);
    fragments.touch(["party:12"], 0);
    fragments.touch(["interaction:91"], 0);
    await vi.advanceTimersByTimeAsync(99);
    expect(fetched).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched).toHaveBeenCalledWith("/desk/fragments/?names=account,alerts", expect.anything());
    expect(document.getElementById("account")?.textContent).toBe("new");
    expect(document.getElementById("alerts")?.textContent).toBe("old alerts");
  });

  it("fetch what concerns this person alone at once", async () => {
    const fetched = answer("");
    vi.stubGlobal("fetch", fetched);
    new Fragments(document, source()).touch(["user:7"], 1);
    await vi.advanceTimersByTimeAsync(10);
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it("do nothing for topics that no fragment asks for", async () => {
    const fetched = answer("");
    vi.stubGlobal("fetch", fetched);
    new Fragments(document, source()).touch(["interaction:92"], 0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(fetched).not.toHaveBeenCalled();
  });

  it("compare with what they have, and keep it when nothing changed", async () => {
    const fetched = vi
      .fn()
      .mockResolvedValueOnce(
        new Response('<section id="tools" data-fragment="tools" data-topics="user:7">v1</section>', { headers: { ETag: '"1"' } }),
      )
      .mockResolvedValueOnce(new Response(null, { status: 304 }));
    vi.stubGlobal("fetch", fetched);
    const fragments = new Fragments(document, source());
    await fragments.refresh(["tools"]);
    await fragments.refresh(["tools"]);
    expect(fetched.mock.calls[1]?.[1].headers["If-None-Match"]).toBe('"1"');
    expect(document.getElementById("tools")?.textContent).toBe("v1");
  });

  it("say when the server refuses, and leave the page as it was", async () => {
    vi.stubGlobal("fetch", answer("no", { status: 500 }));
    const from = source();
    await new Fragments(document, from).refresh(["tools"]);
    expect(from.failed).toHaveBeenCalledWith(500);
    expect(document.getElementById("tools")?.textContent).toBe("old tools");
  });

  it("ask again for what a newer question interrupted", async () => {
    const fetched = vi.fn((_url: string, init: RequestInit) => {
      return new Promise<Response>((resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
        setTimeout(() => resolve(new Response("")), 50);
      });
    });
    vi.stubGlobal("fetch", fetched);
    const fragments = new Fragments(document, source());
    void fragments.refresh(["account"]);
    void fragments.refresh(["tools"]);
    await vi.advanceTimersByTimeAsync(100);
    expect(fetched.mock.calls[1]?.[0]).toBe("/desk/fragments/?names=tools,account");
  });
});

describe("gathering", () => {
  it("takes 100 to 300 ms for what many look at", () => {
    expect(gatherFor(["interaction:91"], 0)).toBe(100);
    expect(gatherFor(["party:12"], 1)).toBe(300);
  });

  it("does not answer to its own pad", () => {
    const event = { id: 1, kind: "interactions.note_saved", version: 1, at: "", actor: "user:7", topics: [], body: { author: 7 } };
    expect(isOwnEcho(event, "7")).toBe(true);
    expect(isOwnEcho(event, "8")).toBe(false);
    expect(isOwnEcho({ ...event, kind: "interactions.note_filed" }, "7")).toBe(false);
  });
});
