import { beforeEach, describe, expect, it, vi } from "vitest";
import { cookie } from "../src/desk/cookie";
import { type Keys, press } from "../src/desk/keyboard";
import { type Answer, joined, type Kept, Pad, type PadStore } from "../src/desk/pad";
import { matches } from "../src/desk/palette";
import { changed, fragmentsUrl, placeOf } from "../src/desk/place";
import { problemOf } from "../src/desk/requests";

class Shelf implements PadStore {
  kept = new Map<string, Kept>();
  read = (key: string) => this.kept.get(key) ?? null;
  write = (key: string, kept: Kept) => void this.kept.set(key, kept);
  drop = (key: string) => void this.kept.delete(key);
  all = () => [...this.kept];
}

function area(): HTMLTextAreaElement {
  return document.getElementById("pad-text") as HTMLTextAreaElement;
}

function type(text: string): void {
  area().value = text;
  area().dispatchEvent(new Event("input", { bubbles: true }));
}

describe("the scratch pad", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    document.body.innerHTML =
      '<span id="pad-kept"></span><textarea id="pad-text" data-key="7:91" data-save="/desk/91/note/" data-revision="3"></textarea>';
  });

  it("is kept a moment after the last key, with a revision that grows", async () => {
    const send = vi.fn(async (kept: Kept): Promise<Answer> => ({ state: "kept", revision: kept.revision, at: "" }));
    const shelf = new Shelf();
    new Pad(document, shelf, send).start();
    type("E18");
    type("E18, water");
    expect(shelf.kept.get("7:91")?.text).toBe("E18, water");
    await vi.advanceTimersByTimeAsync(600);
    expect(send).toHaveBeenCalledTimes(1);
    expect(send).toHaveBeenCalledWith({ text: "E18, water", revision: 5, url: "/desk/91/note/" });
    expect(area().dataset.revision).toBe("5");
    expect(shelf.kept.size).toBe(0);
  });

  it("stays in the browser while the server is not reached, and is sent when it is", async () => {
    const answers: Answer[] = [{ state: "unreached" }, { state: "unreached" }, { state: "kept", revision: 4, at: "" }];
    const send = vi.fn(async (): Promise<Answer> => answers.shift() ?? { state: "unreached" });
    const shelf = new Shelf();
    new Pad(document, shelf, send).start();
    type("typed without a network");
    await vi.advanceTimersByTimeAsync(600);
    expect(shelf.kept.get("7:91")?.text).toBe("typed without a network");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(send).toHaveBeenCalledTimes(3);
    expect(shelf.kept.size).toBe(0);
  });

  it("comes back after a reload with what the server never got", () => {
    const shelf = new Shelf();
    shelf.write("7:91", { text: "lost and found", revision: 9, url: "/desk/91/note/" });
    new Pad(document, shelf, async () => ({ state: "unreached" })).start();
    expect(area().value).toBe("lost and found");
  });

  it("joins with what another window wrote, and loses neither", async () => {
    const answers: Answer[] = [
      { state: "newer", text: "from the other window", revision: 8 },
      { state: "kept", revision: 9, at: "" },
    ];
    const send = vi.fn(async (_kept: Kept): Promise<Answer> => answers.shift() ?? { state: "unreached" });
    new Pad(document, new Shelf(), send).start();
    type("from here");
    await vi.advanceTimersByTimeAsync(600);
    expect(send.mock.calls[1]?.[0]).toMatchObject({ text: "from the other window\nfrom here", revision: 9 });
    expect(area().value).toBe("from the other window\nfrom here");
  });

  it("joins without saying twice what both have", () => {
    expect(joined("a", "a b")).toBe("a b");
    expect(joined("a b", "a")).toBe("a b");
    expect(joined("", "x")).toBe("x");
  });
});

