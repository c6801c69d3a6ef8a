// A decision table edited like a spreadsheet: cells with the arrow keys, rows pasted from one, CSV in and out.

import { element, select } from "../conditions/dom";
import type { Fact } from "../conditions/model";
import type { ConditionWords } from "../conditions/words";
import { NotUnderstood, padded, thenOf, thenText, whenOf, whenText } from "./cells";
import { rowsOf } from "./csv";
import { byNames, fileButton, save } from "./file";
import type { Json, Table, Verb, VerbField, Words } from "./types";
import { filled } from "./types";

export interface TableOptions {
  facts: readonly Fact[];
  verbs: readonly Verb[];
  words: Words;
  conditions: ConditionWords;
  changed: (table: Table, what: string) => void;
  say: (text: string) => void;
}

type Row = Table["rows"][number];
const SHOWN = 300;

export class TableEditor {
  private table: Table = { inputs: [], outputs: [], rows: [] };
  private readonly facts: Map<string, Fact>;

  constructor(
    private readonly host: HTMLElement,
    private readonly options: TableOptions,
  ) {
    this.facts = new Map(options.facts.map((fact) => [fact.name, fact]));
    host.classList.add("cb-dtable");
    host.addEventListener("keydown", (event) => this.key(event));
    host.addEventListener("paste", (event) => this.paste(event));
  }

  set(table: Table): void {
    this.table = table;
    this.draw();
  }

  private tell(table: Table, what = ""): void {
    this.table = table;
    this.options.changed(table, what);
  }

  private fieldOf(column: { do: string; field: string }): VerbField | undefined {
    return this.options.verbs.find((verb) => verb.name === column.do)?.fields.find((field) => field.name === column.field);
  }

