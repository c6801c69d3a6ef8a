// Cells of a decision table: text as a person types or pastes it, and values as the table keeps them.

import type { Fact } from "../conditions/model";
import { SPANS, takes } from "../conditions/model";
import type { Json, VerbField, Words } from "./types";

export class NotUnderstood extends Error {}

const YES = new Set(["true", "yes", "ja", "да", "ใช่", "是", "1", "x"]);
const NO = new Set(["false", "no", "nee", "нет", "ไม่", "否", "0"]);

function one(text: string, fact: Fact | undefined, words: Words): Json {
  const type = fact?.type ?? "text";
  if (type === "boolean") {
    const low = text.toLowerCase();
    if (YES.has(low) || low === (words.yes ?? "").toLowerCase()) return true;
    if (NO.has(low) || low === (words.no ?? "").toLowerCase()) return false;
    throw new NotUnderstood(`${words.yes} / ${words.no}`);
  }
  if (type === "number" || type === "money") return number(text);
  const known = fact?.choices.find(
    ([code, said]) => code.toLowerCase() === text.toLowerCase() || said.toLowerCase() === text.toLowerCase(),
  );
  if (known) return known[0];
  if (type === "choice" && fact?.choices.length) throw new NotUnderstood(fact.choices.map(([, said]) => said).join(", "));
  if (type === "duration" && !SPANS.test(text)) throw new NotUnderstood("30s, 5m, 2h");
  if (type === "date" && !/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new NotUnderstood("2026-01-31");
  return text;
}

function number(text: string): number {
  // A comma is a decimal sign when it stands alone ("2,5"), and groups digits when a point follows.
  const plain = text.replace(/\s/g, "");
  const value = Number(plain.includes(".") ? plain.replaceAll(",", "") : plain.replace(",", "."));
  if (plain === "" || !Number.isFinite(value)) throw new NotUnderstood("1, 2.5");
  return value;
}

/** The value of a condition's cell; null asks nothing. Throws NotUnderstood with what was expected. */
export function whenOf(text: string, fact: Fact | undefined, op: string, words: Words): Json {
  const given = text.trim();
  if (given === "" || given === "-" || given === "–" || given.toLowerCase() === (words.any ?? "").toLowerCase()) return null;
  switch (takes(op)) {
    case "none":
      return true;
    case "many": {
      const parts = given
        .split(/[,;|]/)
        .map((part) => part.trim())
        .filter(Boolean);
      return parts.map((part) => one(part, fact, words));
    }
    case "two": {
      const parts = given.split(/\s*(?:\.\.|…|;|\bto\b)\s*/).filter(Boolean);
      const split = parts.length === 2 ? parts : given.split(/\s+[-–]\s+|(?<=\d)\s*[-–]\s*(?=\d)/);
      if (split.length !== 2 && words.to) split.splice(0, split.length, ...given.split(` ${words.to} `));
      if (split.length !== 2) throw new NotUnderstood("1 .. 9");
      return split.map((part) => one(part.trim(), fact, words));
    }
    case "span":
      if (!SPANS.test(given)) throw new NotUnderstood("30d, 2h");
      return given;
    case "one":
      return one(given, fact, words);
  }
}

/** The value of an action's cell; null leaves it out. */
export function thenOf(text: string, field: VerbField | undefined, words: Words): Json {
  const given = text.trim();
  if (given === "" || given === "-" || given === "–") return null;
  if (field?.type === "int" || field?.type === "float") {
    const value = number(given);
    if (field.type === "int" && !Number.isInteger(value)) throw new NotUnderstood("1, 2");
    return value;
  }
  if (field?.type === "bool") return one(given, { name: "", words: "", type: "boolean", choices: [], unit: "" }, words);
  const known = field?.options.find(
    ([code, said]) => code.toLowerCase() === given.toLowerCase() || said.toLowerCase() === given.toLowerCase(),
  );
  if (known) return known[0];
  const fact = fromFact(given);
  if (fact) return fact;
  if (field?.options.length) throw new NotUnderstood(field.options.map(([, said]) => said).join(", "));
  return given;
}

/** A value that is read from a fact, as a cell shows it: {"fact": ..., "else": ...}. */
function fromFact(text: string): Json | null {
  if (!text.startsWith("{")) return null;
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value) && typeof value.fact === "string" ? value : null;
  } catch {
    return null; // a text that begins so
  }
}

function shown(value: Json, choices: readonly [string, string][], words: Words): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return (value ? words.yes : words.no) ?? String(value);
  if (Array.isArray(value)) return value.map((part) => shown(part, choices, words)).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return choices.find(([code]) => code === value)?.[1] ?? String(value);
}

export function whenText(value: Json, fact: Fact | undefined, op: string, words: Words): string {
  if (takes(op) === "two" && Array.isArray(value)) return value.map((part) => shown(part, fact?.choices ?? [], words)).join(" .. ");
  return shown(value, fact?.choices ?? [], words);
}

export function thenText(value: Json, field: VerbField | undefined, words: Words): string {
  return shown(value, field?.options ?? [], words);
}

/** So many values, null where there are none. */
export function padded(values: readonly Json[], width: number): Json[] {
  return Array.from({ length: width }, (_one, at) => values[at] ?? null);
}
