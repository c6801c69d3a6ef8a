// What the palette offers of the page itself: telephone buttons, links, menu entries, as they stand just now.

import type { Choice } from "./palette";

function iconOf(element: Element, other: string): string {
  return element.querySelector("use")?.getAttribute("href")?.split("#i-")[1] ?? other;
}

export function toolChoices(press: (button: HTMLButtonElement) => void): Choice[] {
  return [...document.querySelectorAll<HTMLButtonElement>("[data-tool]")].map((button) => ({
    icon: iconOf(button, "phone"),
    words: button.querySelector("span")?.textContent ?? "",
    keys: button.getAttribute("aria-keyshortcuts") ?? "",
    enabled: !button.disabled,
    run: () => press(button),
  }));
}

export function linkChoices(selector: string, icon: string): Choice[] {
  return [...document.querySelectorAll<HTMLElement>(selector)].map((element) => ({
    icon: iconOf(element, icon),
    words: element.querySelector("span")?.textContent?.trim() || (element.textContent ?? "").trim(),
    enabled: !element.matches(":disabled"),
    run: () => element.click(),
  }));
}
