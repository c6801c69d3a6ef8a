// Rows for what the board has: made from a template where they are missing, in the order of their names; rows of what is gone go.

import { write } from "./cells";

export interface Named {
  id: number;
  name: string;
}

const byName = (one: Named, other: Named): number => {
  const [first, second] = [one.name.toLowerCase(), other.name.toLowerCase()];
  return first < second ? -1 : first > second ? 1 : one.id - other.id;
};

/** Bring the rows of `list` (`data-agent` or `data-queue`) to what is wanted. The template's row has 0 where the id goes. True when rows came or went. */
export function keepRows(list: Element, template: HTMLTemplateElement, kind: "agent" | "queue", wanted: readonly Named[]): boolean {
  const standing = new Map<string, HTMLElement>();
  for (const row of list.querySelectorAll<HTMLElement>(`[data-${kind}]`)) standing.set(row.dataset[kind] ?? "", row);
  const ids = new Set(wanted.map((one) => String(one.id)));
  let changed = false;
  for (const [id, row] of standing)
    if (!ids.has(id)) {
      row.remove();
      changed = true;
    }
  let before: Element | null = null;
  for (const one of [...wanted].sort(byName)) {
    let row = standing.get(String(one.id));
    if (!row) {
      row = made(template, kind, one.id);
      changed = true;
    }
    // What is new, or called otherwise now, goes to its place; the others stand in their order already, and are not moved: no focus is lost.
    const name = row.querySelector("[data-cell=name]");
    if (name?.textContent !== one.name) {
      const focused = row.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
      write(name, one.name);
      if (before) before.after(row);
      else list.prepend(row);
      focused?.focus();
    }
    before = row;
  }
  return changed;
}

function made(template: HTMLTemplateElement, kind: "agent" | "queue", id: number): HTMLElement {
  const row = (template.content.cloneNode(true) as DocumentFragment).querySelector(`[data-${kind}]`) as HTMLElement;
  row.dataset[kind] = String(id);
  for (const button of row.querySelectorAll<HTMLElement>("[data-row-box]"))
    button.dataset.rowBox = (button.dataset.rowBox ?? "").replace("/0/", `/${id}/`);
  return row;
}
