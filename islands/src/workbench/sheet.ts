// A decision table as texts: what a person types, pastes, fills down or imports, and what of it is understood. Pure: every change gives a new table.

import type { Fact } from "../conditions/model";
import { NotUnderstood, padded, thenOf, thenText, whenOf, whenText } from "./cells";
import type { Json, Table, Verb, VerbField, Words } from "./types";

export type Row = Table["rows"][number];

/** What the columns of tables may be about. */
export interface Known {
  facts: ReadonlyMap<string, Fact>;
  verbs: readonly Verb[];
  words: Words;
}

/** Cells from one corner to the other, both included. */
export interface Box {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** As many rows as the program takes (cordboard/rules/tables.py). */
export const MOST_ROWS = 5_000;

export const isOne = (box: Box): boolean => box.top === box.bottom && box.left === box.right;

/** Columns of conditions and actions; the note comes after them. */
export const widthOf = (table: Table): number => table.inputs.length + table.outputs.length;

export function fieldOf(known: Known, column: { do: string; field: string } | undefined): VerbField | undefined {
  return known.verbs.find((verb) => verb.name === column?.do)?.fields.find((field) => field.name === column?.field);
}

export function blank(table: Table): Row {
  return { when: table.inputs.map(() => null), do: table.outputs.map(() => null) };
}

export function headsOf(known: Known, table: Table): string[] {
  return [
    ...table.inputs.map((column) => known.facts.get(column.fact)?.words ?? column.fact),
    ...table.outputs.map((column) => fieldOf(known, column)?.label ?? `${column.do} ${column.field}`.trim()),
    known.words.note_column ?? "",
  ];
}

export function textAt(known: Known, table: Table, row: Row, place: number): string {
  const { inputs, outputs } = table;
  if (place < inputs.length) {
    const column = inputs[place];
    return whenText(row.when[place] ?? null, known.facts.get(column?.fact ?? ""), column?.op ?? "is", known.words);
  }
  if (place < widthOf(table)) {
    const at = place - inputs.length;
    return thenText(row.do[at] ?? null, fieldOf(known, outputs[at]), known.words);
  }
  return row.note ?? "";
}

/** All of a table as texts, with its heads first. */
export function textsOf(known: Known, table: Table): string[][] {
  return [headsOf(known, table), ...table.rows.map((row) => headsOf(known, table).map((_head, place) => textAt(known, table, row, place)))];
}

export function without(row: Row | undefined, name: "enabled" | "note"): Row {
  const made: Row = { when: [], do: [], ...row };
  delete made[name];
  return made;
}

function withValue(table: Table, row: Row, place: number, value: Json): Row {
  const { inputs, outputs } = table;
  if (place < inputs.length) return { ...row, when: padded(row.when, inputs.length).map((old, at) => (at === place ? value : old)) };
  if (place < widthOf(table))
    return { ...row, do: padded(row.do, outputs.length).map((old, at) => (at === place - inputs.length ? value : old)) };
  return typeof value === "string" && value ? { ...row, note: value } : without(row, "note");
}

function valueAt(table: Table, row: Row | undefined, place: number): Json {
  if (place < table.inputs.length) return row?.when[place] ?? null;
  if (place < widthOf(table)) return row?.do[place - table.inputs.length] ?? null;
  return row?.note ?? null;
}

/** The row with this text in this column, or what would have been understood there. */
export function written(known: Known, table: Table, row: Row, place: number, text: string): Row | NotUnderstood {
  const { inputs, outputs } = table;
  try {
    if (place < inputs.length) {
      const column = inputs[place];
      return withValue(table, row, place, whenOf(text, known.facts.get(column?.fact ?? ""), column?.op ?? "is", known.words));
    }
    if (place < widthOf(table))
      return withValue(table, row, place, thenOf(text, fieldOf(known, outputs[place - inputs.length]), known.words));
    return withValue(table, row, place, text);
  } catch (problem) {
    if (problem instanceof NotUnderstood) return problem;
    throw problem;
  }
}

/** Texts put in from this cell on; rows that are not there yet are added. What is not understood is kept as it was written, so that it is seen
 * and nothing is lost: the server says what is wrong with it. `bad`: how many cells. */
export function pasted(
  known: Known,
  table: Table,
  given: readonly (readonly string[])[],
  at: number,
  place: number,
): { table: Table; bad: number } {
  const rows = [...table.rows];
  let bad = 0;
  given.forEach((texts, down) => {
    let row = rows[at + down] ?? blank(table);
    texts.slice(0, widthOf(table) + 1 - place).forEach((text, right) => {
      const next = written(known, table, row, place + right, text);
      if (next instanceof NotUnderstood) bad++;
      row = next instanceof NotUnderstood ? withValue(table, row, place + right, text) : next;
    });
    rows[at + down] = row;
  });
  return { table: { ...table, rows }, bad };
}

/** Every cell of the box with what `value` gives for it. */
function mapped(table: Table, box: Box, value: (row: Row, at: number, place: number) => Json): Table {
  const rows = table.rows.map((row, at) => {
    if (at < box.top || at > box.bottom) return row;
    let made = row;
    for (let place = box.left; place <= box.right; place++) made = withValue(table, made, place, value(row, at, place));
    return made;
  });
  return { ...table, rows };
}

export function cleared(table: Table, box: Box): Table {
  return mapped(table, box, () => null);
}

/** What stands in the first row of the box in all of its rows; of a box one row high, what stands above it. */
export function filledDown(table: Table, box: Box): Table {
  const from = box.top === box.bottom ? box.top - 1 : box.top;
  return from < 0 ? table : mapped(table, box, (_row, _at, place) => valueAt(table, table.rows[from], place));
}

export function textsIn(known: Known, table: Table, box: Box): string[][] {
  return table.rows
    .slice(box.top, box.bottom + 1)
    .map((row) => Array.from({ length: box.right - box.left + 1 }, (_one, right) => textAt(known, table, row, box.left + right)));
}

/** A line of a file: where it begins in it (from 1 on), and its cells. */
export interface FileLine {
  line: number;
  cells: string[];
}

export interface Refusal {
  line: number;
  /** Which column of the table; "" for the line as a whole. */
  column: string;
  text: string;
  expected: string;
}

export interface Offer {
  /** What can be taken in, and the line that each came from. */
  rows: { line: number; row: Row }[];
  refused: Refusal[];
  /** Columns of the file that no column of the table is named like. */
  unused: string[];
  /** Columns of the table that the file does not name: they stay empty. */
  missing: string[];
}

/** What a file may call each column, in small letters: its words, what of them stands before a comma, and its code ("party.value_segment", "value_segment"). */
function namesOf(known: Known, table: Table): string[][] {
  const codes = [...table.inputs.map((one) => one.fact), ...table.outputs.map((one) => one.field || one.do), "note"];
  return headsOf(known, table).map((head, place) => {
    const code = codes[place] ?? "";
    return [head, head.split(",")[0] ?? "", code, code.split(".").at(-1) ?? "", code.split(".").at(-1)?.replace(/_/g, " ") ?? ""]
      .map((name) => name.trim().toLowerCase())
      .filter(Boolean);
  });
}

/** What lines of a file come to as rows. By the names in their first line, when half of it are names; else in the order of the columns. */
export function offered(known: Known, table: Table, lines: readonly FileLine[]): Offer {
  const heads = headsOf(known, table);
  const names = namesOf(known, table);
  const first = lines[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  const placeOf = (cell: string) => names.findIndex((own) => own.includes(cell));
  const named = first.filter((cell) => placeOf(cell) >= 0).length;
  const headed = first.length > 0 && named >= Math.max(1, Math.floor(first.length / 2));
  const order = heads.map((_head, place) => (headed ? first.findIndex((cell) => placeOf(cell) === place) : place));
  const made: Offer = {
    rows: [],
    refused: [],
    unused: headed ? (lines[0]?.cells ?? []).filter((cell) => cell.trim() && placeOf(cell.trim().toLowerCase()) < 0) : [],
    missing: headed ? heads.filter((_head, place) => place < widthOf(table) && (order[place] ?? -1) < 0) : [],
  };
  for (const { line, cells } of headed ? lines.slice(1) : lines) {
    const extra = headed ? "" : cells.slice(heads.length).find((cell) => cell.trim() !== "");
    let wrong: Refusal | null = extra ? { line, column: "", text: extra, expected: heads.join(", ") } : null;
    let row = blank(table);
    heads.forEach((column, place) => {
      // What our own export guards against formulas is bare again.
      const text = (cells[order[place] ?? -1] ?? "").replace(/^'(?=[=+\-@])/, "");
      const next = wrong ? row : written(known, table, row, place, text);
      if (next instanceof NotUnderstood) wrong = { line, column, text, expected: next.message };
      else row = next;
    });
    if (!wrong && made.rows.length >= MOST_ROWS) wrong = { line, column: "", text: "", expected: String(MOST_ROWS) };
    if (wrong) made.refused.push(wrong);
    else made.rows.push({ line, row });
  }
  return made;
}
