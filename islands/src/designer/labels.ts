// What a step and its ways out are called on the graph.

import type { Fact } from "../conditions/model";
import { type ConditionWords, sentence } from "../conditions/words";
import { textOf, textsOf } from "./graph";
import type { Graph, Step, StepType } from "./types";

export interface Naming {
  facts: ReadonlyMap<string, Fact>;
  conditions: ConditionWords;
  /** Words of values by kind of field: queues, flows. */
  options: Record<string, [string, string][]>;
  language: string;
}

/** The variables of a flow as facts, by the words that are known for them, else by their own name. */
export function factsOf(graph: Graph, builtIn: Record<string, string>, known: readonly Fact[]): Fact[] {
  const byName = new Map(known.map((fact) => [fact.name, fact]));
  const types = { ...builtIn, ...Object.fromEntries(Object.entries(graph.variables ?? {}).map(([name, one]) => [name, one.type])) };
  return Object.entries(types)
    .map(([name, type]) => {
      const fact = byName.get(name);
      const choices = fact?.choices.length ? fact.choices : choicesOf(graph, name);
      return { name, type, words: fact?.words ?? plain(name), choices, unit: fact?.unit ?? "" };
    })
    .sort((one, other) => one.words.localeCompare(other.words));
}

/** Values that a question of the flow gives a variable. */
function choicesOf(graph: Graph, variable: string): [string, string][] {
  const found = new Map<string, string>();
  for (const step of Object.values(graph.steps)) {
    if (step.into === variable && Array.isArray(step.choices))
      for (const choice of step.choices as { value?: unknown }[])
        if (typeof choice?.value === "string") found.set(choice.value, choice.value);
  }
  return [...found];
}

/** "customer.number" as "customer number". */
export const plain = (name: string): string => name.replace(/^_/, "").replace(/[._]/g, " ");

/** A value as it is, or the name of the variable that it comes from. */
export function valueWords(value: unknown, options: readonly [string, string][] = []): string {
  if (typeof value === "object" && value !== null && "var" in value) return `{${String((value as { var: unknown }).var)}}`;
  if (value === undefined || value === null) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return options.find(([code]) => code === value)?.[1] ?? String(value);
}

/** The line under the type of a step: its own title, what it says, or what it is about. */
export function titleOf(step: Step, type: StepType | undefined, naming: Naming, name: string): string {
  if (typeof step.title === "string" && step.title.trim()) return step.title;
  for (const field of textsOf(type)) {
    const text =
      textOf(step[field.name], naming.language) || Object.keys(Object(step[field.name])).map((one) => textOf(step[field.name], one))[0];
    if (text) return text;
  }
  if (step.type === "decide") {
    const first = Array.isArray(step.branches) ? (step.branches[0] as { when?: unknown } | undefined) : undefined;
    if (first?.when) return sentence(first.when, naming.facts, naming.conditions);
  }
  if (step.type === "set") return `${plain(String(step.name ?? ""))} = ${valueWords(step.value)}`;
  for (const field of type?.fields ?? []) {
    const value = step[field.name];
    if (value === undefined || value === "") continue;
    if (["queue", "flow", "service", "look_up", "act", "text_or_variable", "variable", "choice"].includes(field.kind))
      return valueWords(value, [...field.options, ...(naming.options[field.kind] ?? [])]);
    if (field.kind === "languages" && Array.isArray(value)) return value.map((one) => plain(String(one))).join(", ");
  }
  return plain(name);
}

/** What stands on the line of an exit; "" where a step has one way on only. */
export function exitWords(step: Step, type: StepType | undefined, exit: string, naming: Naming): string {
  const row = /^(\w+)\[(.+)\]$/.exec(exit);
  if (row) {
    const [, field = "", at = ""] = row;
    const rows = step[field];
    const one = Array.isArray(rows) ? (rows[Number(at)] as Record<string, unknown> | undefined) : undefined;
    if (field === "branches") return sentence(one?.when, naming.facts, naming.conditions);
    if (field === "choices") {
      const said = textOf(one?.texts, naming.language) || String(one?.value ?? "");
      return one?.key && one.key !== said ? `${one.key}  ${said}` : said;
    }
    return at;
  }
  const own = type?.exits ?? [];
  const rows = ["choices", "branches"].some((field) => Array.isArray(step[field]) && (step[field] as unknown[]).length > 0);
  if (own.filter((one) => one.needed || step[one.name]).length < 2 && !rows) return "";
  return own.find((one) => one.name === exit)?.words ?? exit;
}
