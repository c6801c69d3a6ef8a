// What is drawn on the graph besides the steps: problems, differences, a play, figures.

import type { Figures, Played } from "./data";
import type { Change, Difference } from "./difference";
import type { Graph, Problem } from "./types";

export interface StepMarks {
  start: boolean;
  /** "person", "on_error": what else leads here. */
  roots: string[];
  errors: number;
  notes: number;
  change: Change | "";
  /** The play has come by; "at" is where it stands. */
  play: "" | "passed" | "at";
  figure: string;
  found: boolean;
}

const NONE: StepMarks = { start: false, roots: [], errors: 0, notes: 0, change: "", play: "", figure: "", found: false };

/** The marks of each step by its name. Steps without any share one object, so that they are not drawn anew. */
export function marksOf(
  graph: Graph,
  problems: readonly Problem[],
  more: { difference: Difference | null; played: Played | null; figures: Figures | null; found: ReadonlySet<string> },
): (name: string) => StepMarks {
  const made = new Map<string, StepMarks>();
  const mark = (name: string | undefined): StepMarks => {
    const known = made.get(name ?? "") ?? { ...NONE, roots: [] };
    made.set(name ?? "", known);
    return known;
  };
  mark(graph.start).start = true;
  for (const root of ["person", "on_error"] as const) if (graph[root]) mark(graph[root]).roots.push(root);
  for (const problem of problems) mark(problem.step)[problem.level === "error" ? "errors" : "notes"]++;
  for (const [name, change] of Object.entries(more.difference?.steps ?? {})) if (change !== "same") mark(name).change = change;
  for (const [name] of more.played?.path ?? []) mark(name).play = "passed";
  if (more.played?.at) mark(more.played.at).play = "at";
  for (const [name, figure] of Object.entries(more.figures?.steps ?? {})) mark(name).figure = figure.words;
  for (const name of more.found) mark(name).found = true;
  return (name) => made.get(name) ?? NONE;
}

/** Lines that a play went along: "step/exit". */
export function passedLines(played: Played | null): Set<string> {
  return new Set(played?.path.map(([step, exit]) => `${step}/${exit}`) ?? []);
}