  private get width(): number {
    return this.table.inputs.length + this.table.outputs.length;
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  private draw(focus = ""): void {
    const { words } = this.options;
    const scroll = element("div", "cb-dtable-scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", words.table ?? "");
    const grid = element("table", "cb-table");
    grid.append(this.head(), this.bodyRows());
    scroll.append(grid);
    const foot = element("div", "cb-dtable-foot");
    foot.append(
      this.button(`+ ${words.add_row}`, "cb-link", () => this.addRow()),
      this.button(`+ ${words.add_input}`, "cb-link", () => this.addInput()),
      this.button(`+ ${words.add_output}`, "cb-link", () => this.addOutput()),
      this.importButton(),
      this.button(words.export ?? "", "cb-link", () => this.download()),
      Object.assign(element("span", "cb-soft"), { textContent: words.paste ?? "" }),
    );
    this.host.replaceChildren(scroll, foot);
    if (focus) this.host.querySelector<HTMLElement>(`[data-cell="${focus}"]`)?.focus();
  }

  private head(): HTMLElement {
    const { words, conditions } = this.options;
    const head = element("thead", "");
    const row = head.insertRow();
    row.append(element("th", ""));
    this.table.inputs.forEach((column, at) => {
      const cell = element("th", "cb-dtable-in");
      cell.scope = "col";
      const named: [string, string][] = this.options.facts.map((fact) => [fact.name, fact.words]);
      if (!this.facts.has(column.fact)) named.unshift([column.fact, column.fact]);
      const fact = select(named, column.fact, `${conditions.fact}, ${filled(words.column, { number: at + 1 })}`);
      fact.addEventListener("change", () => {
        const ops = conditions.ops[this.facts.get(fact.value)?.type ?? "text"] ?? [];
        const op = ops.some(([one]) => one === column.op) ? column.op : (ops[0]?.[0] ?? "is");
        this.column(at, { fact: fact.value, op });
      });
      const op = select(
        conditions.ops[this.facts.get(column.fact)?.type ?? "text"] ?? [[column.op, column.op]],
        column.op,
        `${conditions.comparison}, ${filled(words.column, { number: at + 1 })}`,
      );
      op.addEventListener("change", () => this.column(at, { fact: column.fact, op: op.value }));
      cell.append(fact, op);
      if (this.table.inputs.length > 1) cell.append(this.removeColumn(at, true));
      row.append(cell);
    });
    this.table.outputs.forEach((column, at) => {
      const cell = element("th", "cb-dtable-out");
      cell.scope = "col";
      const named: [string, string][] = this.options.verbs.flatMap((verb) =>
        verb.fields.length
          ? verb.fields
              .filter((field) => field.type !== "dict")
              .map((field): [string, string] => [`${verb.name} ${field.name}`, `${verb.words}: ${field.label}`])
          : [[`${verb.name} `, verb.words] as [string, string]],
      );
      const own = `${column.do} ${column.field}`;
      if (!named.some(([code]) => code === own)) named.unshift([own, own]);
      const chosen = select(named, own, `${words.action}, ${filled(words.column, { number: this.table.inputs.length + at + 1 })}`);
      chosen.addEventListener("change", () => {
        const [verb = "", field = ""] = chosen.value.split(" ");
        const outputs = this.table.outputs.map((one, number) => (number === at ? { do: verb, field } : one));
        this.tell({ ...this.table, outputs });
        this.draw();
      });
      cell.append(chosen);
      if (this.table.outputs.length > 1) cell.append(this.removeColumn(at, false));
      row.append(cell);
    });
    const last = element("th", "");
    last.textContent = words.note_column ?? "";
    row.append(last, element("th", ""));
    return head;
  }

  private bodyRows(): HTMLElement {
    const body = element("tbody", "");
    this.table.rows.slice(0, SHOWN).forEach((row, at) => {
      body.append(this.line(row, at));
    });
    if (this.table.rows.length > SHOWN) {
      const more = body.insertRow().insertCell();
      more.colSpan = this.width + 3;
      more.className = "cb-soft";
      more.textContent = `… ${this.table.rows.length - SHOWN}`;
    }
    return body;
  }

  private line(row: Row, at: number): HTMLElement {
    const { words } = this.options;
    const line = element("tr", row.enabled === false ? "cb-rule-off" : "");
    line.dataset.row = String(at);
    const number = element("th", "num");
    number.scope = "row";
    const used = element("input", "");
    used.type = "checkbox";
    used.checked = row.enabled !== false;
    used.setAttribute("aria-label", `${words.enabled}, ${filled(words.row, { number: at + 1 })}`);
    used.addEventListener("change", () =>
      this.row(at, used.checked ? without(this.table.rows[at], "enabled") : { ...this.rowAt(at), enabled: false }),
    );
    number.append(used, ` ${at + 1}`);
    line.append(number);
    this.table.inputs.forEach((column, place) => {
      const fact = this.facts.get(column.fact);
      line.append(
        this.cell(
          at,
          place,
          whenText(row.when[place] ?? null, fact, column.op, words),
          fact?.words ?? column.fact,
          words.any ?? "",
          fact?.choices,
        ),
      );
    });
    this.table.outputs.forEach((column, place) => {
      const field = this.fieldOf(column);
      const text = thenText(row.do[place] ?? null, field, words);
      line.append(this.cell(at, this.table.inputs.length + place, text, field?.label ?? column.field, "", field?.options));
    });
    line.append(this.cell(at, this.width, row.note ?? "", words.note_column ?? "", ""));
    const last = element("td", "");
    last.append(this.button("×", "cb-cond-remove", () => this.removeRow(at), filled(words.remove_row, { number: at + 1 })));
    line.append(last);
    return line;
  }

  private cell(at: number, place: number, text: string, column: string, hint: string, choices?: readonly [string, string][]): HTMLElement {
    const cell = element("td", "");
    const input = element("input", "cb-dtable-cell");
    input.value = text;
    input.dataset.cell = `${at}:${place}`;
    input.placeholder = hint;
    input.setAttribute("aria-label", filled(this.options.words.cell, { column, row: at + 1 }));
    if (choices?.length) input.title = choices.map(([, words]) => words).join(", ");
    input.addEventListener("input", () => this.typed(input, at, place));
    cell.append(input);
    return cell;
  }

  private button(text: string, kind: string, run: () => void, label = ""): HTMLButtonElement {
    const made = element("button", kind);
    made.type = "button";
    made.textContent = text;
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", run);
    return made;
  }

  // ---- changing -------------------------------------------------------------------------------------------------

  private rowAt(at: number): Row {
    return this.table.rows[at] ?? { when: [], do: [] };
  }

  private row(at: number, row: Row, what = ""): void {
    this.tell({ ...this.table, rows: this.table.rows.map((one, number) => (number === at ? row : one)) }, what);
  }

  private column(at: number, column: { fact: string; op: string }): void {
    const old = this.table.inputs[at];
    const inputs = this.table.inputs.map((one, number) => (number === at ? column : one));
    // Values of another fact mean nothing here; of another comparison they are read again.
    const rows = this.table.rows.map((row) => {
      const held = row.when[at] ?? null;
      let next: Json = null;
      if (old && old.fact === column.fact) {
        const fact = this.facts.get(column.fact);
        try {
          next = whenOf(whenText(held, fact, old.op, this.options.words), fact, column.op, this.options.words);
        } catch {
          next = held; // stays as it was, and is shown as wrong
        }
      }
      return { ...row, when: padded(row.when, this.table.inputs.length).map((value, place) => (place === at ? next : value)) };
    });
    this.tell({ ...this.table, inputs, rows });
    this.draw();
  }

  private typed(input: HTMLInputElement, at: number, place: number): void {
    const row = this.written(this.rowAt(at), place, input.value);
    input.setCustomValidity(row instanceof NotUnderstood ? row.message : "");
    input.classList.toggle("cb-bad-field", row instanceof NotUnderstood);
    if (row instanceof NotUnderstood) {
      input.title = filled(this.options.words.not_understood, { expected: row.message });
      return;
    }
    this.row(at, row, `${at}:${place}`);
  }

  /** The row with this text in this column. */
  private written(row: Row, place: number, text: string): Row | NotUnderstood {
    const { words } = this.options;
    const { inputs, outputs } = this.table;
    try {
      if (place < inputs.length) {
        const column = inputs[place];
        const value = whenOf(text, this.facts.get(column?.fact ?? ""), column?.op ?? "is", words);
        return { ...row, when: padded(row.when, inputs.length).map((old, at) => (at === place ? value : old)) };
      }
      if (place < this.width) {
        const column = outputs[place - inputs.length];
        const value = thenOf(text, column && this.fieldOf(column), words);
        return { ...row, do: padded(row.do, outputs.length).map((old, at) => (at === place - inputs.length ? value : old)) };
      }
      return text ? { ...row, note: text } : without(row, "note");
    } catch (problem) {
      if (problem instanceof NotUnderstood) return problem;
      throw problem;
    }
  }

  private addRow(): void {
    this.tell({ ...this.table, rows: [...this.table.rows, this.blank()] });
    this.draw(`${this.table.rows.length - 1}:0`);
  }

  private blank(): Row {
    return { when: this.table.inputs.map(() => null), do: this.table.outputs.map(() => null) };
  }

  private removeRow(at: number): void {
    this.tell({ ...this.table, rows: this.table.rows.filter((_row, number) => number !== at) });
    this.draw(`${Math.max(0, at - 1)}:0`);
  }

  private addInput(): void {
    const fact = this.options.facts[0];
    const op = this.options.conditions.ops[fact?.type ?? "text"]?.[0]?.[0] ?? "is";
    const rows = this.table.rows.map((row) => ({ ...row, when: [...padded(row.when, this.table.inputs.length), null] }));
    this.tell({ ...this.table, inputs: [...this.table.inputs, { fact: fact?.name ?? "", op }], rows });
    this.draw();
  }

  private addOutput(): void {
    const taken = new Set(this.table.outputs.map((one) => `${one.do} ${one.field}`));
    const free = this.options.verbs
      .flatMap((verb) => verb.fields.map((field) => ({ do: verb.name, field: field.name })))
      .find((one) => !taken.has(`${one.do} ${one.field}`));
    if (!free) return;
    const rows = this.table.rows.map((row) => ({ ...row, do: [...padded(row.do, this.table.outputs.length), null] }));
    this.tell({ ...this.table, outputs: [...this.table.outputs, free], rows });
    this.draw();
  }

  private removeColumn(at: number, input: boolean): HTMLButtonElement {
    const number = input ? at + 1 : this.table.inputs.length + at + 1;
    return this.button(
      "×",
      "cb-cond-remove",
      () => {
        const gone = <T>(values: readonly T[]) => values.filter((_one, place) => place !== at);
        const { inputs, outputs, rows } = this.table;
        const left = rows.map((row) => (input ? { ...row, when: gone(row.when) } : { ...row, do: gone(row.do) }));
        this.tell(input ? { inputs: gone(inputs), outputs, rows: left } : { inputs, outputs: gone(outputs), rows: left });
        this.draw();
      },
      filled(this.options.words.remove_column, { number }),
    );
  }

  // ---- keys, paste, files ---------------------------------------------------------------------------------------

  private key(event: KeyboardEvent): void {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || !input.dataset.cell) return;
    const [at = 0, place = 0] = input.dataset.cell.split(":").map(Number);
    const to = (row: number, column: number) => {
      const next = this.host.querySelector<HTMLInputElement>(`[data-cell="${row}:${column}"]`);
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.select();
    };
    const begin = input.selectionStart === 0 && input.selectionEnd === 0;
    const end = input.selectionStart === input.value.length;
    if (event.key === "ArrowDown") to(at + 1, place);
    else if (event.key === "ArrowUp") to(at - 1, place);
    else if (event.key === "ArrowLeft" && begin) to(at, place - 1);
    else if (event.key === "ArrowRight" && end) to(at, place + 1);
    else if (event.key === "Enter") {
      event.preventDefault();
      if (at === this.table.rows.length - 1) this.addRow();
      else to(at + 1, place);
    }
  }

