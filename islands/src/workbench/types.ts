// What the server gives the policy editor (cordboard/workbench/presenters.py and words.py), and policies as they are written.

import type { Fact } from "../conditions/model";
import type { ConditionWords } from "../conditions/words";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Action = { do: string; [field: string]: Json };

export interface Table {
  inputs: { fact: string; op: string }[];
  outputs: { do: string; field: string }[];
  rows: { when: Json[]; do: Json[]; enabled?: boolean; note?: string }[];
}

export interface Rule {
  id: string;
  name?: string;
  note?: string;
  when?: unknown;
  actions?: Action[];
  table?: Table;
  then?: "stop" | "continue";
  enabled?: boolean;
  from?: string;
  until?: string;
}

export interface Body {
  mode?: "first" | "all";
  rules: Rule[];
  [name: string]: unknown;
}

/** A rule as the server says it: `said` is markup in which everything that a person wrote is escaped. */
export interface Said {
  id: string;
  said: string;
  sign: string;
  problems: string[];
  warnings: string[];
}

export interface VerbField {
  name: string;
  type: string;
  label: string;
  required: boolean;
  options: [string, string][];
}

export interface Verb {
  name: string;
  words: string;
  fields: VerbField[];
}

/** What the server says of a saving. */
export interface Answer {
  revision: number;
  rules: Said[];
  problems: string[];
  wrong: number;
}

export type Words = Record<string, string>;

export interface Editor {
  policy: number;
  revision: number;
  body: Body;
  said: Said[];
  problems: string[];
  save: string;
  words: Words;
  conditions: ConditionWords;
  facts: Fact[];
  verbs: Verb[];
  languages: [string, string][];
}

export function filled(text: string | undefined, values: Record<string, string | number>): string {
  return (text ?? "").replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
