// A decision table edited like a spreadsheet: cells chosen and filled by keys, rows pasted from one, CSV in and out.

import { element } from "../conditions/dom";
import type { Fact } from "../conditions/model";
import type { ConditionWords } from "../conditions/words";
import { NotUnderstood } from "./cells";
import { Chosen, cellOf } from "./chosen";
import { rowsOf, tabbed } from "./csv";
import { fileButton, save } from "./file";
import { showOffer } from "./importing";
import {
  blank,
  cleared,
  fieldOf,
  filledDown,
  headsOf,
  MOST_ROWS,
  offered,
  pasted,
  type Row,
  textAt,
  textsIn,
  textsOf,
  widthOf,
  without,
  written,
} from "./sheet";
import { type HeadOptions, tableHead, withNewInput, withNewOutput } from "./tablehead";
import type { Table, Verb, Words } from "./types";
import { filled } from "./types";

export interface TableOptions {
  facts: readonly Fact[];
  verbs: readonly Verb[];
  words: Words;
  conditions: ConditionWords;
  changed: (table: Table, what: string) => void;
  say: (text: string) => void;
}

/** Rows on the screen at a time. */
const PAGE = 200;

export class TableEditor {
  private table: Table = { inputs: [], outputs: [], rows: [] };
  private first = 0;
  private readonly known: HeadOptions;
  private readonly chosen: Chosen;

