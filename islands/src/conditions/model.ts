// Conditions as the editor sees them: groups of tests and of further groups. What is written is rule language (cordboard/rules/evaluate.py).

export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | { fact: string; op: string; value?: unknown };

/** How the parts of a group belong together: all hold, at least one, none, or at least one does not. */
export type Mode = "all" | "any" | "none" | "not_all";
export const MODES: readonly Mode[] = ["all", "any", "none", "not_all"];

export interface Test {
  fact: string;
  op: string;
  value?: unknown;
}

export interface Group {
  mode: Mode;
  parts: Part[];
}

export type Part = Test | Group;

export const isGroup = (part: Part): part is Group => "mode" in part;

export interface Fact {
  name: string;
  words: string;
  type: string;
  /** Values and their words; empty when any value may be given. */
  choices: [string, string][];
  unit: string;
}

const RANGE: ReadonlySet<string> = new Set(["between"]);
const MANY: ReadonlySet<string> = new Set(["in", "not_in", "any_of", "all_of", "none_of", "contains_any"]);
const SPAN: ReadonlySet<string> = new Set(["older_than", "within", "within_next"]);
const NONE: ReadonlySet<string> = new Set(["known", "unknown"]);

/** What kind of value a comparison takes: none, one, two (from, to), many, or a span of time. */
export function takes(op: string): "none" | "one" | "two" | "many" | "span" {
  if (NONE.has(op)) return "none";
  if (RANGE.has(op)) return "two";
  if (MANY.has(op)) return "many";
  return SPAN.has(op) ? "span" : "one";
}

/** A condition as a group; one without a condition holds always and is an empty group. */
export function read(condition: unknown): Group {
  const part = readPart(condition);
  return part === null ? { mode: "all", parts: [] } : isGroup(part) ? part : { mode: "all", parts: [part] };
}

function readPart(condition: unknown): Part | null {
  if (typeof condition !== "object" || condition === null) return null;
  const given = condition as Record<string, unknown>;
  for (const mode of ["all", "any"] as const)
    if (Array.isArray(given[mode])) return { mode, parts: given[mode].map(readPart).filter((part): part is Part => part !== null) };
  if ("not" in given) {
    const part = readPart(given.not);
    if (part === null) return null;
    if (!isGroup(part)) return { mode: "none", parts: [part] };
    const turned = { all: "not_all", any: "none", none: "any", not_all: "all" } as const;
    return { mode: turned[part.mode], parts: part.parts };
  }
  if (typeof given.fact !== "string") return null;
  const test: Test = { fact: given.fact, op: typeof given.op === "string" ? given.op : "is" };
  if ("value" in given) test.value = given.value;
  return test;
}

/** The group as rule language; null when nothing is in it. A group of one that says "all" or "any" is its one part. */
export function write(group: Group): Condition | null {
  const parts = group.parts
    .map((part) => (isGroup(part) ? write(part) : writeTest(part)))
    .filter((part): part is Condition => part !== null);
  const [first] = parts;
  if (!first) return null;
  switch (group.mode) {
    case "all":
      return parts.length === 1 ? first : { all: parts };
    case "any":
      return parts.length === 1 ? first : { any: parts };
    case "none":
      return { not: parts.length === 1 ? first : { any: parts } };
    case "not_all":
      return { not: parts.length === 1 ? first : { all: parts } };
  }
}

function writeTest(test: Test): Condition {
  return takes(test.op) === "none" ? { fact: test.fact, op: test.op } : { fact: test.fact, op: test.op, value: test.value };
}

/** The value that a test has before anybody gave one, or that it keeps of `old` when the comparison becomes another. */
export function startValue(fact: Fact | undefined, op: string, old?: unknown): unknown {
  const kind = takes(op);
  const first = Array.isArray(old) ? old[0] : old;
  if (kind === "none") return undefined;
  if (kind === "span") return typeof first === "string" && SPANS.test(first) ? first : "30d";
  const one = sound(fact, first) ? first : plain(fact);
  if (kind === "two") return [one, Array.isArray(old) && old.length > 1 && sound(fact, old[1]) ? old[1] : one];
  if (kind === "many") return Array.isArray(old) ? old : first === undefined || first === "" ? [] : [first];
  return one;
}

export const SPANS = /^(\d+(?:\.\d+)?)\s*([smhdw])$/;

function plain(fact: Fact | undefined): unknown {
  switch (fact?.type) {
    case "number":
    case "money":
      return 0;
    case "boolean":
      return true;
    case "duration":
      return "5m";
    case "choice":
      return fact.choices[0]?.[0] ?? "";
    default:
      return "";
  }
}

function sound(fact: Fact | undefined, value: unknown): boolean {
  switch (fact?.type) {
    case "number":
      return typeof value === "number";
    case "money":
      return typeof value === "number" || (typeof value === "object" && value !== null && "amount" in value);
    case "boolean":
      return typeof value === "boolean";
    case "duration":
      return typeof value === "number" || (typeof value === "string" && SPANS.test(value));
    case "choice":
      return typeof value === "string" && (fact.choices.length === 0 || fact.choices.some(([known]) => known === value));
    default:
      return typeof value === "string";
  }
}
