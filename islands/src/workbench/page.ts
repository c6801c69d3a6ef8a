// A draft on the screen: rules as sentences that open to be edited, moved by hand and by keys, saved as one goes.

import { element } from "../conditions/dom";
import { copied, inserted, movedTo, newRule, newTable, removed, replaced, Steps } from "./body";
import { type Both, showBoth } from "./both";
import { dragged } from "./drag";
import { RuleForm } from "./form";
import { Saving } from "./saving";
import type { Body, Editor, Rule, Said } from "./types";
import { filled } from "./types";

export function startPolicy(data: HTMLElement, list: HTMLElement): PolicyPage {
  list.dataset.editing = "true";
  return new PolicyPage(JSON.parse(data.textContent ?? "{}") as Editor, list);
}

export class PolicyPage {
  private readonly steps: Steps;
  private said: Map<string, Said>;
  private problems: string[];
  private open: RuleForm | null = null;
  private readonly saving: Saving;

  constructor(
    private readonly given: Editor,
    private readonly list: HTMLElement,
  ) {
    this.steps = new Steps(given.body);
    this.saving = new Saving(given, () => this.body, {
      answered: (answer) => {
        this.said = new Map(answer.rules.map((one) => [one.id, one]));
        this.problems = answer.problems;
        this.speak();
      },
      met: (both) => this.both(both),
      gone: () => this.gone,
    });
    this.said = new Map(given.said.map((one) => [one.id, one]));
    this.problems = given.problems;
    this.tools();
    this.foot();
    this.draw();
    list.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("keydown", this.undoKey);
  }

  private get words(): Editor["words"] {
    return this.given.words;
  }

  private get body(): Body {
    return this.steps.now;
  }

  private get gone(): boolean {
    return !this.list.isConnected;
  }

  // ---- changes --------------------------------------------------------------------------------------------------

  /** Take a change. `what` names the field: typing in one field is one step back. */
  private change(next: Body, what = ""): void {
    this.steps.take(next, what);
    this.changed();
  }

  private changed(): void {
    this.toolState();
    this.saving.soon();
  }

  /** Somebody else saved meanwhile: both, and the choice between them. The other text stays one step back. */
  private both(given: Both): void {
    const mine = this.body;
    showBoth(given, this.words, (keep) => {
      if (keep === "later") return this.saving.later();
      this.saving.goOn(given);
      this.steps.take(keep === "mine" ? given.theirs : mine);
      this.steps.take(keep === "mine" ? mine : given.theirs);
      this.open = null;
      this.draw();
      this.changed();
    });
  }

  // ---- the list -------------------------------------------------------------------------------------------------

  private tools(): void {
    const host = document.getElementById("policy-tools");
    if (!host) return;
    const { words } = this;
    const mode = element("select", "form-select");
    mode.id = "policy-mode-choice";
    mode.setAttribute("aria-label", words.mode ?? "");
    for (const code of ["first", "all"] as const) mode.append(new Option(words[code], code, false, (this.body.mode ?? "first") === code));
    mode.addEventListener("change", () => this.change({ ...this.body, mode: mode.value as "first" | "all" }));
    const made = [mode as HTMLElement];
    for (const [id, text, run] of [
      ["policy-undo", words.undo, () => this.step(false)],
      ["policy-redo", words.redo, () => this.step(true)],
    ] as const) {
      const button = element("button", "btn cb-btn");
      button.type = "button";
      button.id = id;
      button.textContent = text ?? "";
      button.addEventListener("click", run);
      made.push(button);
    }
    host.replaceChildren(...made);
    document.getElementById("policy-mode")?.classList.add("visually-hidden");
    this.toolState();
  }

  private toolState(): void {
    for (const [id, can] of [
      ["policy-undo", this.steps.canBack],
      ["policy-redo", this.steps.canForth],
    ] as const) {
      const button = document.getElementById(id) as HTMLButtonElement | null;
      if (button) button.disabled = !can;
    }
    const mode = document.getElementById("policy-mode-choice") as HTMLSelectElement | null;
    if (mode) mode.value = this.body.mode ?? "first";
  }

