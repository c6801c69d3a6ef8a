// Fields of pages under the keyboard: Escape leaves one (single letters are acts again, and Tab goes on from there), Ctrl and Enter send the form it is in, Enter
// does what a choice is for.

import { isTyping } from "./keyboard";

/** The button that sends this form: the first that can be seen and pressed. */
function sends(form: HTMLFormElement): HTMLButtonElement | null {
  const buttons = [...form.querySelectorAll<HTMLButtonElement>("button:not([type=button]):not([type=reset])")];
  return buttons.find((one) => !one.disabled && !one.hidden && !one.closest("[hidden]")) ?? null;
}

export function startFields(root: Document): void {
  root.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.defaultPrevented || event.isComposing || !(field instanceof HTMLElement) || !isTyping(field)) return;
    const page = field.closest("#stage main");
    if (!page) return;
    if (event.key === "Escape" && !field.matches("[type=search]") && page.querySelector("[data-command]")) {
      field.blur();
      return;
    }
    if (event.key !== "Enter" || event.altKey || event.shiftKey) return;
    const sent = event.ctrlKey || event.metaKey ? !field.matches("#ticket-text") : field.matches("select[data-command]");
    const form = (field as HTMLTextAreaElement | HTMLSelectElement).form;
    const button = sent && form ? sends(form) : null;
    if (!form || !button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
}
