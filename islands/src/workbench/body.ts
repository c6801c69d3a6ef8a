// Changes of a policy's body. Each gives a new body; the old one stays as it was, for undoing.

import type { Action, Body, Rule, Words } from "./types";
import { filled } from "./types";

export function freshId(body: Body, base: string): string {
  const taken = new Set(body.rules.map((rule) => rule.id));
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return id;
  }
}

export function replaced(body: Body, id: string, change: Partial<Rule>): Body {
  const rules = body.rules.map((rule) => {
    if (rule.id !== id) return rule;
    const made: Record<string, unknown> = { ...rule, ...change };
    for (const name of Object.keys(made)) if (made[name] === undefined) delete made[name];
    return made as unknown as Rule;
  });
  return { ...body, rules };
}

export function inserted(body: Body, rule: Rule, at = body.rules.length): Body {
  return { ...body, rules: [...body.rules.slice(0, at), rule, ...body.rules.slice(at)] };
}

export function removed(body: Body, id: string): Body {
  return { ...body, rules: body.rules.filter((rule) => rule.id !== id) };
}

/** The rule at the place `to` of the list without it. */
export function movedTo(body: Body, id: string, to: number): Body {
  const rule = body.rules.find((one) => one.id === id);
  if (!rule) return body;
  const rest = body.rules.filter((one) => one.id !== id);
  const at = Math.max(0, Math.min(rest.length, to));
  return { ...body, rules: [...rest.slice(0, at), rule, ...rest.slice(at)] };
}

export function copied(body: Body, id: string, words: Words): Body {
  const at = body.rules.findIndex((one) => one.id === id);
  const rule = body.rules[at];
  if (!rule) return body;
  const copy = { ...structuredClone(rule), id: freshId(body, rule.id), name: filled(words.copy_of, { name: rule.name ?? rule.id }) };
  return inserted(body, copy, at + 1);
}

export function newRule(body: Body, words: Words): Rule {
  return { id: freshId(body, "rule"), name: words.new_rule ?? "", actions: [] };
}

export function newTable(body: Body, words: Words, fact: string, op: string, verb: string, field: string): Rule {
  const table = { inputs: [{ fact, op }], outputs: [{ do: verb, field }], rows: [{ when: [null], do: [null] }] };
  return { id: freshId(body, "table"), name: words.new_table ?? "", table };
}

export function withAction(actions: readonly Action[], at: number, action: Action | null): Action[] {
  return action ? [...actions.slice(0, at), action, ...actions.slice(at + 1)] : actions.filter((_one, number) => number !== at);
}

/** Steps back and forth. Changes of one field in a row are one step. */
export class Steps {
  private past: Body[] = [];
  private future: Body[] = [];
  private last = "";

  constructor(
    public now: Body,
    private readonly most = 200,
  ) {}

  /** `what` names the field: the same as before, and no other in between, adds no step. */
  take(next: Body, what = ""): void {
    if (!what || what !== this.last) {
      this.past = [...this.past, this.now].slice(-this.most);
    }
    this.last = what;
    this.future = [];
    this.now = next;
  }

  back(): boolean {
    const before = this.past.pop();
    if (!before) return false;
    this.future.push(this.now);
    this.now = before;
    this.last = "";
    return true;
  }

  forth(): boolean {
    const after = this.future.pop();
    if (!after) return false;
    this.past.push(this.now);
    this.now = after;
    this.last = "";
    return true;
  }

  get canBack(): boolean {
    return this.past.length > 0;
  }

  get canForth(): boolean {
    return this.future.length > 0;
  }
}
