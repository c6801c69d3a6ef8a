import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Completion, cleaned, type Offer, trigger } from "../src/desk/complete";

const at = (text: string, signs = "@/"): string | null => {
  const caret = text.includes("|") ? text.indexOf("|") : text.length;
  const found = trigger(text.replace("|", ""), caret, signs);
  return found && `${found.sign}${found.query}`;
};

describe("what is being completed", () => {
  it("is a name after an at sign, in any script, with and without spaces around", () => {
    expect(at("Ask @em")).toBe("@em");
    expect(at("@Emma Ba")).toBe("@Emma Ba");
    expect(at("请@艾")).toBe("@艾");
    expect(at("ถาม@สมช")).toBe("@สมช");
    expect(at("Спроси @Ива")).toBe("@Ива");
    expect(at("first line\n@j")).toBe("@j");
    expect(at("@")).toBe("@");
    expect(at("Ask @em| about it")).toBe("@em");
  });

  it("is no address, no finished sentence, no long text", () => {
    for (const text of [
      "emma@exa",
      "a.b@exa",
      "@ emma",
      "@one two three four",
      "@emma, please look",
      "done @emma\nnext",
      `@${"x".repeat(41)}`,
    ])
      expect(at(text), text).toBeNull();
  });

  it("is a solution after a stroke that begins a word", () => {
    expect(at("/desc")).toBe("/desc");
    expect(at("Dear Noor,\n/descale the kettle")).toBe("/descale the kettle");
    for (const text of ["and/or", "https://exa", "1/2", "/ x", "//x"]) expect(at(text), text).toBeNull();
  });

  it("is only what means something here", () => {
    expect(at("Ask @em", "/")).toBeNull();
    expect(at("/desc", "@")).toBeNull();
  });
});

describe("text that is pasted", () => {
  it("loses what pages and documents have in it, and nothing else", () => {
    expect(cleaned("a\u00a0b\r\nc\u200bd\ufeff")).toBe("a b\ncd");
    expect(cleaned("•\tone\n  ▪ two  \n\n\n\nthree")).toBe("- one\n- two\n\nthree");
    for (const text of ["plain", "👩‍🔧 ก็ 中文", "  code\n    more"]) expect(cleaned(text)).toBe(text);
  });
});

const COLLEAGUES: Offer[] = [
  { words: "Emma Bakker", note: "Service", insert: "@emma " },
  { words: "Emil Post", insert: "@emil " },
];

describe("the list beside the text", () => {
  let area: HTMLTextAreaElement;
  let asked: string[];

  // Once, as the desk does.
  beforeAll(() => {
    new Completion(document, "#t", {
      signs: () => "@",
      ask: (sign, query) => {
        asked.push(sign + query);
        return Promise.resolve(query === "x" ? [] : COLLEAGUES);
      },
    }).start();
  });

  beforeEach(() => {
    vi.useFakeTimers();
    document.body.innerHTML = `<script id="cb-words" type="application/json">{"complete.found":"{n} found"}</script>
      <textarea id="t"></textarea><div data-complete hidden><ul role="listbox" id="list"></ul><p data-none></p></div><span data-complete-said></span>`;
    area = document.querySelector("textarea") as HTMLTextAreaElement;
    asked = [];
    area.focus();
  });

  const type = async (text: string): Promise<void> => {
    area.value = text;
    area.setSelectionRange(text.length, text.length);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(200);
  };
  const press = (key: string): boolean => area.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const box = (): HTMLElement => document.querySelector("[data-complete]") as HTMLElement;

  it("comes with what fits, and Enter puts in what the arrows chose", async () => {
    await type("Ask @em");
    expect(asked.at(-1)).toBe("@em");
    expect(box().hidden).toBe(false);
    expect(document.querySelector("[data-complete-said]")?.textContent).toContain("2");
    expect(area.getAttribute("aria-activedescendant")).toBe("complete-0");
    expect(press("ArrowDown")).toBe(false);
    expect(area.getAttribute("aria-activedescendant")).toBe("complete-1");
    expect(press("Enter")).toBe(false);
    expect(area.value).toBe("Ask @emil ");
    expect(box().hidden).toBe(true);
    expect(area.hasAttribute("aria-activedescendant")).toBe(false);
  });

  it("goes with Escape and stays away for this name; keys are the text's again", async () => {
    await type("@e");
    press("Escape");
    expect(box().hidden).toBe(true);
    await type("@em");
    expect(box().hidden).toBe(true);
    expect(press("Enter")).toBe(true);
    await type("@em and ");
    await type("@em and\n@e");
    expect(box().hidden).toBe(false);
  });

  it("takes no key while an input method composes", async () => {
    await type("@e");
    const composing = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, isComposing: true });
    expect(area.dispatchEvent(composing)).toBe(true);
    expect(area.value).toBe("@e");
  });

  it("is chosen with the pointer too, and the caret stays in the text", async () => {
    await type("@e");
    const option = document.querySelectorAll("[role=option]")[1] as HTMLElement;
    expect(option.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }))).toBe(false);
    expect(area.value).toBe("@emil ");
  });
});
