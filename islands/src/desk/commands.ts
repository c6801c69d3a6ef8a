// The acts of the page that is open, as it declares them itself (`data-command`, cordboard/desktop/commands.py): the palette lists them, their keys press them.
// What stands in the bar of a page is one of its acts without saying so. Choosing one does what a click does; of a form or a folded part the first field gets
// the focus. Nothing is offered that is hidden, disabled or not there.

import type { Choice } from "./palette";

const PRESSED = "a[href], button, summary, input[type=checkbox], input[type=radio]";
const FIELD = "input:not([type=hidden]), select, textarea";

const shown = (element: HTMLElement): boolean => element.checkVisibility?.({ visibilityProperty: true }) ?? !element.closest("[hidden]");
const enabled = (element: HTMLElement): boolean => !element.matches(":disabled, [aria-disabled=true], a:not([href])");

/** What the act is called here. */
function words(element: HTMLElement): string {
  return element.dataset.commandWords ?? element.getAttribute("aria-label") ?? (element.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** The elements that declare an act, as they stand: first the page's main ones at its head, then the others. */
export function declared(root: ParentNode): HTMLElement[] {
  const stage = root.querySelector("#stage") ?? root;
  return [...stage.querySelectorAll<HTMLElement>("[data-command], .cb-bar-right a[href], .cb-bar-right button")].filter(
    (element) => shown(element) && enabled(element) && words(element) !== "",
  );
}

/** What has a key is done most; going on to another page comes last. */
const rank = (element: HTMLElement): number =>
  element.closest("[data-trail-nav]") ? 2 : element.hasAttribute("aria-keyshortcuts") ? 0 : 1;

/** What the palette lists of them. Acts that another one offers stand there too, unless only those of one are wanted (`of`). */
export function commandChoices(root: ParentNode, run: (element: HTMLElement) => void, of = ""): Choice[] {
  return declared(root)
    .filter((element) => !of || element.dataset.commandOf === of)
    .sort((one, other) => rank(one) - rank(other))
    .map((element) => ({
      icon: element.querySelector("use")?.getAttribute("href")?.split("#i-")[1] ?? "chevron-right",
      words: words(element),
      also: element.dataset.commandAlso ?? "",
      keys: (element.getAttribute("aria-keyshortcuts") ?? "")
        .split(" ")
        .filter((one) => one.length < 8)
        .slice(0, 1)
        .join(""),
      enabled: true,
      run: () => run(element),
    }));
}

/** The act that this key does here. */
export function commandOf(root: ParentNode, chord: string): HTMLElement | null {
  return declared(root).find((element) => (element.getAttribute("aria-keyshortcuts") ?? "").split(" ").includes(chord)) ?? null;
}

/** The first field that can be filled in. */
function field(within: Element): HTMLElement | null {
  return [...within.querySelectorAll<HTMLElement>(FIELD)].find((one) => !one.matches(":disabled") && shown(one)) ?? null;
}

function go(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
  element?.focus();
}

/** Do what a click on it would do. `menu` opens the palette with the acts that this one offers. */
export function runCommand(element: HTMLElement, menu: (of: string) => void): void {
  const meant = element.dataset.commandFocus;
  if (element.matches("summary")) {
    const part = element.parentElement;
    if (!(part instanceof HTMLDetailsElement)) return;
    part.open = true;
    go(field(part) ?? element);
  } else if (element.matches("input[type=checkbox], input[type=radio], a[href], button")) {
    element.scrollIntoView({ block: "nearest" });
    // Where the act takes its own button away, the focus finds a place near to it (live/focus.ts).
    if (!meant && !element.matches("input")) element.focus();
    element.click();
    if (meant) go(document.getElementById(meant));
  } else if (element.querySelector("[data-command-of]")) menu(element.dataset.command ?? "");
  else if (element.matches("select, textarea, input")) go(element);
  else go(field(element) ?? element.querySelector<HTMLElement>(PRESSED));
}
