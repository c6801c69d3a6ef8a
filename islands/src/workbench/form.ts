// One rule opened: its conditions, what it does, and when it is in use; or its decision table.

import { element, select } from "../conditions/dom";
import { ConditionEditor } from "../conditions/editor";
import { ActionEditor } from "./actions";
import { TableEditor } from "./table";
import type { Editor, Rule } from "./types";
import { filled } from "./types";

export interface FormOptions {
  changed: (change: Partial<Rule>, what: string) => void;
  copy: () => void;
  remove: () => void;
  close: () => void;
  say: (text: string) => void;
}

let numbered = 0;
/** The field that says whether the rules below are looked at. */
const AFTERWARDS = "then";

export class RuleForm {
  readonly host = element("li", "cb-rule-edit");
  readonly id: string;
  private readonly prefix = `rule-${++numbered}`;

  constructor(
    rule: Rule,
    private readonly given: Editor,
    private readonly options: FormOptions,
  ) {
    this.id = rule.id;
    const { words } = given;
    this.host.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      options.close();
    });
    const when = element("div", "cb-rule-part");
    when.append(this.head(words.when));
    const conditions = element("div", "");
    when.append(conditions);
    const editor = new ConditionEditor(conditions, {
      facts: given.facts,
      words: given.conditions,
      label: words.when ?? "",
      changed: (condition) => options.changed({ when: condition ?? undefined } as Partial<Rule>, "when"),
    });
    editor.set(rule.when ?? null);
    this.host.append(this.first(rule), when);
    if (rule.table) {
      const table = element("div", "");
      this.host.append(table);
      new TableEditor(table, {
        facts: given.facts,
        verbs: given.verbs,
        words,
        conditions: given.conditions,
        changed: (next, what) => options.changed({ table: next }, what ? `table:${what}` : ""),
        say: options.say,
      }).set(rule.table);
    } else {
      const then = element("div", "cb-rule-part");
      const actions = element("div", "");
      then.append(this.head(words.then), actions);
      this.host.append(then);
      new ActionEditor(actions, {
        verbs: given.verbs,
        facts: given.facts,
        languages: given.languages,
        words,
        changed: (next, what) => options.changed({ actions: next }, what ? `actions:${what}` : ""),
      }).set(rule.actions ?? []);
    }
    this.host.append(this.last(rule));
  }

  focus(): void {
    this.host.querySelector<HTMLElement>("input")?.focus();
    this.host.scrollIntoView({ block: "nearest" });
  }

  private head(text: string | undefined): HTMLElement {
    return Object.assign(element("span", "cb-cond-word"), { textContent: text ?? "" });
  }

  private text(name: "name" | "note" | "from" | "until", label: string | undefined, value: string | undefined, type = "text"): HTMLElement {
    const box = element("div", "cb-field");
    const tag = Object.assign(element("label", ""), { htmlFor: `${this.prefix}-${name}`, textContent: label ?? "" });
    const input = element("input", "form-control");
    input.id = `${this.prefix}-${name}`;
    input.type = type;
    input.value = value ?? "";
    if (name === "name") input.maxLength = 120;
    input.addEventListener("input", () => this.options.changed({ [name]: input.value || undefined } as Partial<Rule>, name));
    box.append(tag, input);
    return box;
  }

  private first(rule: Rule): HTMLElement {
    const row = element("div", "cb-rule-fields");
    row.append(this.text("name", this.given.words.name, rule.name), this.text("note", this.given.words.note, rule.note));
    return row;
  }

  private last(rule: Rule): HTMLElement {
    const { words } = this.given;
    const row = element("div", "cb-rule-fields");
    const used = element("label", "cb-check");
    const box = element("input", "");
    box.type = "checkbox";
    box.checked = rule.enabled !== false;
    box.addEventListener("change", () => this.options.changed({ enabled: box.checked ? undefined : false } as Partial<Rule>, "enabled"));
    used.append(box, words.enabled ?? "");
    const usual = (this.given.body.mode ?? "first") === "first" ? "stop" : "continue";
    const after = select(
      [
        ["", "–"],
        ["stop", words.stop ?? ""],
        ["continue", words.continue ?? ""],
      ],
      rule.then ?? "",
      words.afterwards ?? "",
    );
    after.title = words[usual] ?? "";
    after.addEventListener("change", () => this.options.changed({ [AFTERWARDS]: after.value || undefined } as Partial<Rule>, "afterwards"));
    const label = element("label", "cb-inline");
    label.append(words.afterwards ?? "", after);
    // A moment (with a time) is left to the file; the field is for days.
    const days = (value: string | undefined) => value === undefined || /^\d{4}-\d{2}-\d{2}$/.test(value);
    if (days(rule.from)) row.append(this.text("from", words.from, rule.from, "date"));
    if (days(rule.until)) row.append(this.text("until", words.until, rule.until, "date"));
    row.append(used, label);
    const acts = element("div", "cb-rule-buttons");
    for (const [text, kind, run] of [
      [words.close, "btn cb-btn", this.options.close],
      [words.copy, "btn cb-btn cb-btn-bare", this.options.copy],
      [words.remove, "btn cb-btn cb-btn-bare", this.options.remove],
    ] as const) {
      const button = element("button", kind);
      button.type = "button";
      button.textContent = text ?? "";
      button.setAttribute("aria-label", `${text}: ${filled("{name}", { name: rule.name ?? rule.id })}`);
      button.addEventListener("click", run);
      acts.append(button);
    }
    const foot = element("div", "cb-rule-last");
    foot.append(row, acts);
    return foot;
  }
}
