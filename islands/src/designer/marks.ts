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

export function marksOf(
  graph: Graph,
  name: string,
  problems: readonly Problem[],
  more: { difference: Difference | null; played: Played | null; figures: Figures | null; found: ReadonlySet<string> },
): StepMarks {
  const own = problems.filter((problem) => problem.step === name);
  const change = more.difference?.steps[name] ?? "";
  return {
    start: graph.start === name,
    roots: (["person", "on_error"] as const).filter((root) => graph[root] === name),
    errors: own.filter((problem) => problem.level === "error").length,
    notes: own.filter((problem) => problem.level === "note").length,
    change: change === "same" ? "" : change,
    play: more.played?.at === name ? "at" : more.played?.path.some(([step]) => step === name) ? "passed" : "",
    figure: more.figures?.steps[name]?.words ?? "",
    found: more.found.has(name),
  };
}

/** Lines that a play went along: "step/exit". */
export function passedLines(played: Played | null): Set<string> {
  return new Set(played?.path.map(([step, exit]) => `${step}/${exit}`) ?? []);
}
