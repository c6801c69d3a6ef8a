// Whom to give a call to: the dialog with colleagues and queues, and its filter.

import htmx from "htmx.org";
import { openDialog } from "./menus";
import { failed } from "./requests";

/** Open the dialog and fetch who could take it now. */
export async function openTransfer(mode: string, interaction: string): Promise<void> {
  const dialog = openDialog("transfer");
  if (!dialog) return;
  try {
    const response = await fetch(`/desk/transfer/?mode=${mode}&interaction=${interaction}`, {
      headers: { "HX-Request": "true" },
    });
    const html = await response.text();
    if (!response.ok || response.redirected) {
      dialog.close();
      failed(response.redirected ? 401 : response.status, html);
      return;
    }
    dialog.innerHTML = html;
    htmx.process(dialog);
    dialog.querySelector<HTMLInputElement>("input")?.focus();
  } catch {
    dialog.close();
    failed(0);
  }
}

/** Lists that are narrowed by what is typed: `<input data-filter="#list">`; Enter takes the first. */
export function startFilters(root: Document): void {
  root.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    const list = field.dataset?.filter ? root.querySelector(field.dataset.filter) : null;
    if (!list) return;
    let any = false;
    for (const line of list.querySelectorAll<HTMLElement>("li")) {
      line.hidden = !(line.dataset.text ?? "").includes(field.value.trim().toLowerCase());
      any ||= !line.hidden;
    }
    const none = list.parentElement?.querySelector<HTMLElement>("[data-none]");
    if (none) none.hidden = any;
  });

  root.addEventListener("keydown", (event) => {
    const field = event.target as HTMLElement;
    if (event.key !== "Enter" || !field.dataset?.filter) return;
    event.preventDefault();
    root.querySelector<HTMLButtonElement>(`${field.dataset.filter} li:not([hidden]) button:enabled`)?.click();
  });
}
