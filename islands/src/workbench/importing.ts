// Before a file changes a table: what of it is understood, what is refused and why, line by line. Nothing is taken in until somebody says so.

import { element } from "../conditions/dom";
import { headsOf, type Known, type Offer, type Row, textAt } from "./sheet";
import type { Table } from "./types";
import { filled } from "./types";

const SHOWN_ROWS = 8;
const SHOWN_REFUSALS = 100;

export function showOffer(
  host: HTMLElement,
  known: Known,
  table: Table,
  file: string,
  offer: Offer,
  take: (rows: Row[], replace: boolean) => void,
): void {
  const { words } = known;
  const dialog = element("dialog", "cb-dialog cb-dialog-wide cb-import");
  dialog.setAttribute("aria-labelledby", "table-import-title");
  const head = element("header", "");
  head.append(Object.assign(element("h2", ""), { id: "table-import-title", textContent: filled(words.import_of, { file }) }));
  const inner = element("div", "cb-dialog-body");
  const count = { good: offer.rows.length, all: offer.rows.length + offer.refused.length };
  const say = (text: string, kind = "") => inner.append(Object.assign(element("p", kind), { textContent: text }));
  say(filled(count.all ? words.import_count : words.import_empty, count));
  if (offer.unused.length) say(filled(words.import_unused, { columns: offer.unused.join(", ") }), "cb-rule-warning");
  if (offer.missing.length) say(filled(words.import_missing, { columns: offer.missing.join(", ") }), "cb-rule-warning");
  if (offer.refused.length) inner.append(refusals(known, offer));
  if (count.good) inner.append(preview(known, table, offer));
  const close = () => {
    dialog.close();
    dialog.remove();
  };
  const foot = element("div", "cb-form-foot");
  for (const [text, kind, replace] of [
    [words.import_replace, "btn cb-btn cb-btn-go", true],
    [words.import_add, "btn cb-btn", false],
  ] as const) {
    if (!count.good || (!replace && !table.rows.length)) continue;
    const button = element("button", kind);
    button.type = "button";
    button.textContent = filled(text, { count: count.good });
    button.addEventListener("click", () => {
      close();
      take(
        offer.rows.map((one) => one.row),
        replace,
      );
    });
    foot.append(button);
  }
  const cancel = element("button", "btn cb-btn");
  cancel.type = "button";
  cancel.textContent = words.cancel ?? "";
  cancel.addEventListener("click", close);
  foot.append(cancel);
  inner.append(foot);
  dialog.append(head, inner);
  // Escape closes the file's dialog, not the rule behind it.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => dialog.remove());
  host.append(dialog);
  dialog.showModal();
}

function refusals(known: Known, offer: Offer): HTMLElement {
  const { words } = known;
  const box = element("section", "cb-import-refused");
  box.append(Object.assign(element("h3", ""), { textContent: filled(words.import_refused, { count: offer.refused.length }) }));
  const list = element("ol", "");
  for (const one of offer.refused.slice(0, SHOWN_REFUSALS)) {
    const text = one.column ? words.import_cell : one.text ? words.import_wide : words.import_most;
    list.append(
      Object.assign(element("li", ""), { textContent: filled(text, { ...one, text: cut(one.text), expected: cut(one.expected) }) }),
    );
  }
  box.append(list);
  const more = offer.refused.length - SHOWN_REFUSALS;
  if (more > 0) box.append(Object.assign(element("p", "cb-soft"), { textContent: filled(words.import_more, { count: more }) }));
  return box;
}

const cut = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

function preview(known: Known, table: Table, offer: Offer): HTMLElement {
  const { words } = known;
  const scroll = element("div", "cb-dtable-scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", words.import_preview ?? "");
  const grid = element("table", "cb-table");
  grid.append(Object.assign(element("caption", "visually-hidden"), { textContent: words.import_preview ?? "" }));
  const line = grid.createTHead().insertRow();
  for (const text of [words.import_line ?? "", ...headsOf(known, table)]) {
    const cell = element("th", "");
    cell.scope = "col";
    cell.textContent = text;
    line.append(cell);
  }
  const body = grid.createTBody();
  for (const { line: from, row } of offer.rows.slice(0, SHOWN_ROWS)) {
    const made = body.insertRow();
    const number = element("th", "num");
    number.scope = "row";
    number.textContent = String(from);
    made.append(number);
    headsOf(known, table).forEach((_head, place) => {
      made.insertCell().textContent = textAt(known, table, row, place);
    });
  }
  scroll.append(grid);
  return scroll;
}
