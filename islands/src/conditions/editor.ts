// A condition edited as a sentence: fact, comparison, value; several of them in groups that hold together. Plain DOM, for any page:
//
//     const editor = new ConditionEditor(host, { facts, words, changed: (condition) => ... });
//     editor.set(condition);

import { element, select } from "./dom";
import { type Condition, type Fact, type Group, isGroup, MODES, type Mode, type Part, read, startValue, type Test, write } from "./model";
import { valueControls } from "./values";
import type { ConditionWords } from "./words";

export interface ConditionOptions {
  facts: readonly Fact[];
  words: ConditionWords;
  /** Called after every change; null when nothing is left, so that the condition always holds. */
  changed: (condition: Condition | null) => void;
  readOnly?: boolean;
  /** Names the whole for a screen reader. */
  label?: string;
}

const DEEPEST = 4;

export class ConditionEditor {
  private group: Group = { mode: "all", parts: [] };
  private readonly byName: Map<string, Fact>;
  private written = "";

  constructor(
    private readonly host: HTMLElement,
    private readonly options: ConditionOptions,
  ) {
    this.byName = new Map(options.facts.map((fact) => [fact.name, fact]));
    host.classList.add("cb-conditions");
  }

  /** Show this condition. The same that was just written leaves the fields as they are, with the cursor in them. */
  set(condition: unknown): void {
    const text = JSON.stringify(condition ?? null);
    if (text === this.written && this.host.childElementCount) return;
    this.written = text;
    this.group = read(condition);
    this.draw();
  }

  private draw(focus = ""): void {
    this.host.replaceChildren(this.groupElement(this.group, [], null));
    if (focus) this.host.querySelector<HTMLElement>(`[data-at="${focus}"]`)?.focus();
  }

  private tell(): void {
    const condition = write(this.group);
    this.written = JSON.stringify(condition);
    this.options.changed(condition);
  }

  /** After a change that adds or takes away parts: draw anew and put the cursor where it was meant to go. */
  private redo(focus: string): void {
    this.tell();
    this.draw(focus);
  }

  private groupElement(group: Group, path: number[], parent: Group | null): HTMLElement {
    const { words, readOnly } = this.options;
    const box = element("div", "cb-cond-group");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", path.length ? words.group : (this.options.label ?? words.group));
    const head = element("div", "cb-cond-head");
    if (path.length || group.parts.length > 1 || group.mode === "none" || group.mode === "not_all") {
      const mode = select(
        MODES.map((one) => [one, words.modes[one]]),
        group.mode,
        words.group,
      );
      mode.dataset.at = `${path.join(".")}:mode`;
      mode.disabled = readOnly ?? false;
      mode.addEventListener("change", () => {
        group.mode = mode.value as Mode;
        this.redo(`${path.join(".")}:mode`);
      });
      head.append(mode);
    }
    if (parent && !readOnly) head.append(this.button("×", words.remove, "cb-cond-remove", () => this.remove(parent, group, path)));
    if (head.childElementCount) box.append(head);
    const list = element("ul", "cb-cond-parts");
    group.parts.forEach((part, number) => {
      const line = element("li", "");
      const at = [...path, number];
      line.append(isGroup(part) ? this.groupElement(part, at, group) : this.testElement(part, at, group));
      list.append(line);
    });
    box.append(list);
    if (!readOnly) {
      const foot = element("div", "cb-cond-foot");
      foot.append(
        this.button(words.add_test, words.add_test, "cb-link", () => this.add(group, path, this.freshTest()), `${path.join(".")}:add`),
      );
      if (path.length < DEEPEST && group.parts.length)
        foot.append(
          this.button(words.add_group, words.add_group, "cb-link", () => this.add(group, path, { mode: "any", parts: [this.freshTest()] })),
        );
      box.append(foot);
    }
    return box;
  }

  private freshTest(): Test {
    const fact = this.options.facts[0];
    const op = this.options.words.ops[fact?.type ?? "text"]?.[0]?.[0] ?? "is";
    const test: Test = { fact: fact?.name ?? "", op };
    const value = startValue(fact, op);
    if (value !== undefined) test.value = value;
    return test;
  }

  private add(group: Group, path: number[], part: Part): void {
    group.parts.push(part);
    this.redo(`${[...path, group.parts.length - 1, ...(isGroup(part) ? [0] : [])].join(".")}:fact`);
  }

  private remove(parent: Group, part: Part, path: number[]): void {
    parent.parts.splice(parent.parts.indexOf(part), 1);
    this.redo(`${path.slice(0, -1).join(".")}:add`);
  }

  private testElement(test: Test, path: number[], parent: Group): HTMLElement {
    const { words, facts, readOnly } = this.options;
    const line = element("div", "cb-cond-test");
    const at = path.join(".");
    const known = this.byName.get(test.fact);
    const named: [string, string][] = facts.map((fact) => [fact.name, fact.words]);
    if (!known) named.unshift([test.fact, `${test.fact} (${words.unknown_fact})`]);
    const fact = select(named, test.fact, words.fact);
    fact.dataset.at = `${at}:fact`;
    fact.classList.toggle("cb-bad-field", !known);
    fact.addEventListener("change", () => {
      test.fact = fact.value;
      const now = this.byName.get(test.fact);
      const ops = words.ops[now?.type ?? "text"] ?? [];
      if (!ops.some(([op]) => op === test.op)) test.op = ops[0]?.[0] ?? "is";
      this.revalue(test);
      this.redo(`${at}:fact`);
    });
    const op = select(words.ops[known?.type ?? "text"] ?? [[test.op, test.op]], test.op, words.comparison);
    op.dataset.at = `${at}:op`;
    op.addEventListener("change", () => {
      test.op = op.value;
      this.revalue(test);
      this.redo(`${at}:op`);
    });
    line.append(fact, op, ...valueControls(test, known, words, at, () => this.tell()));
    if (readOnly) for (const control of line.querySelectorAll<HTMLInputElement>("input, select, button")) control.disabled = true;
    else line.append(this.button("×", words.remove, "cb-cond-remove", () => this.remove(parent, test, path)));
    return line;
  }

  private revalue(test: Test): void {
    const value = startValue(this.byName.get(test.fact), test.op, test.value);
    if (value === undefined) delete test.value;
    else test.value = value;
  }

  private button(text: string, label: string, kind: string, run: () => void, at = ""): HTMLButtonElement {
    const made = element("button", kind);
    made.type = "button";
    made.textContent = text;
    if (text !== label) made.setAttribute("aria-label", label);
    if (at) made.dataset.at = at;
    made.addEventListener("click", run);
    return made;
  }
}
