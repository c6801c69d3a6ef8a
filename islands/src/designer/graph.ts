// Changing a flow. Every function returns a new graph and leaves the one given as it was.

import type { Exit, Field, Graph, Step, StepType, StepTypes } from "./types";

const ROWS = ["choices", "branches"] as const;
/** Fields of the flow itself that name a step. */
export const ROOTS = ["start", "person", "on_error"] as const;
const ROW = /^(choices|branches)\[(\d+)\]$/;
/** An end of a sub-flow that leads elsewhere: ends[reason]. */
const END = /^ends\[(.*)\]$/;
export const NAME = /^[a-z][a-z0-9_]{0,59}$/;

type Row = Record<string, unknown>;

function rowsOf(step: Step, field: string): Row[] {
  const rows = step[field];
  return Array.isArray(rows) ? rows.filter((row): row is Row => typeof row === "object" && row !== null) : [];
}

/** Every way out of a step, in the order in which they are drawn: those of its rows, then its own. */
export function exitsOf(step: Step, type: StepType | undefined): Exit[] {
  const found: Exit[] = [];
  for (const field of ROWS) {
    if (field === "choices" && step.kind !== undefined && step.kind !== "choice" && step.kind !== "multiple") continue;
    rowsOf(step, field).forEach((row, number) => {
      const target = typeof row.next === "string" && row.next ? row.next : null;
      found.push({ name: `${field}[${number}]`, target, needed: field === "branches" });
    });
  }
  if (typeof step.ends === "object" && step.ends !== null)
    for (const [reason, target] of Object.entries(step.ends))
      found.push({ name: `ends[${reason}]`, target: typeof target === "string" && target ? target : null, needed: true });
  const choices = found.filter((exit) => exit.name.startsWith("choices"));
  const allLeadOn = choices.length > 0 && choices.every((exit) => exit.target !== null);
  for (const exit of type?.exits ?? []) {
    const target = typeof step[exit.name] === "string" && step[exit.name] ? String(step[exit.name]) : null;
    found.push({ name: exit.name, target, needed: exit.needed && !(exit.name === "next" && allLeadOn) });
  }
  return found;
}

/** Steps that an exit of `name` leads to, each once. */
export function targetsOf(graph: Graph, name: string, types: StepTypes): string[] {
  const step = graph.steps[name];
  if (!step) return [];
  const targets = exitsOf(step, types[step.type]).flatMap((exit) => (exit.target !== null ? [exit.target] : []));
  return [...new Set(targets)].filter((target) => target in graph.steps);
}

/** Steps with an exit that leads to `name`. */
export function sourcesOf(graph: Graph, name: string, types: StepTypes): string[] {
  return Object.keys(graph.steps).filter((one) => one !== name && targetsOf(graph, one, types).includes(name));
}

function without<T extends object>(given: T, field: string): T {
  const { [field as keyof T]: _, ...rest } = given;
  return rest as T;
}

export function putStep(graph: Graph, name: string, step: Step): Graph {
  return { ...graph, steps: { ...graph.steps, [name]: step } };
}

/** Set a field of a step; undefined takes it away. */
export function setField(graph: Graph, name: string, field: string, value: unknown): Graph {
  const step = graph.steps[name];
  if (!step) return graph;
  return putStep(graph, name, value === undefined ? without(step, field) : { ...step, [field]: value });
}

/** Set a field of the flow itself; undefined takes it away. */
export function setOfFlow(graph: Graph, field: string, value: unknown): Graph {
  return value === undefined ? without(graph, field) : { ...graph, [field]: value };
}

/** Let an exit lead to `target`, or nowhere for null. An exit that the step does not have changes nothing. */
export function connect(graph: Graph, name: string, exit: string, target: string | null): Graph {
  const step = graph.steps[name];
  if (!step) return graph;
  const end = END.exec(exit);
  if (end) return setField(graph, name, "ends", { ...Object(step.ends), [end[1] ?? ""]: target ?? "" });
  const row = ROW.exec(exit);
  if (!row) return setField(graph, name, exit, target ?? undefined);
  const [, field = "", number = ""] = row;
  const rows = step[field];
  if (!Array.isArray(rows) || !(Number(number) in rows)) return graph;
  const changed = rows.map((one: Row, at) =>
    at !== Number(number) ? one : target === null ? without(one, "next") : { ...one, next: target },
  );
  return setField(graph, name, field, changed);
}

/** A name that no step has yet: "say", "say_2", ... `tried`: up to which number of a stem none is free, for who asks often. */
export function freshName(graph: Graph, wanted: string, tried = new Map<string, number>()): string {
  const stem = wanted.replace(/_\d+$/, "");
  if (!(wanted in graph.steps)) return wanted;
  for (let number = tried.get(stem) ?? 2; ; number++) {
    tried.set(stem, number);
    if (!(`${stem}_${number}` in graph.steps)) return `${stem}_${number}`;
  }
}