  private foot(): void {
    const host = document.getElementById("policy-foot");
    if (!host) return;
    const add = (text: string | undefined, make: () => Rule) => {
      const button = element("button", "cb-link cb-add");
      button.type = "button";
      button.textContent = `+ ${text}`;
      button.addEventListener("click", () => {
        const rule = make();
        this.change(inserted(this.body, rule));
        this.draw();
        this.edit(rule.id);
      });
      host.append(button);
    };
    const { facts, verbs, words } = this.given;
    add(words.add_rule, () => newRule(this.body, words));
    const verb = verbs.find((one) => one.fields.some((field) => field.type !== "dict"));
    const field = verb?.fields.find((one) => one.type !== "dict");
    const fact = facts[0];
    if (verb && field && fact)
      add(words.add_table, () =>
        newTable(this.body, words, fact.name, this.given.conditions.ops[fact.type]?.[0]?.[0] ?? "is", verb.name, field.name),
      );
  }

  private draw(focus = ""): void {
    const lines = this.body.rules.map((rule, at) => this.line(rule, at));
    this.list.replaceChildren(...lines);
    if (this.open) {
      const line = this.list.querySelector(`[data-rule="${CSS.escape(this.open.id)}"]`);
      if (line) line.after(this.open.host);
      else this.open = null;
    }
    this.speak();
    if (focus) this.list.querySelector<HTMLElement>(`[data-rule="${CSS.escape(focus)}"] .cb-rule-open`)?.focus();
  }

  private line(rule: Rule, at: number): HTMLElement {
    const { words } = this;
    const name = rule.name || rule.id;
    const line = element("li", `cb-rule cb-rule-draft${rule.enabled === false ? " cb-rule-off" : ""}`);
    line.dataset.rule = rule.id;
    const handle = element("span", "cb-rule-n num");
    handle.draggable = true;
    handle.title = filled(words.drag, { name });
    handle.textContent = String(at + 1);
    dragged(line, handle, rule.id, (id, to, below) => this.dropped(id, to, below));
    const middle = element("div", "");
    const open = element("button", "cb-rule-open");
    open.type = "button";
    open.setAttribute("aria-expanded", String(this.open?.id === rule.id));
    open.title = filled(words.edit, { name });
    open.addEventListener("click", () => this.edit(rule.id));
    middle.append(open, element("footer", ""), element("div", "cb-rule-signs"));
    const acts = element("span", "cb-rule-acts");
    for (const [text, label, run, off] of [
      ["↑", filled(words.up, { name }), () => this.move(rule.id, at - 1), at === 0],
      ["↓", filled(words.down, { name }), () => this.move(rule.id, at + 1), at === this.body.rules.length - 1],
    ] as const) {
      const button = element("button", "cb-rule-act");
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-label", label);
      button.disabled = off;
      button.addEventListener("click", run);
      acts.append(button);
    }
    line.append(handle, middle, acts);
    return line;
  }

  /** Put the server's sentences and findings into the lines. */
  private speak(): void {
    const { words } = this;
    const problems = document.getElementById("policy-problems");
    problems?.replaceChildren(...this.problems.map((text) => Object.assign(element("p", "cb-field-error"), { textContent: text })));
    for (const rule of this.body.rules) {
      const line = this.list.querySelector<HTMLElement>(`[data-rule="${CSS.escape(rule.id)}"]`);
      if (!line) continue;
      const said = this.said.get(rule.id);
      const open = line.querySelector(".cb-rule-open");
      if (open && said)
        open.innerHTML = said.said; // said by the server, escaped there
      else if (open && !open.childNodes.length) open.textContent = "…";
      const foot = line.querySelector("footer");
      if (foot) {
        const parts = [element("span", "")];
        parts[0]?.append(rule.name || rule.id);
        for (const text of [
          rule.enabled === false ? words.off : "",
          rule.from ? `${words.from} ${rule.from}` : "",
          rule.until ? `${words.until} ${rule.until}` : "",
          said?.sign ? words[said.sign === "moved" ? "moved_sign" : said.sign] : "",
        ])
          if (text) parts.push(Object.assign(element("em", ""), { textContent: text }));
        if (rule.note) parts.push(Object.assign(element("span", "cb-soft"), { textContent: rule.note }));
        foot.replaceChildren(...parts);
      }
      line.classList.toggle("cb-rule-off", rule.enabled === false);
      line
        .querySelector(".cb-rule-signs")
        ?.replaceChildren(
          ...(said?.problems ?? []).map((text) => Object.assign(element("p", "cb-field-error"), { textContent: text })),
          ...(said?.warnings ?? []).map((text) => Object.assign(element("p", "cb-rule-warning"), { textContent: text })),
        );
    }
  }

