// What customers said today of how they were helped. No event carries a rating, so every event has the figures read afresh.

import { fill, type Words } from "./cells";

export interface Satisfaction {
  /** Of 1 to 5; null when nobody said anything today. */
  mean: number | null;
  number: number;
  /** How many of them are low ones. */
  low: number;
}

/** Up to these means of 5 something is wrong, or about to be. */
const BAD = 2;
const WARN = 3;

export interface Said {
  mean: string;
  note: string;
  tone: "" | "warn" | "bad";
}

export function said(values: Satisfaction, words: Words, language: string): Said {
  if (values.mean === null || !values.number) return { mean: String(words.none), note: fill(words, "nobody_rated"), tone: "" };
  const number = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return {
    mean: fill(words, "of_five", { n: number.format(values.mean) }),
    note: fill(words, values.low ? "rated_low" : "rated", { n: values.number, low: values.low }),
    tone: values.mean <= BAD ? "bad" : values.mean <= WARN ? "warn" : "",
  };
}