/** What a field of a kind has before anybody gave it anything. */
const START: Record<string, unknown> = {
  texts: {},
  choices: [{ key: "1", value: "1" }],
  branches: [{}],
  arguments: {},
  fields: {},
  variables: [],
  languages: [],
  points: [],
  ends: {},
  integer: 1,
  number: 1,
  boolean: true,
};

/** Whether a step as it is has this field at all. */
export function isAsked(field: Field, step: Step): boolean {
  return Object.entries(field.when).every(([other, values]) => values.includes(step[other]));
}

export const textsOf = (type: StepType | undefined): Field[] => type?.fields.filter((field) => field.kind === "texts") ?? [];

/** The text that a step is about: it has a place in the form though it be empty. */
export const mainText = (type: StepType | undefined): Field | undefined => textsOf(type)[0];

/** A new step of this type. Placed on an exit (`after`), it takes over where that one led. Returns the graph and the step's name. */
export function addStep(graph: Graph, type: StepType, after?: { step: string; exit: string }): [Graph, string] {
  const name = freshName(graph, type.name);
  const fresh: Step = { type: type.name };
  for (const field of type.fields) {
    if (!isAsked(field, fresh)) continue;
    if (field.required || field === mainText(type) || (field.kind === "choices" && field.when.kind))
      fresh[field.name] = structuredClone(field.default ?? START[field.kind] ?? "");
  }
  let result = putStep(graph, name, fresh);
  if (after) {
    const source = graph.steps[after.step];
    const own = source
      ? [...exitsOf(source, undefined), ...exitOfField(source, after.exit)].find((exit) => exit.name === after.exit)?.target
      : null;
    // A choice without a way of its own goes where the question's answers go.
    const led = own ?? (after.exit.startsWith("choices[") && typeof source?.next === "string" ? source.next : null);
    if (led && type.exits[0]) result = connect(result, name, type.exits[0].name, led);
    result = connect(result, after.step, after.exit, name);
  }
  if (!graph.start || !(graph.start in graph.steps)) result = { ...result, start: name };
  return [result, name];
}

function exitOfField(step: Step, exit: string): Exit[] {
  const target = step[exit];
  return ROW.test(exit) || END.test(exit)
    ? []
    : [{ name: exit, target: typeof target === "string" && target ? target : null, needed: false }];
}

/** Everything that names step `from` names `to` instead, or nothing for null. */
function redirect(graph: Graph, from: string, to: string | null, types: StepTypes): Graph {
  let result = graph;
  for (const [name, step] of Object.entries(graph.steps))
    for (const exit of exitsOf(step, types[step.type])) if (exit.target === from) result = connect(result, name, exit.name, to);
  for (const root of ROOTS) if (graph[root] === from) result = setOfFlow(result, root, to ?? undefined);
  return result;
}

/** Take steps away. Where one had a single way on, what led to it leads there now; otherwise those exits are open. */
export function removeSteps(graph: Graph, names: readonly string[], types: StepTypes): Graph {
  let result = graph;
  for (const name of names) {
    if (!(name in result.steps)) continue;
    const on = targetsOf(result, name, types).filter((target) => target !== name);
    result = redirect(result, name, on.length === 1 ? (on[0] ?? null) : null, types);
    result = { ...result, steps: without(result.steps, name) };
  }
  return result;
}

/** Give a step another name, wherever it is named. The graph as it is when the name is no good or taken. */
export function renameStep(graph: Graph, name: string, to: string, types: StepTypes): Graph {
  if (name === to || !(name in graph.steps) || to in graph.steps || !NAME.test(to)) return graph;
  const led = redirect(graph, name, to, types);
  const steps = Object.fromEntries(Object.entries(led.steps).map(([one, step]) => [one === name ? to : one, step]));
  return { ...led, steps };
}

export interface Clip {
  cordboard: "steps";
  steps: Record<string, Step>;
  variables: NonNullable<Graph["variables"]>;
}

/** What is put on the clipboard: steps, and the variables of the flow that they speak of. */
export function copySteps(graph: Graph, names: readonly string[]): Clip {
  const steps = Object.fromEntries(names.flatMap((name) => (graph.steps[name] ? [[name, without(graph.steps[name], "place")]] : [])));
  const text = JSON.stringify(steps);
  const variables = Object.fromEntries(Object.entries(graph.variables ?? {}).filter(([name]) => text.includes(name)));
  return { cordboard: "steps", steps, variables };
}

