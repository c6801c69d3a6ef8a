// What is different between two versions of a flow, for marks on the graph.

import type { Graph, Step } from "./types";

export type Change = "added" | "removed" | "changed" | "same";

export interface Difference {
  steps: Record<string, Change>;
  /** Fields that changed, by step. */
  fields: Record<string, string[]>;
  /** Fields of the flow itself that changed (languages, variables, start, ...). */
  flow: string[];
}

/** Where a step stands on the screen changes nothing for a customer. */
const UNSEEN = new Set(["place"]);

const same = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, held]) => [name, sorted(held)]),
  );
}

function changedFields(before: Record<string, unknown>, after: Record<string, unknown>, leave: ReadonlySet<string>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !leave.has(name) && !same(before[name], after[name])).sort();
}

export function difference(before: Graph, after: Graph): Difference {
  const steps: Record<string, Change> = {};
  const fields: Record<string, string[]> = {};
  for (const name of new Set([...Object.keys(before.steps), ...Object.keys(after.steps)])) {
    const old = before.steps[name];
    const fresh = after.steps[name];
    if (!old) steps[name] = "added";
    else if (!fresh) steps[name] = "removed";
    else {
      const changed = changedFields(old, fresh, UNSEEN);
      steps[name] = changed.length ? "changed" : "same";
      if (changed.length) fields[name] = changed;
    }
  }
  return { steps, fields, flow: changedFields(before, after, new Set(["steps"])) };
}

export function isSame(one: Graph, other: Graph): boolean {
  return same(one, other);
}

/** The later graph with the steps that it no longer has, so that they can be shown crossed out. */
export function merged(before: Graph, after: Graph): Graph {
  const gone = Object.fromEntries(Object.entries(before.steps).filter(([name]) => !(name in after.steps))) as Record<string, Step>;
  return { ...after, steps: { ...after.steps, ...gone } };
}
