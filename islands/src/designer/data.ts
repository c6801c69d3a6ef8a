// What the server puts into the page for the designer (cordboard/flows/presenters.py).

import type { Fact } from "../conditions/model";
import type { ConditionWords } from "../conditions/words";
import type { Graph, Problem, StepType } from "./types";

export interface Version {
  version: number;
  state: "draft" | "published" | "retired";
  /** In words: who made it and when. */
  when: string;
  by: string;
  comment: string;
  runs: number;
}

/** What can be called by name: look-ups, acts, services, flows. */
export interface Callable {
  /** Of an act: the type of step that does it. */
  kind: string;
  name: string;
  words: string;
  args: string[];
  gives: Record<string, string>;
}

/** The flow as it stands on the server. */
export interface Standing {
  /** Id of the row; a draft's when there is one. */
  id: number;
  version: number;
  state: "draft" | "published" | "retired";
  revision: number;
  name: string;
  surfaces: string[];
  graph: Graph;
  /** "saved 14:31", "published 3 Nov" in words. */
  when: string;
  by: string;
  /** The version that runs, in words; "" when none does. */
  live: string;
  live_version: number | null;
  problems: Problem[];
  versions: Version[];
}

export interface TestRow {
  id: number;
  name: string;
  surface: string;
  passed: boolean;
  /** What is wrong, a sentence each. */
  wrong: string[];
  /** The play that it repeats. */
  play: { surface: string; language: string; values: Record<string, unknown>; answers: Record<string, unknown>; inputs: PlayInput[] };
}

export type PlayInput = { is: string; [field: string]: unknown };

/** One line of the conversation of a play. */
export interface PlayLine {
  who: "flow" | "customer" | "note";
  text: string;
  language: string;
}

export interface Played {
  problems: Problem[];
  lines: PlayLine[];
  at: string;
  ended: string;
  ended_words: string;
  path: [string, string][];
  values: { name: string; value: string; fresh: boolean }[];
  waits: PlayWait | null;
  error: string;
}

export interface PlayWait {
  /** "ask", "look_up", "wait", "ask_secret", "take_message", ... */
  do: string;
  kind: string;
  words: string;
  /** What may be answered with one press: [input, words]. */
  answers: { input: PlayInput; words: string }[];
  /** Whether the customer may type or key something. */
  types: boolean;
}

export interface Figures {
  runs: number;
  running: number;
  words: string;
  steps: Record<string, { came: number; ended: number; seconds: number | null; words: string }>;
  edges: Record<string, { runs: number; share: number; words: string }>;
}

export interface PageData {
  code: string;
  standing: Standing;
  types: StepType[];
  groups: [string, string][];
  surfaces: [string, string][];
  languages: [string, string][];
  variable_types: [string, string][];
  built_in: Record<string, string>;
  options: Record<string, [string, string][]>;
  lookups: Callable[];
  acts: Callable[];
  conditions: ConditionWords;
  /** Words for variables that packages know; a flow's own are called by their name. */
  facts: Fact[];
  may: { design: boolean; publish: boolean };
  urls: Record<Address, string>;
  icons: string;
  words: Record<string, string>;
}

export type Address =
  | "save"
  | "check"
  | "publish"
  | "standing"
  | "version"
  | "play"
  | "tests"
  | "test_save"
  | "test_delete"
  | "figures"
  | "export"
  | "outline"
  | "delete"
  | "retire"
  | "list";
