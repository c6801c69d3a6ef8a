// Decision tables as CSV files, in and out.

import { element } from "../conditions/dom";
import { MOST, rowsOf, textOf } from "./csv";
import type { Words } from "./types";

/** A button that reads a CSV file into rows of texts. */
export function fileButton(words: Words, say: (text: string) => void, taken: (rows: string[][]) => void): HTMLElement {
  const label = element("label", "cb-link");
  const input = element("input", "visually-hidden");
  input.type = "file";
  input.accept = ".csv,.tsv,text/csv";
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    if (file.size > MOST) say(words.file_too_large ?? "");
    else taken(rowsOf(await file.text()));
    input.value = "";
  });
  label.append(words.import ?? "", input);
  return label;
}

/** The rows in the order of the columns: by the names in their first line, when it has names; else as they come. */
export function byNames(rows: readonly string[][], columns: readonly string[]): string[][] {
  const heads = columns.map((head) => head.toLowerCase());
  const first = rows[0]?.map((cell) => cell.trim().toLowerCase()) ?? [];
  const named = first.filter((cell) => heads.includes(cell)).length;
  if (!first.length || named < Math.max(1, first.length / 2)) return rows.map((row) => [...row]);
  const order = heads.map((head) => first.indexOf(head));
  return rows.slice(1).map((row) => order.map((from) => (from < 0 ? "" : (row[from] ?? ""))));
}

export function save(rows: readonly (readonly string[])[]): void {
  const link = element("a", "");
  link.href = URL.createObjectURL(new Blob([`\uFEFF${textOf(rows)}`], { type: "text/csv" }));
  link.download = "table.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}
