// Rows from a spreadsheet: what the clipboard has (tabs) and CSV files (commas, semicolons or tabs; quotes; RFC 4180).

import type { FileLine } from "./sheet";

export const MOST = 2_000_000;

/** The separator that the first line has most of, outside quotes. */
export function separatorOf(text: string): string {
  const first = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(text)?.[0].replace(/"(?:[^"]|"")*"/g, "") ?? "";
  const counts = (["\t", ";", ","] as const).map((one) => [first.split(one).length - 1, one] as const);
  return counts.reduce((best, one) => (one[0] > best[0] ? one : best))[1];
}

/** Lines of cells, with where each begins. A quote that never ends takes the rest of the text; nothing is thrown away. Lines without any text are left out. */
export function linesOf(text: string, separator = separatorOf(text)): FileLine[] {
  const rows: FileLine[] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  let line = 1;
  let begun = 1;
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const endRow = () => {
    row.push(cell);
    if (row.some((one) => one.trim() !== "")) rows.push({ line: begun, cells: row });
    row = [];
    cell = "";
  };
  for (let at = 0; at < source.length; at++) {
    const sign = source[at];
    if (quoted) {
      if (sign === "\n") line++;
      if (sign !== '"') cell += sign;
      else if (source[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === separator) {
      row.push(cell);
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && source[at + 1] === "\n") at++;
      endRow();
      begun = ++line;
    } else cell += sign;
  }
  if (cell !== "" || row.length) endRow();
  return rows;
}

export function rowsOf(text: string, separator = separatorOf(text)): string[][] {
  return linesOf(text, separator).map((one) => one.cells);
}

/** As the clipboard takes it: cells with tabs between them. */
export function tabbed(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((cell) => (/["\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
}

/** As a CSV file. A cell that a spreadsheet would take for a formula gets a quote before it. */
export function textOf(rows: readonly (readonly string[])[]): string {
  const safe = (cell: string) => (/^[=+\-@\t\r]/.test(cell) && !/^-?\d+([.,]\d+)?$/.test(cell) ? `'${cell}` : cell);
  const quoted = (cell: string) => (/[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => row.map((cell) => quoted(safe(cell))).join(",")).join("\r\n");
}
