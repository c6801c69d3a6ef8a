// The head of a decision table: what each column asks or does, changed in place.

import { element, select } from "../conditions/dom";
import type { ConditionWords } from "../conditions/words";
import { padded, whenOf, whenText } from "./cells";
import type { Known } from "./sheet";
import type { Json, Table } from "./types";
import { filled } from "./types";

export interface HeadOptions extends Known {
  conditions: ConditionWords;
  /** A table with other columns: to be told and drawn. */
  put: (table: Table) => void;
}

export function tableHead(table: Table, options: HeadOptions): HTMLElement {
  const { words } = options;
  const head = element("thead", "");
  const row = head.insertRow();
  row.append(element("th", ""));
  table.inputs.forEach((_column, at) => {
    row.append(inputHead(table, at, options));
  });
  table.outputs.forEach((_column, at) => {
    row.append(outputHead(table, at, options));
  });
  row.append(Object.assign(element("th", ""), { textContent: words.note_column ?? "" }), element("th", ""));
  return head;
}

function inputHead(table: Table, at: number, options: HeadOptions): HTMLElement {
  const { words, conditions, facts } = options;
  const column = table.inputs[at] ?? { fact: "", op: "is" };
  const opsOf = (fact: string) => conditions.ops[facts.get(fact)?.type ?? "text"] ?? [];
  const cell = element("th", "cb-dtable-in");
  cell.scope = "col";
  const named: [string, string][] = [...facts.values()].map((fact) => [fact.name, fact.words]);
  if (!facts.has(column.fact)) named.unshift([column.fact, column.fact]);
  const fact = select(named, column.fact, `${conditions.fact}, ${filled(words.column, { number: at + 1 })}`);
  fact.addEventListener("change", () => {
    const ops = opsOf(fact.value);
    const op = ops.some(([one]) => one === column.op) ? column.op : (ops[0]?.[0] ?? "is");
    options.put(withInput(table, at, { fact: fact.value, op }, options));
  });
  const known = opsOf(column.fact);
  const ops: [string, string][] = known.some(([one]) => one === column.op) ? [...known] : [[column.op, column.op], ...known];
  const op = select(ops, column.op, `${conditions.comparison}, ${filled(words.column, { number: at + 1 })}`);
  op.addEventListener("change", () => options.put(withInput(table, at, { fact: column.fact, op: op.value }, options)));
  cell.append(fact, op);
  if (table.inputs.length > 1) cell.append(removeButton(table, at, true, options));
  return cell;
}

function outputHead(table: Table, at: number, options: HeadOptions): HTMLElement {
  const { words, verbs } = options;
  const column = table.outputs[at] ?? { do: "", field: "" };
  const cell = element("th", "cb-dtable-out");
  cell.scope = "col";
  const named: [string, string][] = verbs.flatMap((verb) =>
    verb.fields.length
      ? verb.fields
          .filter((field) => field.type !== "dict")
          .map((field): [string, string] => [`${verb.name} ${field.name}`, `${verb.words}: ${field.label}`])
      : [[`${verb.name} `, verb.words] as [string, string]],
  );
  const own = `${column.do} ${column.field}`;
  if (!named.some(([code]) => code === own)) named.unshift([own, own]);
  const chosen = select(named, own, `${words.action}, ${filled(words.column, { number: table.inputs.length + at + 1 })}`);
  chosen.addEventListener("change", () => {
    const [verb = "", field = ""] = chosen.value.split(" ");
    options.put({ ...table, outputs: table.outputs.map((one, number) => (number === at ? { do: verb, field } : one)) });
  });
  cell.append(chosen);
  if (table.outputs.length > 1) cell.append(removeButton(table, at, false, options));
  return cell;
}

/** The table with another condition column. Values of another fact mean nothing there; of another comparison they are read again. */
export function withInput(table: Table, at: number, column: { fact: string; op: string }, { facts, words }: Known): Table {
  const old = table.inputs[at];
  const inputs = table.inputs.map((one, number) => (number === at ? column : one));
  const rows = table.rows.map((row) => {
    const held = row.when[at] ?? null;
    let next: Json = null;
    if (old && old.fact === column.fact) {
      const fact = facts.get(column.fact);
      try {
        next = whenOf(whenText(held, fact, old.op, words), fact, column.op, words);
      } catch {
        next = held; // stays as it was, and is shown as wrong
      }
    }
    return { ...row, when: padded(row.when, table.inputs.length).map((value, place) => (place === at ? next : value)) };
  });
  return { ...table, inputs, rows };
}

export function withNewInput(table: Table, { facts, conditions }: HeadOptions): Table {
  const fact = facts.values().next().value;
  const op = conditions.ops[fact?.type ?? "text"]?.[0]?.[0] ?? "is";
  const rows = table.rows.map((row) => ({ ...row, when: [...padded(row.when, table.inputs.length), null] }));
  return { ...table, inputs: [...table.inputs, { fact: fact?.name ?? "", op }], rows };
}

/** With a column for a field that none fills yet; null when all are filled. */
export function withNewOutput(table: Table, { verbs }: Known): Table | null {
  const taken = new Set(table.outputs.map((one) => `${one.do} ${one.field}`));
  const free = verbs
    .flatMap((verb) => verb.fields.filter((field) => field.type !== "dict").map((field) => ({ do: verb.name, field: field.name })))
    .find((one) => !taken.has(`${one.do} ${one.field}`));
  if (!free) return null;
  const rows = table.rows.map((row) => ({ ...row, do: [...padded(row.do, table.outputs.length), null] }));
  return { ...table, outputs: [...table.outputs, free], rows };
}

function removeButton(table: Table, at: number, input: boolean, { words, put }: HeadOptions): HTMLElement {
  const made = element("button", "cb-cond-remove");
  made.type = "button";
  made.textContent = "×";
  made.setAttribute("aria-label", filled(words.remove_column, { number: input ? at + 1 : table.inputs.length + at + 1 }));
  made.addEventListener("click", () => {
    const gone = <T>(values: readonly T[]) => values.filter((_one, place) => place !== at);
    const rows = table.rows.map((row) => (input ? { ...row, when: gone(row.when) } : { ...row, do: gone(row.do) }));
    put(input ? { ...table, inputs: gone(table.inputs), rows } : { ...table, outputs: gone(table.outputs), rows });
  });
  return made;
}
