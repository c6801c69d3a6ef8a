// What customers said today of how they were helped. No event carries a rating, so every event has the figures read afresh.

import { fill, type Words } from "./cells";

export interface Satisfaction {
  /** Of 1 to 5; null when nobody said anything today. */
  mean: number | null;
  number: number;
  /** How many of them are low ones. */
  low: number;
  /** The same of each queue that somebody rated, by its number. */
  queues?: Record<string, Satisfaction>;
}

/** Up to these means of 5 something is wrong, or about to be. */
const BAD = 2;
const WARN = 3;

export interface Said {
  mean: string;
  note: string;
  tone: "" | "warn" | "bad";
}

export function toneOf(mean: number | null): "" | "warn" | "bad" {
  return mean === null ? "" : mean <= BAD ? "bad" : mean <= WARN ? "warn" : "";
}

/** The figure alone: 4.2. */
export function figure(mean: number, language: string): string {
  return new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(mean);
}

export function said(values: Satisfaction, words: Words, language: string): Said {
  if (values.mean === null || !values.number) return { mean: String(words.none), note: fill(words, "nobody_rated"), tone: "" };
  return {
    mean: fill(words, "of_five", { n: figure(values.mean, language) }),
    note: fill(words, values.low ? "rated_low" : "rated", { n: values.number, low: values.low }),
    tone: toneOf(values.mean),
  };
}
