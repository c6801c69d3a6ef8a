// The actions of a rule, as chosen from what the area can do.

import { element, select } from "../conditions/dom";
import type { Fact } from "../conditions/model";
import { withAction } from "./body";
import type { Action, Json, Verb, VerbField, Words } from "./types";
import { filled } from "./types";

export interface ActionOptions {
  verbs: readonly Verb[];
  facts: readonly Fact[];
  languages: readonly [string, string][];
  words: Words;
  /** `what` names the field that was changed; empty when actions came or went. */
  changed: (actions: Action[], what: string) => void;
}

interface FromFact {
  fact: string;
  else?: Json;
}
const isFromFact = (value: Json | undefined): value is Json & FromFact =>
  typeof value === "object" && value !== null && !Array.isArray(value) && typeof value.fact === "string";

export class ActionEditor {
  private actions: Action[] = [];

  constructor(
    private readonly host: HTMLElement,
    private readonly options: ActionOptions,
  ) {
    host.classList.add("cb-actions");
  }

  set(actions: readonly Action[]): void {
    this.actions = [...actions];
    this.draw();
  }

  private tell(actions: Action[], what: string): void {
    this.actions = actions;
    this.options.changed(actions, what);
  }

  private draw(focus = ""): void {
    const { words, verbs } = this.options;
    const list = element("ul", "cb-action-list");
    this.actions.forEach((action, at) => {
      list.append(this.line(action, at));
    });
    const add = element("button", "cb-link");
    add.type = "button";
    add.textContent = `+ ${words.add_action}`;
    add.disabled = verbs.length === 0;
    add.addEventListener("click", () => {
      const verb = verbs[0];
      if (!verb) return;
      this.tell([...this.actions, started(verb)], "");
      this.draw(`${this.actions.length - 1}:do`);
    });
    this.host.replaceChildren(list, add);
    if (focus) this.host.querySelector<HTMLElement>(`[data-at="${focus}"]`)?.focus();
  }

  private line(action: Action, at: number): HTMLElement {
    const { verbs, words } = this.options;
    const line = element("li", "cb-action");
    const verb = verbs.find((one) => one.name === action.do);
    const named: [string, string][] = verbs.map((one) => [one.name, one.words]);
    if (!verb) named.unshift([action.do, action.do]);
    const chosen = select(named, action.do, words.action ?? "");
    chosen.dataset.at = `${at}:do`;
    chosen.addEventListener("change", () => {
      const next = verbs.find((one) => one.name === chosen.value);
      if (next) this.tell(withAction(this.actions, at, started(next, action)), "");
      this.draw(`${at}:do`);
    });
    line.append(chosen);
    for (const field of verb?.fields ?? []) line.append(this.field(action, at, field));
    const remove = element("button", "cb-cond-remove");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", filled(words.remove_action, { number: at + 1 }));
    remove.addEventListener("click", () => {
      this.tell(withAction(this.actions, at, null), "");
      this.draw();
    });
    line.append(remove);
    return line;
  }

  private put(at: number, field: string, value: Json | undefined): void {
    const action = { ...this.actions[at] } as Action;
    if (value === undefined) delete action[field];
    else action[field] = value;
    this.tell(withAction(this.actions, at, action), `${at}:${field}`);
  }

  private field(action: Action, at: number, field: VerbField): HTMLElement {
    const { words } = this.options;
    const box = element("span", "cb-action-field");
    const value = action[field.name];
    if (field.type === "dict") {
      box.classList.add("cb-action-texts");
      box.append(this.texts(at, field, value));
      return box;
    }
    const label = element("label", "");
    label.append(document.createTextNode(`${field.label} `));
    const control = isFromFact(value) ? this.factControl(at, field, value) : this.plain(at, field, value);
    control.dataset.at = `${at}:${field.name}`;
    label.append(control);
    box.append(label);
    if (field.type === "str") {
      const source = element("button", "cb-link cb-link-quiet");
      source.type = "button";
      source.textContent = (isFromFact(value) ? words.fixed : words.from_fact) ?? "";
      source.addEventListener("click", () => {
        const fact = this.options.facts[0]?.name ?? "";
        this.put(at, field.name, isFromFact(value) ? (field.options[0]?.[0] ?? "") : { fact });
        this.draw(`${at}:${field.name}`);
      });
      box.append(source);
    }
    return box;
  }

  private factControl(at: number, field: VerbField, value: FromFact): HTMLElement {
    const named: [string, string][] = this.options.facts.map((fact) => [fact.name, fact.words]);
    if (!named.some(([name]) => name === value.fact)) named.unshift([value.fact, value.fact]);
    const made = select(named, value.fact, field.label);
    made.addEventListener("change", () => this.put(at, field.name, { ...value, fact: made.value }));
    return made;
  }

  private plain(at: number, field: VerbField, value: Json | undefined): HTMLElement {
    const { words } = this.options;
    const text = value === undefined || value === null ? "" : String(value);
    if (field.type === "bool" || field.options.length) {
      const options: [string, string][] =
        field.type === "bool"
          ? [
              ["true", words.yes ?? ""],
              ["false", words.no ?? ""],
            ]
          : [...field.options];
      if (!field.required || text === "") options.unshift(["", "–"]);
      if (text !== "" && !options.some(([code]) => code === text)) options.unshift([text, text]);
      const made = select(options, text, field.label);
      made.addEventListener("change", () =>
        this.put(at, field.name, made.value === "" ? undefined : field.type === "bool" ? made.value === "true" : made.value),
      );
      return made;
    }
    const made = element("input", "form-control");
    const numeric = field.type === "int" || field.type === "float";
    made.type = numeric ? "number" : "text";
    if (numeric) made.step = field.type === "int" ? "1" : "any";
    made.value = text;
    made.addEventListener("input", () =>
      this.put(at, field.name, made.value === "" ? undefined : numeric ? Number(made.value) : made.value),
    );
    return made;
  }

  /** Texts by language: what is strong, and what follows it. */
  private texts(at: number, field: VerbField, value: Json | undefined): HTMLElement {
    const { languages, words } = this.options;
    const held = (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {}) as Record<
      string,
      Record<string, string>
    >;
    const box = element("div", "cb-texts");
    for (const [language, name] of languages) {
      const row = element("div", "cb-texts-row");
      row.append(Object.assign(element("span", "cb-soft"), { textContent: name }));
      for (const part of ["strong", "text"] as const) {
        const made = element("input", "form-control");
        made.value = held[language]?.[part] ?? "";
        made.lang = language;
        made.setAttribute("aria-label", filled(words.text_of, { name: field.label, language: name }));
        made.addEventListener("input", () => {
          const all = structuredClone((this.actions[at]?.[field.name] ?? {}) as Record<string, Record<string, string>>);
          const own = { ...all[language], [part]: made.value };
          if (own.strong || own.text) all[language] = own;
          else delete all[language];
          this.put(at, field.name, all as Json);
        });
        row.append(made);
      }
      box.append(row);
    }
    return box;
  }
}

/** An action before anybody filled it in; fields that the one before had too are kept. */
export function started(verb: Verb, before?: Action): Action {
  const made: Action = { do: verb.name };
  for (const field of verb.fields) {
    const old = before?.[field.name];
    if (old !== undefined) made[field.name] = old;
    else if (field.required) made[field.name] = startOf(field);
  }
  return made;
}

function startOf(field: VerbField): Json {
  if (field.options[0]) return field.options[0][0];
  switch (field.type) {
    case "int":
    case "float":
      return 1;
    case "bool":
      return true;
    case "dict":
      return {};
    case "list":
      return [];
    default:
      return "";
  }
}
