// A flow as it is written (cordboard/flows/graph.py), and what the server says about it.

export type Texts = Record<string, string | { text?: string; file?: string }>;

export interface Step {
  type: string;
  [field: string]: unknown;
}

export interface Variable {
  type: string;
  from?: string;
}

export interface Graph {
  schema: number;
  code: string;
  languages: string[];
  fallback?: string;
  start?: string;
  person_key?: string;
  person?: string;
  on_error?: string;
  variables?: Record<string, Variable>;
  steps: Record<string, Step>;
  [field: string]: unknown;
}

/** A condition of `decide`: all, any, not, or one comparison of a variable. */
export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | { fact: string; op: string; value?: unknown };

/** One field of a step's form. `kind` says which control it gets (cordboard/flows/steps.py, KINDS). */
export interface Field {
  name: string;
  kind: string;
  words: string;
  help: string;
  required: boolean;
  options: [string, string][];
  default: unknown;
  /** Asked only where the step's own fields have one of these values. */
  when: Record<string, unknown[]>;
}

export interface ExitType {
  name: string;
  words: string;
  needed: boolean;
}

/** A type of step as the palette offers it. */
export interface StepType {
  name: string;
  words: string;
  help: string;
  group: string;
  icon: string;
  surfaces: string[];
  exits: ExitType[];
  fields: Field[];
  waits: boolean;
  ends: boolean;
  /** Old types stay in flows that have them; the palette does not offer them. */
  hidden: boolean;
}

export type StepTypes = Record<string, StepType>;

/** `step` is "" for the flow as a whole. An "error" keeps the flow from being published. */
export interface Problem {
  step: string;
  code: string;
  message: string;
  level: "error" | "note";
  surface?: string;
}

export interface Exit {
  /** "next", "give_up", "choices[0]", "branches[1]". */
  name: string;
  target: string | null;
  needed: boolean;
}

/** Whether somebody has to do something about an exit that leads nowhere. */
export const isOpen = (exit: Exit): boolean => exit.needed && exit.target === null;