  constructor(
    private readonly host: HTMLElement,
    private readonly options: TableOptions,
  ) {
    const { facts, verbs, words, conditions } = options;
    const put = (table: Table) => this.put(table);
    this.known = { facts: new Map(facts.map((fact) => [fact.name, fact])), verbs, words, conditions, put };
    host.classList.add("cb-dtable");
    this.chosen = new Chosen(host);
    host.addEventListener("keydown", (event) => this.key(event));
    host.addEventListener("copy", (event) => this.copy(event));
    host.addEventListener("cut", (event) => this.copy(event));
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

  /** Another table, drawn; the cursor in this cell. */
  private put(table: Table, at = -1, place = 0): void {
    this.tell(table);
    if (at >= 0) this.show(at, place);
    else this.draw();
  }

  // ---- drawing --------------------------------------------------------------------------------------------------

  private draw(): void {
    const { words, say } = this.options;
    this.first = Math.min(this.first, Math.max(0, Math.floor((this.table.rows.length - 1) / PAGE)) * PAGE);
    const scroll = element("div", "cb-dtable-scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", words.table ?? "");
    const grid = element("table", "cb-table");
    const body = element("tbody", "");
    this.table.rows.slice(this.first, this.first + PAGE).forEach((row, at) => {
      body.append(this.line(row, this.first + at));
    });
    grid.append(tableHead(this.table, this.known), body);
    scroll.append(grid);
    const foot = element("div", "cb-dtable-foot");
    foot.append(
      this.button(`+ ${words.add_row}`, "cb-link", () => this.addRow()),
      this.button(`+ ${words.add_input}`, "cb-link", () => this.put(withNewInput(this.table, this.known))),
      this.button(`+ ${words.add_output}`, "cb-link", () => this.put(withNewOutput(this.table, this.known) ?? this.table)),
      fileButton(words, say, (name, lines) =>
        showOffer(this.host, this.known, this.table, name, offered(this.known, this.table, lines), (rows, replace) =>
          this.taken(rows, replace),
        ),
      ),
      this.button(words.export ?? "", "cb-link", () => save(textsOf(this.known, this.table))),
      ...(this.table.rows.length > PAGE ? [this.pager()] : []),
      Object.assign(element("span", "cb-soft"), { textContent: words.paste ?? "" }),
    );
    this.host.replaceChildren(scroll, foot);
  }

  /** Where one is in a long table, and the ways to the rows before and after. */
  private pager(): HTMLElement {
    const { words } = this.options;
    const last = Math.min(this.first + PAGE, this.table.rows.length);
    const made = element("span", "cb-dtable-pager");
    const turn = (by: number) => this.show(Math.max(0, Math.min(this.table.rows.length - 1, this.first + by)), 0);
    const back = this.button("‹", "cb-rule-act", () => turn(-PAGE), words.rows_before);
    const forth = this.button("›", "cb-rule-act", () => turn(PAGE), words.rows_after);
    back.disabled = this.first === 0;
    forth.disabled = last === this.table.rows.length;
    made.append(back, filled(words.rows_shown, { first: this.first + 1, last, all: this.table.rows.length }), forth);
    return made;
  }

  private line(row: Row, at: number): HTMLElement {
    const { words } = this.options;
    const { inputs, outputs } = this.table;
    const line = element("tr", row.enabled === false ? "cb-rule-off" : "");
    line.dataset.row = String(at);
    const number = element("th", "num");
    number.scope = "row";
    const used = element("input", "");
    used.type = "checkbox";
    used.checked = row.enabled !== false;
    used.setAttribute("aria-label", `${words.enabled}, ${filled(words.row, { number: at + 1 })}`);
    used.addEventListener("change", () => {
      this.row(at, used.checked ? without(this.table.rows[at], "enabled") : { ...this.rowAt(at), enabled: false });
      line.classList.toggle("cb-rule-off", !used.checked);
    });
    number.append(used, ` ${at + 1}`);
    line.append(number);
    headsOf(this.known, this.table).forEach((column, place) => {
      const input = inputs[place];
      const choices = input ? this.known.facts.get(input.fact)?.choices : fieldOf(this.known, outputs[place - inputs.length])?.options;
      line.append(this.cell(row, at, place, column, input ? (words.any ?? "") : "", choices));
    });
    const last = element("td", "");
    last.append(this.button("×", "cb-cond-remove", () => this.removeRow(at), filled(words.remove_row, { number: at + 1 })));
    line.append(last);
    return line;
  }

  private cell(row: Row, at: number, place: number, column: string, hint: string, choices?: readonly [string, string][]): HTMLElement {
    const cell = element("td", "");
    const input = element("input", "cb-dtable-cell");
    input.value = textAt(this.known, this.table, row, place);
    input.dataset.cell = `${at}:${place}`;
    input.placeholder = hint;
    input.setAttribute("aria-label", filled(this.options.words.cell, { column, row: at + 1 }));
    if (choices?.length) input.title = choices.map(([, words]) => words).join(", ");
    // What was pasted and is not understood stays as it was written, and is marked.
    if (input.value) this.mark(input, written(this.known, this.table, row, place, input.value));
    input.addEventListener("input", () => this.typed(input, at, place));
    cell.append(input);
    return cell;
  }

  private mark(input: HTMLInputElement, read: Row | NotUnderstood): void {
    const bad = read instanceof NotUnderstood;
    input.setCustomValidity(bad ? read.message : "");
    input.classList.toggle("cb-bad-field", bad);
    if (bad) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (bad) input.title = filled(this.options.words.not_understood, { expected: read.message });
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
    return this.table.rows[at] ?? blank(this.table);
  }

  private row(at: number, row: Row, what = ""): void {
    this.tell({ ...this.table, rows: this.table.rows.map((one, number) => (number === at ? row : one)) }, what);
  }

  private typed(input: HTMLInputElement, at: number, place: number): void {
    if (this.chosen.many) this.chosen.only(at, place);
    const row = written(this.known, this.table, this.rowAt(at), place, input.value);
    this.mark(input, row);
    if (!(row instanceof NotUnderstood)) this.row(at, row, `${at}:${place}`);
  }

  private addRow(): void {
    const rows = [...this.table.rows, blank(this.table)];
    this.put({ ...this.table, rows }, rows.length - 1);
  }

  private removeRow(at: number): void {
    const rows = this.table.rows.filter((_row, number) => number !== at);
    this.put({ ...this.table, rows }, Math.max(0, Math.min(at, rows.length - 1)));
  }

  private taken(rows: Row[], replace: boolean): void {
    const all = (replace ? rows : [...this.table.rows, ...rows]).slice(0, MOST_ROWS);
    this.put({ ...this.table, rows: all }, replace ? 0 : this.table.rows.length);
    this.options.say(filled(this.options.words.imported, { count: rows.length }));
  }

  // ---- keys, clipboard ------------------------------------------------------------------------------------------

  /** The cursor into a cell, with the page that has it. False when there is no such cell. */
  private show(at: number, place: number): boolean {
    if (at < 0 || at >= this.table.rows.length || place < 0 || place > widthOf(this.table)) {
      if (!this.table.rows.length) this.draw();
      return false;
    }
    this.first = Math.floor(at / PAGE) * PAGE;
    this.draw();
    this.focus(at, place);
    return true;
  }

  private focus(at: number, place: number): boolean {
    const next = this.host.querySelector<HTMLInputElement>(`[data-cell="${at}:${place}"]`);
    next?.focus();
    next?.select();
    return next !== null;
  }

  private key(event: KeyboardEvent): void {
    const cell = cellOf(event.target);
    if (!cell) return;
    const { input, at, place } = cell;
    const { chosen } = this;
    const begin = input.selectionStart === 0 && input.selectionEnd === 0;
    const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const end = input.selectionStart === input.value.length;
    const ways: Record<string, [number, number, boolean]> = {
      ArrowDown: [1, 0, true],
      ArrowUp: [-1, 0, true],
      ArrowLeft: [0, -1, begin || whole],
      ArrowRight: [0, 1, end || whole],
    };
    const way = ways[event.key];
    const control = event.ctrlKey || event.metaKey;
    if (way && !control && !event.altKey) {
      const [down, right, free] = way;
      if (event.shiftKey && (free || chosen.many)) {
        const { corner } = chosen;
        const to = { at: corner.at + down, place: corner.place + right };
        if (to.at < 0 || to.at >= this.table.rows.length || to.place < 0 || to.place > widthOf(this.table)) return;
        chosen.extend(to.at, to.place);
        this.host.querySelector(`[data-cell="${to.at}:${to.place}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
      } else if (free && !event.shiftKey) {
        if (!this.focus(at + down, place + right) && !this.show(at + down, place + right)) return;
      } else return;
    } else if (event.key === "Enter" && !control) {
      if (at === this.table.rows.length - 1) this.addRow();
      else if (!this.focus(at + 1, place)) this.show(at + 1, place);
    } else if (control && event.key.toLowerCase() === "d") this.fillDown();
    else if ((event.key === "Delete" || event.key === "Backspace") && chosen.many) this.changeBox((table) => cleared(table, chosen.box));
    else if (event.key === "Escape" && chosen.many) {
      chosen.only(at, place);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  }

  /** Change what is chosen, and choose it again. */
  private changeBox(change: (table: Table) => Table): void {
    const { box } = this.chosen;
    this.put(change(this.table), box.top, box.left);
    this.chosen.extend(box.bottom, box.right);
  }

  private fillDown(): void {
    const { box } = this.chosen;
    this.changeBox((table) => filledDown(table, box));
    this.options.say(filled(this.options.words.filled, { count: Math.max(1, box.bottom - box.top) }));
  }

  private copy(event: ClipboardEvent): void {
    if (!cellOf(event.target) || !this.chosen.many) return;
    event.preventDefault();
    const { box } = this.chosen;
    event.clipboardData?.setData("text/plain", tabbed(textsIn(this.known, this.table, box)));
    if (event.type === "cut") this.changeBox((table) => cleared(table, box));
  }

  private paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const rows = rowsOf(text, "\t");
    const one = rows.length === 1 && rows[0]?.length === 1;
    if (!cellOf(event.target) || !rows.length || (one && !this.chosen.many)) return;
    event.preventDefault();
    const { words, say } = this.options;
    const { top, left, bottom, right } = this.chosen.box;
    // One value goes into every cell that is chosen, as in a spreadsheet.
    const given = one ? Array.from({ length: bottom - top + 1 }, () => Array<string>(right - left + 1).fill(rows[0]?.[0] ?? "")) : rows;
    const made = pasted(this.known, this.table, given.slice(0, MOST_ROWS - top), top, left);
    this.put(made.table, top, left);
    this.chosen.extend(top + given.length - 1, Math.min(widthOf(this.table), left + Math.max(...given.map((row) => row.length)) - 1));
    say(filled(words.imported, { count: given.length }) + (made.bad ? ` ${filled(words.bad_cells, { count: made.bad })}` : ""));
  }
}
