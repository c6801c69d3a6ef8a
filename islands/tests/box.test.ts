import { describe, expect, it, vi } from "vitest";
import { looksLikeNumber, renew } from "../src/desk/box";

// The test's document has no XPath, which htmx asks for when it is loaded; binding the lines is not what is tested here.
vi.mock("htmx.org", () => ({ default: { process: () => undefined } }));

const list = (html: string): Element => {
  const made = document.createElement("ul");
  made.innerHTML = html;
  return made;
};
const line = (key: string, name: string, state: string, more = ""): string =>
  `<li data-key="${key}" data-text="${name.toLowerCase()}"><button${more}><span data-state="${state}">${name}</span></button></li>`;

describe("the directory while it stands open", () => {
  it("tells numbers from names", () => {
    expect(["+31 20 123 4567", "112", "(020) 123-45"].map(looksLikeNumber)).toEqual([true, true, true]);
    expect(["12", "anna", "4 ever young 123"].map(looksLikeNumber)).toEqual([false, false, false]);
  });

  it("changes lines in their places, and keeps what was narrowed away", () => {
    const shown = list(line("a1", "Anna", "ready") + line("a2", "Joris", "ready") + line("a3", "Tom", "ready"));
    const joris = shown.children[1] as HTMLElement;
    (shown.children[0] as HTMLElement).hidden = true;
    renew(shown, list(line("a2", "Joris", "ready") + line("a1", "Anna", "talking", " disabled") + line("a4", "Bob", "ready")));
    expect([...shown.children].map((one) => (one as HTMLElement).dataset.key)).toEqual(["a1", "a2", "a4"]);
    expect(shown.children[1]).toBe(joris);
    expect((shown.children[0] as HTMLElement).hidden).toBe(true);
    expect(shown.querySelector("[data-key=a1] button")?.hasAttribute("disabled")).toBe(true);
  });
});
