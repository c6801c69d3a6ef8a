import { beforeEach, describe, expect, it } from "vitest";
import { ConditionEditor } from "../src/conditions/editor";
import { type Condition, type Fact, read, startValue, write } from "../src/conditions/model";
import { type ConditionWords, sentence } from "../src/conditions/words";

const FACTS: Fact[] = [
  {
    name: "caller.segment",
    words: "Value segment",
    type: "choice",
    choices: [
      ["gold", "Gold"],
      ["silver", "Silver"],
    ],
    unit: "",
  },
  { name: "overdue", words: "Days overdue", type: "number", choices: [], unit: "days" },
  { name: "open", words: "Queue is open", type: "boolean", choices: [], unit: "" },
  { name: "last", words: "Last contact", type: "datetime", choices: [], unit: "" },
];
const WORDS = {
  ops: {
    choice: [
      ["is", "is"],
      ["in", "is one of"],
      ["known", "is known"],
    ],
    number: [
      ["more", "is more than"],
      ["between", "is between"],
    ],
    boolean: [["is", "is"]],
    datetime: [["older_than", "is longer ago than"]],
  },
  tests: {
    is: "{fact} is {value}",
    in: "{fact} is {value}",
    more: "{fact} is more than {value}",
    between: "{fact} is from {low} to {high}",
    older_than: "{fact} is longer ago than {value}",
    known: "{fact} is known",
  },
  units: [
    ["m", "minutes"],
    ["d", "days"],
  ],
  spans: { m: "{number} min", d: "{number} days" },
  modes: { all: "All hold", any: "One holds", none: "None holds", not_all: "Not all hold" },
  yes: "yes",
  no: "no",
  and: "{first} and {second}",
  or: "{first} or {second}",
  none: "not: {tests}",
  not_all: "not together: {tests}",
  always: "always",
  add_test: "Add a condition",
  add_group: "Add a group",
  remove: "Take away",
  remove_value: "Take {value} away",
  add_value: "Add a value",
  value: "Value",
  fact: "Fact",
  comparison: "Comparison",
  unit: "Unit",
  from: "From",
  to: "To",
  group: "Conditions",
  unknown_fact: "not known here",
} as unknown as ConditionWords;
const byName = new Map(FACTS.map((fact) => [fact.name, fact]));

describe("what is read is written again", () => {
  const gold = { fact: "caller.segment", op: "is", value: "gold" };
  const late = { fact: "overdue", op: "more", value: 30 };
  it.each([
    gold,
    { all: [gold, late] },
    { any: [gold, { all: [late, gold] }] },
    { not: gold },
    { not: { any: [gold, late] } },
    { not: { all: [gold, late] } },
    { all: [{ not: { any: [gold, late] } }, late] },
    { fact: "caller.segment", op: "known" },
  ])("%j", (condition) => {
    expect(write(read(condition))).toEqual(condition);
  });

  it("turns a double not round, and says nothing for no condition", () => {
    expect(write(read({ not: { not: { any: [gold, late] } } }))).toEqual({ any: [gold, late] });
    expect(write(read(undefined))).toBeNull();
    expect(write(read({ all: [] }))).toBeNull();
  });
});

describe("a test keeps of its value what still fits", () => {
  const [segment, overdue, , last] = FACTS as [Fact, Fact, Fact, Fact];
  it.each([
    [segment, "in", "gold", ["gold"]],
    [segment, "is", ["silver", "gold"], "silver"],
    [segment, "is", 7, "gold"],
    [overdue, "between", 30, [30, 30]],
    [overdue, "more", "gold", 0],
    [last, "older_than", "x", "30d"],
    [segment, "known", "gold", undefined],
  ])("%o %s", (fact, op, old, now) => {
    expect(startValue(fact, op, old)).toEqual(now);
  });
});

describe("conditions are said in words", () => {
  it.each<[Condition, string]>([
    [{ fact: "caller.segment", op: "is", value: "gold" }, "Value segment is Gold"],
    [{ fact: "caller.segment", op: "in", value: ["gold", "silver"] }, "Value segment is Gold or Silver"],
    [{ fact: "overdue", op: "between", value: [1, 30] }, "Days overdue is from 1 to 30"],
    [{ fact: "last", op: "older_than", value: "90d" }, "Last contact is longer ago than 90 days"],
    [{ not: { fact: "open", op: "is", value: true } }, "not: Queue is open is yes"],
    [
      {
        any: [
          { fact: "open", op: "is", value: false },
          { fact: "overdue", op: "more", value: 3 },
        ],
      },
      "Queue is open is no or Days overdue is more than 3",
    ],
    [{ fact: "gone", op: "is", value: "" }, "gone is …"],
  ])("%j", (condition, said) => {
    expect(sentence(condition, byName, WORDS)).toBe(said);
  });
});

describe("the editor", () => {
  let host: HTMLElement;
  let written: (Condition | null)[];
  let editor: ConditionEditor;
  beforeEach(() => {
    document.body.innerHTML = "<div></div>";
    host = document.body.firstElementChild as HTMLElement;
    written = [];
    editor = new ConditionEditor(host, { facts: FACTS, words: WORDS, changed: (condition) => written.push(condition) });
  });
  const control = (at: string) => host.querySelector(`[data-at="${at}"]`) as HTMLInputElement;
  function put(at: string, value: string, kind = "change"): void {
    control(at).value = value;
    control(at).dispatchEvent(new Event(kind, { bubbles: true }));
  }
  const press = (words: string) => [...host.querySelectorAll("button")].find((one) => one.textContent === words)?.click();

  it("lets a sentence be made part by part", () => {
    editor.set(undefined);
    press("Add a condition");
    expect(written.at(-1)).toEqual({ fact: "caller.segment", op: "is", value: "gold" });
    put("0:fact", "overdue");
    put("0:value", "30", "input");
    expect(written.at(-1)).toEqual({ fact: "overdue", op: "more", value: 30 });
    put("0:op", "between");
    put("0:to", "60", "input");
    expect(written.at(-1)).toEqual({ fact: "overdue", op: "between", value: [30, 60] });
  });

  it("keeps the cursor where it was when it is told what it just wrote", () => {
    editor.set({ fact: "overdue", op: "more", value: 3 });
    const field = control("0:value");
    field.value = "31";
    field.dispatchEvent(new Event("input"));
    editor.set(written.at(-1));
    expect(control("0:value")).toBe(field);
  });

  it("nests groups, and takes them away", () => {
    editor.set({ fact: "open", op: "is", value: true });
    press("Add a group");
    expect(written.at(-1)).toEqual({
      all: [
        { fact: "open", op: "is", value: true },
        { fact: "caller.segment", op: "is", value: "gold" },
      ],
    });
    put("1:mode", "none");
    expect(written.at(-1)).toEqual({
      all: [{ fact: "open", op: "is", value: true }, { not: { fact: "caller.segment", op: "is", value: "gold" } }],
    });
    (host.querySelectorAll(".cb-cond-remove")[0] as HTMLElement).click();
    expect(written.at(-1)).toEqual({ not: { fact: "caller.segment", op: "is", value: "gold" } });
  });

  it("shows a fact that is gone as it stands", () => {
    editor.set({ fact: "old.fact", op: "is", value: "x" });
    expect(control("0:fact").value).toBe("old.fact");
    expect(control("0:fact").classList.contains("cb-bad-field")).toBe(true);
    expect(written).toEqual([]);
  });
});
