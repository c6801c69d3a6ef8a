import { beforeEach, describe, expect, it, vi } from "vitest";
import { commandChoices, commandOf, runCommand } from "../src/desk/commands";
import { startFields } from "../src/desk/fields";
import { startKeys } from "../src/desk/keys";
import { chordOf, letterOf, setSingleKeys, singleKeys } from "../src/desk/letters";
import { far, Palette } from "../src/desk/palette";

const key = (name: string, code = "", more: KeyboardEventInit = {}) =>
  new KeyboardEvent("keydown", { key: name, code, bubbles: true, cancelable: true, ...more });
const opens: string[] = [];
const PAGE = `<div id="stage" tabindex="-1"><main>
  <div id="acts" data-command="states" data-command-words="Change the state" aria-keyshortcuts="S">
    <button id="open" data-command="state" data-command-words="State: Open" data-command-of="states">Open</button>
    <button id="done" data-command="done" data-command-words="State: Resolved" data-command-also="solve finish" data-command-of="states" aria-keyshortcuts="D">Resolved</button>
  </div>
  <details id="merge"><summary data-command="merge" data-command-words="Merge into another ticket" aria-keyshortcuts="M">Merge</summary><form><input type="hidden" name="t"><input id="number" name="number"><button>Merge</button></form></details>
  <form id="give"><select id="owner" name="owner" data-command="give" data-command-words="Give it to somebody" aria-keyshortcuts="G"><option>Bob</option></select><button id="give-now">Give</button></form>
  <input type="radio" name="kind" id="note" data-command="note" data-command-words="Write an internal note" aria-keyshortcuts="N" data-command-focus="text"><textarea id="text" data-command="write" data-command-words="To the text" aria-keyshortcuts="Alt+R"></textarea>
  <button data-command="take" data-command-words="Take it" aria-keyshortcuts="T" disabled>Take it</button>
  <button data-command="follow" data-command-words="Follow it" aria-keyshortcuts="W" hidden>Follow</button>
  <nav data-trail-nav><a href="/tickets/2/" data-command="after" data-command-words="Next of the list" aria-keyshortcuts="J">next</a></nav>
  <div class="cb-bar-right"><a href="/cases/">All cases</a></div>
</main></div>
<dialog id="palette" data-source="/desk/find/"><input type="text"><ul></ul><p class="cb-palette-empty"></p></dialog><dialog id="shortcuts"><input type="checkbox" id="single-keys"></dialog>`;

const focused = (): string => document.activeElement?.id ?? "";
const press = (name: string, code = "", more: KeyboardEventInit = {}): boolean =>
  (document.activeElement ?? document.body).dispatchEvent(key(name, code, more));
const lines = (): string[] => [...document.querySelectorAll("#palette li")].map((one) => one.textContent ?? "");

describe("the letter of a key", () => {
  it("is its place on a keyboard of another script, and what is printed on it on a Latin one", () => {
    expect(letterOf(key("t", "KeyT"))).toBe("T");
    expect(letterOf(key("ะ", "KeyT"))).toBe("T"); // Thai
    expect(letterOf(key("е", "KeyT"))).toBe("T"); // Russian
    expect(letterOf(key("Process", "KeyT"))).toBe("T"); // an input method is on
    expect(letterOf(key("t", "KeyK"))).toBe("T"); // Dvorak: the T stands where others have the K
    expect(letterOf(key("ๅ", "Digit1"))).toBe("1");
    expect(letterOf(key("ฝ", "Slash", { shiftKey: true }))).toBe("?");
    expect(letterOf(key("Enter", "Enter"))).toBe("Enter");
  });

  it("is said as the page declares it", () => {
    expect(chordOf(key("h", "KeyH", { shiftKey: true }))).toBe("Shift+H");
    expect(chordOf(key("#", "Digit3", { shiftKey: true }))).toBe("#");
    expect(chordOf(key("®", "KeyR", { altKey: true }))).toBe("Alt+R"); // as a Mac writes it
    expect(chordOf(key("t", "KeyT", { ctrlKey: true }))).toBe("");
    expect(chordOf(key("Escape", "Escape"))).toBe("");
  });
});