/** Read what was copied; null for anything else on the clipboard. */
export function readClip(text: string): Clip | null {
  try {
    const given = JSON.parse(text) as Clip;
    if (given?.cordboard !== "steps" || typeof given.steps !== "object" || !given.steps) return null;
    if (Object.values(given.steps).some((step) => typeof step?.type !== "string")) return null;
    return { cordboard: "steps", steps: given.steps, variables: given.variables ?? {} };
  } catch {
    return null;
  }
}

/** Put copied steps in, under names of their own. Exits among them are kept; others stay where this flow has such a step. */
export function pasteSteps(graph: Graph, clip: Clip, types: StepTypes): [Graph, string[]] {
  const names = new Map<string, string>();
  // Filled here and nowhere seen before it is done: thousands of steps are not copied for each that is added.
  const steps = { ...graph.steps };
  const made: Graph = { ...graph, variables: { ...clip.variables, ...graph.variables }, steps };
  const numbers = new Map<string, number>();
  for (const [name, step] of Object.entries(clip.steps)) {
    const fresh = freshName(made, NAME.test(name) ? name : step.type, numbers);
    names.set(name, fresh);
    steps[fresh] = structuredClone(step);
  }
  for (const fresh of names.values()) {
    let alone: Graph = { ...made, steps: { [fresh]: steps[fresh] as Step } };
    for (const exit of exitsOf(steps[fresh] as Step, types[steps[fresh]?.type ?? ""])) {
      if (exit.target === null) continue;
      const target = names.get(exit.target) ?? (exit.target in graph.steps ? exit.target : null);
      alone = connect(alone, fresh, exit.name, target);
    }
    steps[fresh] = alone.steps[fresh] as Step;
  }
  return [made, [...names.values()]];
}

const ordered = new WeakMap<Graph["steps"], string[]>();

/** Steps in the order in which a customer may meet them, then those that nothing leads to. Found once for a graph: several controls ask for it. */
export function inOrder(graph: Graph, types: StepTypes): string[] {
  const known = ordered.get(graph.steps);
  if (known) return known;
  const seen = new Set<string>();
  const visit = (root: string | undefined) => {
    const todo = root && root in graph.steps ? [root] : [];
    for (let at = 0; at < todo.length; at++) {
      const name = todo[at] as string;
      if (seen.has(name)) continue;
      seen.add(name);
      todo.push(...targetsOf(graph, name, types));
    }
  };
  for (const root of ROOTS) visit(graph[root]);
  for (const name of Object.keys(graph.steps)) visit(name);
  const found = [...seen];
  ordered.set(graph.steps, found);
  return found;
}

export interface Missing {
  step: string;
  field: string;
  language: string;
}

/** Texts that the flow does not have in one of its languages. Optional texts count as soon as one language has them. */
export function missingTexts(graph: Graph, types: StepTypes): Missing[] {
  const found: Missing[] = [];
  for (const [name, step] of Object.entries(graph.steps))
    for (const field of textsOf(types[step.type])) {
      const texts = step[field.name];
      if (!field.required && texts === undefined) continue;
      for (const language of graph.languages) if (!textOf(texts, language)) found.push({ step: name, field: field.name, language });
    }
  return found;
}

/** The words of one language, "" when there are none. */
export function textOf(texts: unknown, language: string): string {
  if (typeof texts !== "object" || texts === null) return "";
  const given = (texts as Record<string, unknown>)[language];
  const text = typeof given === "object" && given !== null ? (given as { text?: unknown }).text : given;
  return typeof text === "string" ? text.trim() : "";
}

/** Put words in for one language; a recorded prompt beside them is let go, as it says other words. */
export function withText(texts: unknown, language: string, words: string): Record<string, unknown> {
  const given = typeof texts === "object" && texts !== null ? { ...(texts as Record<string, unknown>) } : {};
  if (words) given[language] = words;
  else delete given[language];
  return given;
}

/** Steps in which a text stands somewhere, best first: the step of that name, those that have it in their name or words, those that have it elsewhere (a value, where they lead). */
export function findSteps(graph: Graph, wanted: string): string[] {
  const sought = wanted.trim().toLocaleLowerCase();
  if (!sought) return [];
  const ranks: string[][] = [[], [], []];
  for (const [name, step] of Object.entries(graph.steps)) {
    if (name === sought) ranks[0]?.push(name);
    else if (`${name} ${JSON.stringify([step.title, step.note, step.texts])}`.toLocaleLowerCase().includes(sought)) ranks[1]?.push(name);
    else if (JSON.stringify(step).toLocaleLowerCase().includes(sought)) ranks[2]?.push(name);
  }
  return ranks.flat();
}
