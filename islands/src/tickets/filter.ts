// The filter of the list as a sentence that is edited: shown at once, or kept as a view.

import { ConditionEditor } from "../conditions/editor";
import type { Condition, Fact } from "../conditions/model";
import type { ConditionWords } from "../conditions/words";

interface Given {
  condition: Condition | null;
  facts: Fact[];
  words: ConditionWords;
}

export function startFilter(root: Document): void {
  const form = root.getElementById("ticket-filter-form");
  const data = root.getElementById("ticket-filter-data");
  const host = root.getElementById("ticket-conditions");
  if (!(form instanceof HTMLFormElement) || !data || !host || host.childElementCount) return;
  const given = JSON.parse(data.textContent ?? "{}") as Given;
  const field = form.elements.namedItem("filter") as HTMLInputElement;
  const put = (condition: Condition | null): void => {
    field.value = JSON.stringify(condition ?? {});
  };
  const editor = new ConditionEditor(host, { facts: given.facts, words: given.words, changed: put });
  put(given.condition);
  editor.set(given.condition);
  form.addEventListener("click", (event) => {
    const what = (event.target as Element).closest<HTMLElement>("[data-filter]")?.dataset.filter;
    if (what === "close") form.remove();
    if (what === "show") location.assign(address(form, field.value));
  });
  host.querySelector<HTMLElement>("select, button")?.focus();
}

export function address(form: HTMLFormElement, filter: string): string {
  const sort = form.elements.namedItem("sort");
  const search = new URLSearchParams({ view: form.dataset.view ?? "", filter });
  if (sort instanceof HTMLSelectElement) search.set("sort", sort.value);
  return `${form.dataset.list}?${search}`;
}
