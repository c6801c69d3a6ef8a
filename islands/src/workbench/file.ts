// Decision tables as CSV files: chosen by a person, and given to one.

import { element } from "../conditions/dom";
import { linesOf, MOST, textOf } from "./csv";
import type { FileLine } from "./sheet";
import type { Words } from "./types";

/** A button that reads a CSV file into its lines. */
export function fileButton(words: Words, say: (text: string) => void, taken: (name: string, lines: FileLine[]) => void): HTMLElement {
  const label = element("label", "cb-link cb-file-link");
  const input = element("input", "visually-hidden");
  input.type = "file";
  input.accept = ".csv,.tsv,text/csv";
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    if (file.size > MOST) {
      input.value = "";
      return say(words.file_too_large ?? "");
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    input.value = "";
    if (bytes.includes(0)) say(words.file_no_text ?? "");
    else taken(file.name, linesOf(decoded(bytes)));
  });
  label.append(input, words.import ?? "");
  return label;
}

/** UTF-8 where it is; else what spreadsheets of western offices write. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

export function save(rows: readonly (readonly string[])[]): void {
  const link = element("a", "");
  link.href = URL.createObjectURL(new Blob([`\uFEFF${textOf(rows)}`], { type: "text/csv" }));
  link.download = "table.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}