  private edit(id: string): void {
    if (this.open?.id === id) {
      this.open.host.remove();
      this.open = null;
      this.draw(id);
      return;
    }
    const rule = this.body.rules.find((one) => one.id === id);
    if (!rule) return;
    this.open = new RuleForm(rule, this.given, {
      changed: (change, what) => {
        this.change(replaced(this.body, id, change), what && `${id}:${what}`);
        this.speak();
      },
      copy: () => {
        this.change(copied(this.body, id, this.words));
        this.draw(id);
      },
      remove: () => this.remove(id),
      close: () => this.edit(id),
      say: (text) => this.say(text),
    });
    this.draw();
    this.open.focus();
  }

  private remove(id: string): void {
    const at = this.body.rules.findIndex((one) => one.id === id);
    const name = this.body.rules[at]?.name ?? id;
    this.open = null;
    this.change(removed(this.body, id));
    this.draw(this.body.rules[Math.min(at, this.body.rules.length - 1)]?.id ?? "");
    this.say(filled(this.words.removed, { name }));
  }

  private move(id: string, to: number): void {
    const name = this.body.rules.find((one) => one.id === id)?.name ?? id;
    this.change(movedTo(this.body, id, to));
    this.draw(id);
    this.say(filled(this.words.moved, { name, number: this.body.rules.findIndex((one) => one.id === id) + 1 }));
  }

  /** A rule was let go on another one, above or below its middle. */
  private dropped(id: string, on: string, below: boolean): void {
    const rest = this.body.rules.filter((rule) => rule.id !== id);
    this.move(id, rest.findIndex((rule) => rule.id === on) + (below ? 1 : 0));
  }

  private step(forth: boolean): void {
    if (!(forth ? this.steps.forth() : this.steps.back())) return;
    const id = this.open?.id ?? "";
    this.open = null;
    this.draw();
    if (id && this.body.rules.some((rule) => rule.id === id)) this.edit(id);
    this.changed();
    this.say(this.words.undone ?? "");
  }

  private say(text: string): void {
    const region =
      document.getElementById("policy-said") ??
      document.body.appendChild(Object.assign(element("div", "visually-hidden"), { id: "policy-said" }));
    region.setAttribute("role", "status");
    region.textContent = text;
  }

  private key(event: KeyboardEvent): void {
    const open = (event.target as Element).closest(".cb-rule-open");
    const id = open?.closest<HTMLElement>("[data-rule]")?.dataset.rule;
    if (!id) return;
    const at = this.body.rules.findIndex((one) => one.id === id);
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step) {
      event.preventDefault();
      if (event.altKey) this.move(id, at + step);
      else this.list.querySelectorAll<HTMLElement>(".cb-rule-open")[at + step]?.focus();
    } else if (event.key === "Delete") {
      event.preventDefault();
      this.remove(id);
    }
  }

  private readonly undoKey = (event: KeyboardEvent) => {
    if (this.gone) {
      document.removeEventListener("keydown", this.undoKey);
      return;
    }
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const field = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
    if (field || (key !== "z" && key !== "y")) return;
    event.preventDefault();
    this.step(key === "y" || event.shiftKey);
  };
}