describe("the acts of a page", () => {
  beforeEach(() => {
    document.body.innerHTML = PAGE;
    setSingleKeys(true);
    opens.length = 0;
  });

  it("are those that are declared, shown and allowed; what has a key first, going on last", () => {
    const names = commandChoices(document, () => undefined).map((one) => one.words);
    expect(names).toEqual([
      "Change the state",
      "State: Resolved",
      "Merge into another ticket",
      "Give it to somebody",
      "Write an internal note",
      "To the text",
      "State: Open",
      "All cases",
      "Next of the list",
    ]);
    expect(commandOf(document, "T")).toBeNull();
    expect(commandOf(document, "W")).toBeNull();
    expect(commandOf(document, "G")?.id).toBe("owner");
  });

  it("do what a click does, or put the focus in the first field", () => {
    const run = (id: string, menu = (of: string) => void opens.push(of)) => runCommand(document.getElementById(id) as HTMLElement, menu);
    const clicked = vi.fn();
    document.getElementById("done")?.addEventListener("click", clicked);
    run("done");
    expect(clicked).toHaveBeenCalledTimes(1);
    runCommand(document.querySelector("#merge summary") as HTMLElement, () => undefined);
    expect([(document.getElementById("merge") as HTMLDetailsElement).open, focused()]).toEqual([true, "number"]);
    run("note");
    expect([(document.getElementById("note") as HTMLInputElement).checked, focused()]).toEqual([true, "text"]);
    run("owner");
    expect(focused()).toBe("owner");
    run("acts");
    expect(opens).toEqual(["states"]);
  });

  it("come first in what is found where they begin so, then where a word of theirs does", () => {
    const one = { icon: "", words: "State: Resolved", also: "solve finish", enabled: true, run: () => undefined };
    expect([far(one, "state"), far(one, "res"), far(one, "finish"), far(one, "solved"), far(one, "")]).toEqual([0, 1, 1, 2, 0]);
  });
});

describe("keys and palette together", () => {
  it("choose a state by S and a digit, leave a writer alone, and can be switched off", () => {
    document.body.innerHTML = PAGE;
    setSingleKeys(true);
    startKeys(document, { tool: async () => undefined, go: () => undefined, open: () => undefined, ready: () => false });
    startFields(document);
    const done = vi.fn();
    const open = vi.fn();
    document.getElementById("done")?.addEventListener("click", done);
    document.getElementById("open")?.addEventListener("click", open);

    press("ы", "KeyS"); // a Russian keyboard
    expect(lines()).toEqual(["State: Resolved1", "State: Open2"]);
    document.querySelector("#palette input")?.dispatchEvent(key("2", "Digit2"));
    expect([done.mock.calls.length, open.mock.calls.length]).toEqual([0, 1]);
    expect((document.getElementById("palette") as HTMLDialogElement).open).toBe(false);

    press("n", "KeyN");
    expect(focused()).toBe("text");
    press("d", "KeyD");
    expect(done).not.toHaveBeenCalled();
    press("Escape", "Escape");
    press("d", "KeyD");
    expect(done).toHaveBeenCalledTimes(1);

    const box = document.getElementById("single-keys") as HTMLInputElement;
    box.click();
    expect([box.checked, singleKeys()]).toEqual([false, false]);
    (document.activeElement as HTMLElement).blur();
    press("d", "KeyD");
    expect(done).toHaveBeenCalledTimes(1);
    press("r", "KeyR", { altKey: true });
    expect(focused()).toBe("text");
    box.click();

    const given = vi.fn((event: Event) => event.preventDefault());
    document.getElementById("give")?.addEventListener("submit", given);
    document.getElementById("owner")?.focus();
    press("Enter", "Enter");
    expect(given).toHaveBeenCalledTimes(1);
  });

  it("find anything with Ctrl K on every keyboard", () => {
    const dialog = document.getElementById("palette") as HTMLDialogElement;
    dialog.close();
    press("า", "KeyK", { ctrlKey: true });
    expect(dialog.open).toBe(true);
    expect(lines()[0]).toContain("Change the state");
    expect(
      new Palette(
        dialog,
        () => [],
        () => undefined,
        () => undefined,
      ),
    ).toBeDefined();
    dialog.close();
  });
});