  private paste(event: ClipboardEvent): void {
    const input = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!(input instanceof HTMLInputElement) || !input.dataset.cell || !/[\t\r\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    const [at = 0, place = 0] = input.dataset.cell.split(":").map(Number);
    this.take(rowsOf(text, "\t"), at, place);
  }

  /** Put rows of texts in, from this cell on. Rows that are not there yet are added. */
  private take(given: readonly (readonly string[])[], at: number, place: number): void {
    const { words, say } = this.options;
    const rows = [...this.table.rows];
    let bad = 0;
    given.forEach((texts, down) => {
      let row = rows[at + down] ?? this.blank();
      texts.slice(0, this.width + 1 - place).forEach((text, right) => {
        const next = this.written(row, place + right, text);
        if (!(next instanceof NotUnderstood)) row = next;
        else {
          bad++;
          // Kept as it was written, so that it is seen and nothing is lost: the server says what is wrong with it.
          row = this.raw(row, place + right, text);
        }
      });
      rows[at + down] = row;
    });
    this.tell({ ...this.table, rows });
    this.draw(`${at}:${place}`);
    say(filled(words.imported, { count: given.length }) + (bad ? ` ${filled(words.bad_cells, { count: bad })}` : ""));
  }

  private raw(row: Row, place: number, text: string): Row {
    const { inputs, outputs } = this.table;
    if (place < inputs.length) return { ...row, when: padded(row.when, inputs.length).map((old, at) => (at === place ? text : old)) };
    return { ...row, do: padded(row.do, outputs.length).map((old, at) => (at === place - inputs.length ? text : old)) };
  }

  private importButton(): HTMLElement {
    const { words, say } = this.options;
    return fileButton(words, say, (rows) => {
      this.table = { ...this.table, rows: [] };
      this.take(byNames(rows, this.heads()), 0, 0);
    });
  }

  private heads(): string[] {
    const { inputs, outputs } = this.table;
    return [
      ...inputs.map((column) => this.facts.get(column.fact)?.words ?? column.fact),
      ...outputs.map((column) => this.fieldOf(column)?.label ?? `${column.do} ${column.field}`.trim()),
      this.options.words.note_column ?? "",
    ];
  }

  private download(): void {
    const { words } = this.options;
    const rows = this.table.rows.map((row) => [
      ...this.table.inputs.map((column, at) => whenText(row.when[at] ?? null, this.facts.get(column.fact), column.op, words)),
      ...this.table.outputs.map((column, at) => thenText(row.do[at] ?? null, this.fieldOf(column), words)),
      row.note ?? "",
    ]);
    save([this.heads(), ...rows]);
  }
}

function without(row: Row | undefined, name: "enabled" | "note"): Row {
  const made: Row = { when: [], do: [], ...row };
  delete made[name];
  return made;
}