describe("the keyboard", () => {
  function keys(): Keys & { done: string[] } {
    const done: string[] = [];
    const say = (what: string) => {
      done.push(what);
      return true;
    };
    return {
      done,
      tool: (key) => say(key),
      interaction: (n) => say(`interaction ${n}`),
      favourite: (n) => say(`favourite ${n}`),
      palette: () => void say("palette"),
      help: () => void say("help"),
      pad: () => void say("pad"),
      work: () => void say("work"),
      later: () => void say("later"),
      play: () => void say("play"),
      ready: () => say("ready"),
      rejectWhy: () => say("reject why"),
      shifted: (key) => say(`shift ${key}`),
      command: (chord) => say(chord),
    };
  }
  const key = (name: string, more: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key: name, ...more });

  it("answers the telephone from anywhere, also while typing", () => {
    const mine = keys();
    const field = document.createElement("textarea");
    expect(press(key("F2"), mine, field, false)).toBe(true);
    expect(press(key("F10"), mine, null, true)).toBe(true);
    expect(mine.done).toEqual(["F2", "F10"]);
  });

  it("leaves plain keys to who is typing", () => {
    const mine = keys();
    const field = document.createElement("input");
    expect(press(key("?"), mine, field, false)).toBe(false);
    expect(press(key("3"), mine, field, false)).toBe(false);
    expect(press(key("3"), mine, document.createElement("button"), false)).toBe(true);
    expect(mine.done).toEqual(["favourite 3"]);
  });

  it("leaves numbers to a menu whose lines have numbers, and opens it with Shift F3", () => {
    const mine = keys();
    document.body.innerHTML = '<ul data-numbered><li><button id="first"></button></li></ul>';
    expect(press(key("2"), mine, document.getElementById("first"), false)).toBe(false);
    expect(press(key("F3", { shiftKey: true }), mine, document.createElement("textarea"), false)).toBe(true);
    expect(mine.done).toEqual(["reject why"]);
  });

  it("opens the palette and the interactions with Ctrl", () => {
    const mine = keys();
    press(key("k", { ctrlKey: true }), mine, document.createElement("input"), false);
    press(key("2", { ctrlKey: true }), mine, null, false);
    expect(mine.done).toEqual(["palette", "interaction 2"]);
  });

  it("asks when a callback is rather made with Alt L, also from a field, not over a dialog", () => {
    const mine = keys();
    const alt = (): KeyboardEvent => key("l", { altKey: true, code: "KeyL" });
    expect(press(alt(), mine, document.createElement("textarea"), false)).toBe(true);
    expect(press(alt(), mine, null, true)).toBe(false);
    expect(mine.done).toEqual(["later"]);
  });

  it("leaves a dialog alone", () => {
    const mine = keys();
    expect(press(key("3"), mine, null, true)).toBe(false);
    expect(press(key("?"), mine, null, true)).toBe(false);
  });
});

describe("small rules", () => {
  it("know which fragments change", () => {
    expect(changed(placeOf("?interaction=91"), placeOf("?interaction=91&tab=history"))).toEqual(["work", "itabs"]);
    expect(changed(placeOf("?interaction=91"), placeOf("?interaction=92"))).toContain("pad");
    expect(fragmentsUrl("/desk/fragments/", ["a", "b"], "?interaction=91&tab=history")).toBe(
      "/desk/fragments/?interaction=91&tab=history&names=a%2Cb",
    );
  });

  it("find what has all the words", () => {
    expect(matches("Transfer this call to Joris Visser", "trans jor")).toBe(true);
    expect(matches("Transfer this call", "jor")).toBe(false);
  });

  it("read a cookie", () => {
    expect(cookie("csrftoken", "a=b; csrftoken=x%3Dy; c=d")).toBe("x=y");
    expect(cookie("none", "a=b")).toBe("");
  });

  it("give the server's own words for what went wrong", () => {
    const html = '<div class="cb-notice" data-kind="error"><p><b>Taken.</b> Joris Visser was quicker.</p></div>';
    expect(problemOf(409, html)).toEqual({ title: "Taken.", text: "Joris Visser was quicker." });
    expect(problemOf(0).title).toBe("error.network");
  });
});
