// What the editor says, given by the server (cordboard/rules/editor.py) in the reader's language.

import type { Condition, Fact, Group, Mode } from "./model";
import { isGroup, read, SPANS, takes } from "./model";

export interface ConditionWords {
  /** Comparisons by type of fact, in the order of the list: [name, words]. */
  ops: Record<string, [string, string][]>;
  /** A sentence for each comparison, with {fact} and {value} (or {low} and {high}). */
  tests: Record<string, string>;
  /** Units of a span of time: s, m, h, d, w. */
  units: [string, string][];
  /** "{number} days" by unit. */
  spans: Record<string, string>;
  modes: Record<Mode, string>;
  yes: string;
  no: string;
  and: string;
  or: string;
  none: string;
  not_all: string;
  always: string;
  fact: string;
  comparison: string;
  value: string;
  from: string;
  to: string;
  unit: string;
  add_test: string;
  add_group: string;
  add_value: string;
  remove: string;
  remove_value: string;
  group: string;
  unknown_fact: string;
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

function one(fact: Fact | undefined, value: unknown, words: ConditionWords): string {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value === "object" && value !== null && "amount" in value) {
    const { amount, currency } = value as { amount: unknown; currency?: unknown };
    return `${currency ?? ""} ${amount}`.trim();
  }
  const known = fact?.choices.find(([code]) => code === value);
  if (known) return known[1];
  const span = fact?.type === "duration" && typeof value === "string" ? spanWords(value, words) : "";
  return span || (value === undefined || value === null || value === "" ? "…" : String(value));
}

export function spanWords(value: unknown, words: ConditionWords): string {
  const parts = typeof value === "string" ? SPANS.exec(value) : null;
  return parts ? fill(words.spans[parts[2] ?? ""] ?? "{number}", { number: parts[1] ?? "" }) : String(value ?? "…");
}

function test(part: { fact: string; op: string; value?: unknown }, facts: ReadonlyMap<string, Fact>, words: ConditionWords): string {
  const fact = facts.get(part.fact);
  const named = fact?.words ?? part.fact;
  const sentence = words.tests[part.op] ?? "{fact} {value}";
  const values = Array.isArray(part.value) ? part.value.map((value) => one(fact, value, words)) : [one(fact, part.value, words)];
  if (takes(part.op) === "two") return fill(sentence, { fact: named, low: values[0] ?? "…", high: values[1] ?? "…" });
  if (takes(part.op) === "span") return fill(sentence, { fact: named, value: spanWords(part.value, words) });
  return fill(sentence, { fact: named, value: values.length ? values.reduce((first, second) => fill(words.or, { first, second })) : "…" });
}

function group(given: Group, facts: ReadonlyMap<string, Fact>, words: ConditionWords): string {
  const said = given.parts.map((part) => (isGroup(part) ? group(part, facts, words) : test(part, facts, words)));
  if (!said.length) return words.always;
  const joined = said.reduce((first, second) =>
    fill(given.mode === "any" || given.mode === "none" ? words.or : words.and, { first, second }),
  );
  if (given.mode === "none") return fill(words.none, { tests: joined });
  return given.mode === "not_all" ? fill(words.not_all, { tests: joined }) : joined;
}

/** The condition as people say it. */
export function sentence(condition: Condition | unknown, facts: ReadonlyMap<string, Fact>, words: ConditionWords): string {
  return group(read(condition), facts, words);
}
