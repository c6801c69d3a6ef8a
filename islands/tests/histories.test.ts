import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apply, type Board } from "../src/board/reduce";

interface History {
  snapshot: Board;
  events: { kind: string; body: Record<string, unknown> }[];
  after: Board;
}

const lines = readFileSync("tests/histories.jsonl", "utf8").trim().split("\n");
const histories: History[] = lines.map((line) => JSON.parse(line));

describe("the live board's reducer", () => {
  it.each(histories.map((history, number) => [number, history] as const))("gives in history %i what the rows give", (_number, history) => {
    for (const { kind, body } of history.events) apply(history.snapshot, kind, body);
    expect(history.snapshot).toEqual(history.after);
  });
});
